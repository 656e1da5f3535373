"""Seeing the whole of a masked field: with the right to, for a stated reason, noted in the trail (security F2, G1)."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access import audit
from app.access.actor import Actor
from app.core.columns import spec_of
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotFound
from app.core.text import clean_line
from app.models.audit import AuditKind

REASON_LEAST = 2
REASON_MOST = 200


@unit_of_work
def reveal(actor: Actor, record: Any, field: str, reason: str) -> str | None:
    """The whole value of a masked field of a record; the caller has found the record within the row scope."""
    spec = spec_of(type(record), field)
    if not (spec.mask or spec.encrypted) or spec.hidden or spec.path:
        raise NotFound()
    why = clean_line(reason, "reason", REASON_MOST)
    if len(why) < REASON_LEAST:
        raise Invalid(errors={"reason": [_l("Please say why you need to see this.")]})
    audit.note(db.session, AuditKind.access, f"{record.__tablename__}:reveal", record, why, {"field": field})
    value: str | None = getattr(record, field)
    return value
