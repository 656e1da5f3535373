"""Alembic's environment: the metadata is the framework's, where all our models live (framework.md §9)."""

import logging

from alembic import context
from flask import current_app

import app.models  # noqa: F401 - completes the metadata
from app.core.crypto import EncryptedText
from app.core.db import Base, UtcDateTime
from app.core.labels import EnumCode

log = logging.getLogger("alembic.env")
OURS = frozenset(
    {
        "case_search",
        "case_search_data",
        "case_search_idx",
        "case_search_content",
        "case_search_docsize",
        "case_search_config",
    }
)


def include_object(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave the search table alone: it is made by hand for each engine."""
    return not (kind == "table" and name in OURS)


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as what they are in the database, so that a migration outlives the code."""
    if kind == "type" and isinstance(item, EnumCode):
        return f"sa.String(length={item.impl.length})"
    if kind == "type" and isinstance(item, EncryptedText):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_migrations_online() -> None:
    """Migrate over the application's own engine."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            render_as_batch=sqlite,
            compare_type=False,
            render_item=render_item,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
