"""The tree of categories: leaves are what a case can be filed under; the flag follows the tree by itself."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.models.case import Case
from app.models.code_table import Category
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged

register_sentences({"uq_category_code": ("code", _l("Another category has this code."))})


def _children(category: Category, *where: Any) -> int:
    statement = select(func.count()).select_from(Category).where(Category.parent_id == category.id, *where)
    return db.session.scalar(statement) or 0


def cases_of(category: Category) -> int:
    """How many cases are filed under the category itself."""
    with system_scope("cases of a category, before deleting it"):
        count = select(func.count()).select_from(Case).where(Case.category_id == category.id)
        return db.session.scalar(count) or 0


def ancestors(category: Category | None) -> list[Category]:
    """The branch from the category up to the root."""
    found: list[Category] = []
    while category is not None and category not in found:
        found.append(category)
        category = category.parent
    return found


def _read(given: Mapping[str, Any], record: Category | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    values.pop("leaf", None)
    if values.get("code"):
        values["code"] = values["code"].strip().upper()
    parent = merged(values, record, "parent")
    active = bool(values.get("active", record.active if record is not None else True))
    if record is not None and parent is not None and record in ancestors(parent):
        problems.add("parent", _l("A category cannot stand below itself."))
    if active and parent is not None and not parent.active:
        problems.add(
            "parent", _l("%(name)s is retired; choose another or take it back into use first.", name=parent.name)
        )
    if record is not None and record.active and not active:
        below = _children(record, Category.active.is_(True))
        if below:
            problems.add(
                "active",
                _l(
                    "%(count)d categories below %(name)s are in use. Please retire them first.",
                    count=below,
                    name=record.name,
                ),
            )
    if values.get("sort", 0) is None:
        values["sort"] = 0
    problems.stop()
    return values


def _keep_leaf(category: Category | None) -> None:
    """A category without children is a leaf, one with children is a branch."""
    if category is None:
        return
    leaf = _children(category) == 0
    if category.leaf != leaf:
        category.leaf = leaf


def _next_sort(parent: Category | None) -> int:
    """The place after the last of its siblings; the list runs through the tree by this number."""
    siblings = Category.parent_id == parent.id if parent is not None else Category.parent_id.is_(None)
    last = db.session.scalar(select(func.max(Category.sort)).where(siblings))
    if last is None:
        last = parent.sort if parent is not None else 0
    return last + 1 if parent is not None else (last // 100 + 1) * 100


@unit_of_work
def add_category(actor: Actor, given: Mapping[str, Any]) -> Category:
    """Add a category; the one above it becomes a branch, and cases filed under that one stay as they are."""
    values = _read(given, None)
    values["sort"] = values.get("sort") or _next_sort(values.get("parent"))
    return save_record(actor, Category(leaf=True), values, after=lambda row: _keep_leaf(row.parent))


@unit_of_work
def change_category(actor: Actor, record: Category, given: Mapping[str, Any]) -> Category:
    """Rename, move, reorder, retire. A retired category keeps its cases and takes no new ones."""
    old = record.parent

    def after(row: Category) -> None:
        for touched in (old, row.parent, row):
            _keep_leaf(touched)

    return save_record(actor, record, _read(given, record), after=after)


@unit_of_work
def delete_category(actor: Actor, record: Category) -> None:
    """Remove a category that no case was ever filed under."""
    below = _children(record)
    if below:
        raise Conflict(
            _l(
                "There are %(count)d categories below %(name)s. Please delete or move them first.",
                count=below,
                name=record.name,
            )
        )
    cases = cases_of(record)
    if cases:
        raise Conflict(
            _l("%(count)d cases are filed under %(name)s. Please retire it instead.", count=cases, name=record.name)
        )
    parent = record.parent
    delete_record(actor, record, after=lambda _row: _keep_leaf(parent))
