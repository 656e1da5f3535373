"""On which days a rule wants somebody, and whose turn it is: plain reckoning, without the database."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from app.core.workdays import Calendar, roll_forward
from app.models.roster_rule import DutyDays, OnRestDay, RosterRule

WEEKDAYS = (
    DutyDays.mon,
    DutyDays.tue,
    DutyDays.wed,
    DutyDays.thu,
    DutyDays.fri,
    DutyDays.sat,
    DutyDays.sun,
)
_MOVED = timedelta(days=14)  # no run of rest days is longer
_DAY = timedelta(days=1)


def month_of(day: date) -> date:
    """The first day of a month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from one until and with another."""
    while first <= last:
        yield first
        first += _DAY


def _in_its_week(rule: RosterRule, day: date) -> bool:
    """Whether the week is one of every n, counted from the week of the first day."""
    weeks = ((day - timedelta(days=day.weekday())) - (rule.since - timedelta(days=rule.since.weekday()))).days // 7
    return weeks % rule.every_weeks == 0


def _lands(rule: RosterRule, day: date, calendar: Calendar) -> date | None:
    """The day on which the duty of that day is held, or None."""
    if rule.days is DutyDays.every_day:
        return day
    if rule.days is DutyDays.workdays:
        return day if calendar.is_workday(day) else None
    if WEEKDAYS[day.weekday()] is not rule.days:
        return None
    rests = calendar.days.get(day) is False or (day.weekday() < 5 and not calendar.is_workday(day))
    if not rests or rule.on_rest_day is OnRestDay.keep:
        return day
    return roll_forward(day, calendar) if rule.on_rest_day is OnRestDay.move else None


def duty_days(rule: RosterRule, first: date, last: date, calendar: Calendar) -> list[date]:
    """The days from `first` until `last` on which the rule wants somebody, moved ones where they land."""
    found = set()
    for day in days_between(max(rule.since, first - _MOVED), last):
        lands = _lands(rule, day, calendar) if _in_its_week(rule, day) else None
        if lands is not None and first <= lands <= last:
            found.add(lands)
    return sorted(found)


def turns(people: Sequence[Any], last: Any, times: int) -> list[Any]:
    """Whose turn it is, so many times, after whoever was last; from the beginning when that person is gone."""
    if not people:
        return []
    start = people.index(last) + 1 if last in people else 0
    return [people[(start + place) % len(people)] for place in range(times)]
