"""What tests of the services share: a database of one test's own, for programs that run beside it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests_support import need

from tests.conftest import POSTGRES


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty database of the run's engine."""
    need("fork", hasattr(os, "fork"), "a system that can fork")
    if not POSTGRES:
        return f"sqlite:///{tmp_path / 'portal.db'}"
    base, _slash, name = POSTGRES.rpartition("/")
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}_beside"'))
        connection.execute(text(f'CREATE DATABASE "{name}_beside"'))
    engine.dispose()
    return f"{base}/{name}_beside"
