"""The bytes of papers and templates: where they lie, and that they are still the ones that were kept."""

import hashlib
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, union_all

from app.core import clock, store
from app.core.db import db
from app.core.errors import NotFound
from app.models.document import Document, DocumentTemplate

ORPHAN_AGE = 86_400
LOST = _l("The file of this paper is missing or was changed in the store. Please tell the system administrator.")
_document, _template = Document.__table__, DocumentTemplate.__table__


def folder() -> Path:
    """Where the bytes lie."""
    return Path(current_app.config["DOCUMENT_FOLDER"])


def read(key: str, sha256: str) -> bytes:
    """The bytes, or NotFound when they are not there or not those that were kept."""
    try:
        data = store.path_of(folder(), key).read_bytes()
    except OSError as fault:
        raise NotFound(LOST) from fault
    if hashlib.sha256(data).hexdigest() != sha256:
        raise NotFound(LOST)
    return data


def sweep() -> int:
    """Remove files older than a day that no row knows; for the job."""
    keys = union_all(
        select(_document.c.docx_key),
        select(_document.c.pdf_key).where(_document.c.pdf_key.is_not(None)),
        select(_template.c.storage_key),
    )
    known = set(db.session.execute(keys).scalars())
    return store.sweep(folder(), known, clock.now().timestamp() - ORPHAN_AGE)
