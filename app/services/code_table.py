"""Code tables: lists that administrators extend; those the program relies on keep their codes."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.models.code_table import CodeItem, CodeTable
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
BAD_CODE = _l("A code has 1 to 32 letters, digits, hyphens and underscores.")
LOCKED_TABLE = _l("The program uses the codes of this table. It cannot be deleted.")
LOCKED_ITEM = _l("The program uses this code. It can be renamed, but not removed, retired or given another code.")

register_sentences(
    {
        "uq_code_table_code": ("code", _l("Another code table has this code.")),
        "uq_code_item_table_code": ("code", _l("This table has that code already.")),
    }
)


def _read_code(values: dict[str, Any], problems: Problems) -> None:
    if values.get("code"):
        values["code"] = values["code"].strip()
        if not CODE.fullmatch(values["code"]):
            problems.add("code", BAD_CODE)
    if "sort" in values:
        values["sort"] = values["sort"] or 0


@unit_of_work
def add_table(actor: Actor, given: Mapping[str, Any]) -> CodeTable:
    """Begin a new table."""
    values, problems = dict(given), Problems()
    _read_code(values, problems)
    problems.stop()
    return save_record(actor, CodeTable(), values)


@unit_of_work
def change_table(actor: Actor, table: CodeTable, given: Mapping[str, Any]) -> CodeTable:
    """Rename a table; its code stays, because forms find it by that."""
    return save_record(actor, table, {name: value for name, value in given.items() if name not in ("code", "locked")})


@unit_of_work
def delete_table(actor: Actor, table: CodeTable) -> None:
    """Remove a table that is empty and that the program does not rely on."""
    if table.locked:
        raise Conflict(LOCKED_TABLE)
    if table.items:
        raise Conflict(
            _l(
                "%(name)s still holds %(count)d codes. Please delete them first.",
                name=table.name,
                count=len(table.items),
            )
        )
    delete_record(actor, table)


@unit_of_work
def add_item(actor: Actor, given: Mapping[str, Any]) -> CodeItem:
    """Add a code to a table."""
    values, problems = dict(given), Problems()
    _read_code(values, problems)
    problems.stop()
    if not values.get("sort"):
        last = select(func.max(CodeItem.sort)).where(CodeItem.table_id == values["table"].id)
        values["sort"] = (db.session.scalar(last) or 0) + 1
    return save_record(actor, CodeItem(), values)


@unit_of_work
def change_item(actor: Actor, item: CodeItem, given: Mapping[str, Any]) -> CodeItem:
    """Rename, reorder, retire or recode; codes the program relies on are only renamed and reordered."""
    values, problems = {name: value for name, value in given.items() if name != "table"}, Problems()
    _read_code(values, problems)
    if item.table.locked:
        if values.get("code", item.code) != item.code:
            problems.add("code", LOCKED_ITEM)
        if not values.get("active", True):
            problems.add("active", LOCKED_ITEM)
    problems.stop()
    return save_record(actor, item, values)


@unit_of_work
def delete_item(actor: Actor, item: CodeItem) -> None:
    """Remove a code that nothing uses."""
    if item.table.locked:
        raise Conflict(LOCKED_ITEM)
    delete_record(actor, item)
