"""Bookings, rosters and consultations: one's own, the own centre's, never a secret one of others (domain §6)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.sql.elements import True_

from app.access.actor import Actor
from app.access.rules.cases import CASE, Rule, case_rule, unaccused
from app.access.rules.registers import ROOM, below, shared
from app.models.account import RowScope
from app.models.booking import Booking, booking_person
from app.models.consultation import Consultation
from app.models.duty_change import DutyChange, DutyStep
from app.models.organisation import Level
from app.models.outreach import OutreachEvent, OutreachStep
from app.models.roster import Shift
from app.models.roster_rule import Roster, RosterRule

_taking_part = booking_person.alias("scope_booking_person")


def _home(actor: Actor, table: Any) -> ColumnElement[bool]:
    """What belongs to the rooms of the own centre and of the centres below it; rooms belong to city and towns only."""
    if RowScope.subtree not in actor.scopes:
        return false()
    return true() if actor.level == Level.city else table.c.organisation_id == actor.organisation_id


def booking_rule(actor: Actor, table: Any = Booking.__table__) -> ColumnElement[bool]:
    """The bookings that exist for the actor: those he or she made or takes part in; of the others never a secret one.

    Of those: the ones in rooms of the own subtree and in rooms he or she manages, unless they are about a case that
    the actor must not see; and the ones about a case he or she sees. Everybody else sees that a room is taken."""
    if actor.user_id is None or actor.organisation_id is None:
        return false()
    mine = table.c.booked_by_id == actor.user_id
    here = exists().where(_taking_part.c.booking_id == table.c.id, _taking_part.c.account_id == actor.user_id)
    seen, home = case_rule(actor, CASE), _home(actor, table)
    if isinstance(seen, True_) and isinstance(home, True_):
        return or_(mine, here, ~table.c.secret)
    about = exists().where(CASE.c.id == table.c.case_id)
    managed = table.c.room_id.in_(select(ROOM.c.id).where(ROOM.c.manager_id == actor.user_id))
    arms = [
        managed & or_(table.c.case_id.is_(None), about.where(unaccused(actor, CASE))),
        home & or_(table.c.case_id.is_(None), about.where(seen)),
        about.where(seen),
    ]
    return or_(mine, here, ~table.c.secret & or_(*arms))


def of_booking(model: Any) -> Rule:
    """Rows that exist when their booking does."""
    inner = Booking.__table__.alias("scope_booking")
    return lambda actor: exists().where(inner.c.id == model.__table__.c.booking_id, booking_rule(actor, inner))


def open_or_mine(model: Any, owner: str, secret: Callable[[Any], ColumnElement[bool]]) -> Rule:
    """Rows of the own centre's rooms unless they are secret, and the own ones."""
    table = model.__table__

    def rule(actor: Actor) -> ColumnElement[bool]:
        if actor.user_id is None or actor.organisation_id is None:
            return false()
        return or_(table.c[owner] == actor.user_id, ~secret(table) & _home(actor, table))

    return rule


def _drafts(actor: Actor) -> bool:
    """Whether the actor works on rosters that are not published yet."""
    return actor.may("draw_up", "Roster")


def shift(actor: Actor) -> ColumnElement[bool]:
    """Published shifts as any register; drafts for those who draw rosters up."""
    table = Shift.__table__
    pool = shared(actor, table)
    return pool if _drafts(actor) else pool & table.c.published


def roster(actor: Actor) -> ColumnElement[bool]:
    """Published rosters as any register; drafts for those who draw them up."""
    table = Roster.__table__
    pool = shared(actor, table)
    return pool if _drafts(actor) else pool & table.c.published_at.is_not(None)


def roster_rule(actor: Actor) -> ColumnElement[bool]:
    """The rules rosters are drawn by, for those who may read them."""
    return shared(actor, RosterRule.__table__) if actor.may("read", "RosterRule") else false()


def _duty_change_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """The own requests and those one is asked to step in for; for those who decide, all of the own subtree."""
    if actor.user_id is None:
        return false()
    mine = or_(table.c.account_id == actor.user_id, table.c.other_id == actor.user_id)
    return or_(mine, below(actor, table)) if actor.may("approve_change", "DutyChange") else mine


def duty_change(actor: Actor) -> ColumnElement[bool]:
    """Requests to swap or give away a shift."""
    return _duty_change_rule(actor, DutyChange.__table__)


def duty_step(actor: Actor) -> ColumnElement[bool]:
    """The course of a request that exists for the actor."""
    inner = DutyChange.__table__.alias("scope_duty_change")
    return exists().where(inner.c.id == DutyStep.__table__.c.change_id, _duty_change_rule(actor, inner))


def consultation(actor: Actor) -> ColumnElement[bool]:
    """One's own; of the others never a confidential one, and those of the own centre unless they are about a case that
    the actor does not see. Of a confidential one nobody but its writer can learn that it is there."""
    table = Consultation.__table__
    if actor.user_id is None or actor.organisation_id is None:
        return false()
    mine = table.c.consultant_id == actor.user_id
    if not actor.may("read", "Consultation"):
        return mine
    about = exists().where(CASE.c.id == table.c.case_id, case_rule(actor, CASE))
    return or_(mine, ~table.c.secret & _home(actor, table) & or_(table.c.case_id.is_(None), about))


def outreach_step(actor: Actor) -> ColumnElement[bool]:
    """The course of a visible legal service event."""
    inner = OutreachEvent.__table__.alias("scope_outreach_event")
    return exists().where(inner.c.id == OutreachStep.__table__.c.event_id, shared(actor, inner))
