"""The published reception shifts of leaders: which covers a moment, which comes next, which a matter can go to."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.case import Case
from app.models.room import Room
from app.models.roster import DutyKind, Shift
from app.services.queries.choices import Chooser

AHEAD = timedelta(days=14)


def _of(user_id: int | None) -> Select[tuple[Shift]]:
    return select(Shift).where(Shift.account_id == user_id, Shift.kind == DutyKind.leader, Shift.published)


def shift_at(user_id: int | None, moment: datetime) -> Shift | None:
    """The leader's own shift that covers a moment."""
    at = clock.local(moment)
    covers = (Shift.on == at.date(), Shift.starts_at <= at.time(), Shift.ends_at >= at.time())
    with system_scope("the own shifts of a leader"):
        return db.session.scalar(_of(user_id).where(*covers).limit(1))


def next_shift(user_id: int | None, moment: datetime) -> Shift | None:
    """The leader's first shift that begins after a moment."""
    at = clock.local(moment)
    later = or_(Shift.on > at.date(), (Shift.on == at.date()) & (Shift.starts_at > at.time()))
    with system_scope("the own shifts of a leader"):
        return db.session.scalar(_of(user_id).where(later).order_by(Shift.on, Shift.starts_at).limit(1))


def centres_of(case: Case) -> list[int]:
    """The centre that has a case, and those above it."""
    with system_scope("the centres above a case"):
        above = [int(node) for node in case.organisation.path.strip("/").split("/") if node]
    return [*above, *([case.owner_town_id] if case.owner_town_id is not None else [])]


def leader_shifts(case: Case) -> Chooser:
    """The coming shifts of leaders to whom a case can be brought."""
    today: date = clock.today()
    centres = centres_of(case)

    def narrow(statement: Select[tuple[Shift]]) -> Select[tuple[Shift]]:
        return statement.where(
            Shift.kind == DutyKind.leader,
            Shift.published,
            Shift.on.between(today, today + AHEAD),
            Shift.organisation_id.in_(centres),
        )

    return Chooser(Shift, narrow)


def leaders_today(case: Case) -> list[Any]:
    """The leaders on duty today to whom a case can be brought: name, post, hours, room."""
    told = (Account.first_name.label("name"), Account.post, Shift.starts_at, Shift.ends_at, Room.name.label("room"))
    centres = centres_of(case)
    found = (
        select(*told)
        .join(Account, Account.id == Shift.account_id)
        .outerjoin(Room, Room.id == Shift.room_id)
        .where(Shift.kind == DutyKind.leader, Shift.published, Shift.on == clock.today())
        .where(Shift.organisation_id.in_(centres))
    )
    with system_scope("the leaders on duty today"):
        return list(db.session.execute(found.order_by(Shift.starts_at, Shift.id)))
