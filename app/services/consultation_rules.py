"""The rules of consultations: who records which kind, for whom, of which booking, and what is confidential."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db
from app.core.identity import check_phone, clean_name
from app.models.adviser import LegalAdviser
from app.models.booking import Booking, BookingState, Purpose, booking_person
from app.models.consultation import Consultation, ConsultationKind
from app.models.organisation import Level
from app.services.problems import Problems
from app.services.record import register_sentences
from app.services.register import merged

PAGE = "Consultation"
PURPOSE = {
    Purpose.legal_consultation: ConsultationKind.legal,
    Purpose.counselling: ConsultationKind.psychological,
}
CAME = (BookingState.checked_in, BookingState.finished)
RECORDED = _l("A consultation of this booking is on file already.")
MINUTES = _l("A consultation takes from 1 minute to 10 hours.")
HEADS = _l("Please enter how many people came, from 1 to 999.")

register_sentences(
    {
        "uq_consultation_booking_id": ("booking", RECORDED),
        "ck_consultation_minutes_bounded": ("minutes", MINUTES),
        "ck_consultation_heads_bounded": ("head_count", HEADS),
    }
)


def kinds_of(actor: Actor) -> tuple[ConsultationKind, ...]:
    """What the actor may record: what he or she gives; the desk records legal ones for the advisers."""
    if not actor.may("add", PAGE):
        return ()
    given = [ConsultationKind.legal] if actor.may("advise", PAGE) else []
    given += [ConsultationKind.psychological] if actor.may("counsel", PAGE) else []
    return tuple(given) or (ConsultationKind.legal,)


def gives(actor: Actor) -> bool:
    """Whether the actor gives consultations, and does not only record those of others."""
    return actor.may("advise", PAGE) or actor.may("counsel", PAGE)


def own_entry(actor: Actor) -> LegalAdviser | None:
    """The actor's own entry in the register of legal advisers."""
    with system_scope("the adviser behind an account"):
        return db.session.scalar(select(LegalAdviser).where(LegalAdviser.account_id == actor.user_id))


def centre_of(actor: Actor, booking: Booking | None) -> int | None:
    """The centre at which it was given."""
    if booking is not None:
        return booking.organisation_id
    if actor.level in (Level.city, Level.township):
        return actor.organisation_id
    return actor.town_id or next(iter(actor.ancestors), None)


def takes_part(actor: Actor, booking: Booking) -> bool:
    """Whether the actor is one of the people of a booking."""
    here = exists().where(booking_person.c.booking_id == booking.id, booking_person.c.account_id == actor.user_id)
    return bool(db.session.connection().execute(select(here)).scalar_one())


def can_record(actor: Actor, booking: Booking) -> bool:
    """Whether a booking can become a consultation of the actor's: its people came, and none is recorded yet."""
    kind = PURPOSE.get(booking.purpose)
    if kind is None or kind not in kinds_of(actor) or booking.state not in CAME:
        return False
    if gives(actor) and not takes_part(actor, booking):
        return False
    return db.session.scalar(select(Consultation.id).where(Consultation.booking_id == booking.id)) is None


def prefilled(actor: Actor, booking: Booking) -> dict[str, Any]:
    """What a booking says of its consultation already."""
    span = booking.ends_at - booking.starts_at
    found = {
        "booking": booking,
        "kind": PURPOSE.get(booking.purpose),
        "at": booking.starts_at,
        "minutes": max(1, min(600, span // timedelta(minutes=1))),
        "head_count": min(booking.people_count, 999),
        "case": booking.case,
        "summary": booking.title,
        "visitor_name": booking.contact_name,
        "visitor_phone": booking.contact_phone,
    }
    if not gives(actor):
        found["adviser"] = _adviser_of(booking)
    return {name: value for name, value in found.items() if value is not None}


def _adviser_of(booking: Booking) -> LegalAdviser | None:
    taking_part = select(booking_person.c.account_id).where(booking_person.c.booking_id == booking.id)
    found = list(db.session.scalars(select(LegalAdviser).where(LegalAdviser.account_id.in_(taking_part)).limit(2)))
    return found[0] if len(found) == 1 else None


# ---- what was filled in


def _kind(actor: Actor, values: Mapping[str, Any], record: Consultation | None, problems: Problems) -> Any:
    kinds = kinds_of(actor)
    kind = merged(values, record, "kind") or (kinds[0] if kinds else None)
    if record is None and kind not in kinds:
        problems.add("kind", _l("Your role does not record this kind of consultation."))
    return kind


def _check_booking(actor: Actor, kind: Any, booking: Booking | None, problems: Problems) -> None:
    if booking is None:
        return
    if PURPOSE.get(booking.purpose) is not kind:
        problems.add("booking", _l("This booking is for something else."))
    elif gives(actor) and not takes_part(actor, booking):
        problems.add("booking", _l("You do not take part in this booking."))
    elif booking.state not in CAME:
        problems.add("booking", _l("Nobody has come to this booking yet."))


def _take_contact(values: dict[str, Any]) -> None:
    """Who came is who the booking names, unless another name is written."""
    booking = values.get("booking")
    if booking is not None:
        for name, contact in (("visitor_name", booking.contact_name), ("visitor_phone", booking.contact_phone)):
            values[name] = values.get(name) or contact


def _giver(actor: Actor, kind: Any, values: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Who gave it: the actor, or the adviser the desk has named."""
    if kind is ConsultationKind.psychological:
        return {"adviser": None, "consultant_id": actor.user_id}
    if gives(actor):
        return {"adviser": own_entry(actor), "consultant_id": actor.user_id}
    adviser = values.get("adviser")
    if adviser is None:
        problems.add("adviser", _l("Please choose the legal adviser."))
        return {}
    return {"adviser": adviser, "consultant_id": adviser.account_id}


def read(actor: Actor, given: Mapping[str, Any], record: Consultation | None) -> dict[str, Any]:
    """What was filled in, checked; sentences at the fields for what cannot be."""
    values, problems = dict(given), Problems()
    kind = values["kind"] = _kind(actor, values, record, problems)
    at, minutes, heads = (merged(values, record, name) for name in ("at", "minutes", "head_count"))
    if at is not None and at > clock.now():
        problems.add("at", _l("This lies in the future."))
    if minutes is None or not 1 <= minutes <= 600:
        problems.add("minutes", MINUTES)
    if heads is None or not 1 <= heads <= 999:
        problems.add("head_count", HEADS)
    if values.get("visitor_name"):
        values["visitor_name"] = problems.catch(clean_name, values["visitor_name"], "visitor_name")
    if values.get("visitor_phone"):
        values["visitor_phone"] = problems.catch(check_phone, values["visitor_phone"], "visitor_phone")
    if record is None:
        values |= _giver(actor, kind, values, problems)
        _check_booking(actor, kind, values.get("booking"), problems)
        _take_contact(values)
    else:
        values = {name: value for name, value in values.items() if name not in ("kind", "adviser", "booking")}
        values["kind"] = record.kind
    _check_secret(actor, values, record, problems)
    problems.stop()
    if at is not None:
        values["month"] = clock.local(at).date().replace(day=1)
    return values


def _check_secret(actor: Actor, values: dict[str, Any], record: Consultation | None, problems: Problems) -> None:
    """A counselling is always confidential; a legal one if the adviser says so, who alone reads it then."""
    if values["kind"] is ConsultationKind.psychological:
        values["secret"] = True
    secret = values["secret"] = bool(merged(values, record, "secret"))
    mine = (record.consultant_id if record is not None else values.get("consultant_id")) == actor.user_id
    if secret and not mine:
        problems.add("secret", _l("Only who gave a consultation can make it confidential."))
    if values.get("notes") and not mine:
        problems.add("notes", _l("Only who gave a consultation keeps private notes of it."))
    if secret and values.get("case") is not None:
        sentence = _l("A confidential consultation names no matter. Please write its number into your notes instead.")
        problems.add("case", sentence)
    if not secret and not (merged(values, record, "summary") or "").strip() and (record is None or not record.secret):
        problems.add("summary", _l("Please write in a few words what was asked."))
