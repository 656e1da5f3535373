"""Backup and restore: database, attachments and template files in one file, consistent while the program runs.

The encryption keys are not in it: they are kept apart (docs/operator.md), and a restore needs the same keys.json.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, inspect, select, text

from app.core import clock
from app.core.crypto import keyring
from app.core.db import Base, db
from app.core.errors import Conflict, Invalid, NotFound
from app.services import template_file

FORMAT = 1


def _folders() -> dict[str, Path]:
    """What lies in files beside the database, by its name in the backup."""
    return {"attachments": current_app.config["ATTACHMENT_FOLDER"], "public_templates": template_file.folder()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _revision() -> str:
    return str(db.session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _counts() -> dict[str, int]:
    connection = db.session.connection()
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


def _dump(target: Path) -> None:
    """A consistent copy of the database while others write."""
    if db.engine.dialect.name == "postgresql":
        _postgres("pg_dump", "-Fc", "-f", str(target))
        return
    source = sqlite3.connect(str(db.engine.url.database), timeout=30)
    copy = sqlite3.connect(target)
    with source, copy:
        source.backup(copy)
    source.close()
    copy.close()


def create(path: Path) -> dict[str, Any]:
    """Write the backup to `path` (0600); refuses to overwrite. Returns its manifest."""
    if path.exists():
        raise Conflict(_("%(path)s exists already.", path=path))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        dump = Path(folder) / "database"
        _dump(dump)  # first: a file is written before its row, so every row of the dump finds its file afterwards
        files = {
            kind: {str(file.relative_to(place)): file for file in sorted(place.rglob("*")) if file.is_file()}
            for kind, place in _folders().items()
        }
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "engine": db.engine.dialect.name,
            "revision": _revision(),
            "rows": _counts(),
            "database": _sha256(dump),
            **{kind: {name: _sha256(file) for name, file in known.items()} for kind, known in files.items()},
            "keys": sorted(keyring().keys),
        }
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as archive:
            archive.add(Path(folder) / "manifest.json", "manifest.json")
            archive.add(dump, "database")
            for kind, known in files.items():
                for name, file in known.items():
                    archive.add(file, f"{kind}/{name}")
    return manifest


def _checked(folder: Path) -> dict[str, Any]:
    """The manifest, after every byte was held against it."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(_("This file is not a backup of the portal.")) from error
    if manifest.get("format") != FORMAT or manifest.get("engine") != db.engine.dialect.name:
        raise Invalid(_("This backup was made for another version or another kind of database."))
    if not set(manifest["keys"]) <= set(keyring().keys):
        raise Invalid(_("The encryption keys of this backup are not here; put its keys.json into the instance folder."))
    parts = {"database": manifest["database"]} | {
        f"{kind}/{name}": digest for kind in _folders() for name, digest in manifest.get(kind, {}).items()
    }
    for name, digest in parts.items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise Invalid(_("The backup is damaged at %(name)s.", name=name))
    return manifest


def restore(path: Path) -> dict[str, Any]:
    """Put the backup in place of what is here; what is here is first saved beside it. The program must be stopped."""
    if not path.is_file():
        raise NotFound(_("%(path)s does not exist.", path=path))
    with tempfile.TemporaryDirectory(dir=current_app.config["INSTANCE"]) as name:
        folder = Path(name)
        try:
            with tarfile.open(path, "r:gz") as archive:
                archive.extractall(folder, filter="data")
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
    counts = _counts()
    wrong = sorted(table for table, rows in manifest["rows"].items() if counts.get(table) != rows)
    if wrong:
        raise Invalid(_("The restored tables differ from the backup: %(tables)s", tables=", ".join(wrong)))
    return manifest
