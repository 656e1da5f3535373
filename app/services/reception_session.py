"""A leader sat for a session and nobody came: confirmed with a word on it, so that the session counts as held."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import NotAllowed, NotFound, WrongState
from app.core.text import clean_line
from app.models.roster import DutyKind, Shift
from app.services.problems import Problems
from app.services.queries import sessions
from app.services.register import must_own
from app.services.roster import end_of, take_up


@unit_of_work
def confirm_held(actor: Actor, shift_id: int, reason: Any) -> Shift:
    """Who sat, or the desk of the centre, confirms that a session was held and nobody came."""
    if not actor.may("confirm_session", "Roster"):
        raise NotAllowed()
    shift = take_up(shift_id)
    if shift.kind is not DutyKind.leader or not shift.published:
        raise NotFound()
    if actor.user_id != shift.account_id:
        if not actor.may("present_to_leader", "Case"):
            raise NotAllowed(_l("Only who sat, or the desk of the centre, can confirm this session."))
        must_own(actor, shift.organisation_id)
    if end_of(shift) > clock.now():
        raise WrongState(_l("This session is not over yet."))
    if shift.held_note is not None or sessions.received(shift.id):
        raise WrongState(_l("This session counts as held already."))
    problems = Problems()
    said = problems.catch(clean_line, reason, "reason", 200)
    if not said and not problems.errors:
        problems.add("reason", _l("Please say how it was, for example: announced and open, nobody came."))
    problems.stop()
    shift.held_note, shift.held_by_id = said, actor.user_id
    return shift
