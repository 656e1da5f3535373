"""The figures: one select for each source of the indicators, under the rows of whoever asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, false, func, select, true
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
from app.models.referral import Referral, ReferralKind
from app.services import parameter
from app.services.queries.indicators import BY_CODE, INDICATORS, SOURCES, Indicator, Source, counted

_case, _organisation, _referral = Case.__table__, Organisation.__table__, Referral.__table__
DIMENSIONS = ("month", "centre", "town", "category", "channel", "department")


@dataclass(frozen=True)
class Asked:
    """What is asked for: days from and until, both included; an organisation with what is below it; filters."""

    since: date
    until: date
    organisation: Organisation | None = None
    category: int | None = None
    channel: str | None = None
    department: int | None = None

    @property
    def filtered(self) -> bool:
        """Whether more than period and organisation narrows it."""
        return any(one is not None for one in (self.category, self.channel, self.department))

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
        given = select(_referral.c.case_id).where(
            _referral.c.organisation_id == asked.department, _referral.c.kind == ReferralKind.lead
        )
        terms.append(_case.c.id.in_(given))
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


def _stands_alone(source: Source, terms: Sequence[ColumnElement[bool]], columns: Sequence[Any]) -> bool:
    """Whether the cases of the rows need not be looked at: all of them count, and nothing is asked of them."""
    if not all(isinstance(term, True_) for term in terms):
        return False
    asked_of = [*columns, *([source.only] if source.only is not None else [])]
    return not any(_case in find_tables(one, include_selects=True, check_columns=True) for one in asked_of)


def rows_of(source: Source, actor: Actor, asked: Asked, *columns: Any) -> Select[Any]:
    """A select over the rows of a source that count for the actor in the period."""
    statement = select(*columns)
    terms = case_terms(actor, asked) if source.of_case else []
    if source.of_case and source.table is not _case and _stands_alone(source, terms, columns):
        statement = statement.select_from(source.table)
    elif source.of_case and source.table is not _case:
        joined = source.table.join(_case, _case.c.id == source.table.c.case_id)
        statement = statement.select_from(joined).where(*terms)
    elif source.of_case:
        statement = statement.select_from(_case).where(*terms)
    else:
        statement = statement.select_from(source.table).where(*_home_terms(actor, asked, source.table))
    only = [source.only] if source.only is not None else []
    return statement.where(*only, *within(source, asked))


def duration() -> ColumnElement[Any]:
    """Days from registration to closing."""
    if dialect() == "sqlite":
        return func.julianday(_case.c.closed_at) - func.julianday(_case.c.registered_at)
    return func.extract("epoch", _case.c.closed_at - _case.c.registered_at) / 86400


def _percentiles(source: Source, actor: Actor, asked: Asked, of: Sequence[Indicator]) -> dict[str, float | None]:
    """By nearest rank: the smallest value that so many percent of the rows do not exceed."""
    taken = duration().label("taken")
    ranked = rows_of(source, actor, asked, taken, func.row_number().over(order_by=duration()).label("rank"),
                     func.count().over().label("all")).subquery()  # fmt: skip
    least = [
        func.min(case((ranked.c.rank * 100 >= ranked.c.all * one.percent, ranked.c.taken))).label(one.code)
        for one in of
    ]
    row = db.session.connection().execute(select(*least), {"today": clock.today()}).one()._mapping
    return {one.code: None if row[one.code] is None else round(float(row[one.code]), 1) for one in of}


def told(source: Source, part: int) -> int | None:
    """The number, or None where so few confidential rows would say too much."""
    return None if source.sealed and 0 < part < parameter.number("small_cell") else part


def figures(actor: Actor, asked: Asked, codes: Iterable[str] | None = None) -> dict[str, Figure]:
    """The indicators (all, or those of `codes`) for a period: one select for each source."""
    wanted = [BY_CODE[code] for code in codes] if codes is not None else list(INDICATORS)
    found: dict[str, Figure] = {}
    for source in SOURCES:
        mine = [one for one in wanted if one.source is source and one.percent is None]
        if mine:
            columns = [column for one in mine for column in counted(one)]
            statement = rows_of(source, actor, asked, *columns)
            row = db.session.connection().execute(statement, {"today": clock.today()}).one()._mapping
            for one in mine:
                whole = row.get(f"{one.code}_whole")
                part = told(source, int(row[f"{one.code}_part"]))
                found[one.code] = Figure(one, part, None if whole is None else int(whole))
        ranked = [one for one in wanted if one.source is source and one.percent is not None]
        if ranked:
            values = _percentiles(source, actor, asked, ranked)
            found |= {one.code: Figure(one, values[one.code]) for one in ranked}
    return {one.code: found[one.code] for one in wanted}


def beside(actor: Actor, asked: Asked) -> tuple[dict[str, Figure], dict[str, Figure], dict[str, Figure]]:
    """The indicators of the period, of the one before and of the year before; what stands as of now has no before."""
    lasting = [one.code for one in INDICATORS if not one.source.now]
    return (
        figures(actor, asked),
        figures(actor, asked.before(), lasting),
        figures(actor, asked.year_before(), lasting),
    )
