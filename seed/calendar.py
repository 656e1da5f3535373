"""The working calendar of the published years: holidays and weekends worked for them."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.core.workdays import Calendar

DATA = Path(__file__).parent / "data"
PUBLISHED = range(2019, 2027)


@dataclass(frozen=True)
class CalendarDay:
    """A public holiday (weekend days of it too), or a weekend day that is worked."""

    on: date
    workday: bool
    name: str


@dataclass(frozen=True)
class CalendarYear:
    """A year whose holiday notice is loaded."""

    year: int
    published: bool
    source: str


def days() -> list[CalendarDay]:
    """Every exception from 2019 to the last published year."""
    with (DATA / "calendar.csv").open(encoding="utf-8", newline="") as lines:
        return [
            CalendarDay(date.fromisoformat(row["date"]), row["is_workday"] == "1", row["name"])
            for row in csv.DictReader(lines)
        ]


def years() -> list[CalendarYear]:
    """The published years with the notice they rest on."""
    notice = "国务院办公厅关于{}年部分节假日安排的通知"
    extended = "；国务院办公厅关于延长2020年春节假期的通知"
    return [CalendarYear(year, True, notice.format(year) + (extended if year == 2020 else "")) for year in PUBLISHED]


def as_calendar() -> Calendar:
    """The shipped calendar ready for counting, without a database."""
    shipped = days()
    return Calendar(
        days={day.on: day.workday for day in shipped},
        published=frozenset(PUBLISHED),
        names={day.on: day.name for day in shipped},
    )
