"""The duty roster: hours in order, nobody in two places at once."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.models.organisation import Level
from app.models.roster import DutyKind, Shift
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged, must_own
from app.services.roster import NOT_CENTRE, find_roster

BACKWARDS = _l("The shift ends before it begins.")
TWICE = _l("This person is on duty at that time already.")

register_sentences({"ck_shift_hours_order": ("ends_at", BACKWARDS), "ex_shift_twice": ("account", TWICE)})


def _elsewhere(account_id: int, shift: Shift | None, values: Mapping[str, Any]) -> bool:
    """Whether that person has another shift that overlaps."""
    overlap = select(Shift.id).where(
        Shift.account_id == account_id,
        Shift.on == merged(values, shift, "on"),
        Shift.starts_at < merged(values, shift, "ends_at"),
        Shift.ends_at > merged(values, shift, "starts_at"),
    )
    if shift is not None:
        overlap = overlap.where(Shift.id != shift.id)
    with system_scope("a person has one body, whatever the centre"):
        return db.session.scalar(overlap.limit(1)) is not None


def _read(given: Mapping[str, Any], shift: Shift | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    centre, account = merged(values, shift, "organisation"), merged(values, shift, "account")
    if centre is not None and centre.level not in (Level.city, Level.township):
        problems.add("organisation", NOT_CENTRE)
    if merged(values, shift, "ends_at") <= merged(values, shift, "starts_at"):
        problems.add("ends_at", BACKWARDS)
    elif account is not None and _elsewhere(account.id, shift, values):
        problems.add("account", TWICE)
    problems.stop()
    return values


@unit_of_work
def add_shift(actor: Actor, given: Mapping[str, Any]) -> Shift:
    """Put a person on duty: in the draft of that month if there is one, else at once for everybody to see."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    draft = find_roster(values["organisation"].id, DutyKind(values["kind"]), values["on"])
    apart = draft is None or draft.published_at is not None
    return save_record(actor, Shift(published=apart, roster_id=draft.id if draft is not None else None), values)


@unit_of_work
def change_shift(actor: Actor, shift: Shift, given: Mapping[str, Any]) -> Shift:
    """Change a shift's hours, person or room."""
    must_own(actor, shift.organisation_id)
    return save_record(actor, shift, _read(given, shift))


@unit_of_work
def delete_shift(actor: Actor, shift: Shift) -> None:
    """Take a shift out of the roster."""
    must_own(actor, shift.organisation_id)
    delete_record(actor, shift)
