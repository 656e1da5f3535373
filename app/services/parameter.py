"""Parameters: what the house has set, read once in a transaction, and changed between their bounds."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import event, select

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.text import clean_line
from app.models.parameter import TEXT_MOST, Parameter, ParameterKind
from app.services.parameter_rules import BUSINESS, RULES, Rule
from app.services.record import save_record

# What holds where the table has no row yet: an installation that has not loaded its base data again.
DEFAULTS: dict[str, int | str | bool] = {
    "group_size": 5,
    "draft_days": 30,
    "keep_attempts_days": 184,
    "mass_reading": 200,
    "mass_listing": 2000,
    "export_most": 10_000,
    "export_days": 3,
    "one_time_hours": 72,
    "attachment_max_mb": 20,
    "sms_quiet_from": 21,
    "sms_quiet_until": 8,
    "outbox_tries": 8,
    "webhook_failures": 20,
    "keep_messages_days": 184,
    "keep_notices_days": 184,
    "remind_every_days": 3,
    "urge_every_days": 3,
    "supervision_days": 7,
    "supervise_returned_days": 5,
    "supervise_co_days": 3,
    "gaming_days": 7,
    "cluster_days": 90,
    "cluster_least": 3,
    "suspend_days": 60,
    "escalate_to_town": True,
    "offer_minutes": 60,
    "public_hold_minutes": 10,
    "public_days": 14,
    "public_holds": 5,
    "public_bookings": 10,
    "low_score": 2,
    "recheck_place": "",
    "small_cell": 5,
    "town_map": "",
    "public_board": "cases persons resolution_rate answer_rate satisfaction response_rate hearings",
    "outreach_least": 2,
}
LOCKED = _l("This parameter is fixed by a rule and cannot be changed here.")
NO_NUMBER = _l("This is not a whole number.")
YES, NO = "yes", "no"
FLAG_WORDS = {"yes": YES, "true": YES, "1": YES, "y": YES, "no": NO, "false": NO, "0": NO, "n": NO, "": NO}
_KEPT = "parameters"
_ALL = select(Parameter.__table__.c.code, Parameter.__table__.c.kind, Parameter.__table__.c.value)


def _forget(session: Any) -> None:
    session.info.pop(_KEPT, None)


event.listen(db.session, "after_commit", _forget)
event.listen(db.session, "after_rollback", _forget)


def _read(kind: ParameterKind, text: str) -> int | str | bool:
    if kind is ParameterKind.integer:
        return int(text)
    return text == YES if kind is ParameterKind.flag else text


def value(code: str) -> Any:
    """What `code` is set to; all parameters are read by one select, and kept until the transaction ends."""
    kept: dict[str, Any] | None = db.session().info.get(_KEPT)
    if kept is None:
        rows = db.session.connection().execute(_ALL)
        kept = db.session().info[_KEPT] = DEFAULTS | {row.code: _read(row.kind, row.value) for row in rows}
    return kept[code]


def number(code: str) -> int:
    """A parameter that is a whole number."""
    return int(value(code))


def bounds(parameter: Parameter) -> Any:
    """Between what a number lies, in words; None for anything else."""
    if parameter.kind is not ParameterKind.integer:
        return None
    return _l("%(least)d to %(most)d", least=parameter.least, most=parameter.most)


def rule_of(code: str) -> Rule:
    """What a parameter belongs to and how its text is read."""
    return RULES.get(code) or Rule("")


def may_turn(actor: Actor, code: str) -> bool:
    """Whose it is to turn: the settings of the business, or those of the system."""
    if actor.system or actor.may("maintain", "Maintenance"):
        return True
    return code in BUSINESS and actor.may("edit", "Parameter")


def _checked(parameter: Parameter, typed: str) -> str:
    text = clean_line(typed, "value", TEXT_MOST)
    if parameter.kind is ParameterKind.flag:
        if text.lower() not in FLAG_WORDS:
            raise Invalid(errors={"value": [_l("Please write yes or no.")]})
        return FLAG_WORDS[text.lower()]
    if parameter.kind is ParameterKind.text:
        read = rule_of(parameter.code).read
        return read(text) if read is not None else text
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10):
        raise Invalid(errors={"value": [NO_NUMBER]})
    if not parameter.least <= int(text) <= parameter.most:  # type: ignore[operator]
        raise Invalid(
            errors={
                "value": [
                    _l(
                        "%(name)s lies between %(least)d and %(most)d.",
                        name=parameter.name,
                        least=parameter.least,
                        most=parameter.most,
                    )
                ]
            }
        )
    return str(int(text))


@unit_of_work
def change(actor: Actor, parameter: Parameter, given: Mapping[str, Any]) -> Parameter:
    """Set a parameter anew, within its bounds; the trail keeps the old value and the new one."""
    if not may_turn(actor, parameter.code):
        raise NotAllowed()
    if parameter.locked:
        raise Conflict(LOCKED)
    typed = given.get("value")
    return save_record(actor, parameter, {"value": _checked(parameter, "" if typed is None else str(typed))})  # type: ignore[no-any-return]
