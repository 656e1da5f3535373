"""The clocks of a case: each rule's day, its proof, met and late, and the nearest one on the case."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.errors import Invalid
from app.models.calendar import CalendarDay, DeadlineRule
from app.models.deadline import Deadline, DeadlineState
from app.services import case as intake
from app.services import deadline, referral, working_calendar
from app.services.queries.why import sentences
from tests.case_factory import Cases, organisation_of


@pytest.fixture
def cases(actor):
    return Cases(actor)


def at(day: date, hour: int = 9):
    return clock.standing_at(datetime(day.year, day.month, day.day, hour, 5, tzinfo=clock.LOCAL))


def clocks(session, case):
    with system_scope("test"):
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.id)).all()
        return {row.code: row for row in rows}


# Counted by hand on the calendar of the State Council's notices.
@pytest.mark.parametrize(
    "registered, due",
    [
        (date(2026, 3, 2), date(2026, 3, 17)),  # plain weeks
        (date(2026, 3, 6), date(2026, 3, 23)),  # day 15 is a Saturday: Monday
        (date(2025, 9, 18), date(2025, 10, 9)),  # day 15 lies in the National Day holiday: the 9th
        (date(2025, 9, 26), date(2025, 10, 11)),  # day 15 is a Saturday that is worked
    ],
)
def test_fifteen_days_from_registration(cases, session, registered, due):
    with at(registered):
        case = cases.register(occurred_on="2025-01-01")
    rows = clocks(session, case)
    assert {rows["D-ACK15"].due_on, rows["D-REPLY15"].due_on} == {due}
    assert case.due_on == due and case.due_code == "D-ACK15" and not case.due_provisional
    assert rows["D-ACK15"].starts_on == registered and str(sentences(rows["D-ACK15"].why)[0])


def test_sixty_days_from_acceptance_and_five_working_days_to_object(cases, session):
    with at(date(2026, 3, 2)):
        case = cases.register(occurred_on="2025-01-01")
    with at(date(2026, 3, 5)):
        cases.do("dispatcher", intake.accept, case)
    with at(date(2026, 3, 6)):
        cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d1"))
    rows = clocks(session, case)
    assert rows["D-HANDLE60"].due_on == date(2026, 5, 6)  # 4 May is a holiday's Monday, until the 5th
    assert rows["D-OBJ5"].due_on == date(2026, 3, 13)
    assert rows["D-ACK15"].state is DeadlineState.met and rows["D-ACK15"].met_on == date(2026, 3, 5)


def test_a_late_acceptance_is_met_late(cases, session):
    with at(date(2026, 3, 2)):
        case = cases.register(occurred_on="2025-01-01")
    with at(date(2026, 3, 18)):
        cases.do("dispatcher", intake.accept, case)
    assert clocks(session, case)["D-ACK15"].state is DeadlineState.late


def test_a_day_in_an_unpublished_year_is_provisional(cases, session):
    with at(date(2026, 11, 20)):
        case = cases.accepted(occurred_on="2025-01-01")
    row = clocks(session, case)["D-HANDLE60"]
    assert row.due_on.year == 2027 and row.provisional
    assert any("2027" in str(sentence) for sentence in sentences(row.why))


def test_the_nearest_running_day_stands_on_the_case(cases, session):
    case = cases.register()
    with acting(cases.actor("dispatcher")):
        deadline.meet(case, "D-ACK15")
        deadline.show_nearest(case)
        assert case.due_code == "D-REPLY15"
        deadline.cancel(case, ["D-REPLY15"])
        deadline.show_nearest(case)
        assert case.due_on is None and case.due_code is None and not case.paused


def test_a_missing_rule_is_said_in_words(cases, session):
    case = cases.register()
    with system_scope("test"):
        session.delete(session.scalars(select(DeadlineRule).where(DeadlineRule.code == "D-CONF30")).one())
        session.flush()
    with acting(cases.actor("clerk")), pytest.raises(Invalid) as refusal:
        deadline.start(case, "D-CONF30", clock.today())
    assert "D-CONF30" in str(refusal.value)


def test_the_calendar_is_read_anew_when_it_changed(cases, session):
    day = date(2026, 3, 17)
    assert working_calendar.calendar().is_workday(day)
    assert working_calendar.calendar() is working_calendar.calendar()
    with system_scope("test"):
        session.add(CalendarDay(on=day, workday=False, name="临时放假"))
        session.flush()
    assert not working_calendar.calendar().is_workday(day)
    with at(date(2026, 3, 2)):
        case = cases.register(occurred_on="2025-01-01")
    row = clocks(session, case)["D-ACK15"]
    assert row.due_on == day + timedelta(days=1)
    assert any("临时放假" in str(sentence) for sentence in sentences(row.why))


def test_every_part_of_a_proof_has_its_words():
    why = [
        {"step": "start", "date": "2026-03-02"},
        {"step": "count", "length": 5, "unit": "working", "date": "2026-03-09"},
        {"step": "count", "length": 15, "unit": "calendar", "date": "2026-03-17"},
        {"step": "pause", "start": "2026-03-03", "end": "2026-03-05", "days": 2, "reason": ""},
        {"step": "rest", "days": [{"date": "2026-03-07", "name": ""}]},
        {"step": "worked", "days": []},
        {"step": "roll", "from": "2026-03-07", "date": "2026-03-09", "days": [{"date": "2026-03-07", "name": "x"}]},
        {"step": "cap", "from": "2026-03-09", "date": "2026-03-08"},
        {"step": "unpublished", "years": [2027]},
        {"step": "of tomorrow"},
    ]
    assert len([str(sentence) for sentence in sentences(why)]) == 9
    assert sentences(None) == []
