"""Reminders: who must act is told when a day comes near, is here, or is past; the longer, the higher up (domain §5).

Each level of each clock is told once; after a pause of the runner only what holds now is told. The light itself is
never kept: it is worked out whenever somebody looks.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.light import SOON_DAYS
from app.core.upsert import insert_into
from app.models.audit import Notice
from app.models.calendar import DeadlineRule
from app.models.case import Case
from app.models.deadline import Deadline, DeadlineState
from app.models.referral import Referral
from app.models.reminder import Reminder, ReminderLevel
from app.services import parameter
from app.services.deadline import OBJECT
from app.services.movers import Movers
from app.services.queries.home import ENDED

MANY = 20  # more than so many at once are told in one sentence
CHUNK = 500
HEAD_OF_UNIT, HEAD_OF_CENTRE, SUPERVISOR = "object", "approve_decline", "accept_rectification"
_clock, _case, _rule = Deadline.__table__, Case.__table__, DeadlineRule.__table__
_referral = Referral.__table__
_reminder, _notice = Reminder.__table__, Notice.__table__


def level_of(due: date, today: date, every: int) -> tuple[ReminderLevel, int] | None:
    """How pressing a day is now, and the how-manieth reminder of that level it is; None while there is time."""
    left = (due - today).days
    if left > SOON_DAYS:
        return None
    if left > 0:
        return ReminderLevel.soon, 0
    return (ReminderLevel.due, 0) if left == 0 else (ReminderLevel.late, (-left - 1) // every)


def _pressing(today: date) -> list[Any]:
    """The running clocks of open cases that are due within three days or past; rights of parties are theirs to keep."""
    statement = (
        select(
            _clock.c.id,
            _clock.c.code,
            _clock.c.due_on,
            _rule.c.name.label("clock"),
            _referral.c.organisation_id.label("given_to"),
            _case.c.id.label("case_id"),
            _case.c.number,
            _case.c.state,
            _case.c.kind,
            _case.c.organisation_id,
            _case.c.lead_organisation_id,
        )
        .join(_case, _case.c.id == _clock.c.case_id)
        .join(_rule, _rule.c.id == _clock.c.rule_id)
        .outerjoin(_referral, _referral.c.id == _clock.c.referral_id)
        .where(
            _clock.c.state == DeadlineState.running,
            _clock.c.due_on <= today + timedelta(days=SOON_DAYS),
            _clock.c.party_id.is_(None),
            _case.c.state.not_in(ENDED),
        )
        .order_by(_clock.c.due_on, _clock.c.id)
    )
    return list(db.session.connection().execute(statement))


def _told_already(today: date) -> dict[tuple[int, date, ReminderLevel], int]:
    """The last reminder of each level that was given for a running clock and its present day."""
    statement = (
        select(_reminder.c.deadline_id, _reminder.c.due_on, _reminder.c.level, func.max(_reminder.c.nth).label("nth"))
        .join(_clock, (_clock.c.id == _reminder.c.deadline_id) & (_clock.c.due_on == _reminder.c.due_on))
        .where(_clock.c.state == DeadlineState.running, _clock.c.due_on <= today + timedelta(days=SOON_DAYS))
        .group_by(_reminder.c.deadline_id, _reminder.c.due_on, _reminder.c.level)
    )
    return {(r.deadline_id, r.due_on, r.level): r.nth for r in db.session.connection().execute(statement)}


@dataclass(frozen=True)
class Due:
    """One reminder to give: the clock with its case, the level, the how-manieth."""

    row: Any
    level: ReminderLevel
    nth: int


def _claim(wanted: list[Due]) -> list[Due]:
    """Write the reminders down; what another runner wrote first is his."""
    mine: set[int] = set()
    for start in range(0, len(wanted), CHUNK):
        rows = [
            {"deadline_id": one.row.id, "due_on": one.row.due_on, "level": one.level, "nth": one.nth, "at": clock.now()}
            for one in wanted[start : start + CHUNK]
        ]
        once = insert_into(_reminder).values(rows).on_conflict_do_nothing().returning(_reminder.c.deadline_id)
        mine.update(db.session.connection().execute(once).scalars())
    return [one for one in wanted if one.row.id in mine]


def _told_of(everybody: Movers, one: Due) -> list[int]:
    """Those whose move it is; from the due day their head, past it the head of the centre, then the supervisors."""
    row, unit = one.row, one.row.given_to or one.row.lead_organisation_id
    if row.given_to:
        people = list(everybody.nearest("sign_for", unit, row.case_id))
    else:
        people = everybody.movers(row.state, row.case_id, row.organisation_id, unit)
    steps = [(ReminderLevel.due, 0, HEAD_OF_UNIT if unit else HEAD_OF_CENTRE, unit or row.organisation_id)]
    steps += [(ReminderLevel.late, 0, HEAD_OF_CENTRE, row.organisation_id)]
    steps += [(ReminderLevel.late, 1, SUPERVISOR, row.organisation_id)]
    order = list(ReminderLevel)
    for level, nth, action, at in steps:
        if (order.index(one.level), one.nth) >= (order.index(level), nth):
            people += everybody.nearest(action, at, row.case_id)
    return list(dict.fromkeys(people))


def _notices(reminders: Iterable[Due]) -> list[dict[str, Any]]:
    """One message for each reminder and person; who would get very many gets one that counts them."""
    everybody, each = Movers(), defaultdict(list)
    for one in reminders:
        for user_id in _told_of(everybody, one):
            each[user_id].append(one)
    rows = []
    for user_id, mine in each.items():
        if len(mine) > MANY:
            late = sum(one.level is ReminderLevel.late for one in mine)
            link = "/case/list/?tab=overdue" if late else "/case/list/?tab=soon"
            said = {"count": len(mine), "late": late}
            rows.append({"code": "deadlines_many", "data": said, "link": link, "case_id": None, "user_id": user_id})
            continue
        for one in mine:
            said = {"number": one.row.number, "clock": one.row.clock, "day": one.row.due_on.isoformat()}
            code = f"deadline_{one.level.value}"
            rows.append({"code": code, "data": said, "link": None, "case_id": one.row.case_id, "user_id": user_id})
    return rows


@unit_of_work
def remind() -> int:
    """Give the reminders that are due now; how many clocks were reminded of. For the job, and safe to run twice."""
    today, every = clock.today(), parameter.number("remind_every_days")
    told, wanted = _told_already(today), []
    for row in _pressing(today):
        level = level_of(row.due_on, today, every)
        lapsed = row.code == OBJECT and row.due_on < today  # a right that was not used is not overdue
        if level is not None and not lapsed and level[1] > told.get((row.id, row.due_on, level[0]), -1):
            wanted.append(Due(row, *level))
    mine = _claim(wanted)
    rows = _notices(mine) if mine else []
    if rows:
        db.session.connection().execute(insert(_notice), rows)
    return len(mine)
