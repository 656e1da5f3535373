"""The public check of a paper: genuine or not, in force or not, and whether a file is the one that was issued."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import TooLarge
from app.models.document import CHECK_LENGTH, Document, DocumentPrint, DocumentState

FILE_MOST = 20 * 2**20
CODE_MOST = 40


@dataclass(frozen=True)
class Verdict:
    """What the public is told of a paper; nothing of the matter, nothing of a person."""

    kind: Any
    number: str
    issued_on: date
    edition: int
    centre: str
    state: DocumentState
    file_is_it: bool | None


def plain_code(text: str | None) -> str:
    """A check code as it is kept: capital letters without the hyphens between the groups."""
    return "".join(char for char in (text or "")[:CODE_MOST].upper() if char.isascii() and char.isalnum())


def verdict(code: str | None, file: BinaryIO | None = None) -> Verdict | None:
    """What is known under that code, or None, whatever is wrong with it."""
    plain, digest = plain_code(code), _digest(file)
    if len(plain) != CHECK_LENGTH:
        return None
    with system_scope("the public check of a paper"):
        found = select(Document).where(Document.check_code == plain).options(joinedload(Document.centre))
        row = db.session.scalar(found)
        if row is None:
            return None
        return Verdict(
            row.kind.label,
            row.number,
            clock.local(row.issued_at).date(),
            row.edition,
            row.centre.name,
            row.state,
            None if digest is None else _is_it(row, digest),
        )


def _digest(file: BinaryIO | None) -> str | None:
    if file is None:
        return None
    seen, size = hashlib.sha256(), 0
    while block := file.read(2**18):
        size += len(block)
        if size > FILE_MOST:
            raise TooLarge(_l("The file is larger than %(most)d MB.", most=FILE_MOST // 2**20))
        seen.update(block)
    return seen.hexdigest() if size else None


def _is_it(row: Document, digest: str) -> bool:
    copies = exists().where(DocumentPrint.document_id == row.id, DocumentPrint.sha256 == digest)
    same = select(Document.id).where(
        Document.id == row.id, or_(Document.docx_sha256 == digest, Document.pdf_sha256 == digest, copies)
    )
    return db.session.scalar(same) is not None
