"""Thousands of cases in one transaction, for load tests: straight into the tables, encrypted and found as any other."""

import gc
import marshal
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import click
from sqlalchemy import Connection, func, select

from app.access import audit
from app.access.actor import system_scope
from app.core.crypto import Keyring, keyring, use_keyring
from app.core.db import Base, db, unit_of_work
from app.core.errors import NotFound
from app.core.upsert import insert_into
from app.models.audit import AuditKind
from app.models.calendar import DeadlineRule
from app.models.code_table import Category, NumberSequence
from app.models.organisation import Level, Organisation
from app.services import case_tally
from app.services.working_calendar import calendar
from seed import bulk_bookings
from seed.bulk_course import Course
from seed.bulk_matters import FIRST, LAST, Matter, matters
from seed.bulk_rows import COLUMNS, Batch, Known, Place, Rows
from seed.bulk_writer import rest_trigger, set_sequences, without_collector, write_rows

BATCH = 500
LINES = 20_000  # of the search index, written at once
MB = 1024 * 1024
MANY = 4000  # cases from which, if not more are there, indexes are made anew and the tally is counted at the end
WORTH_TWO = 20_000  # cases from which a second process is worth its start
YEARS = range(FIRST.year, LAST.year)
_sequence = NumberSequence.__table__


NO_BASE = "There are no organisations here yet. Load the base data first: flask --app app seed base"


def _organisations() -> list[Any]:
    table = Organisation.__table__
    columns = (table.c.id, table.c.parent_id, table.c.level, table.c.name, table.c.number_prefix)
    return list(db.session.execute(select(*columns).where(table.c.active).order_by(table.c.sort, table.c.id)))


def places() -> tuple[list[Place], list[tuple[str, str]]]:
    """Every village, the first of each town before the second of any; and the names of town and village."""
    everything = _organisations()
    children: dict[tuple[int | None, str], list[Any]] = {}
    for row in everything:
        children.setdefault((row.parent_id, str(row.level)), []).append(row)
    if (None, Level.city.value) not in children:
        raise NotFound(NO_BASE)
    city = children[None, Level.city.value][0]
    towns = children.get((city.id, Level.township.value), [])
    city_desks = [row.id for row in children.get((city.id, Level.department.value), [])]
    villages = {town.id: children.get((town.id, Level.village.value), []) for town in towns}
    found, names = [], []
    for nth in range(max(map(len, villages.values()), default=0)):
        for town in towns:
            for village in villages[town.id][nth : nth + 1]:
                prefix = town.number_prefix or city.number_prefix
                own = [row.id for row in children.get((town.id, Level.department.value), [])]
                found.append(Place(village.id, town.id, {
                    "city": (city.id, None, city.number_prefix),
                    "town": (town.id, town.id, prefix),
                    "village": (village.id, town.id, prefix),
                }, own + city_desks))  # fmt: skip
                names.append((town.name, village.name))
    return found, names


def _known(where: list[Place], postgres: bool) -> Known:
    rule = DeadlineRule.__table__
    rules = db.session.execute(select(rule.c.code, rule.c.id, rule.c.length, rule.c.unit))
    leaves = select(Category.code, Category.id).where(Category.leaf)
    return Known(
        where,
        {row.code: row.id for row in db.session.execute(leaves)},
        {row.code: (row.id, row.length, str(row.unit)) for row in rules},
        calendar(),
        postgres,
    )


REFERRED = "ix_referral_case_id"  # by which the clocks of a case are written
EMPTY = {"actor_id", "created_by_id", "merged_into_id", "split_from_id"}  # in these rows: indexed one after the other


def _remade(index: Any) -> bool:
    """Whether an index is quicker made anew after the rows: not if they come in its order, or it is used meanwhile."""
    partial, first = index.dialect_options["sqlite"]["where"] is not None, index.columns[0].name
    return first == "closed_at" or (not partial and first not in EMPTY and index.name != REFERRED)


class _Writer:
    """Rows into the tables: many by a statement on SQLite, COPY on PostgreSQL; `many` cases for the `there` that are
    there."""

    def __init__(self, connection: Connection, rules: Any, many: bool) -> None:
        self.connection, self.postgres, self.many = connection, connection.dialect.name == "postgresql", many
        tables = (Base.metadata.tables[name] for name in (*COLUMNS, "deadline", "case_step"))
        self.indexes = [index for table in tables for index in table.indexes if many and _remade(index)]
        self.first = self.last = connection.scalar(select(func.max(Base.metadata.tables["case"].c.id))) or 0
        self.search: list[tuple[Any, ...]] = []
        self._tune(cache=64, automerge=0, hashsize=64 * MB)
        self.course = Course(connection, rules)
        for index in self.indexes:
            index.drop(connection)
        if many and self.postgres:
            connection.exec_driver_sql("DROP INDEX ix_case_search_tokens")
        self.wake = rest_trigger(connection, "case", case_tally.ADDED) if many else None

    def _tune(self, cache: int, **search: int) -> None:
        """Megabytes of pages that SQLite keeps, and settings of its search index."""
        if self.postgres:
            return
        self.connection.exec_driver_sql(f"PRAGMA cache_size=-{cache * 1024}")
        for setting in search.items():
            self.connection.exec_driver_sql("INSERT INTO case_search (case_search, rank) VALUES (?, ?)", setting)

    def write(self, batch: Batch) -> None:
        """Write a batch."""
        for name, lines in batch.tables.items():
            write_rows(self.connection, name, COLUMNS[name], lines)
        self.course.write(self.last + 1, batch.last["case"], batch.dues)
        self.last = batch.last["case"]
        self.search += batch.search
        if len(self.search) >= LINES:
            self._write_search()

    def _write_search(self) -> None:
        """Many lines in a row, for any other statement of many rows makes SQLite put down what the index collects."""
        columns = ("case_id" if self.postgres else "rowid", "tokens")
        write_rows(self.connection, "case_search", columns, self.search, size=1)
        self.search.clear()

    def finish(self, last: dict[str, int]) -> None:
        """Make the indexes and the tally, and let the engine go on counting where the rows end."""
        self._write_search()
        self.course.close()
        self._tune(cache=512)  # each index reads its table once more
        if self.wake is not None:
            case_tally.count_new(self.first)
            self.wake()
        for index in self.indexes:
            index.create(self.connection)
        if self.many and self.postgres:
            self.connection.exec_driver_sql("CREATE INDEX ix_case_search_tokens ON case_search USING gin (tokens)")
        if not self.postgres:
            self.connection.exec_driver_sql("INSERT INTO case_search (case_search) VALUES ('optimize')")
        self._tune(cache=16, automerge=4, hashsize=MB)
        set_sequences(self.connection, last)


def _sequences(prefixes: set[str], years: Iterable[int]) -> dict[tuple[str, int], int]:
    """The last numbers of these centres; the rows stay locked until the end."""
    found = {}
    for prefix in sorted(prefixes):
        for year in years:
            statement = (
                insert_into(_sequence)
                .values(prefix=prefix, year=year, last=0)
                .on_conflict_do_update(index_elements=["prefix", "year"], set_={"last": _sequence.c.last})
            )
            found[prefix, year] = db.session.connection().scalar(statement.returning(_sequence.c.last)) or 0
    return found


def _keep_sequences(sequences: dict[tuple[str, int], int]) -> None:
    for (prefix, year), last in sequences.items():
        own = (_sequence.c.prefix == prefix) & (_sequence.c.year == year)
        if last:
            db.session.connection().execute(_sequence.update().where(own).values(last=last))
        else:
            db.session.connection().execute(_sequence.delete().where(own))


class Task(NamedTuple):
    """All that making the rows needs, so that another process can do it; `source` gives the matters."""

    source: Callable[[], Iterable[Matter]]
    known: Known
    last: dict[str, int]
    sequences: dict[tuple[str, int], int]
    ring: Keyring


def task_of(source: Callable[[], Iterable[Matter]], where: list[Place], years: Iterable[int]) -> Task:
    """The task of making the rows of these matters on top of what is there; their sequences are locked."""
    connection = db.session.connection()
    known = _known(where, connection.dialect.name == "postgresql")
    sequences = _sequences({desk[2] for place in where for desk in place.desks.values()}, years)
    tables = Base.metadata.tables
    last = {name: connection.scalar(select(func.max(tables[name].c.id))) or 0 for name in COLUMNS}
    return Task(source, known, last, sequences, keyring())


def made(task: Task) -> Iterator[Batch]:
    """The rows of the task, batch by batch; a batch is gone when the next one is asked for."""
    rows, coming = Rows(task.known, task.last, task.sequences), iter(task.source())
    while some := list(islice(coming, BATCH)):
        yield rows.batch(some)


def _make(pipe: Any, other: Any) -> None:
    other.close()  # the writer's end: while we held it too, we would not hear that the writer is gone
    gc.disable()  # this process makes rows and ends
    task = pipe.recv()
    use_keyring(task.ring)
    with suppress(BrokenPipeError):
        for batch in made(task):
            pipe.send_bytes(marshal.dumps(tuple(batch)))  # plain values only: half the time of a pickle
    pipe.close()


def made_beside(task: Task) -> Iterator[Batch]:
    """The same by a second process: one makes the rows while the other writes them."""
    how: Any = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")  # a fork has it all imported
    near, far = how.Pipe()
    maker = how.Process(target=_make, args=(far, near), daemon=True)
    maker.start()
    far.close()
    try:
        near.send(task)
        while True:
            yield Batch(*marshal.loads(near.recv_bytes()))  # noqa: S302 - what our own child made
    except (EOFError, OSError):
        maker.join()
        if maker.exitcode:
            raise RuntimeError("the process that makes the rows has failed") from None
    finally:
        near.close()
        maker.terminate()


@unit_of_work
def write(source: Callable[[], Iterable[Matter]], total: int, where: list[Place], years: Iterable[int]) -> int:
    """All rows of these matters in one transaction, with one entry in the audit trail; returns how many cases."""
    with system_scope("bulk load"), without_collector():
        task = task_of(source, where, years)
        last, sequences, done = task.last, task.sequences, 0
        many = total >= max(MANY, last["case"])
        writer = _Writer(db.session.connection(), task.known.rules, many)
        with click.progressbar(length=total, label="cases", show_pos=True) as bar:
            for batch in made_beside(task) if total >= WORTH_TWO and (os.cpu_count() or 1) > 1 else made(task):
                writer.write(batch)
                last, sequences, done = batch.last, batch.sequences, done + batch.cases
                bar.update(batch.cases)
        _keep_sequences(sequences)
        writer.finish(last)
        audit.note(db.session, AuditKind.change, "case:bulk", reason="generated cases for load tests",
                   changes={"cases": [None, done]})  # fmt: skip
    return done


def bulk(cases: int, bookings: int = 0) -> int:
    """`seed bulk`: that many generated cases and bookings on top of what is there; how many cases."""
    with system_scope("bulk load"):
        where, names = places()
    if bookings:
        bulk_bookings.write(bookings)
    if not cases:
        return 0
    with system_scope("bulk load"):
        first = db.session.scalar(select(func.max(Base.metadata.tables["case"].c.id))) or 0
    return write(partial(matters, cases, names, first), cases, where, YEARS)
