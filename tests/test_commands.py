"""The commands of the contract, on a database file of their own."""

import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_migrate import upgrade

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.crypto import keyring, use_keyring
from app.core.db import db
from seed import load

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(scope="module")
def own(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation with base data and demo."""
    ring = keyring()
    instance = tmp_path_factory.mktemp("own")
    portal = create_app(
        {
            "INSTANCE": instance,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'portal.db'}",
            "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
            "ATTACHMENT_FOLDER": instance / "attachments",
        }
    )
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
    yield portal
    with portal.app_context():
        db.engine.dispose()
    use_keyring(ring)
    clock.use_clock(None)


@pytest.fixture
def run(own: Flask) -> FlaskCliRunner:
    """Runs commands."""
    return own.test_cli_runner()


def test_base_can_run_again(run) -> None:
    answer = run.invoke(args=["seed", "base"])
    assert answer.exit_code == 0, answer.output


def test_roles_are_in_step_after_sync(run) -> None:
    assert run.invoke(args=["roles", "sync"]).exit_code == 0
    assert run.invoke(args=["roles", "diff"]).exit_code == 0


def test_jobs_run_twice_do_their_work_once(run) -> None:
    assert "1 jobs done" in run.invoke(args=["jobs", "run", "--once"]).output
    assert "0 jobs done" in run.invoke(args=["jobs", "run", "--once"]).output


def test_the_chain_verifies_and_a_forged_entry_is_named(run, own) -> None:
    assert run.invoke(args=["audit", "verify"]).exit_code == 0
    path = own.config["INSTANCE"] / "portal.db"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER audit_entry_no_update")
        kept = connection.execute("SELECT actor_name FROM audit_entry WHERE id = 5").fetchone()[0]
        connection.execute("UPDATE audit_entry SET actor_name = 'nobody' WHERE id = 5")
    answer = run.invoke(args=["audit", "verify"])
    assert answer.exit_code == 1 and "5" in answer.output
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE audit_entry SET actor_name = ? WHERE id = 5", (kept,))
    assert run.invoke(args=["audit", "verify"]).exit_code == 0


def test_backup_and_restore(run, own, tmp_path: Path) -> None:
    folder = own.config["ATTACHMENT_FOLDER"] / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_bytes(b"content")
    form = own.config["INSTANCE"] / "public_templates" / "委托书.txt"
    form.parent.mkdir(exist_ok=True)
    form.write_bytes(b"form")
    path = tmp_path / "backup.tar.gz"
    assert run.invoke(args=["backup", "create", str(path)]).exit_code == 0
    assert path.stat().st_mode & 0o077 == 0
    assert run.invoke(args=["backup", "create", str(path)]).exit_code != 0, "a backup is never overwritten"
    with tarfile.open(path) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        assert "keys.json" not in archive.getnames() and manifest["rows"]["organisation"] == 773
    with sqlite3.connect(own.config["INSTANCE"] / "portal.db") as connection:
        connection.execute("UPDATE organisation SET name = 'lost' WHERE parent_id IS NULL")
    (folder / "file").write_bytes(b"spoilt")
    form.unlink()
    answer = run.invoke(args=["backup", "restore", str(path)])
    assert answer.exit_code == 0, answer.output
    with sqlite3.connect(own.config["INSTANCE"] / "portal.db") as connection:
        assert connection.execute("SELECT name FROM organisation WHERE parent_id IS NULL").fetchone()[0] == "昌邑市"
    assert (folder / "file").read_bytes() == b"content" and form.read_bytes() == b"form"


def test_a_damaged_backup_is_refused_in_words(run, tmp_path: Path) -> None:
    path = tmp_path / "broken.tar.gz"
    path.write_bytes(os.urandom(2000))
    answer = run.invoke(args=["backup", "restore", str(path)])
    assert answer.exit_code != 0 and "Traceback" not in answer.output


def test_first_administrator(run) -> None:
    answer = run.invoke(args=["accounts", "create-sysadmin", "root.one", "--name", "程志远"])
    assert answer.exit_code == 0 and answer.output.startswith("root.one: "), answer.output
    assert run.invoke(args=["accounts", "create-sysadmin", "root.one", "--name", "程志远"]).exit_code != 0
