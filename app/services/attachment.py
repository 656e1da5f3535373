"""Attachments: checked, stored under a random key outside the web, and never left behind without their row."""

import hashlib
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor, system_scope
from app.core import clock, store
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound, TooLarge, WrongState
from app.core.files import Checked, check_file
from app.core.text import clean_line
from app.models.attachment import Attachment
from app.models.case import Case, CaseState
from app.models.expert import Expert
from app.models.export_request import ExportRequest
from app.models.import_batch import ImportBatch
from app.models.preference import Draft
from app.models.signature import Signature
from app.services import parameter

COUNT_MOST = 60
DRAFT_COUNT_MOST = 20
ORPHAN_AGE = 86_400
_CLOSED = (CaseState.archived, CaseState.withdrawn)


def folder() -> Path:
    """Where the bytes lie."""
    return Path(current_app.config["ATTACHMENT_FOLDER"])


def path_of(storage_key: str) -> Path:
    """The file of a storage key."""
    return store.path_of(folder(), storage_key)


def _most() -> int:
    return min(int(current_app.config["ATTACHMENT_MAX_BYTES"]), parameter.number("attachment_max_mb") * 2**20)


def read_upload(stream: BinaryIO) -> bytes:
    """The bytes of an upload, refused as soon as they are too many."""
    most = _most()
    data = stream.read(most + 1)
    if len(data) > most:
        raise TooLarge(
            _l("The file is larger than %(most)d MB. Please make it smaller or split it.", most=most // 2**20)
        )
    return data


def _room_left(owner: Case | Draft) -> None:
    mine = Attachment.case_id == owner.id if isinstance(owner, Case) else Attachment.draft_id == owner.id
    count = db.session.scalar(select(func.count(Attachment.id)).where(mine)) or 0
    most = COUNT_MOST if isinstance(owner, Case) else DRAFT_COUNT_MOST
    if count >= most:
        raise Invalid(_l("There are %(count)d files already; at most %(most)d are kept here.", count=count, most=most))


@unit_of_work
def _enter(owner: Case | Draft, checked: Checked, key: str, note: str | None) -> Attachment:
    _room_left(owner)
    row = Attachment(
        case_id=owner.id if isinstance(owner, Case) else None,
        draft_id=owner.id if isinstance(owner, Draft) else None,
        name=checked.name,
        mime=checked.mime,
        size=len(checked.data),
        storage_key=key,
        note=note,
        sha256=hashlib.sha256(checked.data).hexdigest(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def attach(
    actor: Actor, owner: Case | Draft, name: str | None, stream: BinaryIO, note: str | None = None
) -> Attachment:
    """Keep a file with a case or a draft. The bytes are written first and removed again if the row fails."""
    if not actor.may("upload" if isinstance(owner, Case) else "register", "Case"):
        raise NotAllowed()
    if isinstance(owner, Case) and owner.state in _CLOSED:
        raise WrongState(_l("The case is “%(state)s”; files can no longer be added.", state=owner.state.label))
    checked = check_file(name, read_upload(stream))
    said = clean_line(note, "note", 200) or None
    key = store.write(folder(), checked.data)
    try:
        return _enter(owner, checked, key, said)
    except BaseException:
        path_of(key).unlink(missing_ok=True)
        raise


def find(key: int) -> Attachment:
    """The attachment within the row scope; NotFound otherwise."""
    row = db.session.scalar(select(Attachment).where(Attachment.id == key))
    if row is None:
        raise NotFound()
    return row


def of_case(case_id: int) -> list[Attachment]:
    """The files of a case, oldest first."""
    return list(db.session.scalars(select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)))


def of_draft(draft_id: int) -> list[Attachment]:
    """The files of a draft, oldest first."""
    return list(db.session.scalars(select(Attachment).where(Attachment.draft_id == draft_id).order_by(Attachment.id)))


@unit_of_work
def _drop(row: Attachment) -> str:
    db.session.delete(row)
    return row.storage_key


def remove(actor: Actor, row: Attachment) -> None:
    """Take a file off a draft; what came with a case is part of its record and stays."""
    if row.draft_id is None:
        raise WrongState(_l("A file of a registered case is part of the record and cannot be removed."))
    path_of(_drop(row)).unlink(missing_ok=True)


def move_to_case(draft: Draft, case: Case) -> None:
    """The files of a draft become files of the case it has become."""
    for row in of_draft(draft.id):
        row.draft_id, row.case_id = None, case.id


def erase_files(keys: list[str]) -> None:
    """Remove the bytes of rows that are gone."""
    for key in keys:
        path_of(key).unlink(missing_ok=True)


def sweep() -> int:
    """Remove files older than a day that no row knows (a process was killed between file and row); for the job."""
    with system_scope("attachment sweep"):
        known = set(db.session.scalars(select(Attachment.storage_key)))
        known |= set(db.session.scalars(select(Signature.storage_key).where(Signature.storage_key.is_not(None))))
        known |= set(db.session.scalars(select(ImportBatch.storage_key)))
        known |= set(
            db.session.scalars(select(ExportRequest.storage_key).where(ExportRequest.storage_key.is_not(None)))
        )
        known |= set(db.session.scalars(select(Expert.photo_key).where(Expert.photo_key.is_not(None))))
    return store.sweep(folder(), known, clock.now().timestamp() - ORPHAN_AGE)
