"""The party comes again: one more visit of a case that is already on file, instead of a second case."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.models.case import OPEN_STATES, Case, Channel
from app.models.visit import Visit
from app.services.problems import Problems, plain_text
from app.services.queries.choices import parse_key

NOTE_LENGTH = 500


@unit_of_work
def come_again(actor: Actor, key: Any, data: Mapping[str, Any]) -> Case:
    """Record a visit with an open case: how they came, how many, and what they said (`facts`, shortened)."""
    if not (actor.may("add", "Visit") or actor.may("register", "Case")):
        raise NotAllowed()
    case = db.session.scalar(select(Case).where(Case.id == (parse_key(key) or 0)))
    if case is None:
        raise NotFound()
    if case.state not in OPEN_STATES:
        raise WrongState(_l("The case is “%(state)s”; please register a new one.", state=case.state.label))
    problems = Problems()
    count = plain_text(data.get("head_count")) or "1"
    if not (count.isascii() and count.isdigit()) or not 1 <= int(count[:9]) <= 9999:
        problems.add("head_count", _l("Please enter how many persons came, from 1 to %(most)d.", most=9999))
    problems.stop()
    said = " ".join(plain_text(data.get("facts") or data.get("note")).split())
    if not said.isprintable():
        raise Invalid(errors={"facts": [_l("The text holds a character that cannot be shown.")]})
    channel = Channel.of(plain_text(data.get("channel"))) or Channel.visit
    db.session.add(
        Visit(
            case_id=case.id,
            at=clock.now(),
            channel=channel,
            head_count=int(count),
            first=False,
            note=said[:NOTE_LENGTH] or None,
        )
    )
    db.session.flush()
    return case
