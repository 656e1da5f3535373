"""Rows of a past year, table by table: keys given here, every column filled, written at once with their trail."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select

from app.access import chain
from app.core.db import Base, UtcDateTime
from app.core.upsert import insert_into
from app.models.audit import AuditKind
from app.models.code_table import NumberSequence
from app.services.numbering import DIGITS
from seed.bulk_writer import set_sequences
from seed.year_cast import Who

Row = dict[str, Any]
Course = list[Row]
_sequence = NumberSequence.__table__
BATCH = 5000


class Blank(NamedTuple):
    """What a table holds where nothing is said: values, columns that take the moment of the row, and makers."""

    values: Row
    moments: tuple[str, ...]
    made: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _blank(table: Table) -> Blank:
    values: Row = {}
    moments, made = [], []
    for column in table.columns:
        default: Any = column.default
        values[column.key] = default.arg if default is not None and default.is_scalar else None
        if default is not None and default.is_callable and isinstance(column.type, UtcDateTime):
            moments.append(column.key)
        elif default is not None and default.is_callable:
            made.append((column.key, default.arg))
    return Blank(values, tuple(moments), tuple(made))


def secret(*said: object) -> str:
    """A hash nobody can guess from outside and that is the same on every run; for what only has to be unlike others."""
    return hashlib.sha256("\x1f".join(map(str, said)).encode()).hexdigest()


class Ledger:
    """The rows of the year until they are written."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rows: dict[Table, list[Row]] = {}
        self.trail: list[Row] = []
        self.numbers: Counter[tuple[str, int]] = Counter()
        self._last: dict[Table, int] = {}

    def _next(self, table: Table) -> int:
        if table not in self._last:
            self._last[table] = self.connection.scalar(select(func.max(table.c.id))) or 0
        self._last[table] += 1
        return self._last[table]

    def enter(self, model: Any, at: datetime, by: Who | None = None, /, **said: Any) -> Row:
        """A new row with its key, as of that moment and by that person; it may be changed until it is written."""
        table: Table = model.__table__
        blank = _blank(table)
        row = dict(blank.values)
        row.update(dict.fromkeys(blank.moments, at))
        for name, make in blank.made:
            row[name] = make(None)
        row.update(said)
        if unknown := said.keys() - blank.values.keys():
            raise LookupError(f"{table.name} has no {sorted(unknown)}")
        row["id"] = self._next(table)
        if by is not None and "created_by_id" in row:
            row["created_by_id"] = row["changed_by_id"] = by.id
        self.rows.setdefault(table, []).append(row)
        return row

    def link(self, table: Table, **said: Any) -> None:
        """A row of a table that only ties two others together."""
        self.rows.setdefault(table, []).append(said)

    def number(self, prefix: str, year: int) -> str:
        """The next number of a sequence."""
        self.numbers[prefix, year] += 1
        return f"{prefix}-{year}-{self.numbers[prefix, year]:0{DIGITS}d}"

    def note(self, at: datetime, by: Who | None, code: str, subject: Mapping[str, Any], **changes: Any) -> None:
        """What the trail keeps of a step, as the course tells it when it is carried out."""
        self.trail.append(
            {
                "at": at,
                "kind": AuditKind.change,
                "code": code,
                "actor_id": by.id if by is not None else None,
                "actor_name": by.name if by is not None else "system",
                "organisation": by.organisation if by is not None else None,
                "subject_type": subject["type"],
                "subject_id": subject["id"],
                "subject": subject["number"],
                "reason": None,
                "changes": changes or None,
                "address": None,
            }
        )

    def write(self) -> None:
        """Everything into the tables, those first to which others refer."""
        for table in Base.metadata.sorted_tables:
            rows = self.rows.pop(table, [])
            for start in range(0, len(rows), BATCH):
                self.connection.execute(insert(table), rows[start : start + BATCH])

    def finish(self) -> None:
        """Sequences and keys go on where the rows end; the trail, last of all, for it locks its head."""
        for (prefix, year), last in self.numbers.items():
            statement = insert_into(_sequence).values(prefix=prefix, year=year, last=last)
            index = ["prefix", "year"]
            kept = statement.on_conflict_do_update(index_elements=index, set_={"last": last})
            self.connection.execute(kept)
        set_sequences(self.connection, {table.name: last for table, last in self._last.items()})
        chain.append(self.connection, sorted(self.trail, key=lambda row: row["at"]))
