"""Seeing the whole of a masked field: with the right to, for a stated reason, noted in the trail (security F2, G1)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select

from app.access import audit
from app.access.actor import Actor, acting
from app.core.columns import spec_of
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.text import clean_line
from app.models.audit import AuditKind
from app.services.access_log import watch

REASON_LEAST = 4
REASON_MOST = 200
# On which page of the catalogue the right to reveal a table's fields is held; one of them is enough.
PAGES: dict[str, tuple[str, ...]] = {
    "person": ("Person", "Case"),
    "expert": ("Expert",),
    "legal_adviser": ("Adviser",),
    "ab_user": ("Account",),
    "booking": ("Booking",),
    "consultation": ("Consultation",),
}


def may_reveal(actor: Actor, record: Any) -> bool:
    """Whether a role of the actor may see the masked fields of such a record."""
    return any(actor.may("reveal", page) for page in PAGES.get(record.__tablename__, ()))


def _is_there(actor: Actor, record: Any) -> bool:
    """Whether the record exists for the actor."""
    mapper = inspect(type(record))
    key, identity = mapper.primary_key[0], inspect(record).identity
    if identity is None:
        return False
    with acting(actor):
        attribute = mapper.get_property_by_column(key).class_attribute
        return db.session.execute(select(attribute).where(attribute == identity[0])).first() is not None


@unit_of_work
def reveal(actor: Actor, record: Any, field: str, reason: str) -> str | None:
    """The whole value of a masked field of a record that exists for the actor."""
    spec = spec_of(type(record), field)
    if not (spec.mask or spec.encrypted) or spec.hidden or spec.path or not _is_there(actor, record):
        raise NotFound()
    if not may_reveal(actor, record):
        raise NotAllowed()
    why = clean_line(reason, "reason", REASON_MOST)
    if len(why) < REASON_LEAST:
        raise Invalid(errors={"reason": [_l("Please say in at least four characters why you need to see this.")]})
    audit.note(db.session, AuditKind.access, f"{record.__tablename__}:reveal", record, why, {"field": field})
    watch(actor)
    value: str | None = getattr(record, field)
    return value
