"""Taking a shift over on the spot: somebody has fallen ill, and whoever is there stands in (domain §6)."""

from datetime import time

from flask_babel import lazy_gettext as _l

from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, NotAllowed, WrongState
from app.models.duty_change import ChangeKind, DutyChange
from app.models.roster import Shift
from app.services.duty_change import COURSE, begin
from app.services.duty_notice import hours_of, tell_shift
from app.services.queries import duty
from app.services.record import in_plain_words
from app.services.register import path_of
from app.services.roster import end_of, put_on, take_up


@unit_of_work
def take_over(actor: Actor, shift_id: int) -> Shift:
    """Who is there takes today's shift over now: what is left of it, if it has begun. It needs no yes, and is kept."""
    if not actor.may("take_over", "Roster") or actor.user_id is None:
        raise NotAllowed()
    shift, now = take_up(shift_id), clock.now()
    if not shift.published or shift.on != clock.local(now).date() or end_of(shift) <= now:
        raise WrongState(_l("Only a shift of today that is not over can be taken over."))
    able = {row.id for row in duty.able(shift.kind, path_of(shift.organisation_id))}
    if actor.user_id == shift.account_id or actor.user_id not in able:
        raise NotAllowed(_l("This shift is yours already, or not for your role."))
    why = duty.known([actor.user_id], shift.on, shift.on).why_not(actor.user_id, shift)
    if why is not None:
        raise Conflict(_l("You cannot take this shift over: you are %(why)s.", why=why))
    before, left = shift.account_id, clock.local(now).time().replace(second=0, microsecond=0)
    with in_plain_words():
        taken = shift
        if left > shift.starts_at:
            taken = _rest(shift, left)
            db.session.add(taken)
        put_on(taken, actor.user_id)
        db.session.flush()
        _note(actor, taken, before)
    tell_shift(actor, "taken_over", [before], shift=hours_of(taken))
    return taken


def _rest(shift: Shift, left: time) -> Shift:
    """What is left of a shift as one of its own; what was held stays with whoever held it."""
    rest = Shift(kind=shift.kind, on=shift.on, starts_at=left, ends_at=shift.ends_at, published=True)
    rest.organisation_id, rest.room_id, rest.note = shift.organisation_id, shift.room_id, shift.note
    rest.roster_id, rest.instead_of_id = shift.roster_id, shift.account_id
    shift.ends_at = left
    db.session.flush()
    return rest


def _note(actor: Actor, shift: Shift, before: int) -> None:
    """The taking over as a request that nobody had to decide on."""
    change = DutyChange(kind=ChangeKind.takeover, organisation_id=shift.organisation_id)
    change.account_id, change.other_id, change.shift_id = before, actor.user_id, shift.id
    begin(actor, change)
    COURSE.carry_out(SYSTEM, change, COURSE.facts(change), "take_over")
    db.session.flush()
