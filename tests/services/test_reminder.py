"""Reminders: each level once, higher up the longer it takes, no flood after a pause, never to those complained of."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db
from app.models.audit import Notice
from app.models.case import Case
from app.models.deadline import Deadline, DeadlineState
from app.models.reminder import Reminder, ReminderLevel
from app.services import job, reminder
from app.services.notice import sentence
from tests.case_factory import Cases

_notice, _clock = Notice.__table__, Deadline.__table__
BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=LOCAL)
REPLY_DUE = date(2026, 3, 17)  # fifteen days


class Days:
    """Days that pass; each is looked at by the job."""

    def __init__(self) -> None:
        self.now = BEGIN

    def go(self, day: date) -> int:
        """Let it be that day, and run the job."""
        self.now = datetime(day.year, day.month, day.day, 9, 0, tzinfo=LOCAL)
        with acting(SYSTEM), system_scope("test"):
            return reminder.remind()


@pytest.fixture
def days(session):
    made = Days()
    clock.use_clock(lambda: made.now)
    yield made
    clock.use_clock(None)


@pytest.fixture
def case(days, actor):
    """A case in handling whose reply is due on 17 March; its other days lie far off."""
    made = Cases(actor).handling()
    for code in ("D-OBJ5", "D-HANDLE60"):
        change = update(_clock).where(_clock.c.case_id == made.id, _clock.c.code == code)
        db.session.connection().execute(change.values(due_on=date(2026, 6, 30)))
    return made


def told(code: str | None = None) -> Counter[str]:
    """How many messages each account got from the job."""
    statement = text(
        "SELECT u.username FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE n.code LIKE :code ORDER BY n.id"
    )
    return Counter(db.session.connection().execute(statement, {"code": code or "deadline%"}).scalars())


def forget() -> None:
    db.session.connection().execute(_notice.delete())


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (4, None),
        (3, (ReminderLevel.soon, 0)),
        (1, (ReminderLevel.soon, 0)),
        (0, (ReminderLevel.due, 0)),
        (-1, (ReminderLevel.late, 0)),
        (-3, (ReminderLevel.late, 0)),
        (-4, (ReminderLevel.late, 1)),
        (-7, (ReminderLevel.late, 2)),
    ],
)
def test_the_level_is_worked_out_from_the_day(left, level) -> None:
    today = date(2026, 3, 10)
    assert reminder.level_of(today + timedelta(days=left), today, 3) == level


def test_day_by_day_each_level_is_told_once_and_higher_up(case, days) -> None:
    seen: dict[str, Counter[str]] = {}
    day = date(2026, 3, 3)
    while day <= date(2026, 3, 25):
        first, again = days.go(day), days.go(day)
        assert again == 0
        if first:
            seen[day.isoformat()] = told()
            forget()
        day += timedelta(days=1)
    assert list(seen) == ["2026-03-14", "2026-03-17", "2026-03-18", "2026-03-21", "2026-03-24"]
    soon, due, late, again, third = seen.values()
    assert set(soon) == {"handler.d1"}
    assert set(due) == {"handler.d1", "unit_head.d1"}
    assert set(late) == {"handler.d1", "unit_head.d1", "centre_head"}
    assert set(again) == set(third) == {"handler.d1", "unit_head.d1", "centre_head", "supervisor"}
    assert max(count for one in seen.values() for count in one.values()) == 1


def test_what_is_said_names_the_case_and_the_clock(case, days) -> None:
    days.go(date(2026, 3, 18))
    with system_scope("test"):
        row = db.session.scalars(select(Notice).where(Notice.code == "deadline_late")).first()
    assert row.case_id == case.id and case.number in sentence(row) and "2026-03-17" in sentence(row)


def test_after_a_pause_only_what_holds_now_is_told(case, days) -> None:
    assert days.go(date(2026, 3, 31)) == 1
    assert set(told()) == {"handler.d1", "unit_head.d1", "centre_head", "supervisor"}
    assert set(told("deadline_late")) == set(told()) and sum(told().values()) == 4


def test_a_day_that_moved_is_reminded_of_anew(case, days) -> None:
    days.go(date(2026, 3, 15))
    forget()
    moved = update(_clock).where(_clock.c.case_id == case.id, _clock.c.code == "D-REPLY15")
    db.session.connection().execute(moved.values(due_on=date(2026, 3, 20)))
    assert days.go(date(2026, 3, 16)) == 0
    assert days.go(date(2026, 3, 18)) == 1


@pytest.mark.parametrize("what", ["paused clock", "met clock", "ended case", "right of a party"])
def test_what_does_not_run_is_not_reminded_of(case, days, what) -> None:
    connection, table = db.session.connection(), Case.__table__
    mine = update(_clock).where(_clock.c.case_id == case.id, _clock.c.state == DeadlineState.running)
    if what == "paused clock":
        connection.execute(mine.values(state=DeadlineState.paused))
    elif what == "met clock":
        connection.execute(mine.values(state=DeadlineState.met, met_on=date(2026, 3, 4)))
    elif what == "right of a party":
        party = connection.execute(text("SELECT id FROM party WHERE case_id = :case"), {"case": case.id}).scalar()
        connection.execute(mine.values(party_id=party))
    else:
        connection.execute(update(table).where(table.c.id == case.id).values(state="closed"))
    assert days.go(date(2026, 3, 18)) == 0 and not told()


def test_what_the_law_asks_runs_on_while_a_case_stands_still(case, days) -> None:
    table = Case.__table__
    db.session.connection().execute(update(table).where(table.c.id == case.id).values(paused=True))
    assert days.go(date(2026, 3, 18)) == 1


def test_before_dispatch_the_centre_is_told(days, actor) -> None:
    Cases(actor).register()
    days.go(date(2026, 3, 15))
    assert set(told()) == {"dispatcher"}
    forget()
    days.go(date(2026, 3, 17))
    assert set(told()) == {"dispatcher", "centre_head"}


def test_a_village_has_its_town_told(days, actor) -> None:
    Cases(actor).register("village_officer.1")
    days.go(date(2026, 3, 15))
    assert set(told()) == {"dispatcher.t1"}


def test_who_is_complained_of_is_not_told(days, actor) -> None:
    town = db.session.connection().execute(
        text("SELECT o.code FROM organisation o JOIN ab_user u ON u.organisation_id = o.id WHERE username = 'clerk.t1'")
    )
    accused = {"side": "respondent", "organisation": town.scalar_one()}
    cases = Cases(actor)
    body = cases.body()
    cases.register("village_officer.1", kind="accusation", parties=[*body["parties"], accused])
    days.go(date(2026, 3, 25))
    assert set(told()) == {"dispatcher", "centre_head", "supervisor"}  # those of the city


def test_a_right_to_object_that_lapsed_is_not_overdue(days, actor) -> None:
    case = Cases(actor).assigned()
    change = update(_clock).where(_clock.c.case_id == case.id, _clock.c.code != "D-OBJ5")
    db.session.connection().execute(change.values(due_on=date(2026, 6, 30)))
    assert days.go(date(2026, 3, 9)) == 1 and set(told()) >= {"handler.d1", "unit_head.d1"}
    assert days.go(date(2026, 3, 12)) == 0


def test_very_many_are_told_in_one_sentence(days, actor, monkeypatch) -> None:
    monkeypatch.setattr(reminder, "MANY", 3)
    cases = Cases(actor)
    for _place in range(4):
        cases.register(different_matter=True)
    days.go(date(2026, 3, 25))
    assert told("deadlines_many") == {"dispatcher": 1, "centre_head": 1, "supervisor": 1}
    assert not told("deadline_late")
    with system_scope("test"):
        row = db.session.scalars(select(Notice).where(Notice.code == "deadlines_many")).first()
        assert row.data == {"count": 8, "late": 8} and row.link == "/case/list/?tab=overdue"
        assert db.session.scalar(select(func.count()).select_from(Reminder)) == 8


def test_the_job_runs_it_every_half_hour(case, days) -> None:
    days.now = datetime(2026, 3, 18, 9, 0, tzinfo=LOCAL)
    with acting(SYSTEM):
        job.run_once()
        assert set(told()) == {"handler.d1", "unit_head.d1", "centre_head"}
        forget()
        days.now += timedelta(minutes=30)
        assert job.run_once() >= 1 and not told()
