"""Templates of papers: shipped with the program, replaced by an administrator; every edition stays."""

import hashlib
from typing import BinaryIO

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor
from app.core import docx_html, docx_template, store
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, PortalError, TooLarge, WrongType
from app.core.files import check_file
from app.core.text import clean_line, listed
from app.models.document import DocumentKind, DocumentTemplate
from app.services.document_fields import FieldKind, example_of, fields_of
from app.services.document_file import folder, read
from app.services.record import in_plain_words

PAGE = "DocumentTemplate"
SIZE_MOST = 2 * 2**20


def known_words(kind: DocumentKind) -> dict[str, frozenset[str] | None]:
    """What a template of that kind may name: fields, and the columns of those that are lists."""
    return {
        name: frozenset(one.columns) if one.kind is FieldKind.rows else None for name, one in fields_of(kind).items()
    }


def check(kind: DocumentKind, data: bytes) -> None:
    """Invalid unless these bytes can serve as a template of that kind: harmless, known fields only, fills, shows."""
    docx_template.check_parts(data)
    try:
        docx_template.check_words(data, known_words(kind))
        strange = docx_html.not_shown(data)
        if not strange:
            docx_html.convert(filled_with_examples(kind, data))
    except PortalError:
        raise
    except Exception as fault:  # whatever a strange file does to the libraries that read it
        raise Invalid(errors={"file": [docx_template.DAMAGED]}) from fault
    if strange:
        sentence = _l(
            "The template holds what the print view cannot show: %(what)s. "
            "Please use paragraphs, tables and pictures in the line.",
            what=listed(strange),
        )
        raise Invalid(errors={"file": [sentence]})


def filled_with_examples(kind: DocumentKind, data: bytes, qr: bytes = b"") -> bytes:
    """A paper of that kind as it would look, with example values."""
    try:
        return docx_template.fill(data, {**example_of(kind), "qr": qr})
    except Invalid:
        raise
    except Exception as fault:  # whatever the placeholders of a strange file make of the example values
        raise Invalid(
            errors={"file": [_l("A trial with example values failed: %(why)s", why=str(fault)[:200])]}
        ) from fault


def active(kind: DocumentKind) -> DocumentTemplate:
    """The edition in use."""
    row = db.session.scalar(select(DocumentTemplate).where(DocumentTemplate.kind == kind, DocumentTemplate.active))
    if row is None:
        raise Invalid(
            _l("There is no template in use for “%(kind)s”. Please ask the business administrator.", kind=kind.label)
        )
    return row


def find(pk: int) -> DocumentTemplate:
    """The template of that number; NotFound otherwise."""
    row = db.session.get(DocumentTemplate, pk)
    if row is None:
        raise NotFound()
    return row


def bytes_of(row: DocumentTemplate) -> bytes:
    """The Word file, byte for byte as it came."""
    return read(row.storage_key, row.sha256)


def _keep(kind: DocumentKind, name: str, data: bytes, note: str | None, shipped: bool) -> DocumentTemplate:
    last = db.session.scalar(select(func.max(DocumentTemplate.edition)).where(DocumentTemplate.kind == kind)) or 0
    row = DocumentTemplate(
        kind=kind,
        edition=last + 1,
        name=name,
        note=note,
        shipped=shipped,
        active=False,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        storage_key=store.write(folder(), data),
    )
    with in_plain_words():
        db.session.add(row)
        db.session.flush()
    return row


def _use(row: DocumentTemplate) -> None:
    for other in db.session.scalars(
        select(DocumentTemplate).where(DocumentTemplate.kind == row.kind, DocumentTemplate.active).with_for_update()
    ):
        other.active = False
    with in_plain_words():
        db.session.flush()
        row.active = True
        db.session.flush()


@unit_of_work
def add(
    actor: Actor, kind: DocumentKind, name: str | None, stream: BinaryIO, note: str | None = None
) -> DocumentTemplate:
    """Take in a new edition; it is not in use until somebody has looked at it and says so."""
    if not actor.may("add", PAGE):
        raise NotAllowed()
    data = stream.read(SIZE_MOST + 1)
    if len(data) > SIZE_MOST:
        raise TooLarge(_l("A template has at most %(most)d MB.", most=SIZE_MOST // 2**20))
    if not (name or "").lower().endswith(".docx"):
        raise WrongType(_l("A template is a Word file (.docx)."))
    checked = check_file(name, data)
    check(kind, checked.data)
    return _keep(kind, checked.name, checked.data, clean_line(note, "note", 200) or None, shipped=False)


@unit_of_work
def activate(actor: Actor, pk: int) -> DocumentTemplate:
    """Use this edition from now on, new or old; papers issued before stay as they are."""
    if not actor.may("activate", PAGE):
        raise NotAllowed()
    row = find(pk)
    if row.active:
        raise Conflict(_l("This version is in use already."))
    check(row.kind, bytes_of(row))
    _use(row)
    return row


@unit_of_work
def ship(kind: DocumentKind, name: str, data: bytes) -> None:
    """Load what the program ships; it never takes the place of an administrator's."""
    digest = hashlib.sha256(data).hexdigest()
    known = select(DocumentTemplate.id).where(DocumentTemplate.kind == kind, DocumentTemplate.sha256 == digest)
    if db.session.scalar(known.limit(1)) is not None:
        return
    row = _keep(kind, name, data, None, shipped=True)
    using = db.session.scalar(select(DocumentTemplate).where(DocumentTemplate.kind == kind, DocumentTemplate.active))
    if using is None or using.shipped:
        _use(row)
