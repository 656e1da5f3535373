"""Installations to prove things on: seeded once, copied for each proof, served by the real server."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from tests_support import need

from app.core.db import db
from reliability.server import Portal
from reliability.truth import Truth

POSTGRES = os.environ.get("PORTAL_TEST_DATABASE_URL")


class Store:
    """Where the databases of the proofs are: files, or databases beside the one of the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers, self.made = folder, count(1), list[str]()

    def _admin(self, *statements: str) -> None:
        engine = create_engine(make_url(str(POSTGRES)), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def url(self, instance: Path, template: str | None = None, tablespace: str = "") -> str:
        """A database for an installation: empty, or a copy of `template`."""
        if not POSTGRES:
            return f"sqlite:///{instance / 'portal.db'}"
        name = f"{make_url(POSTGRES).database}_proof_{os.getpid()}_{next(self.numbers)}"
        more = f' TEMPLATE "{make_url(template).database}"' if template else ""
        try:
            self._admin(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"{more}{tablespace}')
        except DBAPIError as fault:
            need("the right to make databases", False, f"ALTER ROLE … CREATEDB ({fault.orig})")
        self.made.append(name)
        return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)

    def setting(self, name: str) -> str:
        """A setting of the PostgreSQL server."""
        engine = create_engine(make_url(str(POSTGRES)))
        with engine.connect() as connection:
            found = str(connection.execute(text(f"SHOW {name}")).scalar_one())
        engine.dispose()
        return found

    @contextmanager
    def tablespace(self, folder: Path) -> Iterator[str]:
        """A place of its own for databases; gives the words of CREATE DATABASE for it."""
        name = f"proof_{os.getpid()}_{next(self.numbers)}"
        self._admin(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        try:
            yield f" TABLESPACE {name}"
        finally:
            self._admin(f"DROP TABLESPACE {name}")

    def drop_one(self, url: str) -> None:
        """Remove one database."""
        name = str(make_url(url).database)
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.remove(name)

    def drop(self) -> None:
        """Remove what was made."""
        for name in self.made:
            self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The databases of all proofs, removed at the end."""
    need("/proc", Path("/proc/self/task").exists(), "these proofs look into Linux's /proc")
    made = Store(tmp_path_factory.mktemp("proofs"))
    yield made
    made.drop()


@pytest.fixture(scope="session")
def seeded(app: Flask, database_url: str, store: Store) -> Portal:
    """The base data and demo accounts of the tests; never served, only copied."""
    instance = store.folder / "seeded"
    shutil.copytree(app.config["INSTANCE"], instance)
    with app.app_context():
        db.engine.dispose()  # a database that somebody is connected to cannot be copied
    portal = Portal(instance, store.url(instance, database_url))
    if not POSTGRES:
        files = (make_url(database_url).database, instance / "portal.db")
        with closing(sqlite3.connect(files[0])) as source, closing(sqlite3.connect(files[1])) as target:
            source.backup(target)
    return portal


@pytest.fixture(scope="session")
def installation(store: Store, seeded: Portal) -> Iterator[Callable[..., Portal]]:
    """`installation()` gives a fresh copy of the seeded one; `.start()` serves it. All are stopped at the end."""
    made: list[Portal] = []

    def copy(where: Path | None = None, workers: int = 2, tablespace: str = "") -> Portal:
        instance = where or store.folder / f"portal{len(made)}"
        shutil.copytree(seeded.instance, instance, dirs_exist_ok=True)
        portal = Portal(instance, store.url(instance, seeded.url, tablespace), workers)
        made.append(portal)
        return portal

    yield copy
    for portal in made:
        portal.stop()


@pytest.fixture(scope="package")
def portal(installation: Callable[..., Portal]) -> Iterator[Portal]:
    """A running server for all proofs that hurt nobody; the others start one of their own."""
    served = installation().start()
    yield served
    served.stop()


@pytest.fixture
def truth(portal: Portal) -> Truth:
    """What the database of that server says."""
    return Truth(portal)
