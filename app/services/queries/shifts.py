"""The published reception shifts of leaders: which covers a moment, which comes next, which a matter can go to."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.case import Case
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
