"""How far the tables are migrated, and how far the program wants them; read without loading Alembic."""

import re
from collections.abc import Set
from functools import lru_cache
from pathlib import Path

from sqlalchemy import text

from app.core.db import db

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"
_SAID = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(.+)$", re.M)
_NAME = re.compile(r"[\"']([^\"']+)[\"']")


@lru_cache
def wanted() -> frozenset[str]:
    """The newest revisions of the program: those that no other one follows."""
    own: set[str] = set()
    followed: set[str] = set()
    for path in VERSIONS.glob("*.py"):
        for name, said in _SAID.findall(path.read_text("utf-8")):
            (own if name == "revision" else followed).update(_NAME.findall(said))
    return frozenset(own - followed)


def present() -> Set[str]:
    """The revisions that the database stands at."""
    return set(db.session.connection().execute(text("SELECT version_num FROM alembic_version")).scalars())
