"""The sessions of leaders: planned against held, and what became of the matters, counted from the cases themselves.

A session is held when somebody was received in it, or when it was confirmed that nobody came. Only receptions of cases
that the reader may see are counted, so that a figure never tells of a case that does not exist for its reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.labels import LabelledEnum
from app.models.case import Case
from app.models.reception import LeaderReception
from app.models.roster import DutyKind, Shift
from app.services.queries.timetable import month_shifts, shift_row


class Held(LabelledEnum):
    """What became of a session."""

    coming = "coming", _l("Still to come"), "info"
    held = "held", _l("Held"), "ok"
    nobody = "nobody", _l("Held, nobody came"), "ok"
    empty = "empty", _l("Nothing recorded"), "soon"


@dataclass(frozen=True, slots=True)
class Session:
    """One session with its counts."""

    shift: Any
    state: Held
    receptions: int = 0
    persons: int = 0
    matters: int = 0
    settled: int = 0
    resolved: int = 0


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of a month; planned are those that are over."""

    planned: int
    held: int
    receptions: int
    persons: int
    matters: int
    resolved: int


def _state(shift: Any, receptions: int) -> Held:
    over = datetime.combine(shift.on, shift.ends_at, clock.LOCAL) <= clock.now()
    if receptions:
        return Held.held
    if shift.held_note is not None:
        return Held.nobody
    return Held.empty if over else Held.coming


def _counted(shifts: Sequence[Any]) -> list[Session]:
    """The shifts with what happened in them, in two selects whatever their number."""
    keys = [one.id for one in shifts]
    if not keys:
        return []
    counts = (
        select(
            LeaderReception.shift_id,
            func.count(),
            func.coalesce(func.sum(LeaderReception.head_count), 0),
        )
        .where(LeaderReception.shift_id.in_(keys))
        .group_by(LeaderReception.shift_id)
    )
    visits = {row[0]: row for row in db.session.execute(counts)}
    found = (
        select(LeaderReception.shift_id, LeaderReception.case_id, LeaderReception.settled, Case.resolved)
        .join(Case, Case.id == LeaderReception.case_id)
        .where(LeaderReception.shift_id.in_(keys))
    )
    matters: dict[int, dict[int, tuple[bool, bool]]] = {}
    for shift_id, case_id, settled, resolved in db.session.execute(found):
        of_shift = matters.setdefault(shift_id, {})
        before = of_shift.get(case_id, (False, False))
        of_shift[case_id] = (before[0] or bool(settled), bool(resolved))
    sessions = []
    for one in shifts:
        receptions, persons = (visits[one.id][1], visits[one.id][2]) if one.id in visits else (0, 0)
        kept = matters.get(one.id, {}).values()
        sessions.append(
            Session(
                one,
                _state(one, receptions),
                receptions,
                persons,
                len(kept),
                sum(settled for settled, _resolved in kept),
                sum(resolved for _settled, resolved in kept),
            )
        )
    return sessions


def of_month(centre_id: int, first: date, last: date) -> list[Session]:
    """The published sessions of a month at a centre."""
    return _counted([one for one in month_shifts(centre_id, DutyKind.leader, first, last) if one.published])


def total(rows: Iterable[Session]) -> Total:
    """The sums."""
    every = list(rows)
    past = [one for one in every if one.state is not Held.coming]
    return Total(
        len(past),
        sum(one.state in (Held.held, Held.nobody) for one in past),
        sum(one.receptions for one in every),
        sum(one.persons for one in every),
        sum(one.matters for one in every),
        sum(one.resolved for one in every),
    )


def find(shift_id: int) -> Session | None:
    """One published session that exists for the actor."""
    wanted = (Shift.id == shift_id, Shift.kind == DutyKind.leader, Shift.published)
    if db.session.scalar(select(Shift.id).where(*wanted)) is None:
        return None
    return _counted([shift_row(shift_id)])[0]


def received(shift_id: int) -> list[Any]:
    """The receptions of a session whose cases the actor may see, by time."""
    return list(
        db.session.execute(
            select(
                LeaderReception.at,
                LeaderReception.head_count,
                LeaderReception.settled,
                Case.id,
                Case.number,
                Case.title,
                Case.state,
                Case.resolved,
            )
            .join(Case, Case.id == LeaderReception.case_id)
            .where(LeaderReception.shift_id == shift_id)
            .order_by(LeaderReception.at, LeaderReception.id)
        )
    )
