"""The database: session, naming convention, column words, and the unit of work."""

import errno
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Annotated, Any, ParamSpec, TypeVar

from flask_appbuilder import Model
from flask_appbuilder.utils.legacy import get_sqla_class
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Engine, Integer, String, Text, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from app.core.clock import LOCAL
from app.core.errors import Full, Unavailable

Base = Model
Base.metadata.naming_convention = {  # type: ignore[assignment]
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
db = get_sqla_class()()

P = ParamSpec("P")
R = TypeVar("R")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment: kept in UTC, given back in local time; a naive value is a mistake."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(LOCAL)


# Column words: the few kinds of column every table is made of.
BigId = BigInteger().with_variant(Integer, "sqlite")
intpk = Annotated[int, mapped_column(BigId, primary_key=True)]
ref = Annotated[int, mapped_column(BigId)]
code_text = Annotated[str, mapped_column(String(32))]
short_text = Annotated[str, mapped_column(String(64))]
title_text = Annotated[str, mapped_column(String(200))]
long_text = Annotated[str, mapped_column(Text)]
hash_text = Annotated[str, mapped_column(String(64))]
flag = Annotated[bool, mapped_column(Boolean)]
moment = Annotated[datetime, mapped_column(UtcDateTime)]
day = Annotated[date, mapped_column(Date)]
count = Annotated[int, mapped_column(Integer)]

_writing: ContextVar[bool] = ContextVar("writing", default=True)
_depth: ContextVar[int] = ContextVar("unit_of_work_depth", default=0)


def set_writing(value: bool) -> None:
    """Say whether transactions begun from here on will write (SQLite takes its write lock at once)."""
    _writing.set(value)


@contextmanager
def writing(value: bool = True) -> Iterator[None]:
    """Inside the block, transactions begun will write (or will not), whatever holds outside."""
    token = _writing.set(value)
    try:
        yield
    finally:
        _writing.reset(token)


def configure_sqlite(engine: Engine) -> None:
    """Foreign keys, durable rollback journal, erased deletes, and one write lock taken at BEGIN (decision 3)."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=DELETE",
            "synchronous=FULL",
            "secure_delete=ON",
            "busy_timeout=5000",
            "temp_store=MEMORY",
            "cache_size=-16384",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def is_contention(error: OperationalError) -> bool:
    """Whether the database was only busy (lock, deadlock, lost connection): trying again may succeed."""
    state = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated or state in ("40P01", "40001", "55P03") or "database is locked" in str(error.orig)
    )


def is_full(error: BaseException | None) -> bool:
    """Whether there was no room left: on the disk of the database, or of the files."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(error, "sqlstate", None) == "53100"


@contextmanager
def work() -> Iterator[Any]:
    """One business transaction: commits when the outermost block ends, rolls back on any error."""
    token = _depth.set(_depth.get() + 1)
    outermost = _depth.get() == 1
    try:
        yield db.session
        if outermost:
            db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if is_contention(error):
            raise Unavailable() from error
        if is_full(error.orig):
            raise Full() from error
        raise
    except BaseException:
        if outermost:
            db.session.rollback()
        raise
    finally:
        _depth.reset(token)


def unit_of_work(verb: Callable[P, R]) -> Callable[P, R]:
    """The decorator of every public service verb: one verb, one function, one commit; nests into an outer verb."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with work():
            return verb(*args, **kwargs)

    return run
