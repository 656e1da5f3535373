"""What the desk of an adviser or a counsellor shows: the own shifts, bookings, cases and consultations."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.models.booking import HOLDING, Booking, BookingState, booking_person
from app.models.case import OPEN_STATES, Case
from app.models.consultation import Consultation
from app.models.member import CaseMember
from app.models.roster import Shift
from app.services.consultation_rules import CAME, PURPOSE, kinds_of
from app.services.queries.statistics import moment

MOST = 8
LOOKS_BACK = timedelta(days=30)


def shifts(actor: Actor, today: date) -> list[Any]:
    """The actor's shifts from today until the end of the next week."""
    last = today + timedelta(days=13 - today.weekday())
    found = (
        select(Shift)
        .where(Shift.published, Shift.account_id == actor.user_id, Shift.on.between(today, last))
        .options(selectinload(Shift.room))
        .order_by(Shift.on, Shift.starts_at)
    )
    return list(db.session.scalars(found))


def _mine(actor: Actor) -> Any:
    here = exists().where(booking_person.c.booking_id == Booking.id, booking_person.c.account_id == actor.user_id)
    return or_(Booking.booked_by_id == actor.user_id, here)


def bookings(actor: Actor, today: date) -> list[Any]:
    """The actor's bookings of today and the coming days that still stand."""
    now = clock.now()
    stands = or_(Booking.state == BookingState.checked_in, Booking.release_at > now)
    found = (
        select(Booking)
        .where(_mine(actor), Booking.state.in_(HOLDING), stands, Booking.ends_at > max(now, moment(today)))
        .options(selectinload(Booking.room))
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST)
    )
    return list(db.session.scalars(found))


def to_record(actor: Actor) -> list[Any]:
    """Bookings to which somebody came and of which no consultation is recorded yet."""
    kinds = kinds_of(actor)
    purposes = [purpose for purpose, kind in PURPOSE.items() if kind in kinds]
    here = exists().where(booking_person.c.booking_id == Booking.id, booking_person.c.account_id == actor.user_id)
    known = exists().where(Consultation.booking_id == Booking.id)
    found = (
        select(Booking)
        .where(
            here,
            Booking.purpose.in_(purposes),
            Booking.state.in_(CAME),
            Booking.starts_at.between(clock.now() - LOOKS_BACK, clock.now()),
            ~known,
        )
        .options(selectinload(Booking.room))
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(MOST)
    )
    return list(db.session.scalars(found))


def cases(actor: Actor) -> list[Any]:
    """The open cases the actor is named on, the next due first."""
    named = exists().where(CaseMember.case_id == Case.id, CaseMember.user_id == actor.user_id)
    found = (
        select(Case.id, Case.number, Case.title, Case.state, Case.due_on, Case.paused, Case.due_provisional)
        .where(named, Case.state.in_(sorted(OPEN_STATES)))
        .order_by(Case.due_on.is_(None), Case.due_on, Case.id)
        .limit(MOST)
    )
    return list(db.session.execute(found))


def consultations(actor: Actor) -> list[Any]:
    """The last consultations the actor gave."""
    found = (
        select(Consultation)
        .where(Consultation.consultant_id == actor.user_id)
        .options(selectinload(Consultation.topics), joinedload(Consultation.consultant))
        .order_by(Consultation.at.desc(), Consultation.id.desc())
        .limit(MOST)
    )
    return list(db.session.scalars(found))
