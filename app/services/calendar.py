"""The working calendar: holidays and make-up days, years that are published, and a year read from a table."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.models.calendar import CalendarDay, CalendarYear
from app.models.recount import Recount
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.recount import recount_years
from app.services.register import merged

YEARS = range(2000, 2101)
OUTSIDE = _l("The year lies outside the calendar (%(first)d to %(last)d).", first=YEARS[0], last=YEARS[-1])
NAG_MONTH = 12

register_sentences(
    {
        "uq_calendar_day_on": ("on", _l("This day is in the calendar already.")),
        "uq_calendar_year_year": ("year", _l("This year is in the calendar already.")),
    }
)


def days_in(year: int) -> int:
    """How many days of a year differ from the plain week."""
    inside = CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))
    return db.session.scalar(select(func.count()).select_from(CalendarDay).where(inside)) or 0


def next_year_missing() -> int | None:
    """In December: next year, if its holiday notice is not published here yet."""
    today = clock.today()
    if today.month < NAG_MONTH:
        return None
    wanted = today.year + 1
    known = select(CalendarYear.id).where(CalendarYear.year == wanted, CalendarYear.published)
    return None if db.session.scalar(known) else wanted


def _touch(years: Sequence[int]) -> None:
    """Note at each year that its days changed (what counts with the calendar reads it anew), adding missing years."""
    rows = {row.year: row for row in db.session.scalars(select(CalendarYear).where(CalendarYear.year.in_(years)))}
    for year in sorted(set(years)):
        if year in rows:
            rows[year].changed_at = clock.now()
        else:
            db.session.add(CalendarYear(year=year, published=False))
    db.session.flush()


def check_day(on: date, workday: bool, problems: Problems) -> None:
    """Whether a day can differ from the plain week in that way."""
    if on.year not in YEARS:
        problems.add("on", OUTSIDE)
    elif workday and on.weekday() < 5:
        problems.add(
            "workday",
            _l(
                "%(day)s is a weekday and worked anyway; only a Saturday or Sunday is worked to make up for a holiday.",
                day=on.isoformat(),
            ),
        )


def _read_day(given: Mapping[str, Any], record: CalendarDay | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    check_day(merged(values, record, "on"), bool(merged(values, record, "workday")), problems)
    problems.stop()
    return values


@unit_of_work
def add_day(actor: Actor, given: Mapping[str, Any]) -> CalendarDay:
    """Add a holiday or a make-up workday."""
    row = save_record(actor, CalendarDay(), _read_day(given, None))
    after_change([row.on.year])
    return row


@unit_of_work
def change_day(actor: Actor, row: CalendarDay, given: Mapping[str, Any]) -> CalendarDay:
    """Correct a day."""
    before = row.on.year
    saved = save_record(actor, row, _read_day(given, row))
    after_change([before, saved.on.year])
    return saved


@unit_of_work
def delete_day(actor: Actor, row: CalendarDay) -> None:
    """Make a day a plain day again."""
    year = row.on.year
    delete_record(actor, row)
    after_change([year])


def after_change(years: Sequence[int]) -> Recount | None:
    """What follows every change of the calendar, in the same transaction: the list of the deadlines that moved."""
    _touch(years)
    return recount_years(years)


# ---- years


@unit_of_work
def add_year(actor: Actor, given: Mapping[str, Any]) -> CalendarYear:
    """Begin a year; it is published when its days are in."""
    values, problems = dict(given), Problems()
    if values.get("year") not in YEARS:
        problems.add("year", OUTSIDE)
    problems.stop()
    return save_record(actor, CalendarYear(published=False), values)


@unit_of_work
def change_year(actor: Actor, row: CalendarYear, given: Mapping[str, Any]) -> CalendarYear:
    """Correct the source of a year."""
    return save_record(actor, row, {name: value for name, value in given.items() if name == "source"})


@unit_of_work
def delete_year(actor: Actor, row: CalendarYear) -> None:
    """Remove a year that holds nothing."""
    if row.published or days_in(row.year):
        raise Conflict(_l("%(year)d is published or holds days. It stays.", year=row.year))
    delete_record(actor, row)


def why_not_publish(row: CalendarYear) -> Any:
    """A sentence why the year cannot be published, or None."""
    if row.published:
        return _l("%(year)d is published already.", year=row.year)
    if not days_in(row.year):
        return _l("%(year)d holds no holidays yet. Please enter or import its days first.", year=row.year)
    if not row.source:
        return _l("Please name the holiday notice as the source of %(year)d first.", year=row.year)
    return None


def why_not_withdraw(row: CalendarYear) -> Any:
    """A sentence why a publication cannot be taken back, or None."""
    if row.year <= clock.today().year:
        return _l("%(year)d has begun. A year in force stays published; please correct its days.", year=row.year)
    return None


@unit_of_work
def publish(actor: Actor, row: CalendarYear) -> Recount | None:
    """From now on dates that reach into the year are certain; the list of the deadlines that moved."""
    refusal = why_not_publish(row)
    if refusal:
        raise Conflict(refusal)
    row.published = True
    return after_change([row.year])


@unit_of_work
def withdraw(actor: Actor, row: CalendarYear) -> Recount | None:
    """Take a publication back; dates that reach into the year are provisional again."""
    refusal = why_not_withdraw(row)
    if refusal:
        raise Conflict(refusal)
    row.published = False
    return after_change([row.year])
