"""Public template files: forms of the house that everybody signed in may fetch, kept by the system administrator."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.access import audit
from app.access.actor import Actor
from app.core.clock import LOCAL
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotFound, WrongType
from app.core.files import check_file, safe_name
from app.core.store import UNSTORED
from app.core.text import listed
from app.models.audit import AuditKind
from app.services.attachment import read_upload

EXTENSIONS = ("docx", "xlsx", "pdf", "txt")
COUNT_MOST = 200


@dataclass(frozen=True)
class TemplateFile:
    """A file as it is listed."""

    name: str
    size: int
    changed_at: datetime

    @property
    def size_text(self) -> str:
        """The size as people read it."""
        return f"{self.size / 2**20:.1f} MB" if self.size >= 2**20 else f"{max(self.size // 1024, 1)} KB"


def folder() -> Path:
    """Where the files lie: beside the database, not within reach of the web server."""
    place = Path(current_app.config["INSTANCE"]) / "public_templates"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def allowed(name: str) -> bool:
    """Whether a file of this name may be kept here."""
    return name.rpartition(".")[2].lower() in EXTENSIONS and not name.startswith(".")


def listing() -> list[TemplateFile]:
    """The files by name; nothing but plain files of the allowed kinds is ever shown or given."""
    found = []
    with os.scandir(folder()) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False) and allowed(entry.name):
                told = entry.stat(follow_symlinks=False)
                found.append(TemplateFile(entry.name, told.st_size, datetime.fromtimestamp(told.st_mtime, LOCAL)))
    return sorted(found, key=lambda file: file.name)


def find(name: str) -> Path:
    """The file of exactly that name in the list; a name is compared and never followed as a path."""
    known = next((file.name for file in listing() if file.name == name), None)
    if known is None:
        raise NotFound()
    return folder() / known


@unit_of_work
def add(actor: Actor, raw_name: str | None, stream: BinaryIO) -> str:
    """Keep a new file under its own name; an old one is never overwritten."""
    if not allowed(safe_name(raw_name)):
        raise WrongType(_l("Template files are of the kinds %(kinds)s.", kinds=listed(EXTENSIONS)))
    checked, known = check_file(raw_name, read_upload(stream)), {file.name.lower() for file in listing()}
    if checked.name.lower() in known:
        raise Conflict(_l("There is a file of this name already. Please delete it first, or choose another name."))
    if len(known) >= COUNT_MOST:
        raise Invalid(
            _l("There are %(count)d files already; at most %(most)d are kept here.", count=len(known), most=COUNT_MOST)
        )
    audit.note(db.session, AuditKind.change, "template_file:add", reason=checked.name)
    db.session.flush()
    try:
        with os.fdopen(os.open(folder() / checked.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(checked.data)
    except FileExistsError as fault:
        raise Conflict() from fault
    except OSError as fault:
        with suppress(OSError):
            (folder() / checked.name).unlink()
        raise Conflict(UNSTORED) from fault
    return checked.name


@unit_of_work
def remove(actor: Actor, name: str) -> None:
    """Delete a file."""
    path = find(name)
    audit.note(db.session, AuditKind.change, "template_file:delete", reason=name)
    db.session.flush()
    try:
        path.unlink(missing_ok=True)
    except OSError as fault:
        raise Conflict(UNSTORED) from fault
