"""Backup and restore: database, attachments, papers and template files in one file, consistent while the program runs.

The encryption keys are not in it: they are kept apart (docs/operator.md), and a restore needs the same key files.
"""

import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, create_engine, func, inspect, select, text

from app.access import audit
from app.core import clock
from app.core.crypto import MAIN, NOTES, Keyring, keyring
from app.core.db import Base, db, unit_of_work
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import listed
from app.models.audit import AuditKind
from app.services import template_file

FORMAT = 1


def _folders() -> dict[str, Path]:
    """What lies in files beside the database, by its name in the backup."""
    return {
        "attachments": current_app.config["ATTACHMENT_FOLDER"],
        "documents": current_app.config["DOCUMENT_FOLDER"],
        "public_templates": template_file.folder(),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _revision(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _counts(connection: Connection) -> dict[str, int]:
    present = set(inspect(connection).get_table_names())
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in sorted(Base.metadata.tables.items())
        if name in present
    }


def _postgres(program: str, *arguments: str) -> None:
    url = db.engine.url
    found = shutil.which(program)
    if not found:
        raise NotFound(_("%(program)s is not installed on this machine.", program=program))
    environment = dict(os.environ, PGPASSWORD=url.password or "")
    target = [
        "-h",
        url.host or "127.0.0.1",
        "-p",
        str(url.port or 5432),
        "-U",
        url.username or "",
        "-d",
        url.database or "",
    ]
    subprocess.run([found, *target, *arguments], env=environment, check=True, capture_output=True)  # noqa: S603


def _dump(target: Path) -> dict[str, Any]:
    """A consistent copy of the database while others write, and what the manifest says of that very moment."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            said = {"revision": _revision(connection), "rows": _counts(connection)}
            _postgres("pg_dump", "-Fc", f"--snapshot={moment}", "-f", str(target))
        return said
    database = str(db.engine.url.database)
    with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    engine = create_engine(f"sqlite:///{target}")
    with engine.connect() as connection:
        said = {"revision": _revision(connection), "rows": _counts(connection)}
    engine.dispose()
    return said


class _Hashed:
    """A file that is hashed while it is read into the archive: what is told of it is what lies there."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.file.read(size)
        self.sha256.update(data)
        return data


def _pack(archive: tarfile.TarFile, place: Path, kind: str) -> dict[str, str]:
    """The files of a folder; one that its owner removed meanwhile is left out, a half-written one too."""
    known = {}
    for path in sorted(place.rglob("*")):
        if path.suffix == ".part" or not path.is_file():
            continue
        name = str(path.relative_to(place))
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            hashed: Any = _Hashed(file)
            archive.addfile(archive.gettarinfo(arcname=f"{kind}/{name}", fileobj=file), hashed)
            known[name] = hashed.sha256.hexdigest()
    return known


def _prints(ring: Keyring, mark: str = "") -> dict[str, str]:
    made = {mark + name: hmac.digest(key, b"backup", hashlib.sha256).hex()[:16] for name, key in ring.keys.items()}
    return made | {f"{mark}index": hmac.digest(ring.index, b"backup", hashlib.sha256).hex()[:16]}


def _key_prints() -> dict[str, str]:
    """What tells one set of keys from another without telling the keys."""
    return _prints(keyring(MAIN)) | _prints(keyring(NOTES), "notes.")


def create(path: Path) -> dict[str, Any]:
    """Write the backup to `path` (0600); refuses to overwrite. Returns its manifest."""
    if path.exists():
        raise Conflict(_("%(path)s exists already.", path=path))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        dump, told = Path(folder) / "database", Path(folder) / "manifest.json"
        said = _dump(dump)  # first: a file is written before its row, so every row of the dump finds its file
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "engine": db.engine.dialect.name,
            **said,
            "database": _sha256(dump),
            "keys": _key_prints(),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as archive:
                archive.add(dump, "database")
                manifest |= {kind: _pack(archive, place, kind) for kind, place in _folders().items()}
                told.write_text(json.dumps(manifest, indent=1), "utf-8")
                archive.add(told, "manifest.json")
        except BaseException:
            path.unlink(missing_ok=True)  # half a backup is none
            raise
    return manifest


def _checked(folder: Path) -> dict[str, Any]:
    """The manifest, after every byte was held against it."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(_("This file is not a backup of the portal.")) from error
    if manifest.get("format") != FORMAT or manifest.get("engine") != db.engine.dialect.name:
        raise Invalid(_("This backup was made for another version or another kind of database."))
    scripts = ScriptDirectory(str(current_app.extensions["migrate"].directory))
    if manifest["revision"] not in {script.revision for script in scripts.walk_revisions()}:
        raise Invalid(_("This backup was made by a newer version of the portal. Please update the program first."))
    here = _key_prints()
    if any(here.get(name) != print_ for name, print_ in manifest["keys"].items()):
        raise Invalid(
            _(
                "The encryption keys of this backup are not here; put its keys.json and note_keys.json into the "
                "instance folder."
            )
        )
    parts = {"database": manifest["database"]} | {
        f"{kind}/{name}": digest for kind in _folders() for name, digest in manifest.get(kind, {}).items()
    }
    for name, digest in parts.items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise Invalid(_("The backup is damaged at %(name)s.", name=name))
    return manifest


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files below the folder, no link, device or way out (the filter of `tarfile` came with Python 3.11.4)."""
    for member in archive:
        target = (folder / member.name).resolve()
        if not (member.isfile() or member.isdir()) or not target.is_relative_to(folder.resolve()):
            raise Invalid(_("This file is not a backup of the portal."))
        if member.isdir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        if source is not None:
            with source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)


def restore(path: Path) -> dict[str, Any]:
    """Put the backup in place of what is here; what is here is first saved beside it. The program must be stopped."""
    if not path.is_file():
        raise NotFound(_("%(path)s does not exist.", path=path))
    with tempfile.TemporaryDirectory(dir=current_app.config["INSTANCE"]) as name:
        folder = Path(name)
        try:
            with tarfile.open(path, "r:gz") as archive:
                _unpack(archive, folder)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise Invalid(_("This file is not a backup of the portal.")) from error
        manifest = _checked(folder)
        db.session.remove()
        if db.engine.dialect.name == "postgresql":
            _postgres("pg_restore", "--clean", "--if-exists", "--single-transaction", str(folder / "database"))
        else:
            db.engine.dispose()
            here = Path(str(db.engine.url.database))
            if here.exists():
                here.replace(here.with_name(f"{here.name}.before-restore-{clock.now():%Y%m%d%H%M%S}"))
            shutil.copyfile(folder / "database", here)
            here.chmod(0o600)
        for kind, place in _folders().items():
            for file in manifest.get(kind, {}):
                target = place / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / kind / file, target)
    counts = _counts(db.session.connection())
    wrong = sorted(table for table, rows in manifest["rows"].items() if counts.get(table) != rows)
    if wrong:
        raise Invalid(_("The restored tables differ from the backup: %(tables)s", tables=listed(wrong)))
    _note_restored(manifest)
    return manifest


@unit_of_work
def _note_restored(manifest: dict[str, Any]) -> None:
    """The chain says that here time was turned back, so that the gap shows; not before an upgrade that is still due."""
    scripts = ScriptDirectory(str(current_app.extensions["migrate"].directory))
    if manifest["revision"] in scripts.get_heads():
        audit.note(db.session, AuditKind.security, "backup:restored", reason=manifest["made_at"], actor_name="system")
