"""Rows straight into a table: executemany on SQLite, COPY on PostgreSQL; and a trigger that rests meanwhile."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, text

TOGETHER = 50  # lines of one statement on SQLite: what a table checks is then made ready once, not for each line


def write_rows(
    connection: Connection, table: str, columns: Sequence[str], lines: Sequence[tuple[Any, ...]], size: int = TOGETHER
) -> None:
    """Write these lines, so many by a statement; the values are as the engine keeps them."""
    if not lines:
        return
    quoted = connection.dialect.identifier_preparer.quote
    named = f"{quoted(table)} ({', '.join(map(quoted, columns))})"
    if connection.dialect.name != "postgresql":
        marks, whole = f"({', '.join('?' * len(columns))})", len(lines) // size * size
        groups = [tuple(chain.from_iterable(lines[start : start + size])) for start in range(0, whole, size)]
        for count, values in ((size, groups), (1, lines[whole:])):
            if values:
                statement = f"INSERT INTO {named} VALUES {', '.join([marks] * count)}"  # noqa: S608 - our own names
                connection.exec_driver_sql(statement, values)
        return
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor, cursor.copy(f"COPY {named} FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)


def set_sequences(connection: Connection, last: Mapping[str, int]) -> None:
    """Let PostgreSQL go on counting where the rows end."""
    if connection.dialect.name != "postgresql":
        return
    for name, number in last.items():
        if number:
            statement = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)")
            connection.execute(statement, {"name": f'"{name}"', "number": number})


def rest_trigger(connection: Connection, table: str, name: str) -> Callable[[], Any]:
    """Switch a trigger off in this transaction; what comes back switches it on again."""
    quoted = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "postgresql":
        off, on = (f"ALTER TABLE {quoted(table)} {word} TRIGGER {quoted(name)}" for word in ("DISABLE", "ENABLE"))
    else:
        found = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        off, on = f"DROP TRIGGER {quoted(name)}", connection.execute(found, {"name": name}).scalar_one()
    connection.exec_driver_sql(off)
    return partial(connection.exec_driver_sql, on)


@contextmanager
def without_collector() -> Iterator[None]:
    """Inside the block no garbage is looked for: rows by the thousand refer to nothing that refers to them."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
