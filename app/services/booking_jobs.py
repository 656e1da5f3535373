"""What happens to bookings by the clock: it is tomorrow, nobody came, nobody decided, it is over; and who waits."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db, unit_of_work
from app.models.booking import UNSETTLED, Booking, BookingState, WaitingEntry, WaitingState
from app.models.room import Room
from app.services import occupancy, offers
from app.services.booking import release
from app.services.booking_notice import text_contact
from app.services.booking_steps import finish
from app.services.occupancy import of_person, of_room
from app.services.queries.booking_facts import people_of
from app.services.sms import quiet_until

MOST = 500
AHEAD = timedelta(days=800)  # further than any room can be booked
_booking, _waiting = Booking.__table__, WaitingEntry.__table__


def _keys(table: Any, *clauses: Any) -> list[int]:
    found = select(table.c.id).where(*clauses).order_by(table.c.id).limit(MOST)
    return list(db.session.connection().execute(found).scalars())


def _lock(bookings: Iterable[int], entries: Iterable[int]) -> list[int]:
    """All rooms and people concerned, at once and so in the one order; gives the rooms somebody waits for."""
    rooms = set(
        db.session.connection().execute(select(_booking.c.room_id).where(_booking.c.id.in_(bookings))).scalars()
    )
    rooms |= set(
        db.session.connection().execute(select(_waiting.c.room_id).where(_waiting.c.id.in_(entries))).scalars()
    )
    waited = select(_waiting.c.room_id).distinct().where(_waiting.c.state == WaitingState.waiting)
    wanted = sorted(db.session.connection().execute(waited).scalars())
    people = {of_person(key) for one in bookings for key in people_of(one)}
    occupancy.lock({of_room(key) for key in rooms | set(wanted)} | people)
    return wanted


def _expire(key: int) -> int:
    """An offer nobody took, or a place in the line for a time that has come."""
    entry = db.session.scalar(select(WaitingEntry).where(WaitingEntry.id == key).with_for_update())
    if entry is not None and offers.over(entry, clock.now()):
        offers.expire(entry, entry.room)
        return 1
    if entry is not None and entry.state is WaitingState.waiting and entry.starts_at <= clock.now():
        entry.state = WaitingState.expired
        return 1
    return 0


def _release(key: int) -> int:
    booking = db.session.scalar(select(Booking).where(Booking.id == key).with_for_update())
    if booking is None or booking.state not in UNSETTLED or booking.release_at > clock.now():
        return 0
    release(booking)
    return 1


def _offer_on(rooms: Iterable[int]) -> int:
    """Whatever has become free in any way is offered to whoever waits for it."""
    now = clock.now()
    found = db.session.scalars(select(Room).where(Room.id.in_(list(rooms))).order_by(Room.id)).all()
    return sum(len(offers.offer_next(room, now, now + AHEAD)) for room in found)


@unit_of_work
def settle_due() -> int:
    """Carry out what the clock has decided already; the number of rows changed. Safe to run twice."""
    now = clock.now()
    late = _keys(_booking, _booking.c.state.in_(UNSETTLED), _booking.c.release_at <= now)
    ended = _keys(_booking, _booking.c.state == BookingState.checked_in, _booking.c.ends_at <= now)
    stale = (_waiting.c.state == WaitingState.offered) & (_waiting.c.offered_until <= now)
    past = (_waiting.c.state == WaitingState.waiting) & (_waiting.c.starts_at <= now)
    entries = _keys(_waiting, or_(stale, past))
    with acting(SYSTEM), system_scope("bookings whose time is up"):
        wanted = _lock([*late, *ended], entries)
        changed = sum(map(_release, late)) + sum(map(_expire, entries))
        for key in ended:
            finish(SYSTEM, key, {})
        return changed + len(ended) + _offer_on(wanted)


@unit_of_work
def remind_contacts() -> int:
    """Text whoever comes from outside tomorrow, once, and only while a text may leave at once: held over the night, it
    would say "tomorrow" on the day itself. Who booked today was told so today. The number of texts written."""
    now = clock.now()
    if quiet_until(now) is not None:
        return 0
    today = datetime.combine(now.date(), time(), LOCAL)
    tomorrow = today + timedelta(days=1)
    with acting(SYSTEM), system_scope("bookings of tomorrow"):
        coming = select(Booking).where(
            Booking.state == BookingState.confirmed,
            Booking.starts_at >= tomorrow,
            Booking.starts_at < tomorrow + timedelta(days=1),
            Booking.created_at < today,
            Booking.contact_phone.is_not(None),
        )
        rows = db.session.scalars(coming.options(selectinload(Booking.room)).order_by(Booking.starts_at, Booking.id))
        return sum(text_contact(SYSTEM, "reminder", booking) is not None for booking in rows.all())
