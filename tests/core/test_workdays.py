"""Deadlines against two independent calendars, and the reasons they give."""

import json
import random
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.workdays import (
    Calendar,
    Due,
    Pause,
    Remaining,
    add_days,
    add_working_days,
    days_before,
    due,
    remaining,
    roll_forward,
    working_days_between,
)
from seed.calendar import as_calendar

SHIPPED = as_calendar()
CHINA = holidays.country_holidays("CN", years=range(2019, 2027))
PLAIN = Calendar(published=frozenset(range(2019, 2031)))
DAY = timedelta(days=1)
STARTS = st.dates(date(2019, 1, 1), date(2026, 6, 30))


@cache
def works(day: date) -> bool:
    """The independent answer; both libraries must give it."""
    answer = chinese_calendar.is_workday(day)
    assert answer == CHINA.is_working_day(day)
    return answer


def test_every_day_of_eight_years():
    day, seen = date(2019, 1, 1), 0
    while day.year < 2027:
        assert SHIPPED.is_workday(day) == works(day), day
        assert SHIPPED.is_certain(day)
        day, seen = day + DAY, seen + 1
    assert seen == 2922


def test_deadlines_of_thousands_of_days():
    """Counted the slow way with the libraries: 4,000 deadlines in calendar and in working days."""
    draw = random.Random(5)
    for _ in range(2000):
        start = date(2019, 1, 1) + draw.randrange(2700) * DAY
        length = draw.choice([1, 2, 3, 5, 7, 10, 15, 30, 60])
        last = start + length * DAY
        while not works(last):
            last += DAY
        found = due(start, length, "calendar", SHIPPED)
        assert found == Due(last, False, found.why)
        assert due(start, length, "calendar", SHIPPED, roll=False).due == start + length * DAY
        expected = [day for day in (start + step * DAY for step in range(1, 120)) if works(day)][length - 1]
        assert due(start, length, "working", SHIPPED).due == expected
        assert add_working_days(start, length, SHIPPED) == expected
        assert not due(start, length, "working", SHIPPED).provisional


@pytest.mark.parametrize(
    ("start", "length", "unit", "last"),
    [
        ("2019-09-16", 15, "calendar", "2019-10-08"),  # 1 October, the holiday ends on the 7th
        ("2020-01-09", 15, "calendar", "2020-02-03"),  # 24 January, the extended spring festival
        ("2026-02-09", 5, "calendar", "2026-02-14"),  # a Saturday that is worked
        ("2026-02-09", 5, "working", "2026-02-14"),
        ("2026-09-30", 1, "working", "2026-10-08"),
        ("2024-02-29", 0, "calendar", "2024-02-29"),
    ],
)
def test_known_days(start, length, unit, last):
    found = due(date.fromisoformat(start), length, unit, SHIPPED)
    assert found.due == date.fromisoformat(last) and not found.provisional


def test_why_a_holiday_moves_the_day():
    found = due(date(2019, 9, 16), 15, "calendar", SHIPPED)
    assert [step["step"] for step in found.why] == ["start", "count", "roll"]
    assert found.why[0] == {"step": "start", "date": "2019-09-16"}
    assert found.why[1] == {"step": "count", "length": 15, "unit": "calendar", "date": "2019-10-01"}
    assert found.why[2]["from"] == "2019-10-01" and found.why[2]["date"] == "2019-10-08"
    assert found.why[2]["days"][0] == {"date": "2019-10-01", "name": "国庆节"} and len(found.why[2]["days"]) == 7
    assert json.loads(json.dumps(found.why)) == found.why


def test_why_working_days():
    found = due(date(2026, 2, 13), 3, "working", SHIPPED)
    assert found.due == date(2026, 2, 25)
    assert [step["step"] for step in found.why] == ["start", "count", "rest", "worked"]
    assert [day["date"] for day in found.why[2]["days"]] == [f"2026-02-{day}" for day in (16, 17, 18, 19, 20, 23)]
    assert found.why[3]["days"] == [{"date": "2026-02-14", "name": "春节调休上班"}]
    assert [step["step"] for step in due(date(2026, 3, 2), 3, "working", SHIPPED).why] == ["start", "count"]


def test_a_plain_weekend_has_no_name():
    found = due(date(2026, 11, 6), 15, "calendar", SHIPPED)
    assert found.due == date(2026, 11, 23)
    assert found.why[-1]["days"] == [{"date": "2026-11-21", "name": ""}, {"date": "2026-11-22", "name": ""}]


@pytest.mark.parametrize(
    ("start", "length", "unit", "roll", "provisional"),
    [
        (date(2026, 12, 16), 15, "calendar", True, False),  # 31 December 2026, a Thursday
        (date(2026, 12, 17), 15, "calendar", True, True),
        (date(2026, 12, 17), 15, "calendar", False, False),  # plain counting needs no calendar
        (date(2026, 12, 30), 1, "working", True, False),
        (date(2026, 12, 31), 1, "working", True, True),
        (date(2018, 12, 28), 2, "working", True, True),
        (date(2018, 12, 28), 10, "calendar", True, False),
    ],
)
def test_years_without_a_notice_are_provisional(start, length, unit, roll, provisional):
    found = due(start, length, unit, SHIPPED, roll=roll)
    assert found.provisional is provisional
    assert any(step["step"] == "unpublished" for step in found.why) is provisional


def test_the_unpublished_year_is_named_and_loading_it_settles_the_date():
    before = due(date(2026, 12, 17), 15, "calendar", SHIPPED)
    assert (before.due, before.why[-1]) == (date(2027, 1, 1), {"step": "unpublished", "years": [2027]})
    loaded = Calendar(dict(SHIPPED.days) | {date(2027, 1, 1): False}, SHIPPED.published | {2027})
    after = due(date(2026, 12, 17), 15, "calendar", loaded)
    assert (after.due, after.provisional) == (date(2027, 1, 4), False)


def test_pauses_take_their_days_out():
    pause = Pause(date(2026, 3, 10), date(2026, 3, 20), "补充鉴定")
    found = due(date(2026, 3, 2), 15, "calendar", PLAIN, [pause])
    assert found.due == date(2026, 3, 27)
    assert found.why[1] == {
        "step": "pause", "start": "2026-03-10", "end": "2026-03-20", "days": 10, "reason": "补充鉴定",
    }  # fmt: skip
    assert due(date(2026, 3, 2), 5, "working", PLAIN, [Pause(date(2026, 3, 3), date(2026, 3, 5))]).due == date(
        2026, 3, 11
    )


def test_pauses_that_do_not_matter():
    start = date(2026, 3, 2)
    for pause in (
        Pause(date(2026, 2, 1), start),
        Pause(date(2026, 2, 1), start + DAY),
        Pause(date(2026, 3, 10), date(2026, 3, 10)),
        Pause(date(2026, 5, 1), date(2026, 6, 1)),
    ):
        found = due(start, 15, "calendar", PLAIN, [pause])
        assert found.due == date(2026, 3, 17) and len(found.why) == 2


def test_a_day_is_not_moved_into_a_pause():
    found = due(date(2026, 3, 6), 15, "calendar", PLAIN, [Pause(date(2026, 3, 23), date(2026, 3, 25))])
    assert found.due == date(2026, 3, 25)


def test_cap():
    found = due(date(2026, 3, 2), 15, "calendar", PLAIN, cap=date(2026, 3, 10))
    assert found.due == date(2026, 3, 10)
    assert found.why[-1] == {"step": "cap", "from": "2026-03-17", "date": "2026-03-10"}
    assert due(date(2026, 3, 2), 15, "calendar", PLAIN, cap=date(2026, 3, 17)).why[-1]["step"] == "count"
    assert not due(date(2026, 12, 17), 15, "calendar", SHIPPED, cap=date(2026, 12, 20)).provisional


UNITS = st.sampled_from(["calendar", "working"])


@given(start=STARTS, length=st.integers(0, 90), first=st.integers(-5, 60), long=st.integers(0, 40), unit=UNITS)
def test_a_pause_never_shortens_and_counts_exactly(start, length, first, long, unit):
    pause = Pause(start + first * DAY, start + (first + long) * DAY)
    without, found = add_days(start, length, unit, SHIPPED), add_days(start, length, unit, SHIPPED, [pause])
    assert found >= without
    counted = [start + step * DAY for step in range(1, (found - start).days + 1)]
    assert length == sum((unit == "calendar" or works(day)) and not pause.covers(day) for day in counted)


@given(start=STARTS, length=st.integers(0, 60), unit=UNITS)
def test_remaining_counts_what_due_added(start, length, unit):
    last = due(start, length, unit, SHIPPED, roll=False).due
    left = remaining(last, start, SHIPPED)
    assert length == (left.calendar if unit == "calendar" else left.working)
    late = remaining(start, last, SHIPPED)
    assert (late.calendar, late.working) == (-left.calendar, -left.working)


def test_remaining_and_between():
    assert remaining(date(2026, 10, 9), date(2026, 9, 29), SHIPPED) == Remaining(10, 3)
    assert working_days_between(date(2026, 10, 1), date(2026, 10, 7), SHIPPED) == 0


def test_days_before_an_event():
    assert days_before(date(2026, 3, 20), 7, "calendar", PLAIN) == date(2026, 3, 13)
    assert days_before(date(2026, 10, 12), 7, "calendar", SHIPPED) == date(2026, 9, 30)
    assert days_before(date(2026, 10, 9), 2, "working", SHIPPED) == date(2026, 9, 30)


def test_roll_forward():
    assert roll_forward(date(2026, 10, 1), SHIPPED) == date(2026, 10, 8)
    assert roll_forward(date(2026, 10, 8), SHIPPED) == date(2026, 10, 8)


@pytest.mark.parametrize(("length", "unit"), [(-1, "calendar"), (3661, "working"), (3, "weeks")])
def test_nonsense_is_refused(length, unit):
    with pytest.raises(ValueError, match="days"):
        due(date(2026, 1, 1), length, unit, SHIPPED)
    with pytest.raises(ValueError, match="days"):
        days_before(date(2026, 1, 1), length, unit, SHIPPED)
