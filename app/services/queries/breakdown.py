"""Cases registered and resolved by month, centre, category, channel or department; the tally answers where it can."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Date, Select, case, cast, func, select, text

from app.access.actor import Actor
from app.access.rules.cases import statistics_rule
from app.core.db import db
from app.core.upsert import dialect
from app.models.case import Case, Channel
from app.models.code_table import Category
from app.models.organisation import Level, Organisation
from app.models.statistics import CaseTally
from app.services.queries.indicators import REGISTERED, RESOLVED
from app.services.queries.statistics import OWN, Asked, rows_of

_case, _tally, _organisation = Case.__table__, CaseTally.__table__, Organisation.__table__
_SUMS = (func.count().label("cases"), func.coalesce(func.sum(case((RESOLVED, 1), else_=0)), 0).label("resolved"))


Shown = TypeVar("Shown", bound=Any)


class Cell(NamedTuple):
    """Cases of one month, centre's town, place and category."""

    month: date
    owner: int | None
    town: int | None
    category: int
    cases: int
    resolved: int


class Way(NamedTuple):
    """Cases of one channel and lead organisation."""

    channel: Channel
    lead: int | None
    cases: int
    resolved: int


@dataclass(frozen=True)
class Line:
    """One line of a breakdown; `hidden` when so few cases might tell of whom."""

    key: str
    label: str
    cases: int
    resolved: int
    hidden: bool = False

    @property
    def rate(self) -> float | None:
        """Resolved in percent."""
        return round(100 * self.resolved / self.cases, 1) if self.cases else None


def month_of(column: Any = _case.c.registered_at) -> ColumnElement[Any]:
    """The local month of the registration (or of another moment), as the triggers of the tally reckon it."""
    if dialect() == "sqlite":
        return func.strftime("%Y-%m-01", column, "+8 hours")
    local = column.op("AT TIME ZONE")(text("INTERVAL '+08:00'"))
    return cast(func.date_trunc("month", local), Date)


def _first(day: date) -> date:
    return day.replace(day=1)


def _next(day: date) -> date:
    return (_first(day) + timedelta(days=32)).replace(day=1)


def _tallied(actor: Actor, asked: Asked, since: date, until: date) -> Select[Any]:
    """Whole months from the tally."""
    chosen, terms = asked.organisation, [_tally.c.month >= since, _tally.c.month < until]
    if not actor.system and actor.level == Level.township:
        terms.append(_tally.c.owner_town_id == actor.organisation_id)
    if asked.own:
        terms.append(_tally.c.owner_town_id.is_(None))
    if chosen is not None and chosen.level == Level.township:
        terms.append(_tally.c.owner_town_id == chosen.id)
    if asked.category is not None:
        terms.append(_tally.c.category_id == asked.category)
    keys = (_tally.c.month, _tally.c.owner_town_id, _tally.c.town_id, _tally.c.category_id)
    return select(*keys, func.sum(_tally.c.cases), func.sum(_tally.c.resolved)).where(*terms).group_by(*keys)


def _tally_knows(actor: Actor, asked: Asked) -> bool:
    """Whether the tally has what is asked: for a city or a town, no channel, no department."""
    levels = (Level.city, Level.township)
    if asked.channel is not None or asked.department is not None:
        return False
    if asked.organisation is not None and asked.organisation.level not in levels:
        return False
    return actor.system or actor.level in levels


def _counted(actor: Actor, asked: Asked) -> Iterator[Cell]:
    """The same by counting the cases themselves."""
    keys = (month_of(), _case.c.owner_town_id, _case.c.town_id, _case.c.category_id)
    statement = rows_of(REGISTERED, actor, asked, *keys, *_SUMS).group_by(*keys)
    for month, *rest in db.session.connection().execute(statement):
        yield Cell(date.fromisoformat(month) if isinstance(month, str) else month, *rest)


def cube(actor: Actor, asked: Asked) -> list[Cell]:
    """Cases by month, centre, place and category: whole months from the tally, days at the edges by counting."""
    if not (actor.system or actor.may("read", "Statistics")):
        return []
    if not _tally_knows(actor, asked):
        return list(_counted(actor, asked))
    end = asked.until + timedelta(days=1)
    since, until = asked.since if asked.since.day == 1 else _next(asked.since), _first(end)
    if since >= until:
        return list(_counted(actor, asked))
    rows = db.session.connection().execute(_tallied(actor, asked, since, until))
    found = [Cell(*row) for row in rows if row[4]]
    for first, last in ((asked.since, since - timedelta(days=1)), (until, asked.until)):
        if first <= last:
            found += _counted(actor, replace(asked, since=first, until=last))
    if actor.system or actor.level == Level.city:
        return found
    return found + [
        one._replace(cases=-one.cases, resolved=-one.resolved) for one in _unseen(actor, asked, since, until)
    ]


def _unseen(actor: Actor, asked: Asked, since: date, until: date) -> Iterator[Cell]:
    """Accusations against the actor's own organisation: the tally counts them, the actor does not."""
    whole = replace(asked, since=since, until=until - timedelta(days=1))
    allowed = statistics_rule(actor, _case)
    keys = (month_of(), _case.c.owner_town_id, _case.c.town_id, _case.c.category_id)
    everybody = Actor(None, "", system=True)
    statement = rows_of(REGISTERED, everybody, whole, *keys, *_SUMS).where(
        _case.c.owner_town_id == actor.organisation_id, _case.c.kind == "accusation", ~allowed
    )
    for month, *rest in db.session.connection().execute(statement.group_by(*keys)):
        yield Cell(date.fromisoformat(month) if isinstance(month, str) else month, *rest)


def added(pairs: Iterable[tuple[Any, int, int]]) -> dict[Any, tuple[int, int]]:
    """The two numbers of each key added up; keys with nothing are left out."""
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for key, cases, resolved in pairs:
        sums[key][0] += cases
        sums[key][1] += resolved
    return {key: (cases, resolved) for key, (cases, resolved) in sums.items() if cases or resolved}


def _names(table: Any, column: str = "name") -> dict[int, str]:
    rows = db.session.connection().execute(select(table.c.id, table.c[column]))
    return {row[0]: row[1] for row in rows}


def ways(actor: Actor, asked: Asked) -> list[Way]:
    """Cases by channel and lead organisation, counted in one walk."""
    keys = (_case.c.channel, _case.c.lead_organisation_id)
    statement = rows_of(REGISTERED, actor, asked, *keys, *_SUMS).group_by(*keys)
    return [Way(*row) for row in db.session.connection().execute(statement)]


def by_month(cells: Sequence[Cell]) -> list[Line]:
    """In the order of the months."""
    sums = added((one.month, one.cases, one.resolved) for one in cells)
    return [Line(f"{month:%Y-%m}", f"{month:%Y-%m}", *sums[month]) for month in sorted(sums)]


def by_category(cells: Sequence[Cell]) -> list[Line]:
    """The most frequent first."""
    names, sums = _names(Category.__table__), added((one.category, one.cases, one.resolved) for one in cells)
    return [
        Line(str(key), names.get(key, ""), *sums[key]) for key in sorted(sums, key=lambda key: (-sums[key][0], key))
    ]


def by_centre(cells: Sequence[Cell], actor: Actor, city: str) -> list[Line]:
    """The city's centre, then every town in its order, also those without a case."""
    sums = added((one.owner or 0, one.cases, one.resolved) for one in cells)
    towns = db.session.connection().execute(
        select(_organisation.c.id, func.coalesce(_organisation.c.short_name, _organisation.c.name))
        .where(_organisation.c.level == Level.township, _organisation.c.active)
        .order_by(_organisation.c.position, _organisation.c.id)
    )
    lines = [Line(str(key), name, *sums.get(key, (0, 0))) for key, name in towns]
    if actor.level == Level.township:
        return [one for one in lines if one.key == str(actor.organisation_id)]
    return [Line(OWN, city, *sums.get(0, (0, 0))), *lines]


def by_channel(counted: Sequence[Way]) -> list[Line]:
    """In the order of the channels."""
    sums = added((one.channel, one.cases, one.resolved) for one in counted)
    return [Line(one.value, str(one.label), *sums[one]) for one in Channel if one in sums]


def by_department(counted: Sequence[Way]) -> list[Line]:
    """Lead organisations, the busiest first."""
    names = _names(_organisation)
    sums = added((one.lead, one.cases, one.resolved) for one in counted if one.lead is not None)
    return [
        Line(str(key), names.get(key, ""), *sums[key]) for key in sorted(sums, key=lambda key: (-sums[key][0], key))
    ]


def veiled(lines: Sequence[Shown], least: int) -> list[Shown]:
    """Hide the lines below `least`; and one more where the hidden one would follow from the total."""
    small = {one.key for one in lines if 0 < one.cases < least}
    if small:
        rest = sorted((one for one in lines if one.cases >= least), key=lambda one: one.cases)
        while rest and (len(small) < 2 or sum(one.cases for one in lines if one.key in small) < least):
            small.add(rest.pop(0).key)
    return [replace(one, hidden=True) if one.key in small else one for one in lines]
