"""Counting running deadlines anew: what moved is kept as a list, and those who have the cases are told."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import current_actor, system_scope
from app.core.db import db
from app.core.text import listed
from app.models.calendar import DeadlineRule
from app.models.case import Case
from app.models.deadline import Deadline
from app.models.recount import DeadlineMove, Recount, RecountCause
from app.services import deadline
from app.services.notice import holders, tell_people
from app.services.working_calendar import calendar

# A due day can roll over a holiday that lies in the next year; nothing rolls further than this.
REACH = timedelta(days=31)
EACH_MOST = 3  # so many messages for one person; more become a single one
FOR = "deadlines counted anew"


def recount_years(years: Sequence[int]) -> Recount | None:
    """The calendar of these years changed: count every open clock that touches them, by its own length."""
    first, last = date(min(years), 1, 1) - REACH, date(max(years), 12, 31)
    touching = (Deadline.due_on >= first, Deadline.starts_on <= last)
    named = listed(str(year) for year in sorted(set(years)))
    return _count(RecountCause.calendar, named, touching)


def recount_rule(rule: DeadlineRule) -> Recount | None:
    """A rule has another length: count its open clocks with it. A right of a party that runs is never cut short."""
    after = rule.active_from
    touching = [Deadline.code == rule.code, *([Deadline.starts_on >= after] if after is not None else [])]
    return _count(RecountCause.rule, f"{rule.code} {rule.name}", touching, rule)


def recount_case(case: Case, cause: RecountCause, subject: str) -> list[DeadlineMove]:
    """A case was suspended, resumed or given more time: count its open clocks; what moved, for the course to tell."""
    db.session.flush()
    made = _count(cause, subject, (Deadline.case_id == case.id,), tell=False)
    return list(made.moves) if made is not None else []


def _count(
    cause: RecountCause,
    subject: str,
    which: Iterable[ColumnElement[bool]],
    rule: DeadlineRule | None = None,
    *,
    tell: bool = True,
) -> Recount | None:
    """Count anew within the caller's transaction; None when nothing changed."""
    now, made = calendar(), Recount(cause=cause, subject=subject, moved=0, settled=0)
    with system_scope(FOR):
        wanted = (Deadline.state.in_(deadline.OPEN), *which)
        granted = deadline.granted(select(Deadline.case_id).where(*wanted))
        rows = db.session.scalars(
            select(Deadline)
            .where(*wanted)
            .options(selectinload(Deadline.case), joinedload(Deadline.rule))
            .order_by(Deadline.id)
        ).all()
        moves, touched = [], {}
        for row in rows:
            before, was = row.due_on, row.provisional
            if not deadline.count_anew(row, now, granted.get(row.case_id, deadline.NOTHING), rule):
                continue
            touched[row.case_id] = row.case
            if (row.due_on, row.provisional) != (before, was):
                moves.append(_move(made, row, before, was))
        db.session.flush()
        for case in touched.values():
            deadline.show_nearest(case)
        if not moves:
            db.session.flush()
            return None
        made.moved = sum(move.before_on != move.after_on for move in moves)
        made.settled = len(moves) - made.moved
        db.session.add(made)
        db.session.flush()
        if tell:
            _tell_owners(made, touched)
    return made


def _move(made: Recount, row: Deadline, before: date, was: bool) -> DeadlineMove:
    return DeadlineMove(
        recount=made,
        deadline_id=row.id,
        case_id=row.case_id,
        number=row.case.number,
        code=row.code,
        before_on=before,
        after_on=row.due_on,
        before_provisional=was,
        provisional=row.provisional,
        why=row.why,
    )


def owners_of(case: Case) -> list[int]:
    """Who answers for the days of a case: the lead organisation, or the dispatchers while it has none."""
    if case.lead_organisation_id is not None:
        return [*holders("log_work", [case.lead_organisation_id]), *holders("object", [case.lead_organisation_id])]
    return holders("assign", [case.organisation_id])


def _tell_owners(made: Recount, cases: dict[int, Case]) -> None:
    """Those who answer for the cases learn of their new days: one by one, or how many there are."""
    actor = current_actor()
    told: dict[int, list[DeadlineMove]] = {}
    known: dict[Any, list[int]] = {}
    for move in (move for move in made.moves if move.before_on != move.after_on):
        case = cases[move.case_id]
        where = (case.lead_organisation_id, case.organisation_id)
        known.setdefault(where, owners_of(case))
        for person in known[where]:
            told.setdefault(person, []).append(move)
    for person, moves in told.items():
        if len(moves) > EACH_MOST:
            data = {"count": len(moves), "subject": made.subject, "by": actor.name}
            tell_people(actor, "deadlines_moved", [person], data, link="/case/list/")
            continue
        for move, words in zip(moves, words_of(moves), strict=True):
            data = words | {"subject": made.subject, "by": actor.name}
            tell_people(actor, "deadline_moved", [person], data, case_id=move.case_id)


def words_of(moves: Iterable[DeadlineMove]) -> list[dict[str, Any]]:
    """Moves as plain values, for messages and for the course of a case; the deadlines by their names."""
    names = dict(iter(db.session.execute(select(DeadlineRule.code, DeadlineRule.name))))
    return [
        {
            "number": move.number,
            "code": move.code,
            "name": names.get(move.code, move.code),
            "before": move.before_on.isoformat(),
            "after": move.after_on.isoformat(),
        }
        for move in moves
    ]
