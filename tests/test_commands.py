"""The commands of the contract, on a database file of their own."""

import contextlib
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
from app.core.crypto import NOTES, Keyring, keyring, use_keyring
from app.core.db import db
from app.services import backup
from seed import load

pytestmark = pytest.mark.sqlite_only


@contextlib.contextmanager
def _installed(instance: Path) -> Iterator[Flask]:
    """An installation of its own; afterwards the keys are those of before."""
    ring, notes = keyring(), keyring(NOTES)
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
    yield portal
    with portal.app_context():
        db.engine.dispose()
    use_keyring(ring)
    use_keyring(notes, NOTES)
    clock.use_clock(None)


@pytest.fixture(scope="module")
def own(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation with base data and demo."""
    with _installed(tmp_path_factory.mktemp("own")) as portal:
        with portal.app_context(), acting(SYSTEM):
            load.base()
        yield portal


@pytest.fixture
def run(own: Flask) -> FlaskCliRunner:
    """Runs commands."""
    return own.test_cli_runner()


@pytest.mark.parametrize("what", ["--cases", "--bookings"])
def test_bulk_without_base_says_what_is_missing(app: Flask, tmp_path: Path, what: str) -> None:
    with _installed(tmp_path) as bare:
        answer = bare.test_cli_runner().invoke(args=["seed", "bulk", what, "10"])
    assert answer.exit_code == 1 and "flask --app app seed base" in answer.output, answer.output
    assert "Traceback" not in answer.output and isinstance(answer.exception, SystemExit)


def test_base_can_run_again(run) -> None:
    answer = run.invoke(args=["seed", "base"])
    assert answer.exit_code == 0, answer.output


def test_roles_are_in_step_after_sync(run) -> None:
    assert run.invoke(args=["roles", "sync"]).exit_code == 0
    assert run.invoke(args=["roles", "diff"]).exit_code == 0


def test_jobs_run_twice_do_their_work_once(run) -> None:
    assert not run.invoke(args=["jobs", "run", "--once"]).output.startswith("0 ")
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
    papers = sorted(p for p in (own.config["INSTANCE"] / "documents").rglob("*") if p.is_file())
    kept = papers[0].read_bytes()
    path = tmp_path / "backup.tar.gz"
    assert run.invoke(args=["backup", "create", str(path)]).exit_code == 0
    assert path.stat().st_mode & 0o077 == 0
    assert run.invoke(args=["backup", "create", str(path)]).exit_code != 0, "a backup is never overwritten"
    with tarfile.open(path) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        assert len(manifest["documents"]) == len(papers) >= 23
        assert not {"keys.json", "note_keys.json"} & set(archive.getnames()) and manifest["rows"]["organisation"] == 773
    with sqlite3.connect(own.config["INSTANCE"] / "portal.db") as connection:
        connection.execute("UPDATE organisation SET name = 'lost' WHERE parent_id IS NULL")
    (folder / "file").write_bytes(b"spoilt")
    papers[0].unlink()
    form.unlink()
    answer = run.invoke(args=["backup", "restore", str(path)])
    assert answer.exit_code == 0, answer.output
    with sqlite3.connect(own.config["INSTANCE"] / "portal.db") as connection:
        assert connection.execute("SELECT name FROM organisation WHERE parent_id IS NULL").fetchone()[0] == "昌邑市"
    assert (folder / "file").read_bytes() == b"content" and form.read_bytes() == b"form"
    assert papers[0].read_bytes() == kept


@pytest.mark.parametrize("harm", ["noise", "cut short", "one byte", "other keys", "newer", "not there"])
def test_what_is_no_whole_backup_of_ours_is_refused_in_words(run, own, tmp_path: Path, monkeypatch, harm) -> None:
    path = tmp_path / "backup.tar.gz"
    assert run.invoke(args=["backup", "create", str(path)]).exit_code == 0
    data = bytearray(path.read_bytes())
    if harm == "noise":
        path.write_bytes(os.urandom(2000))
    elif harm == "cut short":
        path.write_bytes(data[: len(data) // 2])
    elif harm == "one byte":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm == "other keys":
        monkeypatch.setattr(backup, "keyring", lambda _purpose: Keyring.fresh())  # of the same name, another key
    elif harm == "newer":
        monkeypatch.setattr(backup.ScriptDirectory, "walk_revisions", lambda self: iter(()))
    else:
        path.unlink()
    before = (own.config["INSTANCE"] / "portal.db").read_bytes()
    answer = run.invoke(args=["backup", "restore", str(path)])
    assert answer.exit_code != 0 and answer.output.startswith("Error: ") and "Traceback" not in answer.output
    assert (own.config["INSTANCE"] / "portal.db").read_bytes() == before, "nothing was touched"


def test_files_that_come_and_go_during_a_backup(run, own, tmp_path: Path, monkeypatch) -> None:
    folder = own.config["ATTACHMENT_FOLDER"] / "cd"
    folder.mkdir(parents=True, exist_ok=True)
    gone, half = folder / "gone", folder / "half.part"
    gone.write_bytes(b"x")
    half.write_bytes(b"y")
    is_file = Path.is_file

    def and_then_removed(self: Path) -> bool:
        found = is_file(self)
        if self == gone:
            gone.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "is_file", and_then_removed)
    path = tmp_path / "backup.tar.gz"
    assert run.invoke(args=["backup", "create", str(path)]).exit_code == 0
    assert not gone.exists()
    with tarfile.open(path) as archive:
        names = archive.getnames()
    half.unlink()
    assert "attachments/cd/gone" not in names and "attachments/cd/half.part" not in names


def test_half_a_backup_is_none(run, own, tmp_path: Path, monkeypatch) -> None:
    def no_room(*_said):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_pack", no_room)
    path = tmp_path / "backup.tar.gz"
    assert run.invoke(args=["backup", "create", str(path)]).exit_code != 0
    assert not path.exists()


def test_first_administrator(run) -> None:
    answer = run.invoke(args=["accounts", "create-sysadmin", "root.one", "--name", "程志远"])
    assert answer.exit_code == 0 and answer.output.startswith("root.one: "), answer.output
    assert run.invoke(args=["accounts", "create-sysadmin", "root.one", "--name", "程志远"]).exit_code != 0
