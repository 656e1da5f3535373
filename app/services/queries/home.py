"""What the first page asks: what waits for the actor, what is due, who is on duty."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.access.actor import Actor
from app.core.db import db
from app.models.account import Account
from app.models.booking import HOLDING, Booking, BookingState
from app.models.case import OPEN_STATES, Case, CaseState
from app.models.organisation import Organisation
from app.models.room import Room
from app.models.roster import Shift
from app.workflow.case_flow import CASE_FLOW
from app.workflow.types import Step

MOST = 99  # a counter beyond it shows 99+
ENDED = sorted(set(CaseState) - OPEN_STATES)  # few, so that the database walks the index of due days
# What drives a case on from each state, the likeliest first; other steps lie beside the way.
NEXT_MOVES: dict[CaseState, tuple[str, ...]] = {
    CaseState.registered: ("accept",),
    CaseState.supplement_pending: ("supplement",),
    CaseState.decline_proposed: ("approve_decline",),
    CaseState.accepted: ("assign",),
    CaseState.assigned: ("sign_for",),
    CaseState.objected: ("uphold",),
    CaseState.handling: ("submit_reply", "log_work"),
    CaseState.suspended: ("resume",),
    CaseState.reply_checking: ("approve_reply",),
    CaseState.reply_approved: ("serve_reply",),
    CaseState.replied: ("acknowledge",),
    CaseState.follow_up_due: ("follow_up",),
    CaseState.rectifying: ("report_rectification", "accept_rectification"),
    CaseState.closed: ("archive",),
    CaseState.withdrawal_proposed: ("approve_withdrawal",),
}


def drivers(actor: Actor, built: Collection[str]) -> dict[CaseState, Step]:
    """The states in which the next move is the actor's, and which move that is; `built` names the steps with a page."""
    moves = {
        state: next((name for name in names if name in built and actor.may(name, "Case")), None)
        for state, names in NEXT_MOVES.items()
    }
    return {state: row for state, name in moves.items() if name and (row := CASE_FLOW.row(name)) is not None}


def waiting(moves: Mapping[CaseState, Step]) -> Any:
    """The condition that a case waits for one of these moves."""
    return Case.state.in_(sorted(moves))


@dataclass(frozen=True)
class Counts:
    """The numbers of the first page, each at most MOST + 1."""

    today: int
    soon: int
    overdue: int


def _capped(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.limit(MOST + 1).subquery())) or 0


def counts(today: date) -> Counts:
    """How much is due today, within three days, and overdue, among the open cases of the actor."""
    open_case = select(Case.id).where(Case.state.not_in(ENDED), Case.paused.is_(False))
    return Counts(
        today=_capped(open_case.where(Case.due_on == today)),
        soon=_capped(open_case.where(Case.due_on.between(today, today + timedelta(days=3)))),
        overdue=_capped(open_case.where(Case.due_on < today)),
    )


def duty(actor: Actor, today: date) -> list[Any]:
    """Who is on duty today at the actor's centre and the centres above."""
    return list(
        db.session.execute(
            select(
                Shift.kind, Shift.starts_at, Shift.ends_at, Account.first_name.label("name"), Room.name.label("room")
            )
            .join(Account, Account.id == Shift.account_id)
            .outerjoin(Room, Room.id == Shift.room_id)
            .where(Shift.published, Shift.on == today, Shift.organisation_id.in_(actor.ancestors))
            .order_by(Shift.kind, Shift.starts_at)
        )
    )


def bookings(start: datetime, end: datetime, now: datetime, most: int = 8) -> list[Any]:
    """The bookings of the day that exist for the actor and still stand, by time."""
    kept = or_(Booking.state == BookingState.checked_in, Booking.release_at > now)
    return list(
        db.session.execute(
            select(Booking.id, Booking.starts_at, Booking.ends_at, Booking.purpose, Booking.title, Room.name)
            .join(Room, Room.id == Booking.room_id)
            .where(Booking.state.in_(HOLDING), kept, Booking.starts_at < end, Booking.ends_at > max(start, now))
            .order_by(Booking.starts_at, Booking.id)
            .limit(most)
        )
    )


def centre_name() -> str:
    """The city the centres belong to; anybody may know it."""
    root = Organisation.__table__
    return db.session.connection().execute(select(root.c.name).where(root.c.parent_id.is_(None))).scalar() or ""
