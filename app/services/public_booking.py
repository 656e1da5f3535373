"""Booking by the public, without an account: a free time is kept while somebody types, becomes a booking, and is shown
and cancelled by its number and code.

Nothing here tells whether a telephone or a name is known: the limits count network addresses only."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access import audit
from app.access.actor import acting, system_scope
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, NotFound
from app.models.audit import AuditKind
from app.models.booking import SECRET_PURPOSES, Booking
from app.models.public_hold import PURPOSES, PublicHold
from app.models.room import PublicService
from app.services import booking_steps, occupancy
from app.services.booking import COURSE, book_wish
from app.services.problems import Problems
from app.services.public_access import Key, unlocked
from app.services.public_hold import held, limit_bookings, public_actor, resources, wish_of
from app.services.queries.booking_facts import facts_of
from app.services.registration import CODE_LENGTH, CODE_LETTERS, hash_of_code
from app.workflow.engine import refusal, row_of
from app.workflow.types import Situation

DOOR = "public-booking"
GONE = _l("The time was kept for you for some minutes only and is open to others again. Please choose again.")
NO_NAME = _l("Please say how we may address you.")
NO_PHONE = _l("Please give a telephone number, so that we can reach you if something changes.")
WITHDRAWN = _l("Cancelled on the public page")


def _written(text: Any) -> str:
    """Words that are kept, in the language of the house whatever the visitor reads."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return str(text)


def code_of(token: str) -> str:
    """The code of the booking that a hold becomes; the same however often the form is sent."""
    number = int(blind_index("public-code", token), 16)
    letters = []
    for _place in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return "".join(letters)


# ---- booking


def _ask(given: Mapping[str, Any]) -> None:
    problems = Problems()
    for name, sentence in (("contact_name", NO_NAME), ("contact_phone", NO_PHONE)):
        if not given.get(name):
            problems.add(name, sentence)
    problems.stop()


@unit_of_work
def book(token: str, given: Mapping[str, Any], address: str | None) -> tuple[Booking, str]:
    """The time that was kept becomes a booking; it and its code are the same when the form is sent again."""
    with acting(public_actor(address)) as actor, system_scope("public booking"):
        seen = held(token)
        if seen is None:
            raise Conflict(GONE)
        occupancy.lock(resources(seen))
        again = select(PublicHold).where(PublicHold.id == seen.id).with_for_update()
        row = db.session.scalar(again.execution_options(populate_existing=True))
        if row is None or (row.booking_id is None and row.expires_at <= clock.now()):
            raise Conflict(GONE)
        code = code_of(token)
        if row.booking_id is not None:
            return db.session.get_one(Booking, row.booking_id), code
        limit_bookings(row.address_hash)
        _ask(given)
        occupancy.let_go(hold_id=row.id)
        wish = wish_of(row.service, row.room_id, row.starts_at, row.ends_at, row.account_id)
        for name in ("people_count", "contact_name", "contact_phone", "notes"):
            setattr(wish, name, given.get(name))
        wish.title = _written(row.service.label) if row.service is PublicService.visit else None
        booking = book_wish(actor, wish)
        booking.cancel_hash = hash_of_code(booking.number, code)
        row.booking_id = booking.id
        db.session.flush()
        return booking, code


# ---- the booking by its number and code


@unit_of_work
def _note_opened(booking: Booking, address: str | None) -> None:
    audit.note(db.session, AuditKind.access, "booking:public", booking, changes={"address": address})


def _found(number: str) -> tuple[Booking | None, str]:
    booking = db.session.scalar(select(Booking).where(Booking.number == number))
    return booking, (booking.cancel_hash if booking is not None else None) or ""


def open_booking(number: str, code: str, address: str | None) -> Key | None:
    """The key to the booking of that number and code, or None, whatever was wrong. Raises TooMany."""
    with system_scope("the public door to a booking"):
        booking = unlocked(DOOR, number, code, address, _found)
        if booking is None:
            return None
        _note_opened(booking, address)
        return key_of(booking)


def key_of(booking: Booking) -> Key:
    """What the browser keeps of an opened booking."""
    return Key(booking.id, (booking.cancel_hash or "")[:16])


def booking_of(key: Key) -> Booking:
    """The booking of a key that still holds; the caller stands in a system scope."""
    booking = db.session.scalar(select(Booking).where(Booking.id == key.record_id))
    if booking is None or not booking.cancel_hash or not compare_digest(booking.cancel_hash[:16], key.proof):
        raise NotFound()
    return booking


def may_cancel(booking: Booking) -> bool:
    """Whether it can still be cancelled."""
    actor = public_actor(None)
    row = row_of(COURSE.flow, "cancel")
    return refusal(COURSE.flow, row, Situation(booking, actor, facts_of(booking))) is None


@unit_of_work
def cancel(key: Key, address: str | None) -> Booking:
    """Cancel it; the time is free again, and whoever serves is told."""
    with acting(public_actor(address)) as actor, system_scope("public booking"):
        return booking_steps.cancel(actor, booking_of(key).id, {"reason": _written(WITHDRAWN)})


def secret(service: PublicService) -> bool:
    """Whether nobody but who serves may learn who comes."""
    return PURPOSES[service] in SECRET_PURPOSES
