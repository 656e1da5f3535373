"""Places and categories for the registration desk: found by code, number or name, and searched while typing."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import aliased

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.memo import remembered
from app.models.code_table import Category
from app.models.organisation import Level, Organisation
from app.services.queries.choices import FOUND, parse_key

PLACES = (Level.village, Level.township)


def town_of(place: Organisation) -> int | None:
    """The id of the town a place is, or lies in."""
    return place.id if place.level == Level.township else place.parent_id


def _pick(rows: list[Any], text: str) -> Any:
    """The row with that code, or else that number, or else the only one of that name."""
    for row in rows:
        if row.code == text:
            return row
    for row in rows:
        if str(row.id) == text:
            return row
    return rows[0] if len(rows) == 1 else None


@remembered
def find_place(actor: Actor, text: str, town: str = "") -> Organisation | None:
    """A town or village within the row scope, by code, number, or (if only one bears it) name; `town` settles a tie."""
    if not text:
        return None
    model = Organisation
    name = and_(model.name == text, _under(actor, town)) if town else model.name == text
    either = or_(model.code == text, model.id == (parse_key(text) or -1), name)
    rows = db.session.scalars(select(model).where(either, model.level.in_(PLACES)).limit(20)).all()
    found: Organisation | None = _pick(list(rows), text)
    return found


@remembered
def _under(actor: Actor, town: str) -> ColumnElement[bool]:
    found = find_place(actor, town)
    return Organisation.parent_id == (found.id if found else -1)


@remembered
def find_organisation(actor: Actor, text: str) -> Organisation | None:
    """Any organisation of the tree by code, number or name: names of public bodies are public."""
    model = Organisation
    either = or_(model.code == text, model.id == (parse_key(text) or -1), model.name == text, model.short_name == text)
    with system_scope("organisation complained of"):
        rows = db.session.scalars(select(model).where(either).limit(20)).all()
    found: Organisation | None = _pick(list(rows), text)
    return found


@remembered
def find_category(text: str) -> Category | None:
    """A category by code, number or name."""
    either = or_(Category.code == text, Category.id == (parse_key(text) or -1), Category.name == text)
    rows = db.session.scalars(select(Category).where(either).limit(20)).all()
    found: Category | None = _pick(list(rows), text)
    return found


def towns() -> list[tuple[int, str]]:
    """The towns within the row scope, in their order."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.level == Level.township, Organisation.active.is_(True))
        .order_by(Organisation.sort, Organisation.id)
    )
    return [(row.id, row.name) for row in rows]


def _matching(statement: Select[Any], model: Any, text: str, limit: int) -> Select[Any]:
    """Names that begin with the text before names that merely contain it."""
    words = text.replace("\x00", "").split()[:4]
    for word in words:
        statement = statement.where(or_(model.name.contains(word, autoescape=True), model.code == word))
    if words:
        statement = statement.order_by(case((model.name.startswith(words[0], autoescape=True), 0), else_=1))
    return statement.order_by(model.sort, model.id).limit(limit)


def search_places(text: str, town_id: int | None, limit: int = FOUND) -> list[dict[str, str]]:
    """Villages of the town, or villages and towns of the whole scope, as choices."""
    town = aliased(Organisation)
    statement = (
        select(Organisation.id, Organisation.name, town.name.label("town"), Organisation.level)
        .outerjoin(town, Organisation.parent_id == town.id)
        .where(Organisation.active.is_(True))
    )
    if town_id is not None:
        statement = statement.where(Organisation.parent_id == town_id, Organisation.level == Level.village)
    else:
        statement = statement.where(Organisation.level.in_(PLACES))
    with_town = town_id is None
    return [
        {
            "id": str(row.id),
            "text": f"{row.town} · {row.name}" if with_town and row.town and row.level == Level.village else row.name,
        }
        for row in db.session.execute(_matching(statement, Organisation, text, limit))
    ]


def search_organisations(text: str, limit: int = FOUND) -> list[dict[str, str]]:
    """Organisations that can be complained of: all of the tree, by name or short name."""
    model = Organisation
    statement = select(model.id, model.name).where(model.active.is_(True))
    for word in text.replace("\x00", "").split()[:4]:
        statement = statement.where(
            or_(model.name.contains(word, autoescape=True), model.short_name.contains(word, autoescape=True))
        )
    statement = statement.order_by(case((model.level == Level.department, 0), else_=1), model.sort, model.id)
    with system_scope("organisations that can be complained of"):
        return [{"id": str(row.id), "text": row.name} for row in db.session.execute(statement.limit(limit))]


def search_categories(text: str, limit: int = FOUND) -> list[dict[str, str]]:
    """Categories a case can be filed under, with the group they belong to."""
    group = aliased(Category)
    statement = (
        select(Category.id, Category.name, group.name.label("parent"))
        .outerjoin(group, Category.parent_id == group.id)
        .where(Category.leaf.is_(True), Category.active.is_(True))
    )
    for word in text.replace("\x00", "").split()[:4]:
        statement = statement.where(
            or_(
                Category.name.contains(word, autoescape=True),
                group.name.contains(word, autoescape=True),
                Category.code.startswith(word.upper(), autoescape=True),
            )
        )
    rows = db.session.execute(statement.order_by(Category.sort, Category.id).limit(limit))
    return [{"id": str(row.id), "text": f"{row.parent} · {row.name}" if row.parent else row.name} for row in rows]


def category_label(category_id: int) -> str:
    """How a category is called in the drop-down."""
    group = aliased(Category)
    row = db.session.execute(
        select(Category.name, group.name.label("parent"))
        .outerjoin(group, Category.parent_id == group.id)
        .where(Category.id == category_id)
    ).one_or_none()
    return (f"{row.parent} · {row.name}" if row.parent else row.name) if row else ""
