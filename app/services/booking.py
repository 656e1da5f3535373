"""Booking a room with its people: one verb, one transaction; nothing and nobody is ever taken twice (domain §6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import SYSTEM, Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models.account import Account
from app.models.booking import UNSETTLED, Booking, BookingState, Purpose, WaitingEntry
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.organisation import Organisation
from app.models.public_hold import PublicHold
from app.models.room import Room
from app.services import numbering, occupancy, offers
from app.services.booking_notice import tell_booking, text_contact
from app.services.booking_rules import Wish, needs_approval, read_wish
from app.services.clash import taken
from app.services.course import Course, announce_step, keep
from app.services.occupancy import Span, of_person, of_room
from app.services.queries.booking_facts import booking_steps, facts_of, manager_of, people_of
from app.workflow.booking_facts import BookingFacts
from app.workflow.booking_flow import BOOKING_FLOW
from app.workflow.engine import perform

COURSE: Course[Booking, BookingFacts] = Course(BOOKING_FLOW, Booking, facts_of, booking_steps)
_organisation = Organisation.__table__


# ---- what is there


def find_room(room_id: int) -> Room:
    """A room that exists for the actor."""
    room = db.session.scalar(select(Room).where(Room.id == room_id))
    if room is None:
        raise NotFound()
    return room


def _find_case(case_id: int | None) -> Case | None:
    """The case, kept from being changed by a step until we are done (always before rooms and people)."""
    if case_id is None:
        return None
    locked = select(Case).where(Case.id == case_id).with_for_update(read=True, key_share=True)
    case = db.session.scalar(locked)
    if case is None:
        raise Invalid(errors={"case": [_l("This case does not exist, or is not yours to see.")]})
    return case


def _items(keys: Iterable[Any]) -> list[CodeItem]:
    wanted = [key if isinstance(key, int) else key.id for key in keys]
    return list(db.session.scalars(select(CodeItem).where(CodeItem.id.in_(wanted)))) if wanted else []


def _accounts(keys: Sequence[int]) -> list[Account]:
    if not keys:
        return []
    with system_scope("the people of a booking"):
        return list(db.session.scalars(select(Account).where(Account.id.in_(keys)).order_by(Account.id)))


# ---- what has let go without being told so


def settle(spans: Sequence[Span], besides: int | None = None) -> list[Any]:
    """What stands there, after bookings nobody came to and offers nobody took have let go; all must be locked."""
    locked = {span.resource for span in spans}
    rows = occupancy.standing(spans, besides)
    while _settled(rows, locked):
        rows = occupancy.standing(spans, besides)
    return rows


def _settled(rows: Sequence[Any], locked: set[int]) -> bool:
    """Whether one of these had to let go, so that it must be looked again."""
    now, changed = clock.now(), False
    with system_scope("bookings and offers whose time is up"):
        for booking in _of_rows(Booking, {row.booking_id for row in rows if row.booking_id is not None}):
            if booking.state in UNSETTLED and booking.release_at <= now:
                release(booking, of_room(booking.room_id) in locked)
                changed = True
        for entry in _of_rows(WaitingEntry, {row.waiting_id for row in rows if row.waiting_id is not None}):
            if offers.over(entry, now):
                offers.expire(entry, entry.room)
                changed = True
        for kept in _of_rows(PublicHold, {row.hold_id for row in rows if row.hold_id is not None}):
            if kept.expires_at <= now:
                occupancy.let_go(hold_id=kept.id)
                changed = True
    return changed


def _of_rows(model: Any, keys: set[int]) -> list[Any]:
    if not keys:
        return []
    found = select(model).where(model.id.in_(keys)).order_by(model.id).with_for_update()
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def release(booking: Booking, offer: bool = True) -> None:
    """A booking nobody came to, or nobody decided on in time, is over; its room must be locked to be offered on."""
    name = "release" if booking.state is BookingState.confirmed else "lapse"
    people = people_of(booking.id)
    COURSE.carry_out(SYSTEM, booking, facts_of(booking), name)
    db.session.flush()
    if offer:
        let_go(booking)
    else:  # the job offers it to whoever waits
        occupancy.let_go(booking_id=booking.id)
    tell_booking(SYSTEM, name, booking, [booking.booked_by_id, *people])
    if name == "lapse":
        text_contact(SYSTEM, "rejected", booking)


def let_go(booking: Booking) -> None:
    """What the booking held is free, and offered to whoever waits."""
    occupancy.let_go(booking_id=booking.id)
    offers.offer_next(booking.room, booking.occupied_from, booking.occupied_until)


# ---- booking


def must_be_free(actor: Actor, wish: Wish, spans: Sequence[Span], besides: int | None = None) -> None:
    """Settle what is there; refuse when something still stands."""
    rows = settle(spans, besides)
    if rows:
        raise taken(actor, wish.room, wish.names, rows)


def spans_wished(wish: Wish) -> list[Span]:
    """What a wish takes: the room with its buffers, the people for the time itself."""
    start, end = wish.occupied
    room = Span(of_room(wish.room.id), start, end)
    return [room, *(Span(of_person(key), wish.start, wish.end) for key in wish.people)]


def release_at(start: datetime, room: Room) -> datetime:
    """When the room is released if nobody comes."""
    return max(start, clock.now()) + timedelta(minutes=room.no_show_minutes)


def place(booking: Booking, wish: Wish) -> None:
    """Room and time of a wish, onto the booking."""
    start, end = wish.occupied
    booking.room_id, booking.organisation_id = wish.room.id, wish.room.organisation_id
    booking.starts_at, booking.ends_at = wish.start, wish.end
    booking.occupied_from, booking.occupied_until = start, end
    booking.overnight = clock.local(start).date() != clock.local(end).date()
    booking.release_at = release_at(wish.start, wish.room)


def fill(booking: Booking, wish: Wish) -> None:
    """What it is about, onto the booking."""
    booking.title, booking.notes = wish.title, wish.notes
    booking.people_count = wish.people_count or 1
    booking.contact_name, booking.contact_phone = wish.contact_name, wish.contact_phone
    booking.people, booking.equipment = _accounts(wish.people), list(wish.equipment)


def _number(wish: Wish) -> str:
    found = select(_organisation.c.number_prefix).where(_organisation.c.id == wish.room.organisation_id)
    prefix = db.session.connection().execute(found).scalar_one_or_none()
    return numbering.next_number(f"YY-{prefix}" if prefix else "YY", wish.start.year)


def _make(actor: Actor, wish: Wish, series_id: int | None) -> Booking:
    booking = Booking(purpose=wish.purpose, secret=wish.secret, booked_by_id=actor.user_id, series_id=series_id)
    booking.case_id = wish.case.id if wish.case is not None else None
    place(booking, wish)
    with db.session.no_autoflush:
        fill(booking, wish)
    manager_id, manager = manager_of(wish.room.id)
    facts = BookingFacts(clock.now(), people=frozenset(wish.people), manager_id=manager_id, manager_name=manager)
    steps = [perform(BOOKING_FLOW, booking, "book", actor, facts)]
    if not needs_approval(actor, wish):
        again = BookingFacts(facts.now, 2, people=facts.people, manager_id=manager_id, manager_name=manager)
        steps.append(perform(BOOKING_FLOW, booking, "admit", SYSTEM, again))
    booking.number = _number(wish)
    db.session.add(booking)
    keep(booking)
    for row in steps:
        row.booking_id = booking.id
        db.session.add(row)
        announce_step(booking, row)
    occupancy.hold(spans_wished(wish), booking_id=booking.id)
    if booking.state is BookingState.requested:
        tell_booking(actor, "asked", booking, [manager_id], wish.room.name)
    elif series_id is None:
        text_contact(actor, "confirmed", booking)
    tell_booking(actor, "booked", booking, wish.people, wish.room.name)
    return keep(booking)


@unit_of_work
def book_wish(actor: Actor, wish: Wish, series_id: int | None = None) -> Booking:
    """Book what is wished for, or say what is against it; the rules first, then what stands there."""
    if not actor.may("book", "Booking"):
        raise NotAllowed()
    if wish.case is not None:
        wish.case = _find_case(wish.case.id)
    read_wish(actor, wish)
    spans = spans_wished(wish)
    with occupancy.politely():
        occupancy.lock(span.resource for span in spans)
        must_be_free(actor, wish, spans)
        return _make(actor, wish, series_id)


@unit_of_work
def book(
    actor: Actor,
    room_id: int,
    start: datetime,
    end: datetime,
    purpose: Purpose | str,
    people: Iterable[int] = (),
    *,
    case_id: int | None = None,
    title: str | None = None,
    people_count: int | None = None,
    contact_name: str | None = None,
    contact_phone: str | None = None,
    notes: str | None = None,
    equipment: Iterable[Any] = (),
    secret: bool = False,
    series_id: int | None = None,
) -> Booking:
    """Book a room (and people, by the numbers of their accounts) from `start` until `end`, half-open.

    Refused with Invalid (422, sentences by field) where a rule is against it, and with Taken (409, what stands there)
    where the room or a person is taken. Takes part in an outer transaction."""
    case = _find_case(case_id)
    wish = Wish(
        find_room(room_id),
        start,
        end,
        Purpose(purpose),
        people=[int(key) for key in people],
        people_count=people_count,
        title=title,
        case=case,
        contact_name=contact_name,
        contact_phone=contact_phone,
        notes=notes,
        equipment=_items(equipment),
        secret=secret,
    )
    return book_wish(actor, wish, series_id)
