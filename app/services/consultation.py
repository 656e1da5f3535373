"""Consultations: recorded by who gave them or by the desk; what is confidential is sealed for its writer alone."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import NotAllowed
from app.models.code_table import CodeItem
from app.models.consultation import SEALED, Consultation, ConsultationResult
from app.models.member import Capacity, CaseMember
from app.services import private_notes
from app.services.consultation_rules import PAGE, centre_of, gives, read
from app.services.record import save_record
from app.services.register import FOREIGN_ROW, merged, owns

NOT_YOURS = _l("This consultation was given by somebody else.")


def _about(record: Consultation) -> str:
    return f"consultation:{record.id}"


def content_of(actor: Actor, record: Consultation) -> dict[str, Any]:
    """What is sealed of it, for its writer; NotFound for anybody else."""
    return private_notes.unseal(actor, record.consultant_id, _about(record), record.sealed)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, ConsultationResult) else value


def _said(record: Consultation, values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """All that was said, whether it came with the form, is sealed, or stands in the row."""
    kept = before if record.secret else {name: getattr(record, name) for name in SEALED}
    said = {name: values[name] if name in values else kept.get(name) for name in SEALED}
    said["result"] = ConsultationResult.of(said["result"]) if isinstance(said["result"], str) else said["result"]
    return said


def _topics(record: Consultation, values: Mapping[str, Any], before: Mapping[str, Any]) -> list[CodeItem]:
    if "topics" in values:
        return list(values["topics"] or ())
    return topics_of(before) if record.secret else list(record.topics)


def topics_of(content: Mapping[str, Any]) -> list[CodeItem]:
    """The topics that were sealed."""
    keys = [key for key in content.get("topics", ()) if isinstance(key, int)]
    found = select(CodeItem).where(CodeItem.id.in_(keys)).order_by(CodeItem.sort)
    return list(db.session.scalars(found)) if keys else []


def _write(actor: Actor, record: Consultation, values: dict[str, Any]) -> Consultation:
    """Keep the row, and seal what is its writer's alone."""
    fresh, secret = record.id is None, values["secret"]
    mine = fresh or record.consultant_id == actor.user_id
    before = content_of(actor, record) if not fresh and mine else {}
    said, topics = _said(record, values, before), _topics(record, values, before)
    notes = values.pop("notes", before.get("notes"))
    plain = {**values, **said, "topics": topics}
    sealed: dict[str, Any] = {"notes": notes}
    if secret:
        booking, plain = merged(values, record, "booking"), {**plain, **dict.fromkeys((*SEALED, "case")), "topics": []}
        if booking is not None and not booking.secret:  # the desk sees it; that it led here is the writer's to know
            before, plain["booking"] = {**before, "booking": booking.number}, None
        sealed |= {name: _plain(value) for name, value in said.items()}
        sealed |= {"topics": [item.id for item in topics], "booking": before.get("booking")}

    def seal(kept: Consultation) -> None:
        if actor.user_id is not None and kept.consultant_id == actor.user_id:
            kept.sealed = private_notes.seal(actor.user_id, _about(kept), sealed)

    saved: Consultation = save_record(actor, record, plain, after=seal)
    _name_adviser(saved)
    return saved


def _name_adviser(record: Consultation) -> None:
    """An adviser consulted on a matter is named on it: it opens to him or her, and no review of it does."""
    if record.case_id is None or record.consultant_id is None:
        return
    member = {"case_id": record.case_id, "user_id": record.consultant_id, "capacity": Capacity.adviser}
    with system_scope("whether the adviser is named on the matter"):
        known = select(CaseMember.id).filter_by(**member)
        if db.session.scalar(known) is None:
            db.session.add(CaseMember(**member))
            db.session.flush()


# ---- verbs


@unit_of_work
def record_consultation(actor: Actor, given: Mapping[str, Any]) -> Consultation:
    """Record a consultation that was given."""
    if not actor.may("add", PAGE):
        raise NotAllowed()
    values = read(actor, given, None)
    record = Consultation(organisation_id=centre_of(actor, values.get("booking")))
    return _write(actor, record, values)


def why_not_change(actor: Actor, record: Consultation) -> Any:
    """A sentence why the actor cannot change it, or None: one's own, or an open one of the own centre."""
    if record.consultant_id == actor.user_id:
        return None
    if gives(actor):
        return NOT_YOURS
    return None if owns(actor, record.organisation_id) else FOREIGN_ROW


@unit_of_work
def change_consultation(actor: Actor, record: Consultation, given: Mapping[str, Any]) -> Consultation:
    """Correct what was recorded."""
    refusal = why_not_change(actor, record)
    if refusal is not None:
        raise NotAllowed(refusal)
    return _write(actor, record, read(actor, given, record))
