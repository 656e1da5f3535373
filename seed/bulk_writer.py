"""Rows straight into a table: executemany on SQLite, COPY on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text


def write_rows(connection: Connection, table: str, columns: Sequence[str], lines: list[tuple[Any, ...]]) -> None:
    """Write these lines; the values are as the engine keeps them."""
    if not lines:
        return
    quoted = connection.dialect.identifier_preparer.quote
    named = f"{quoted(table)} ({', '.join(map(quoted, columns))})"
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {named} VALUES ({marks})", lines)  # noqa: S608 - our own names
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
