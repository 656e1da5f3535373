"""The steps of a booking: confirm, check in, finish, cancel, move, amend. One verb, one transaction each."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.booking import Booking, BookingState
from app.models.room import Room, RoomKind
from app.services import occupancy, offers
from app.services.booking import COURSE, fill, let_go, must_be_free, place, release_at, spans_wished
from app.services.booking_notice import tell_booking, text_contact
from app.services.booking_rules import Wish, needs_approval, occupied, read_wish, span_text
from app.services.course import keep
from app.services.occupancy import of_person, of_room, spans_of
from app.services.queries.booking_facts import facts_of, manager_of, people_of
from app.workflow.booking_facts import BookingFacts

Data = Mapping[str, Any]
_booking = Booking.__table__


def _text(data: Data, name: str) -> str | None:
    return (data.get(name) or "").strip() or None


def _lock_for(booking_id: int, *more: int) -> None:
    """Wait for the room and the people of a booking before taking it up (the order of occupancy.py)."""
    found = select(_booking.c.room_id).where(_booking.c.id == booking_id)
    room_id = db.session.connection().execute(found).scalar_one_or_none()
    if room_id is not None:
        occupancy.lock([of_room(room_id), *(of_person(key) for key in people_of(booking_id)), *more])


def _take(
    actor: Actor, booking_id: int, version: int | None, name: str, reason: str | None = None, more: Iterable[int] = ()
) -> tuple[Booking, BookingFacts]:
    _lock_for(booking_id, *more)
    return COURSE.take(actor, booking_id, version, name, reason)


def _carry(
    actor: Actor, booking_id: int, data: Data, version: int | None, name: str, said: str | None
) -> tuple[Booking, BookingFacts]:
    booking, facts = _take(actor, booking_id, version, name, said)
    COURSE.carry_out(actor, booking, facts, name, data, reason=said)
    return booking, facts


def _concerned(booking: Booking, facts: BookingFacts) -> list[int | None]:
    return [booking.booked_by_id, *sorted(facts.people)]


def _give_back(actor: Actor, booking_id: int, data: Data, version: int | None, name: str, told: str) -> Booking:
    """The room is free again; everybody concerned is told why."""
    reason = _text(data, "reason")
    booking, facts = _carry(actor, booking_id, data, version, name, reason)
    booking.reason = (reason or "")[:500]
    keep(booking)
    let_go(booking)
    tell_booking(actor, name, booking, _concerned(booking, facts))
    text_contact(actor, told, booking)
    return keep(booking)


@unit_of_work
def confirm(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """The manager of the room says yes."""
    booking, facts = _carry(actor, booking_id, data, version, "confirm", _text(data, "note"))
    booking.release_at = release_at(booking.starts_at, booking.room)
    tell_booking(actor, "confirm", booking, _concerned(booking, facts))
    text_contact(actor, "confirmed", booking)
    return keep(booking)


@unit_of_work
def reject(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """The manager of the room says no, and why."""
    return _give_back(actor, booking_id, data, version, "reject", "rejected")


@unit_of_work
def check_in(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """The people are there."""
    note = _text(data, "note")
    booking, facts = _take(actor, booking_id, version, "check_in", note)
    row = COURSE.carry_out(actor, booking, facts, "check_in", data, reason=note)
    booking.checked_in_at = row.at
    return keep(booking)


@unit_of_work
def finish(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """It is over; what is left of the time is free again."""
    booking, facts = _carry(actor, booking_id, data, version, "finish", _text(data, "note"))
    now = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    if booking.starts_at < now < booking.ends_at:
        rest = booking.occupied_until
        booking.ends_at = now
        booking.occupied_from, booking.occupied_until = occupied(booking.room, booking.starts_at, now)
        keep(booking)
        occupancy.let_go(booking_id=booking.id)
        occupancy.hold(spans_of(booking, facts.people), booking_id=booking.id)
        offers.offer_next(booking.room, now, rest)
    return keep(booking)


@unit_of_work
def cancel(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """Give the room back, and say why; everybody concerned is told."""
    return _give_back(actor, booking_id, data, version, "cancel", "cancelled")


def _moved(booking: Booking, room: Room, start: datetime, end: datetime, facts: BookingFacts) -> Wish:
    return Wish(
        room,
        start,
        end,
        booking.purpose,
        people=sorted(facts.people),
        people_count=booking.people_count,
        title=booking.title,
        notes=booking.notes,
        equipment=list(booking.equipment),
        secret=booking.secret,
    )


def _must_be_asked_again(actor: Actor, booking: Booking, wish: Wish, facts: BookingFacts) -> bool:
    """Whether a confirmed booking needs a new yes where it goes: a room that asks for one, more time than was given."""
    if booking.state is not BookingState.confirmed or not needs_approval(actor, wish):
        return False
    if wish.room.id == booking.room_id and booking.starts_at <= wish.start and wish.end <= booking.ends_at:
        return False
    decides = actor.user_id == manager_of(wish.room.id)[0] or actor.may("oversee", "Booking")
    return actor.user_id == booking.booked_by_id or not decides


@unit_of_work
def move(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """Move a booking to another time or room, or stretch it; refused as a new one would be."""
    room, note = data.get("room"), _text(data, "note")
    booking, facts = _take(actor, booking_id, version, "move", note, [of_room(room.id)] if room is not None else [])
    room = room or booking.room
    start, end = data.get("start") or booking.starts_at, data.get("end") or booking.ends_at
    wish, old = _moved(booking, room, clock.local(start), clock.local(end), facts), booking.room
    before, was = span_text(booking.starts_at, booking.ends_at), (booking.occupied_from, booking.occupied_until)
    again = _must_be_asked_again(actor, booking, wish, facts)
    told = {"from": [old.name, before], "to": [room.name, span_text(wish.start, wish.end)]}
    COURSE.carry_out(
        actor,
        booking,
        facts,
        "move",
        {**data, "room": room},
        reason=note,
        told=told,
        to=BookingState.requested if again else None,
    )
    read_wish(actor, wish, kept_start=booking.starts_at)
    with occupancy.politely():
        must_be_free(actor, wish, spans_wished(wish), besides=booking.id)
        place(booking, wish)
        booking.room = room
        keep(booking)
        occupancy.let_go(booking_id=booking.id)
        occupancy.hold(spans_of(booking, facts.people), booking_id=booking.id)
    if booking.state is BookingState.requested and room.kind is not RoomKind.approval:
        COURSE.carry_out(SYSTEM, booking, facts_of(booking), "admit")
    manager_id = manager_of(room.id)[0]
    if booking.state is BookingState.requested:
        tell_booking(actor, "asked", booking, [manager_id], room.name)
    tell_booking(
        actor, "move", booking, [*_concerned(booking, facts), manager_id], room.name, before=f"{old.name} {before}"
    )
    text_contact(actor, "moved", booking)
    offers.offer_next(old, *was)
    return keep(booking)


@unit_of_work
def amend(actor: Actor, booking_id: int, data: Data, version: int | None = None) -> Booking:
    """Set subject, people and contact anew; new people must be free."""
    chosen = [row.id for row in data.get("people") or ()]
    booking, facts = _take(actor, booking_id, version, "amend", more=[of_person(key) for key in chosen])
    wish = _moved(booking, booking.room, booking.starts_at, booking.ends_at, facts)
    wish.people, wish.people_count = chosen, data.get("people_count") or booking.people_count
    wish.title, wish.notes = data.get("title"), data.get("notes")
    wish.contact_name = data.get("contact_name", booking.contact_name)
    wish.contact_phone = data.get("contact_phone", booking.contact_phone)
    wish.equipment = list(data.get("equipment") or ())
    COURSE.carry_out(actor, booking, facts, "amend", data)
    read_wish(actor, wish, kept_start=booking.starts_at)
    with occupancy.politely():
        must_be_free(actor, wish, spans_wished(wish), besides=booking.id)
        with db.session.no_autoflush:
            fill(booking, wish)
        keep(booking)
        occupancy.let_go(booking_id=booking.id)
        occupancy.hold(spans_of(booking, wish.people), booking_id=booking.id)
    tell_booking(actor, "booked", booking, set(wish.people) - facts.people)
    return keep(booking)
