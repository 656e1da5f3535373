"""Child rows brought along in the select of their parent, as JSON: one statement instead of one for each table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, FromClause, Text, cast, func, literal_column, select
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.clock import LOCAL
from app.core.db import UtcDateTime


def _moment(raw: str) -> datetime:
    moment = datetime.fromisoformat(raw)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(LOCAL)


def _json(raw: Any) -> Any:
    return json.loads(raw) if isinstance(raw, str) else raw


def _reader(type_: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """What makes of a JSON value the value of a column; None where they are the same."""
    plain: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (UtcDateTime, _moment),
        (DateTime, datetime.fromisoformat),
        (Date, date.fromisoformat),
        (Boolean, bool),
        (JSON, _json),
    )
    for kind, read in plain:
        if isinstance(type_, kind):
            return read
    if isinstance(type_, TypeDecorator):
        decorated = type_
        return lambda raw: decorated.process_result_value(raw, None)  # type: ignore[arg-type]
    return None


@dataclass(frozen=True)
class Nested:
    """Rows of `source` where `owner` is the parent's key (or `among` holds): name → column, sorted by `order`."""

    source: FromClause
    owner: Any
    columns: Mapping[str, Any]
    order: tuple[str, ...] = ("id",)
    among: Callable[[Any], Any] | None = None

    def also(self, columns: Mapping[str, Any], source: FromClause | None = None) -> "Nested":
        """The same rows with more columns."""
        return replace(self, columns={**self.columns, **columns}, source=self.source if source is None else source)

    def column(self, key: Any, dialect: str) -> Any:
        """The scalar select that gives all rows as one JSON text; `key` is the parent's, or a parameter for it."""
        sqlite = dialect == "sqlite"
        pairs: list[Any] = []
        for name, column in self.columns.items():
            whole = func.json(column) if sqlite and isinstance(column.type, JSON) else column
            pairs += [literal_column(f"'{name}'"), whole]
        row = (func.json_object if sqlite else func.json_build_object)(*pairs)
        rows = func.json_group_array(row) if sqlite else cast(func.json_agg(row), Text)
        mine = self.owner == key if self.among is None else self.among(key)
        return select(rows).select_from(self.source).where(mine).scalar_subquery()

    @cached_property
    def readers(self) -> dict[str, Callable[[Any], Any]]:
        """What makes of a JSON value the value of a column, where they are not the same."""
        return {name: read for name, column in self.columns.items() if (read := _reader(column.type))}

    def read(self, raw: str | None) -> list[SimpleNamespace]:
        """The rows out of that text, in their order."""
        if raw is None or raw == "[]":
            return []
        rows = []
        for values in json.loads(raw):
            for name, read in self.readers.items():
                if values[name] is not None:
                    values[name] = read(values[name])
            rows.append(SimpleNamespace(**values))
        rows.sort(key=attrgetter(*self.order))
        return rows


def columns_of(table: Any, *names: str) -> dict[str, Any]:
    """Columns of a table by their names."""
    return {name: table.c[name] for name in names}
