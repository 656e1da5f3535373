"""The working calendar and the rules of deadlines as the program counts with them; read anew only when they changed."""

from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.core.workdays import Calendar
from app.models.calendar import CalendarDay, CalendarYear

_day, _year = CalendarDay.__table__, CalendarYear.__table__
_kept: dict[str, tuple[tuple[Any, ...], Calendar]] = {}


def _mark(table: Any) -> list[Any]:
    columns = (func.count(), func.coalesce(func.sum(table.c.version), 0), func.coalesce(func.max(table.c.id), 0))
    return [select(column).select_from(table).scalar_subquery() for column in columns]


def mark_columns() -> list[Any]:
    """Scalar selects that differ whenever the calendar does; a page may take them along in another select."""
    return [*_mark(_day), *_mark(_year)]


def load() -> Calendar:
    """The calendar from the database."""
    days = db.session.execute(select(_day.c.on, _day.c.workday, _day.c.name)).all()
    years = db.session.execute(select(_year.c.year).where(_year.c.published)).scalars()
    return Calendar({row.on: row.workday for row in days}, frozenset(years), {row.on: row.name for row in days})


def calendar(mark: tuple[Any, ...] | None = None) -> Calendar:
    """The calendar as it is now: kept in the process, one short select says whether it changed."""
    now = mark if mark is not None else tuple(db.session.execute(select(*mark_columns())).one())
    key = str(db.engine.engine.url)
    kept = _kept.get(key)
    if kept is None or kept[0] != now:
        kept = _kept[key] = (now, load())
    return kept[1]
