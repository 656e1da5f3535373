"""Deadlines: which day something is due, whether that is certain yet, and why it is that day.

The start day is not counted. A last day on a rest day moves to the next working day. Years whose holiday notice is
not loaded are counted by the plain week, and the result is marked provisional.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

CALENDAR = "calendar"
WORKING = "working"
LONGEST = 3660
_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The days that differ from the plain week, their names, and the years whose holiday notice is loaded."""

    days: Mapping[date, bool] = field(default_factory=dict)
    published: frozenset[int] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether the offices work on that day."""
        return self.days.get(day, day.weekday() < _SATURDAY)

    def is_certain(self, day: date) -> bool:
        """Whether the holiday notice of that day's year is loaded."""
        return day.year in self.published

    def name(self, day: date) -> str:
        """The holiday, or the holiday a weekend is worked for; empty on plain days."""
        return self.names.get(day, "")


@dataclass(frozen=True)
class Pause:
    """The days from `start` until the day before `end` do not count."""

    start: date
    end: date
    reason: str = ""

    def covers(self, day: date) -> bool:
        """Whether the day lies in the pause."""
        return self.start <= day < self.end


@dataclass(frozen=True)
class Due:
    """The day something is due; `why` is the proof as plain data (days as ISO text) for a view to put into words.

    Steps of `why`, in this order: start {date} · pause {start, end, days, reason} · count {length, unit, date} ·
    rest {days: [{date, name}]} and worked {days} inside working days · roll {from, date, days} ·
    extend {days, from, date} and its own roll · cap {from, date} · unpublished {years}."""

    due: date
    provisional: bool = False
    why: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Remaining:
    """Days left until and with the due day; below zero when overdue."""

    calendar: int
    working: int


def roll_forward(day: date, calendar: Calendar) -> date:
    """The day itself, or the next working day after it."""
    return _next(day, calendar.is_workday)


def _next(day: date, fits: Callable[[date], bool], step: timedelta = _DAY) -> date:
    while not fits(day):
        day += step
    return day


def _checked(length: int, unit: str) -> None:
    if unit not in (CALENDAR, WORKING):
        raise ValueError(f"unknown unit of days: {unit!r}")
    if not 0 <= length <= LONGEST:
        raise ValueError(f"a deadline has 0 to {LONGEST} days, not {length}")


def add_days(start: date, length: int, unit: str, calendar: Calendar, pauses: Iterable[Pause] = ()) -> date:
    """The last counted day: `length` days (or working days) after the start day, days of pauses left out."""
    _checked(length, unit)
    resting = tuple(pauses)
    if unit == CALENDAR and not resting:
        return start + length * _DAY

    def counts(day: date) -> bool:
        return not any(pause.covers(day) for pause in resting) and (unit == CALENDAR or calendar.is_workday(day))

    day = start
    for _ in range(length):
        day = _next(day + _DAY, counts)
    return day


def add_working_days(start: date, length: int, calendar: Calendar) -> date:
    """The working day that many working days after the start day."""
    return add_days(start, length, WORKING, calendar)


def days_before(event: date, length: int, unit: str, calendar: Calendar) -> date:
    """The last working day on which a notice of at least that many days can still be given before an event."""
    _checked(length, unit)
    if unit == CALENDAR:
        return _next(event - length * _DAY, calendar.is_workday, -_DAY)
    day = event
    for _ in range(length):
        day = _next(day - _DAY, calendar.is_workday, -_DAY)
    return day


def due(
    start: date,
    length: int,
    unit: str,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    roll: bool = True,
    cap: date | None = None,
    extra: int = 0,
) -> Due:
    """The due day of a deadline, with its reasons; `cap` is a day it may not pass (that of the case, say), `extra`
    are calendar days granted on top, counted from the day on which it was due before."""
    breaks = sorted(pauses, key=lambda pause: pause.start)
    counted = add_days(start, length, unit, calendar, breaks)
    last, looked_at = counted, _span(start + _DAY, counted) if unit == WORKING else []
    why: list[dict[str, Any]] = [{"step": "start", "date": start.isoformat()}]
    why.append({"step": "count", "length": length, "unit": unit, "date": counted.isoformat()})
    why += _calendar_steps(looked_at, calendar)
    if roll:
        last = _rolled(counted, calendar, breaks, why, looked_at)
    if extra:
        counted = add_days(last, extra, CALENDAR, calendar, breaks)
        why.append({"step": "extend", "days": extra, "from": last.isoformat(), "date": counted.isoformat()})
        last = _rolled(counted, calendar, breaks, why, looked_at) if roll else counted
    why[1:1] = _pause_steps(start, counted, breaks)
    if cap is not None and last > cap:
        why.append({"step": "cap", "from": last.isoformat(), "date": cap.isoformat()})
        last = cap
    years = sorted({day.year for day in looked_at if day <= last and not calendar.is_certain(day)})
    if years:
        why.append({"step": "unpublished", "years": years})
    return Due(last, bool(years), why)


def _rolled(
    counted: date, calendar: Calendar, breaks: Iterable[Pause], why: list[dict[str, Any]], looked_at: list[date]
) -> date:
    """The counted day, or the next one on which the offices work and no pause lies; told in `why`."""
    last = _next(counted, lambda day: calendar.is_workday(day) and not any(pause.covers(day) for pause in breaks))
    looked_at += _span(counted, last)
    if last != counted:
        over = [{"date": day.isoformat(), "name": calendar.name(day)} for day in _span(counted, last - _DAY)]
        why.append({"step": "roll", "from": counted.isoformat(), "date": last.isoformat(), "days": over})
    return last


def _span(first: date, last: date) -> list[date]:
    return [first + step * _DAY for step in range((last - first).days + 1)]


def _pause_steps(start: date, counted: date, breaks: Iterable[Pause]) -> list[dict[str, Any]]:
    """The pauses that lie between start and the counted day, each with the days it really took."""
    steps: list[dict[str, Any]] = []
    for pause in breaks:
        first, end = max(pause.start, start + _DAY), pause.end
        if first < end and first <= counted:
            steps.append(
                {
                    "step": "pause",
                    "start": pause.start.isoformat(),
                    "end": pause.end.isoformat(),
                    "days": (end - first).days,
                    "reason": pause.reason,
                }
            )
    return steps


def _calendar_steps(days: Iterable[date], calendar: Calendar) -> list[dict[str, Any]]:
    """The exceptions of the calendar met while working days were counted."""
    rest: list[dict[str, str]] = []
    worked: list[dict[str, str]] = []
    for day in days:
        if day in calendar.days and calendar.days[day] != (day.weekday() < _SATURDAY):
            (worked if calendar.days[day] else rest).append({"date": day.isoformat(), "name": calendar.name(day)})
    steps: list[dict[str, Any]] = []
    if rest:
        steps.append({"step": "rest", "days": rest})
    if worked:
        steps.append({"step": "worked", "days": worked})
    return steps


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Working days after one day up to and with another; negative when the other lies before."""
    first, last, sign = (after, until, 1) if after <= until else (until, after, -1)
    return sign * sum(calendar.is_workday(day) for day in _span(first + _DAY, last))


def remaining(due_on: date, today: date, calendar: Calendar) -> Remaining:
    """How many days are left, in calendar and in working days."""
    return Remaining((due_on - today).days, working_days_between(today, due_on, calendar))
