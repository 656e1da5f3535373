"""What lies in the dossier of a case: every paper, file and record, in the order in which it came in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.document import Document


def _entry(at: datetime, name: str, pages: int | None, number: str = "", note: str = "") -> tuple[datetime, Any]:
    day = clock.local(at).date().isoformat()
    return at, {"name": name, "document_number": number, "date": day, "pages": pages or "", "note": note}


def catalogue_of(case: Case, pages: Mapping[tuple[str, int], int]) -> list[dict[str, Any]]:
    """The catalogue of a dossier: papers and files of the case, numbered from one. `pages`: how many each has, by the
    table it stands in and its id."""
    papers = db.session.scalars(select(Document).where(Document.case_id == case.id).order_by(Document.id))
    files = db.session.scalars(select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id))
    found = [
        *(_entry(row.issued_at, str(row.kind.label), pages.get(("document", row.id)), row.number) for row in papers),
        *(_entry(row.created_at, row.name, pages.get(("attachment", row.id)), note=row.note or "") for row in files),
    ]
    found.sort(key=lambda item: item[0])
    return [{"no": place, **entry} for place, (_at, entry) in enumerate(found, 1)]
