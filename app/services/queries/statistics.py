"""The figures: one select for each source of the indicators, under the rows of whoever asks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import True_
from sqlalchemy.sql.util import find_tables

from app.access.actor import Actor
from app.access.rules.cases import statistics_rule
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db
from app.core.upsert import dialect
from app.models.case import Case
from app.models.organisation import Level, Organisation
from app.services import parameter
from app.services.queries.indicators import BY_CODE, CLOSED, INDICATORS, SOURCES, Indicator, Source, counted, numbers_of

_case, _organisation = Case.__table__, Organisation.__table__
DAY = timedelta(days=1)
OWN = "own"  # the city's own centre, where an organisation is named
DIMENSIONS = ("month", "centre", "town", "category", "channel", "department")


@dataclass(frozen=True)
class Asked:
    """What is asked for: days from and until, both included; an organisation with what is below it, or the city's own
    centre without the towns; filters."""

    since: date
    until: date
    organisation: Organisation | None = None
    category: int | None = None
    channel: str | None = None
    department: int | None = None
    own: bool = False

    @property
    def filtered(self) -> bool:
        """Whether more than period and organisation narrows it."""
        return self.own or any(one is not None for one in (self.category, self.channel, self.department))

    @property
    def place(self) -> int | str | None:
        """The organisation as an address names it."""
        return OWN if self.own else self.organisation.id if self.organisation is not None else None

    def before(self) -> "Asked":
        """The same number of days just before; for whole months as many months."""
        if self.since.day == 1 and (self.until + timedelta(days=1)).day == 1:
            after = self.until + timedelta(days=1)
            months = (after.year - self.since.year) * 12 + after.month - self.since.month
            index = self.since.year * 12 + self.since.month - 1 - months
            return replace(self, since=date(index // 12, index % 12 + 1, 1), until=self.since - timedelta(days=1))
        days = self.until - self.since
        return replace(self, since=self.since - days - timedelta(days=1), until=self.since - timedelta(days=1))

    def year_before(self) -> "Asked":
        """The same days of the year before; a 29 February becomes the 28th."""
        return replace(self, since=_year_back(self.since), until=_year_back(self.until))


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def months_of(asked: Asked) -> list[Asked]:
    """The period month by month; the first and the last may be parts of one."""
    found, since = [], asked.since
    while since <= asked.until:
        after = (since.replace(day=1) + 32 * DAY).replace(day=1)
        found.append(replace(asked, since=since, until=min(asked.until, after - DAY)))
        since = after
    return found


def moment(day: date) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time(), LOCAL)


@dataclass(frozen=True)
class Figure:
    """One indicator worked out; `value` is None where there is nothing to divide by."""

    one: Indicator
    numerator: int | float | None
    denominator: int | None = None

    @property
    def value(self) -> float | None:
        """The number, or the rate in percent with one decimal."""
        if not self.one.is_rate:
            return self.numerator
        return round(100 * self.numerator / self.denominator, 1) if self.denominator else None  # type: ignore[operator]


def _of_organisation(asked: Asked, table: Any) -> ColumnElement[bool]:
    """Cases of the organisation asked for: registered in its subtree, or handed to it when it is a department."""
    chosen = asked.organisation
    if asked.own:
        return table.c.owner_town_id.is_(None)  # type: ignore[no-any-return]
    if chosen is None or chosen.level == Level.city:
        return true()
    if chosen.level == Level.township:
        return table.c.owner_town_id == chosen.id  # type: ignore[no-any-return]
    column = table.c.lead_organisation_id if chosen.level == Level.department else table.c.organisation_id
    return column == chosen.id  # type: ignore[no-any-return]


def case_terms(actor: Actor, asked: Asked) -> list[ColumnElement[bool]]:
    """Which cases count, apart from the period."""
    terms = [statistics_rule(actor, _case), _of_organisation(asked, _case)]
    if asked.category is not None:
        terms.append(_case.c.category_id == asked.category)
    if asked.channel is not None:
        terms.append(_case.c.channel == asked.channel)
    if asked.department is not None:
        terms.append(_case.c.lead_organisation_id == asked.department)
    return terms


def _home_terms(actor: Actor, asked: Asked, table: Any) -> list[ColumnElement[bool]]:
    """Rows of an organisation, not of a case: those of the subtree; a filter of cases leaves none of them."""
    path = actor.organisation_path if not actor.system else "/"
    paths = [path] + ([asked.organisation.path] if asked.organisation is not None else [])
    below = select(_organisation.c.id).where(*[_organisation.c.path.startswith(one, autoescape=True) for one in paths])
    return [table.c.organisation_id.in_(below)] if not asked.filtered else [false()]


def within(source: Source, asked: Asked) -> list[ColumnElement[bool]]:
    """The period, by the source's basis date."""
    if source.now:
        return []
    if isinstance(source.date, tuple):
        begins, ends = source.date
        return [begins <= asked.until, ends >= asked.until]
    if isinstance(source.date.type, Date):
        return [source.date.between(asked.since, asked.until)]
    return [source.date >= moment(asked.since), source.date < moment(asked.until + timedelta(days=1))]


def _of_no_case(asked_of: Sequence[Any]) -> bool:
    """Whether nothing is asked of the case on which a row hangs."""
    return not any(_case in find_tables(one, include_selects=True, check_columns=True) for one in asked_of)


def rows_of(source: Source, actor: Actor, asked: Asked, *columns: Any, part: Any = None) -> Select[Any]:
    """A select over the rows of a source (or a part of them) that count for the actor in the period."""
    statement = select(*columns)
    terms = case_terms(actor, asked) if source.of_case else []
    only = [one for one in (source.only, part) if one is not None]
    if source.of_case and source.table is not _case and _of_no_case([*columns, *only]):
        statement = statement.select_from(source.table)
        if not all(isinstance(term, True_) for term in terms):  # else all cases count, and none need be looked at
            statement = statement.where(source.table.c.case_id.in_(select(_case.c.id).where(*terms)))
    elif source.of_case and source.table is not _case:
        joined = source.table.join(_case, _case.c.id == source.table.c.case_id)
        statement = statement.select_from(joined).where(*terms)
    elif source.of_case:
        statement = statement.select_from(_case).where(*terms)
    else:
        statement = statement.select_from(source.table).where(*_home_terms(actor, asked, source.table))
    return statement.where(*only, *within(source, asked))


def _cut(source: Source, periods: Sequence[Asked]) -> list[tuple[Asked, tuple[int, ...]]]:
    """The periods in pieces, so that a day of two of them is counted once: each piece, and which periods have it."""
    everywhere = tuple(range(len(periods)))
    if source.now:
        return [(periods[0], everywhere)]
    if isinstance(source.date, tuple):  # asked of the last day of each: nothing that could be added up
        return [(periods[nth], (nth,)) for nth in everywhere]
    pieces = []
    for since, after in pairwise(sorted({day for one in periods for day in (one.since, one.until + DAY)})):
        having = tuple(nth for nth in everywhere if periods[nth].since <= since <= periods[nth].until)
        if having:
            pieces.append((replace(periods[0], since=since, until=after - DAY), having))
    return pieces


def _of_each(source: Source, actor: Actor, periods: Sequence[Asked], *columns: Any, by: Any = None) -> Iterator[Any]:
    """One select over all periods: its rows, and before each the place of the period to which it is to be added."""
    pieces = _cut(source, periods)
    selects = [rows_of(source, actor, piece, literal(nth).label("piece"), *columns)
               for nth, (piece, _having) in enumerate(pieces)]  # fmt: skip
    statement = union_all(*(one.group_by(by) if by is not None else one for one in selects))
    for row in db.session.connection().execute(statement, {"today": clock.today()}):
        for place in pieces[row.piece][1]:
            yield place, row


def _tenths() -> ColumnElement[int]:
    """Days from registration to closing in tenths, half a tenth upwards: whole numbers, on both engines the same."""

    def seconds(moment: Any) -> Any:
        if dialect() == "sqlite":
            return cast(func.strftime("%s", moment), BigInteger)
        return cast(func.floor(func.extract("epoch", moment)), BigInteger)

    half, day = literal_column("43200", BigInteger), literal_column("86400", BigInteger)
    taken = seconds(_case.c.closed_at) - seconds(_case.c.registered_at)
    return (taken * literal_column("10", BigInteger) + half) // day


def days_taken(actor: Actor, periods: Sequence[Asked]) -> list[Counter[int]]:
    """Of the matters closed in each period: tenths of a day from registration to closing, and how many took so long."""
    found: list[Counter[int]] = [Counter() for _one in periods]
    tenths = _tenths()
    for place, row in _of_each(CLOSED, actor, periods, tenths.label("tenths"), func.count().label("cases"), by=tenths):
        found[place][row.tenths] += row.cases
    return found


def nearest_rank(taken: Counter[int], percent: int) -> float | None:
    """The smallest number of days that so many percent of the matters do not exceed."""
    reached, whole = 0, taken.total()
    for tenths in sorted(taken):
        reached += taken[tenths]
        if reached * 100 >= whole * percent:
            return tenths / 10
    return None


def told(source: Source, part: int) -> int | None:
    """The number, or None where so few confidential rows would say too much."""
    return None if source.sealed and 0 < part < parameter.number("small_cell") else part


def figures_of(actor: Actor, periods: Sequence[Asked], codes: Iterable[str] | None = None) -> list[dict[str, Figure]]:
    """The indicators (all, or those of `codes`) of several periods of one question: one select for each source. What
    stands as of now is the same in all of them."""
    wanted = [BY_CODE[code] for code in codes] if codes is not None else list(INDICATORS)
    found: list[dict[str, Figure]] = [{} for _one in periods]
    for source in SOURCES:
        mine = [one for one in wanted if one.source is source and one.percent is None]
        columns: dict[Any, Any] = {}  # by what is counted: what two indicators share is counted once
        for what in (what for one in mine for what in numbers_of(one)):
            columns.setdefault(what, counted(*what).label(f"number_{len(columns)}"))
        sums: list[Counter[str]] = [Counter() for _one in periods]
        for place, row in _of_each(source, actor, periods, *columns.values(), by=source.walk) if mine else ():
            sums[place].update({name: int(number) for name, number in row._mapping.items()})
        for one in mine:
            for place, added in enumerate(sums):
                part, *whole = (added[columns[what].name] for what in numbers_of(one))
                found[place][one.code] = Figure(one, told(source, part), *whole)
    ranked = [one for one in wanted if one.percent is not None]
    for place, taken in enumerate(days_taken(actor, periods) if ranked else ()):
        found[place] |= {one.code: Figure(one, nearest_rank(taken, one.percent)) for one in ranked if one.percent}
    return [{one.code: each[one.code] for one in wanted} for each in found]


def figures(actor: Actor, asked: Asked, codes: Iterable[str] | None = None) -> dict[str, Figure]:
    """The indicators (all, or those of `codes`) of one period."""
    return figures_of(actor, [asked], codes)[0]


def beside(actor: Actor, asked: Asked, codes: Iterable[str] | None = None) -> list[dict[str, Figure]]:
    """The indicators of the period, of the one before and of the year before."""
    return figures_of(actor, [asked, asked.before(), asked.year_before()], codes)
