"""The texts of messages: changed by one person, approved by another, and sent only then."""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.impersonal import holds_personal_number
from app.core.text import clean_line
from app.models.outbox import SmsTemplate
from app.services.record import save_record
from app.services.sms import filled

NAME = re.compile(r"[a-z_]+")
BRACKETS = re.compile(r"[^\[\]]*(\[[^\[\]]+\][^\[\]]*)*")
LONGEST = 300


def _fault(text: str, allowed: set[str]) -> Any:
    """What is wrong with a text, or None."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return _l("The braces do not match.")
    names = [name for _before, name, _form, _conversion in parts if name is not None]
    strange = [name for name in names if not NAME.fullmatch(name) or name not in allowed]
    if strange or any(form or conversion for _before, _name, form, conversion in parts):
        return _l(
            "Only these can be filled in here: %(names)s.", names=" ".join(f"{{{one}}}" for one in sorted(allowed))
        )
    if not BRACKETS.fullmatch(text):
        return _l("The brackets do not match.")
    if holds_personal_number(text):
        return _l("Please write {phone} instead of a telephone number.")
    return None


@unit_of_work
def change_template(actor: Actor, row: SmsTemplate, given: Mapping[str, Any]) -> SmsTemplate:
    """Change a text; until somebody else has approved it, nothing of it is sent."""
    values = dict(given)
    if "text" in values:
        values["text"] = clean_line(str(values["text"] or ""), "text", LONGEST, True)
        fault = _fault(values["text"], set(row.variables.split()))
        if fault is not None:
            raise Invalid(errors={"text": [fault]})
        if values["text"] != row.text:
            row.approved, row.approved_at, row.approved_by_id = False, None, None
            row.author_id = actor.user_id
    return save_record(actor, row, values)  # type: ignore[no-any-return]


@unit_of_work
def approve_template(actor: Actor, row: SmsTemplate) -> None:
    """Approve a text that somebody else wrote."""
    if row.approved:
        raise Conflict(_l("This text is approved already."))
    if row.author_id == actor.user_id:
        raise NotAllowed(_l("Who wrote a text cannot approve it."))
    row.approved, row.approved_at, row.approved_by_id = True, clock.now(), actor.user_id
    db.session.flush()


# What stands in a sample, so that a text can be read as it will arrive.
SAMPLE = {
    "number": "SQ-2026-000318",
    "code": "A1B2C3",
    "date": "12-10",
    "until": "12-10",
    "time": "12-10 09:30",
    "count": "5",
    "days": "3",
    "room": "…",
    "centre": "…",
    "phone": "0536-7212345",
}


def sample(text: str) -> str:
    """A text filled in, for those who approve it."""
    return filled(text, SAMPLE)
