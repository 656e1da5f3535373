"""INSERT … ON CONFLICT in the words of the engine at hand; both engines speak it alike."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.core.db import db


def insert_into(table: Any) -> Any:
    """An INSERT into `table` that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return sqlite.insert(table) if dialect() == "sqlite" else postgresql.insert(table)


def dialect() -> str:
    """ "sqlite" or "postgresql"."""
    return str(db.session.get_bind().dialect.name)
