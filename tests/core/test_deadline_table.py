"""An independent table of due days, 2019 to 2026: counted here with two other libraries, and some by hand.

Nothing of the program's counting is used to make the table; the shipped calendar is only what the program counts with.
"""

from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays
import pytest

from app.core.workdays import Pause, due
from seed.calendar import as_calendar
from seed.deadlines import rules

SHIPPED = as_calendar()
CHINA = holidays.country_holidays("CN", years=range(2019, 2027))
DAY = timedelta(days=1)
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
KINDS = sorted({(rule.length, rule.unit) for rule in rules()})


@cache
def works(day):
    """Whether the offices work: both libraries must say the same."""
    answer = chinese_calendar.is_workday(day)
    assert answer == CHINA.is_working_day(day)
    return answer


def by_hand(start, length, unit, pauses=(), extra=0, cap=None):
    """The due day counted on the fingers: one day after the other, as the law's words have it."""

    def stands(day):
        return any(first <= day < end for first, end in pauses)

    def count(day, days, unit):
        while days:
            day += DAY
            if not stands(day) and (unit == "calendar" or works(day)):
                days -= 1
        return day

    def roll(day):
        while stands(day) or not works(day):
            day += DAY
        return day

    last = roll(count(start, length, unit))
    if extra:
        last = roll(count(last, extra, "calendar"))
    return min(last, cap) if cap is not None else last


def starts():
    """Every ninth day of seven years, and all around make-up days, month ends, 29 February, year ends."""
    chosen, day = set(), FIRST
    while day <= date(2026, 9, 20):
        before_end = (day + 2 * DAY).month != day.month or (day - 2 * DAY).month != day.month
        near = [day + step * DAY for step in range(-2, 3)]
        made_up = any(other.weekday() > 4 and works(other) for other in near if other >= FIRST)
        if (day - FIRST).days % 9 == 0 or before_end or made_up or (day.month, day.day) == (2, 29):
            chosen.add(day)
        day += DAY
    return sorted(chosen)


def test_the_table_is_large_and_touches_what_is_difficult():
    days = starts()
    assert len(days) * len(KINDS) > 5000
    assert {date(2020, 2, 29), date(2024, 2, 29), date(2025, 12, 31), date(2026, 2, 14)} <= set(days)
    assert (15, "calendar") in KINDS and (5, "working") in KINDS and (60, "calendar") in KINDS


@pytest.mark.parametrize(("length", "unit"), KINDS)
def test_every_rule_from_every_start(length, unit):
    for start in starts():
        expected = by_hand(start, length, unit)
        found = due(start, length, unit, SHIPPED)
        assert (found.due, found.provisional) == (expected, False), (start, length, unit)


PAUSES = (
    ((3, 13),),
    ((0, 1),),
    ((1, 2),),
    ((10, 17), (20, 22)),
    ((14, 40),),
    ((15, 16),),
    ((-5, 4),),
)


@pytest.mark.parametrize("pattern", PAUSES)
def test_with_days_that_stand_still(pattern):
    for start in starts()[::5]:
        pauses = [(start + first * DAY, start + end * DAY) for first, end in pattern]
        for length, unit in ((15, "calendar"), (5, "working"), (10, "calendar")):
            expected = by_hand(start, length, unit, pauses)
            found = due(start, length, unit, SHIPPED, [Pause(first, end, "等待鉴定") for first, end in pauses])
            assert found.due == expected, (start, length, unit, pattern)


@pytest.mark.parametrize("extra", [1, 15, 30])
def test_with_days_granted_on_top(extra):
    for start in (day for day in starts()[::3] if day < date(2026, 8, 1)):
        found = due(start, 60, "calendar", SHIPPED, extra=extra)
        assert found.due == by_hand(start, 60, "calendar", extra=extra), start
        assert not found.provisional


def test_with_a_day_that_is_not_passed():
    for start in starts()[::4]:
        for offset in (0, 5, 14, 15, 16, 25):
            cap = start + offset * DAY
            expected = by_hand(start, 15, "calendar", cap=cap)
            found = due(start, 15, "calendar", SHIPPED, cap=cap)
            assert found.due == expected and (found.why[-1]["step"] == "cap") == (
                by_hand(start, 15, "calendar") > cap
            ), (start, offset)


# Counted with the State Council's notices at hand.
HAND = (
    # plain weeks
    ("2026-03-02", 15, "calendar", (), 0, "2026-03-17"),
    ("2025-06-09", 5, "working", (), 0, "2025-06-16"),
    # day 15 on a Saturday, on a Sunday
    ("2026-03-06", 15, "calendar", (), 0, "2026-03-23"),
    ("2026-03-07", 15, "calendar", (), 0, "2026-03-23"),
    # New Year 2026: 1 to 3 January off, Sunday the 4th worked
    ("2025-12-17", 15, "calendar", (), 0, "2026-01-04"),
    ("2025-12-31", 1, "working", (), 0, "2026-01-04"),
    ("2025-12-30", 5, "working", (), 0, "2026-01-07"),
    # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 worked
    ("2026-02-02", 15, "calendar", (), 0, "2026-02-24"),
    ("2026-01-30", 15, "calendar", (), 0, "2026-02-14"),
    ("2026-02-13", 1, "working", (), 0, "2026-02-14"),
    ("2026-02-14", 1, "working", (), 0, "2026-02-24"),
    ("2026-02-25", 3, "calendar", (), 0, "2026-02-28"),
    ("2026-02-24", 5, "working", (), 0, "2026-03-02"),
    # Spring Festival 2020 made longer: back on 3 February
    ("2020-01-16", 10, "calendar", (), 0, "2020-02-03"),
    ("2020-01-23", 1, "working", (), 0, "2020-02-03"),
    # Spring Festival 2025: 28 January to 4 February off, 26 January and 8 February worked
    ("2025-01-24", 2, "working", (), 0, "2025-01-27"),
    ("2025-01-27", 5, "working", (), 0, "2025-02-10"),
    ("2025-01-24", 15, "calendar", (), 0, "2025-02-08"),
    # National Day and Mid-Autumn 2025: 1 to 8 October off, 28 September and 11 October worked
    ("2025-09-16", 15, "calendar", (), 0, "2025-10-09"),
    ("2025-09-26", 15, "calendar", (), 0, "2025-10-11"),
    ("2025-09-26", 1, "working", (), 0, "2025-09-28"),
    ("2025-09-30", 3, "working", (), 0, "2025-10-11"),
    # National Day 2019: 1 to 7 October off
    ("2019-09-16", 15, "calendar", (), 0, "2019-10-08"),
    # Labour Day 2026: 1 to 5 May off, Saturday 9 May worked
    ("2026-04-30", 1, "working", (), 0, "2026-05-06"),
    ("2026-05-08", 1, "working", (), 0, "2026-05-09"),
    ("2026-04-24", 15, "calendar", (), 0, "2026-05-09"),
    ("2026-03-05", 60, "calendar", (), 0, "2026-05-06"),
    # 29 February, month ends, year ends
    ("2024-02-14", 15, "calendar", (), 0, "2024-02-29"),
    ("2023-02-13", 15, "calendar", (), 0, "2023-02-28"),
    ("2024-02-29", 30, "calendar", (), 0, "2024-04-01"),
    ("2024-01-31", 30, "calendar", (), 0, "2024-03-01"),
    ("2025-12-02", 30, "calendar", (), 0, "2026-01-04"),
    # standing still: ten days from 10 to 19 March; one that ends on the last day; one after it
    ("2026-03-02", 15, "calendar", (("2026-03-10", "2026-03-20"),), 0, "2026-03-27"),
    ("2026-03-02", 15, "calendar", (("2026-03-17", "2026-03-18"),), 0, "2026-03-18"),
    ("2026-03-02", 15, "calendar", (("2026-03-18", "2026-03-30"),), 0, "2026-03-17"),
    ("2026-03-06", 15, "calendar", (("2026-03-23", "2026-03-25"),), 0, "2026-03-25"),
    ("2026-03-02", 15, "calendar", (("2026-03-04", "2026-03-06"), ("2026-03-10", "2026-03-13")), 0, "2026-03-23"),
    ("2026-02-09", 3, "working", (("2026-02-10", "2026-02-25"),), 0, "2026-02-27"),
    # granted on top: thirty days from 6 May; the first end rolls, then the second too
    ("2026-03-05", 60, "calendar", (), 30, "2026-06-05"),
    ("2026-01-05", 60, "calendar", (), 30, "2026-04-07"),
    ("2025-08-01", 60, "calendar", (), 15, "2025-10-15"),
)


@pytest.mark.parametrize(("start", "length", "unit", "pauses", "extra", "last"), HAND)
def test_days_counted_by_hand(start, length, unit, pauses, extra, last):
    breaks = [(date.fromisoformat(first), date.fromisoformat(end)) for first, end in pauses]
    begin, expected = date.fromisoformat(start), date.fromisoformat(last)
    assert by_hand(begin, length, unit, breaks, extra) == expected, "the table itself"
    found = due(begin, length, unit, SHIPPED, [Pause(first, end, "") for first, end in breaks], extra=extra)
    assert found.due == expected and not found.provisional


def test_a_granted_day_says_so():
    found = due(date(2026, 3, 5), 60, "calendar", SHIPPED, extra=30)
    steps = [step["step"] for step in found.why]
    assert steps == ["start", "count", "roll", "extend"]
    assert found.why[-1] == {"step": "extend", "days": 30, "from": "2026-05-06", "date": "2026-06-05"}


def test_a_granted_day_may_lie_in_an_unpublished_year():
    found = due(date(2026, 10, 12), 60, "calendar", SHIPPED, extra=30)
    assert found.provisional and found.why[-1] == {"step": "unpublished", "years": [2027]}
