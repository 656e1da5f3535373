"""Papers leaving the house: on the screen, printed, as Word, as PDF. Each time is noted; the second time is a copy.

A PDF is made once, from the same HTML the browser prints, and kept with its hash. Of a file given out again the bytes
carry the mark of a copy; the hash of those bytes is kept too, so that every file that left the house can be checked.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from app.access import audit
from app.access.actor import Actor
from app.core import docx_copy, docx_html, pdf, store
from app.core.db import db, unit_of_work, writing
from app.core.errors import NotAllowed, NotFound, Unavailable
from app.models.audit import AuditKind
from app.models.document import Document, DocumentPrint, PrintForm
from app.services.access_log import watch
from app.services.document_file import folder, read
from app.services.document_values import may_read_whole

PAGE = "Document"
HIDDEN = _l("Personal data stands on this paper in full; your role may not see it.")


@dataclass(frozen=True)
class Handed:
    """A paper as a file: its name, type and bytes, and whether it is marked as a copy."""

    name: str
    mime: str
    data: bytes
    copy: bool


def find(actor: Actor, pk: int) -> Document:
    """The paper of that number, if its owner is the actor's and the paper may be shown; NotFound otherwise."""
    if not actor.may("read", PAGE):
        raise NotAllowed()
    row = db.session.scalar(select(Document).where(Document.id == pk))
    if row is None:
        raise NotFound()
    mine = row.issued_by_id == actor.user_id or (row.case is not None and may_read_whole(actor, row.case))
    if row.personal and not mine:
        raise NotAllowed(HIDDEN)
    return row


def given_before(row: Document, form: PrintForm) -> bool:
    """Whether it was given out in this form already."""
    same = exists().where(DocumentPrint.document_id == row.id, DocumentPrint.form == form)
    return bool(db.session.scalar(select(same)))


def shown(row: Document, copy: bool = False) -> docx_html.Paper:
    """The paper as HTML, as it was issued."""
    return docx_html.convert(read(row.docx_key, row.docx_sha256), copy)


def _title(row: Document) -> str:
    return f"{row.kind.label} {row.number}"


def _new_pdf(row: Document) -> bytes:
    return pdf.make(shown(row), _title(row))


def original_docx(row: Document) -> bytes:
    """The Word file as it was issued, byte for byte."""
    return read(row.docx_key, row.docx_sha256)


def original_pdf(row: Document) -> bytes:
    """The PDF of the paper; made and kept when it is first asked for (within the caller's transaction)."""
    if row.pdf_key is None:
        _keep_pdf(row, _new_pdf(row))
    return read(str(row.pdf_key), str(row.pdf_sha256))


def _keep_pdf(row: Document, data: bytes) -> None:
    held = select(Document).where(Document.id == row.id).with_for_update().execution_options(populate_existing=True)
    db.session.scalars(held).one()
    if row.pdf_key is None:
        row.pdf_sha256, row.pdf_key = hashlib.sha256(data).hexdigest(), store.write(folder(), data)
        db.session.flush()


@unit_of_work
def note(actor: Actor, pk: int, form: PrintForm, copy: bool | None = None, data: bytes | None = None) -> bool:
    """Note that a paper was given out; False if it turned into a copy meanwhile (`copy` says what it was taken for)."""
    held = select(Document).where(Document.id == pk).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(held)
    if row is None:
        raise NotFound()
    again = given_before(row, PrintForm.print if form is PrintForm.screen else form)
    if copy is not None and again != copy:
        return False
    if data is not None and form is PrintForm.pdf and not again:
        _keep_pdf(row, data)
    entry = DocumentPrint(document_id=row.id, form=form, copy=again, user_id=actor.user_id, user_name=actor.name)
    entry.sha256 = hashlib.sha256(data).hexdigest() if data is not None and again else None
    db.session.add(entry)
    audit.note(db.session, AuditKind.access, f"document:{form.value}", row)
    watch(actor)
    return True


MIMES = {
    PrintForm.docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PrintForm.pdf: "application/pdf",
}
ORIGINAL: dict[PrintForm, Callable[[Document], bytes]] = {
    PrintForm.docx: original_docx,
    PrintForm.pdf: lambda row: read(row.pdf_key, str(row.pdf_sha256)) if row.pdf_key else _new_pdf(row),
}
MARKED: dict[PrintForm, Callable[[Document], bytes]] = {
    PrintForm.docx: lambda row: docx_copy.marked(original_docx(row)),
    PrintForm.pdf: lambda row: pdf.make(shown(row, copy=True), _title(row)),
}


def hand_out(actor: Actor, pk: int, form: PrintForm) -> Handed:
    """The paper as a file. It is made before anything is locked; a short transaction of its own notes it."""
    for _try in range(3):
        row = find(actor, pk)
        copy = given_before(row, form)
        data, name = (MARKED if copy else ORIGINAL)[form](row), f"{_title(row)}.{form.value}"
        end_reading()
        with writing():
            if note(actor, pk, form, copy, data):
                return Handed(name, MIMES[form], data, copy)
    raise Unavailable()


def show(actor: Actor, pk: int) -> tuple[Document, docx_html.Paper, bool]:
    """The paper for the screen and the printer, and whether it is a copy by now."""
    row = find(actor, pk)
    copy = given_before(row, PrintForm.print)
    return row, shown(row, copy), copy


def note_shown(actor: Actor, pk: int) -> None:
    """Note that the page is made and shown."""
    end_reading()
    with writing():
        note(actor, pk, PrintForm.screen)


def end_reading() -> None:
    """The reading transaction of the request ends, and a short writing one may follow."""
    db.session.rollback()


def uses(row: Document) -> list[DocumentPrint]:
    """Every time the paper was given out, the newest first."""
    rows = select(DocumentPrint).where(DocumentPrint.document_id == row.id).order_by(DocumentPrint.id.desc())
    return list(db.session.scalars(rows.limit(200)))
