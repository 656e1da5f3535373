"""The rows behind a figure, a page at a time; of a case the actor may not open no more than number, kind and town.

docs/decisions/0012 says why, and what is hidden.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.access.actor import Actor
from app.access.scope import criteria
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.code_table import Category
from app.models.organisation import Level, Organisation
from app.services.queries.indicators import Indicator
from app.services.queries.statistics import Asked, rows_of

SIZE = 50
_case, _category, _organisation = Case.__table__, Category.__table__, Organisation.__table__
_town = _organisation.alias("town")


@dataclass(frozen=True)
class Row:
    """One row behind a figure; `case` leads to the case when the actor may open it."""

    number: str
    title: str
    day: Any
    category: str
    centre: str
    state: Any
    case: int | None


def count(actor: Actor, asked: Asked, one: Indicator) -> int:
    """How many rows count."""
    statement = rows_of(one.source, actor, asked, func.count(), part=one.part)
    return int(db.session.connection().execute(statement, {"today": clock.today()}).scalar() or 0)


def page(actor: Actor, asked: Asked, one: Indicator, nth: int) -> list[Row]:
    """One page of them, the newest first, and one more row when there is a further page."""
    table = one.source.table
    day = one.source.date[0] if isinstance(one.source.date, tuple) else one.source.date
    if not one.source.of_case:
        statement = rows_of(one.source, actor, asked, table.c.id, day, _organisation.c.name, part=one.part)
        statement = statement.join_from(table, _organisation, _organisation.c.id == table.c.organisation_id)
        found = db.session.connection().execute(_cut(statement, day, table, nth), {"today": clock.today()})
        return [Row("", "", row[1], "", row[2], None, None) for row in found]
    reads = actor.system or actor.may("read", "Case")
    seen = criteria(Case, actor) if reads else _case.c.id.is_(None)
    said = (_case.c.id, _case.c.number, _case.c.title, day, _case.c.state)
    places = (_category.c.name.label("category"), _organisation.c.name.label("centre"), _centre().label("coarse"))
    statement = rows_of(one.source, actor, asked, *said, *places, seen.label("seen"), part=one.part)
    statement = statement.where(_category.c.id == _case.c.category_id, _organisation.c.id == _case.c.organisation_id)
    found = db.session.connection().execute(_cut(statement, day, table, nth), {"today": clock.today()})
    return [
        Row(row.number, row.title, row[3], row.category, row.centre, row.state, row.id)
        if row.seen
        else Row(row.number, "", None, row.category, row.coarse or "", row.state, None)
        for row in found
    ]


def _centre() -> Any:
    """The town whose centre has the case, or the city: a village would say too much of whom it is about."""
    city = select(func.min(_organisation.c.name)).where(_organisation.c.level == Level.city).scalar_subquery()
    name = select(_town.c.name).where(_town.c.id == _case.c.owner_town_id).scalar_subquery()
    return func.coalesce(name, city)


def _cut(statement: Any, day: Any, table: Any, nth: int) -> Any:
    return statement.order_by(day.desc(), table.c.id.desc()).limit(SIZE + 1).offset(nth * SIZE)
