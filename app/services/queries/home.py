"""What the first page asks: what waits for the actor, what is due, who is on duty."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.core.db import db
from app.models.account import Account
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

    todo: int
    today: int
    soon: int
    overdue: int


def _capped(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.limit(MOST + 1).subquery())) or 0


def counts(moves: Mapping[CaseState, Step], today: date) -> Counts:
    """How much waits, is due today, within three days, and overdue, among the open cases of the actor."""
    open_case = select(Case.id).where(Case.state.not_in(ENDED), Case.paused.is_(False))
    return Counts(
        todo=_capped(select(Case.id).where(waiting(moves))),
        today=_capped(open_case.where(Case.due_on == today)),
        soon=_capped(open_case.where(Case.due_on.between(today, today + timedelta(days=3)))),
        overdue=_capped(open_case.where(Case.due_on < today)),
    )


def todo(moves: Mapping[CaseState, Step], most: int = 8) -> list[Any]:
    """The cases that wait for the actor, most urgent first."""
    return list(
        db.session.execute(
            select(
                Case.id,
                Case.number,
                Case.title,
                Case.state,
                Case.head_count,
                Case.due_on,
                Case.due_provisional,
                Case.paused,
                Case.petitioner_name,
            )
            .where(waiting(moves))
            .order_by(Case.due_on.is_(None), Case.due_on, Case.id)
            .limit(most)
        )
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
            .where(Shift.on == today, Shift.organisation_id.in_(actor.ancestors))
            .order_by(Shift.kind, Shift.starts_at)
        )
    )


def centre_name() -> str:
    """The city the centres belong to."""
    return db.session.scalar(select(Organisation.name).where(Organisation.parent_id.is_(None))) or ""
