"""Many rows into a table at once: the way of each column into the engine is looked up once, not for each row."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Table, insert


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, as `connection.execute(insert(table), rows)` would."""
    if not rows:
        return
    if connection.dialect.name != "sqlite":  # there the driver sends them in batches already
        connection.execute(insert(table), list(rows))
        return
    names = list(rows[0])
    missing = [one for one in table.c if one.name not in names and one.default is not None and not one.primary_key]
    defaults = {one.name: _plain_default(one) for one in missing}
    columns = [*names, *defaults]
    ways = [_way(table.c[name].type, connection.dialect) for name in columns]
    fixed = tuple(defaults.values())
    lines = [
        tuple(
            value if way is None else way(value)
            for way, value in zip(ways, (*map(row.__getitem__, names), *fixed), strict=True)
        )
        for row in rows
    ]
    quoted = connection.dialect.identifier_preparer.quote
    said = f"{quoted(table.name)} ({', '.join(map(quoted, columns))}) VALUES ({', '.join('?' * len(columns))})"
    connection.exec_driver_sql(f"INSERT INTO {said}", lines)


def _plain_default(column: Any) -> Any:
    """The default that the program gives a column; it must be a plain value here."""
    if not column.default.is_scalar:
        raise TypeError(f"{column}: its default is reckoned row by row; name its value")
    return column.default.arg


def _way(kind: Any, dialect: Any) -> Any:
    """How a value is turned into what the engine keeps; days, moments and codes come again and are turned once."""
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    if turn is None:
        return None
    known: dict[Any, Any] = {}

    def way(value: Any) -> Any:
        if not isinstance(value, date | Enum):  # a secret is sealed anew each time
            return turn(value)
        if value not in known:
            known[value] = turn(value)
        return known[value]

    return way
