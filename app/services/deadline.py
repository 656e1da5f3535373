"""The clocks of a case: started, met, cancelled; the nearest is kept on the case for the lists (domain §5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock, workdays
from app.core.db import db
from app.core.errors import Invalid
from app.models.calendar import DeadlineRule, Nature
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.deadline import Deadline, DeadlineState
from app.models.extension import Extension, ExtensionState, Suspension
from app.models.referral import Referral
from app.services.working_calendar import calendar

ACK, OBJECT, REPLY, HANDLE = "D-ACK15", "D-OBJ5", "D-REPLY15", "D-HANDLE60"
RECTIFY, FOLLOW_UPS = "D-RECT", ("D-FUP3", "D-FUP10", "D-FUP30")
REVIEW_ACCEPT, INVITE, NEW_REPLY = "D-REVACC2", "D-INVITE2", "D-NEWREP15"
CONFIRM, HEARING_NOTICE, EXTENSION = "D-CONF30", "D-HEAR7", "D-EXTEND30"
# The clocks of the case itself, in the order in which they are shown; all others are rights of somebody.
OF_THE_CASE = (ACK, REPLY, HANDLE, NEW_REPLY, RECTIFY, *FOLLOW_UPS)
OPEN = (DeadlineState.running, DeadlineState.paused)


def rules_of(*codes: str) -> list[DeadlineRule]:
    """The rules of some codes as they are now."""
    found = {rule.code: rule for rule in db.session.scalars(select(DeadlineRule).where(DeadlineRule.code.in_(codes)))}
    for code in codes:
        if code not in found:
            sentence = _l("The deadline rule %(code)s is missing. Please ask the business administrator.", code=code)
            raise Invalid(sentence)
    return [found[code] for code in codes]


def rule_of(code: str) -> DeadlineRule:
    """The rule of a code as it is now."""
    return rules_of(code)[0]


def last_day(code: str, on: date) -> date:
    """The due day of a rule from that day on, for what is not a clock of a case."""
    rule = rule_of(code)
    return workdays.due(on, rule.length, rule.unit.value, calendar()).due


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
    return _started(case, rule_of(code), calendar(), on, referral, party_id, cap)


def _started(
    case: Case,
    rule: DeadlineRule,
    days: workdays.Calendar,
    on: date,
    referral: Referral | None = None,
    party_id: int | None = None,
    cap: date | None = None,
) -> Deadline:
    due = workdays.due(on, rule.length, rule.unit.value, days, cap=cap)
    whose: dict[str, Any] = {"case_id": case.id} if case.id is not None else {"case": case}
    clock_row: Any = Deadline(
        **whose,
        rule_id=rule.id,
        code=rule.code,
        round=case.round,
        party_id=party_id,
        referral_id=referral.id if referral is not None else None,
        starts_on=on,
        due_on=due.due,
        cap_on=cap,
        provisional=due.provisional,
        state=DeadlineState.running,
        why=due.why,
    )
    db.session.add(clock_row)
    return clock_row


def start_clocks(case: Case) -> Deadline:
    """Registration starts the days for telling whether it is accepted (given back), and for replying. The case need not
    be written yet."""
    on, days = clock.local(case.registered_at).date(), calendar()
    rows = [_started(case, rule, days, on) for rule in rules_of(ACK, REPLY)]
    show_nearest(case, rows)
    return rows[0]


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


def meet_first(case: Case, codes: Sequence[str], on: date | None = None) -> None:
    """Of clocks that follow one another, the one that runs out first is met."""
    day = on or clock.today()
    first = min(running([case.id], codes), key=lambda row: row.due_on, default=None)
    if first is not None:
        first.state = DeadlineState.met if day <= first.due_on else DeadlineState.late
        first.met_on = day


def cancel_all(case: Case) -> None:
    """Nothing of a case runs any more."""
    open_ = select(Deadline).where(Deadline.case_id == case.id, Deadline.state.in_(OPEN))
    for row in db.session.scalars(open_):
        row.state = DeadlineState.cancelled


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


# ---- counting anew


@dataclass(frozen=True, slots=True)
class Granted:
    """What a case was granted: the days its local clocks stand still, and the days on top in each round."""

    pauses: tuple[workdays.Pause, ...] = ()
    extra: Mapping[int, int] = field(default_factory=dict)


NOTHING = Granted()


def granted(cases: Any) -> dict[int, Granted]:
    """What the cases of these ids (a list, or a select of them) were granted."""
    pauses: dict[int, list[workdays.Pause]] = {}
    extra: dict[int, dict[int, int]] = {}
    stood = (
        select(Suspension.case_id, Suspension.from_on, Suspension.until_on, Suspension.resumed_on, CodeItem.name)
        .join(CodeItem, CodeItem.id == Suspension.ground_id)
        .where(Suspension.case_id.in_(cases))
        .order_by(Suspension.id)
    )
    for row in db.session.execute(stood):
        pause = workdays.Pause(row.from_on, row.resumed_on or row.until_on, row.name)
        pauses.setdefault(row.case_id, []).append(pause)
    more = select(Extension.case_id, Extension.round, Extension.days).where(
        Extension.case_id.in_(cases), Extension.state == ExtensionState.approved
    )
    for row in db.session.execute(more):
        extra.setdefault(row.case_id, {})[row.round] = row.days
    return {key: Granted(tuple(pauses.get(key, ())), extra.get(key, {})) for key in {*pauses, *extra}}


def open_of(case: Case) -> list[Deadline]:
    """Every clock of a case that runs or stands still, with its rule."""
    statement = select(Deadline).where(Deadline.case_id == case.id, Deadline.state.in_(OPEN))
    return list(db.session.scalars(statement.options(joinedload(Deadline.rule)).order_by(Deadline.id)))


def with_days_on_top(row: Deadline, days: int) -> date:
    """The due day a clock would have with so many days granted on top."""
    begun = next(step for step in row.why if step["step"] == "count")
    due = workdays.due(row.starts_on, begun["length"], begun["unit"], calendar(), cap=row.cap_on, extra=days)
    return due.due


def stands_still(row: Deadline) -> bool:
    """Whether a suspension stops this clock: only what a local rule asks of the case itself; rights and law run on."""
    return row.rule.nature == Nature.local and row.party_id is None and row.referral_id is None


def count_anew(row: Deadline, now: workdays.Calendar, given: Granted, rule: DeadlineRule | None = None) -> bool:
    """Count one clock anew, by the length it began with or by a changed rule; whether anything of it changed.

    A changed rule never cuts a right short that already runs for a party."""
    begun = next((step for step in row.why if step["step"] == "count"), None)
    if begun is None:
        return False
    due = workdays.due(
        row.starts_on,
        rule.length if rule is not None else begun["length"],
        rule.unit.value if rule is not None else begun["unit"],
        now,
        given.pauses if stands_still(row) else (),
        cap=row.cap_on,
        extra=given.extra.get(row.round, 0) if row.code == HANDLE else 0,
    )
    if (row.due_on, row.provisional, row.why) == (due.due, due.provisional, due.why):
        return False
    if rule is not None and row.party_id is not None and due.due < row.due_on:
        return False
    if row.referral_id is not None and row.code == OBJECT:
        db.session.get_one(Referral, row.referral_id).objection_due_on = due.due
    row.due_on, row.provisional, row.why = due.due, due.provisional, due.why
    return True
