"""Saving and deleting any register's rows, and the sentences for what the database refuses."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.access.actor import Actor
from app.core.columns import spec_of, version_of
from app.core.db import Base, db, unit_of_work
from app.core.errors import Conflict, Invalid, PortalError
from app.core.text import listed

Hook = Callable[[Any], None]

# Constraint name -> (field it is about or None, what to tell the person). Rooms register theirs beside their verbs.
CONSTRAINT_SENTENCES: dict[str, tuple[str | None, Any]] = {}

IN_USE = _l("Other records still refer to this one. Please remove or change them first.")
BROKEN = _l("These entries contradict each other or a rule of the register. Please check them.")
EMPTY = _l("This field is required.")
DANGLING = _l("A record chosen here no longer exists. Please choose again.")


def register_sentences(sentences: Mapping[str, tuple[str | None, Any]]) -> None:
    """Add the sentences of a room for the constraints of its tables."""
    CONSTRAINT_SENTENCES.update(sentences)


def _unique_name(table: Table, columns: set[str]) -> str | None:
    rules: list[Any] = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    rules += [index for index in table.indexes if index.unique]
    found = (r for r in rules if {getattr(c, "name", "") for c in r.columns} == columns)
    return next((str(r.name) for r in found if r.name), None)


def _what_broke(error: IntegrityError) -> tuple[str, str | None, tuple[str, list[str]] | None]:
    """Kind of fault (unique, check, null, foreign), constraint name, and table with columns if they are known."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None and getattr(error.orig, "sqlstate", None):
        kind = {"23505": "unique", "23514": "check", "23502": "null", "23503": "foreign", "23P01": "unique"}
        where = (diag.table_name, [diag.column_name]) if diag.column_name else None
        return kind.get(error.orig.sqlstate, "check"), diag.constraint_name, where  # type: ignore[union-attr]
    text = str(error.orig)
    if text.startswith("UNIQUE constraint failed: index "):
        return "unique", text.split("'")[1], None
    if found := re.match(r"(UNIQUE|NOT NULL) constraint failed: (.+)", text):
        pairs = [part.strip().split(".") for part in found[2].split(",")]
        return "unique" if found[1] == "UNIQUE" else "null", None, (pairs[0][0], [pair[-1] for pair in pairs])
    if found := re.match(r"CHECK constraint failed: (\S+)", text):
        return "check", found[1], None
    return "foreign", None, None


def _model_of(table: str) -> type | None:
    mappers = (m for m in Base.registry.mappers if m.local_table.name == table)
    return next((m.class_ for m in mappers), None)


def _columns_of(name: str) -> tuple[str, list[str]] | None:
    for table in Base.metadata.tables.values():
        for rule in (*table.constraints, *table.indexes):
            if rule.name == name and isinstance(rule, UniqueConstraint | Index):
                return table.name, [c.name for c in rule.columns]
    return None


def explain(error: IntegrityError) -> PortalError:
    """The refusal of a constraint as a sentence, at its field where there is one."""
    kind, name, where = _what_broke(error)
    if name is None and kind == "unique" and where:
        name = _unique_name(Base.metadata.tables[where[0]], set(where[1]))
    if name in CONSTRAINT_SENTENCES:
        field, sentence = CONSTRAINT_SENTENCES[name]
        return Invalid(errors={field: [sentence]}) if field else Invalid(sentence)
    where = where or (_columns_of(name) if name and kind == "unique" else None)
    model = _model_of(where[0]) if where else None
    if kind == "unique" and where and model:
        labels = listed(str(spec_of(model, column).label) for column in where[1])
        sentence = _l("Exists already: %(what)s.", what=labels)
        return Invalid(errors={where[1][0]: [sentence]}) if len(where[1]) == 1 else Invalid(sentence)
    if kind == "null" and where:
        return Invalid(errors={where[1][0]: [EMPTY]})
    if kind == "foreign":
        return Conflict(DANGLING)
    return Invalid(BROKEN)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Inside the block a refusal of the database leaves as a PortalError with a sentence."""
    try:
        yield
    except IntegrityError as error:
        raise explain(error) from error
    except StaleDataError as error:
        raise Conflict() from error
    except DataError as error:
        raise Invalid(BROKEN) from error


def _assign(record: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)


# While a table is brought in: the records its verbs would have kept one by one, each with what is to follow.
_gathered: ContextVar[list[tuple[Any, Hook | None]] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[list[tuple[Any, Hook | None]]]:
    """Inside the block the verbs of the registers check as ever, and what they would keep is gathered instead."""
    found: list[tuple[Any, Hook | None]] = []
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


@unit_of_work
def save_record(
    actor: Actor, record: Any, values: Mapping[str, Any], before: Hook | None = None, after: Hook | None = None
) -> Any:
    """Fill a new or present record in and keep it; `before` and `after` belong to the same transaction."""
    with in_plain_words():
        with db.session.no_autoflush:
            _assign(record, values)
            if before:
                before(record)
        gathered = _gathered.get()
        if gathered is not None:
            gathered.append((record, after))
            return record
        db.session.add(record)
        db.session.flush()
        if after:
            after(record)
            db.session.flush()
    return record


@unit_of_work
def delete_record(actor: Actor, record: Any, before: Hook | None = None, after: Hook | None = None) -> None:
    """Remove a record that nothing refers to."""
    with in_plain_words():
        if before:
            before(record)
        db.session.delete(record)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Conflict(IN_USE) from error
        if after:
            after(record)
            db.session.flush()


def version_text(record: Any) -> str:
    """The version of a row as a form carries it; empty for rows without one."""
    name = version_of(type(record))
    return str(getattr(record, name)) if name else ""
