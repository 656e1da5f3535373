"""Counting running deadlines anew when the calendar changed: what moved is noted in the trail, case by case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.access import audit
from app.access.actor import system_scope
from app.core import workdays
from app.core.db import db
from app.models.audit import AuditKind
from app.models.case import Case
from app.models.deadline import Deadline, DeadlineState
from app.models.referral import Referral
from app.services import deadline
from app.services.working_calendar import calendar

# A due day can roll over a holiday that lies in the next year; nothing rolls further than this.
REACH = timedelta(days=31)
# Steps of a proof that this count understands; a clock with others (a pause, an extension) is moved by its own verb.
PLAIN = frozenset({"start", "count", "rest", "worked", "roll", "cap", "unpublished"})
NOTED_MOST = 200


@dataclass(frozen=True)
class Moved:
    """One clock that falls on another day now."""

    number: str
    code: str
    before: date
    after: date


def recount(years: Sequence[int]) -> list[Moved]:
    """Count every running clock that touches these years anew, by its own length; part of the caller's transaction."""
    first, last = date(min(years), 1, 1) - REACH, date(max(years), 12, 31)
    now = calendar()
    with system_scope("deadlines counted anew after a change of the calendar"):
        rows = db.session.execute(
            select(Deadline, Case)
            .join(Case, Case.id == Deadline.case_id)
            .where(Deadline.state == DeadlineState.running, Deadline.due_on >= first, Deadline.starts_on <= last)
            .order_by(Deadline.id)
        ).all()
        moved: list[Moved] = []
        touched: dict[int, Case] = {}
        for row, case in rows:
            before = row.due_on
            if _count(row, now):
                touched[case.id] = case
            if row.due_on != before:
                moved.append(Moved(case.number, row.code, before, row.due_on))
        _show(touched.values())
    if moved:
        told = [f"{m.number} {m.code}: {m.before} → {m.after}" for m in moved[:NOTED_MOST]]
        audit.note(db.session, AuditKind.change, "calendar:recount", changes={"moved": len(moved), "deadlines": told})
    return moved


def _count(row: Deadline, now: workdays.Calendar) -> bool:
    """Count one clock anew by the length it began with; whether anything of it changed."""
    steps: dict[str, Any] = {step["step"]: step for step in row.why}
    if not steps.keys() <= PLAIN or "count" not in steps:
        return False
    cap = date.fromisoformat(steps["cap"]["date"]) if "cap" in steps else None
    due = workdays.due(row.starts_on, steps["count"]["length"], steps["count"]["unit"], now, cap=cap)
    if (row.due_on, row.provisional, row.why) == (due.due, due.provisional, due.why):
        return False
    if row.referral_id is not None and row.code == deadline.OBJECT:
        db.session.get_one(Referral, row.referral_id).objection_due_on = due.due
    row.due_on, row.provisional, row.why = due.due, due.provisional, due.why
    return True


def _show(cases: Iterable[Case]) -> None:
    db.session.flush()
    for case in cases:
        deadline.show_nearest(case)
    db.session.flush()
