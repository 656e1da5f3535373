"""The whole dossier of a case as one PDF: cover, course, every paper as it was issued, every file that has pages."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.actor import Actor
from app.core import pdf
from app.core.db import db, unit_of_work, writing
from app.core.errors import NotFound
from app.core.late import late
from app.models.attachment import Attachment
from app.models.audit import AuditKind
from app.models.case import Case
from app.models.document import Document, DocumentKind, DocumentState, PrintForm
from app.services.access_log import watch
from app.services.attachment import path_of
from app.services.document_file import read
from app.services.document_output import ORIGINAL, end_reading, shown
from app.services.document_values import may_read_whole

pillow, pypdf = late("PIL.Image"), late("pypdf")

A4_WIDTH = 1654  # dots at 200 to the inch


@dataclass(frozen=True)
class Part:
    """One piece of the dossier: what it is called, its pages, or why they are not here."""

    title: str
    data: bytes | None = None
    why_not: str = ""


def _paper_parts(actor: Actor, case: Case) -> Iterator[Part]:
    papers = select(Document).where(Document.case_id == case.id, Document.state != DocumentState.void)
    rows = list(db.session.scalars(papers.order_by(Document.id)))
    rows.sort(key=lambda row: row.kind is not DocumentKind.dossier_cover)  # the cover lies on top
    for row in rows:
        title = f"{row.kind.label} {row.number}"
        if row.personal and row.issued_by_id != actor.user_id and not may_read_whole(actor, case):
            yield Part(title, why_not=_("Personal data stands on it in full; your role may not see it."))
        else:
            yield Part(title, ORIGINAL[PrintForm.pdf](row))


def _picture(data: bytes) -> bytes:
    made = io.BytesIO()
    with pillow.open(io.BytesIO(data)) as picture:
        plain = picture.convert("RGB")
        plain.thumbnail((A4_WIDTH, A4_WIDTH * 297 // 210))
        plain.save(made, "PDF", resolution=200)
    return made.getvalue()


def _file_parts(case: Case) -> Iterator[Part]:
    files = select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id)
    for row in db.session.scalars(files):
        data = path_of(row.storage_key).read_bytes() if row.look else None
        if row.look == "image" and data is not None:
            data = _picture(data)
        yield Part(row.name, data, "" if data else _("Kept as a file; it has no pages of its own."))


def _add(writer: Any, part: Part) -> str:
    """Put a part in; the sentence that says why it could not be, or nothing."""
    if part.data is None:
        return part.why_not
    try:
        pages = pypdf.PdfReader(io.BytesIO(part.data)).pages
        first = len(writer.pages)
        for page in pages:
            writer.add_page(page)
        writer.add_outline_item(title=part.title, page_number=first)
    except (pypdf.errors.PyPdfError, ValueError, KeyError):
        return _("The file cannot be read as PDF; it is kept as it came.")
    return ""


def _pages(data: bytes) -> int | None:
    """How many pages a PDF has; None if it cannot be read."""
    try:
        return len(pypdf.PdfReader(io.BytesIO(data)).pages)
    except (pypdf.errors.PyPdfError, ValueError, KeyError):
        return None


def _pages_of_file(row: Attachment) -> int | None:
    """A picture is a page; a file without a look of its own has none."""
    return _pages(path_of(row.storage_key).read_bytes()) if row.look == "pdf" else 1 if row.look == "image" else None


def page_counts(case_id: int) -> dict[tuple[str, int], int]:
    """How many pages every paper and file of a case has, by table and id; nothing is locked while they are laid out."""
    end_reading()
    found: dict[tuple[str, int], int | None] = {}
    with writing(False):
        papers = select(Document).where(Document.case_id == case_id, Document.state != DocumentState.void)
        for paper in db.session.scalars(papers):
            with suppress(NotFound):  # its bytes are lost, which another check tells
                kept = read(paper.pdf_key, str(paper.pdf_sha256)) if paper.pdf_key else None
                count = _pages(kept) if kept else pdf.pages(shown(paper)) if pdf.available() else None
                found["document", paper.id] = count
        for row in db.session.scalars(select(Attachment).where(Attachment.case_id == case_id)):
            with suppress(OSError):
                found["attachment", row.id] = _pages_of_file(row)
        end_reading()
    return {key: count for key, count in found.items() if count}


@unit_of_work
def _note(actor: Actor, case_id: int) -> None:
    case = db.session.scalars(select(Case).where(Case.id == case_id)).one()
    audit.note(db.session, AuditKind.access, "case:dossier", case)
    watch(actor)


def whole(actor: Actor, case: Case, course: Any) -> bytes:
    """The dossier as one PDF with an outline. `course(missing)` gives the PDF of the course page, which names what is
    not in the dossier. Nothing is locked while it is made; a short transaction of its own notes it."""
    body = pypdf.PdfWriter()
    missing = []
    for part in (*_paper_parts(actor, case), *_file_parts(case)):
        why = _add(body, part)
        if why:
            missing.append((part.title, why))
    writer = pypdf.PdfWriter()
    _add(writer, Part(_("The whole course"), course(missing)))
    held = io.BytesIO()
    body.write(held)
    if len(body.pages):
        writer.append(io.BytesIO(held.getvalue()))
    writer.add_metadata({"/Title": f"{case.number} {case.title}"})
    made = io.BytesIO()
    writer.write(made)
    key = case.id
    end_reading()
    with writing():
        _note(actor, key)
    return made.getvalue()
