"""The working calendar: holidays and make-up days, years that are published, and a year read from a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, PortalError
from app.core.sheet import read_table
from app.core.text import FORMULA_SIGNS
from app.core.words import WORDS
from app.models.calendar import CalendarDay, CalendarYear
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.recount import recount
from app.services.register import merged

YEARS = range(2000, 2101)
NAME_MOST = 64
NAG_MONTH = 12
_DATE = re.compile(r"\D{0,3}([0-9]{4})(?:\D{1,2})([0-9]{1,2})(?:\D{1,2})([0-9]{1,2})\D{0,3}")
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")

register_sentences({
    "uq_calendar_day_on": ("on", _l("This day is in the calendar already.")),
    "uq_calendar_year_year": ("year", _l("This year is in the calendar already.")),
})


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


def _check_day(on: date, workday: bool, problems: Problems) -> None:
    if on.year not in YEARS:
        problems.add("on", _l("The year lies outside the calendar (%(first)d to %(last)d).",
                              first=YEARS[0], last=YEARS[-1]))
    elif workday and on.weekday() < 5:
        problems.add("workday", _l("%(day)s is a weekday and worked anyway; only a Saturday or Sunday is worked to "
                                   "make up for a holiday.", day=on.isoformat()))


def _read_day(given: Mapping[str, Any], record: CalendarDay | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    _check_day(merged(values, record, "on"), bool(merged(values, record, "workday")), problems)
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


def after_change(years: Sequence[int]) -> int:
    """What follows every change of the calendar, in the same transaction; how many running deadlines moved."""
    _touch(years)
    return len(recount(years))


# ---- years


@unit_of_work
def add_year(actor: Actor, given: Mapping[str, Any]) -> CalendarYear:
    """Begin a year; it is published when its days are in."""
    values, problems = dict(given), Problems()
    if values.get("year") not in YEARS:
        problems.add("year", _l("The year lies outside the calendar (%(first)d to %(last)d).",
                                first=YEARS[0], last=YEARS[-1]))
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
def publish(actor: Actor, row: CalendarYear) -> int:
    """From now on dates that reach into the year are certain; how many running deadlines moved."""
    refusal = why_not_publish(row)
    if refusal:
        raise Conflict(refusal)
    row.published = True
    return after_change([row.year])


@unit_of_work
def withdraw(actor: Actor, row: CalendarYear) -> int:
    """Take a publication back; dates that reach into the year are provisional again."""
    refusal = why_not_withdraw(row)
    if refusal:
        raise Conflict(refusal)
    row.published = False
    return after_change([row.year])


# ---- a year from a table


class Imported(NamedTuple):
    """What an import did: days added, changed and removed, deadlines moved."""

    added: int
    changed: int
    removed: int
    moved: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row of an imported table."""

    row: int
    content: str
    sentence: Any


class Faulty(Invalid):
    """The table was refused; nothing of it was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(_l("Nothing was imported: %(count)d rows have faults.", count=len(self.faults)))


def parse_date(text: str) -> date | None:
    """A date as spreadsheets write it, or None."""
    found = _DATE.fullmatch(text.partition(" ")[0].strip()) or _SOLID.fullmatch(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _read_row(cells: Sequence[str], year: int, seen: dict[date, int]) -> tuple[date, bool, str]:
    on_text, work_text, name = (*cells, "", "", "")[:3]
    for cell in (on_text, work_text, name):
        if cell[:1] and cell[0] in FORMULA_SIGNS:
            raise Invalid(_l("A cell holds a formula; please write the plain value."))
    on = parse_date(on_text)
    if on is None:
        raise Invalid(_l("“%(text)s” is not a date. Write it as 2026-11-20.", text=on_text[:40]))
    if on.year != year:
        raise Invalid(_l("%(day)s does not lie in %(year)d.", day=on.isoformat(), year=year))
    if on in seen:
        raise Invalid(_l("%(day)s stands in row %(row)d already.", day=on.isoformat(), row=seen[on]))
    workday = WORDS["workday"].get(work_text.strip().lower())
    if workday is None:
        raise Invalid(_l("“%(text)s” says neither workday nor holiday. Write 1 for a workday, 0 for a holiday.",
                         text=work_text[:40]))
    if not name or len(name) > NAME_MOST:
        raise Invalid(_l("The name of the holiday is missing or longer than %(most)d characters.", most=NAME_MOST))
    problems = Problems()
    _check_day(on, workday, problems)
    problems.stop()
    return on, workday, name


def read_year(content: bytes, year: int) -> dict[date, tuple[bool, str]]:
    """The days of a year out of a table (date, workday, name); Faulty names every row that cannot be taken."""
    rows = [(number, cells) for number, cells in enumerate(read_table(content), 1) if any(cells)]
    if rows and not re.search(r"[0-9]", rows[0][1][0]):
        rows = rows[1:]  # the headings
    faults: list[Fault] = []
    found: dict[date, tuple[bool, str]] = {}
    seen: dict[date, int] = {}
    for number, cells in rows:
        try:
            on, workday, name = _read_row(cells, year, seen)
        except PortalError as refusal:
            faults.append(Fault(number, ", ".join(cells[:3])[:80], _only(refusal)))
            continue
        found[on], seen[on] = (workday, name), number
    if not rows:
        faults.append(Fault(0, "", _l("The table holds no rows.")))
    if faults:
        raise Faulty(faults)
    return found


def _only(refusal: PortalError) -> Any:
    sentences = [sentence for group in refusal.errors.values() for sentence in group]
    return sentences[0] if sentences else refusal.message


@unit_of_work
def import_year(actor: Actor, year: int, content: bytes, source: str | None = None) -> Imported:
    """Make the days of a year what the table says, all or nothing."""
    if year not in YEARS:
        raise Invalid(errors={"year": [_l("The year lies outside the calendar (%(first)d to %(last)d).",
                                          first=YEARS[0], last=YEARS[-1])]})
    wanted = read_year(content, year)
    inside = CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))
    present = {row.on: row for row in db.session.scalars(select(CalendarDay).where(inside))}
    changed = 0
    for on, (workday, name) in wanted.items():
        row = present.get(on)
        if row is None:
            db.session.add(CalendarDay(on=on, workday=workday, name=name))
        elif (row.workday, row.name) != (workday, name):
            row.workday, row.name, changed = workday, name, changed + 1
    gone = [row for on, row in present.items() if on not in wanted]
    for row in gone:
        db.session.delete(row)
    db.session.flush()
    moved = after_change([year])
    if source:
        db.session.scalars(select(CalendarYear).where(CalendarYear.year == year)).one().source = source[:200]
    return Imported(len(wanted.keys() - present.keys()), changed, len(gone), moved)
