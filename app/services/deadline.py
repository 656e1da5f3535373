"""The clocks of a case: started, met, cancelled; the nearest is kept on the case for the lists (domain §5)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock, workdays
from app.core.db import db
from app.core.errors import Invalid
from app.models.calendar import DeadlineRule
from app.models.case import Case
from app.models.deadline import Deadline, DeadlineState
from app.models.referral import Referral
from app.services.working_calendar import calendar

ACK, OBJECT, REPLY, HANDLE = "D-ACK15", "D-OBJ5", "D-REPLY15", "D-HANDLE60"
# The clocks of the case itself, in the order in which they are shown; all others are rights of somebody.
OF_THE_CASE = (ACK, REPLY, HANDLE)
OPEN = (DeadlineState.running, DeadlineState.paused)


def _rule(code: str) -> DeadlineRule:
    rule = db.session.scalar(select(DeadlineRule).where(DeadlineRule.code == code))
    if rule is None:
        raise Invalid(_l("The deadline rule %(code)s is missing. Please ask the business administrator.", code=code))
    return rule


def start(
    case: Case,
    code: str,
    on: date,
    *,
    referral: Referral | None = None,
    party_id: int | None = None,
    cap: date | None = None,
) -> Deadline:
    """A clock begins: its due day by the rule and the calendar of now, with the proof of that day."""
    rule = _rule(code)
    due = workdays.due(on, rule.length, rule.unit.value, calendar(), cap=cap)
    clock_row: Any = Deadline(
        case_id=case.id,
        rule_id=rule.id,
        code=code,
        round=case.round,
        party_id=party_id,
        referral_id=referral.id if referral is not None else None,
        starts_on=on,
        due_on=due.due,
        provisional=due.provisional,
        state=DeadlineState.running,
        why=due.why,
    )
    db.session.add(clock_row)
    return clock_row


def start_clocks(case: Case) -> None:
    """Registration starts the days for telling whether it is accepted, and for replying."""
    on = clock.local(case.registered_at).date()
    show_nearest(case, [start(case, code, on) for code in (ACK, REPLY)])


def running(case_ids: Iterable[int], codes: Sequence[str]) -> list[Deadline]:
    """The clocks of these codes that still run."""
    statement = select(Deadline).where(
        Deadline.case_id.in_(list(case_ids)), Deadline.code.in_(codes), Deadline.state.in_(OPEN)
    )
    return list(db.session.scalars(statement.order_by(Deadline.id)))


def meet(case: Case, code: str, on: date | None = None, also: Iterable[int] = ()) -> None:
    """What a clock asked for is done: in time, or late; `also` are matters merged into this one."""
    day = on or clock.today()
    for row in running([case.id, *also], [code]):
        row.state = DeadlineState.met if day <= row.due_on else DeadlineState.late
        row.met_on = day


def cancel(case: Case, codes: Sequence[str], referral_ids: Sequence[int] | None = None) -> None:
    """Clocks that no longer apply."""
    for row in running([case.id], codes):
        if referral_ids is None or row.referral_id in referral_ids:
            row.state = DeadlineState.cancelled


def show_nearest(case: Case, known: Sequence[Deadline] | None = None) -> None:
    """Keep the nearest running day of the case on the case, for the lists."""
    if known is None:
        db.session.flush()
        known = running([case.id], OF_THE_CASE)
    nearest = min(known, key=lambda row: (row.due_on, OF_THE_CASE.index(row.code)), default=None)
    case.due_on = nearest.due_on if nearest else None
    case.due_code = nearest.code if nearest else None
    case.due_provisional = bool(nearest and nearest.provisional)
    case.paused = bool(nearest and nearest.state == DeadlineState.paused)
