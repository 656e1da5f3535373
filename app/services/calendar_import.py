"""A year of the working calendar read from a table: every row checked, all of it kept or nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, PortalError
from app.core.sheet import read_table
from app.core.text import FORMULA_SIGNS, clean_line, listed
from app.core.words import WORDS
from app.models.calendar import CalendarDay, CalendarYear
from app.models.recount import Recount
from app.services.calendar import OUTSIDE, YEARS, after_change, check_day
from app.services.problems import Problems

NAME_MOST = 64
SOURCE_MOST = 200
_DATE = re.compile(r"\D{0,3}([0-9]{4})(?:\D{1,2})([0-9]{1,2})(?:\D{1,2})([0-9]{1,2})\D{0,3}")
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


class Imported(NamedTuple):
    """What an import did: days added, changed and removed, and the list of deadlines that moved."""

    added: int
    changed: int
    removed: int
    recount: Recount | None


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
        raise Invalid(
            _l(
                "“%(text)s” says neither workday nor holiday. Write 1 for a workday, 0 for a holiday.",
                text=work_text[:40],
            )
        )
    name = clean_line(name, "name")
    if not name or len(name) > NAME_MOST:
        raise Invalid(_l("The name of the holiday is missing or longer than %(most)d characters.", most=NAME_MOST))
    problems = Problems()
    check_day(on, workday, problems)
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
            faults.append(Fault(number, listed(cells[:3])[:80], _only(refusal)))
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
        raise Invalid(errors={"year": [OUTSIDE]})
    notice = clean_line(source, "source", SOURCE_MOST)
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
    recount = after_change([year])
    if notice:
        db.session.scalars(select(CalendarYear).where(CalendarYear.year == year)).one().source = notice
    return Imported(len(wanted.keys() - present.keys()), changed, len(gone), recount)
