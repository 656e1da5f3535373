"""What the guards need to know about a booking, in two selects."""

from typing import Any

from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.booking import Booking, BookingStep, booking_person
from app.models.room import Room
from app.workflow.booking_facts import BookingFacts
from app.workflow.facts import Event

_account, _room = Account.__table__, Room.__table__


def booking_steps(booking_id: int) -> list[Any]:
    """The steps of a booking, first to last."""
    found = select(BookingStep).where(BookingStep.booking_id == booking_id).order_by(BookingStep.seq)
    with system_scope("the course of a booking taken up already"):
        return list(db.session.scalars(found))


def people_of(booking_id: int) -> list[int]:
    """The accounts that take part."""
    found = select(booking_person.c.account_id).where(booking_person.c.booking_id == booking_id)
    return sorted(db.session.connection().execute(found).scalars())


def manager_of(room_id: int) -> tuple[int | None, str | None]:
    """The manager of a room and his or her name."""
    found = (
        select(_account.c.id, _account.c.first_name)
        .join(_room, _room.c.manager_id == _account.c.id)
        .where(_room.c.id == room_id)
    )
    row = db.session.connection().execute(found).first()
    return (row[0], row[1]) if row is not None else (None, None)


def facts_of(booking: Booking) -> BookingFacts:
    """The facts of a booking, from the database."""
    steps = booking_steps(booking.id) if booking.id is not None else []
    manager = manager_of(booking.room_id)
    return BookingFacts(
        now=clock.now(),
        next_seq=max((step.seq for step in steps), default=0) + 1,
        course=tuple(Event(s.step, s.actor_id, s.from_state, s.to_state) for s in steps),
        people=frozenset(people_of(booking.id)) if booking.id is not None else frozenset(),
        manager_id=manager[0],
        manager_name=manager[1],
    )
