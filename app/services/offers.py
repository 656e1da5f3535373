"""The waiting list's offers: what becomes free goes to whoever came first, for a time; then to the next (domain §6)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, system_scope
from app.core import clock
from app.core.db import db
from app.models.booking import WaitingEntry, WaitingState
from app.models.room import Room
from app.services import occupancy, parameter
from app.services.booking_notice import tell_waiting
from app.services.booking_rules import occupied, read_hours
from app.services.occupancy import Span, of_room


def _waiting(room_id: int, start: datetime, end: datetime) -> list[WaitingEntry]:
    found = select(WaitingEntry).where(
        WaitingEntry.room_id == room_id,
        WaitingEntry.state == WaitingState.waiting,
        WaitingEntry.starts_at < end,
        WaitingEntry.ends_at > start,
        WaitingEntry.starts_at > clock.now(),
    )
    return list(db.session.scalars(found.order_by(WaitingEntry.id).with_for_update()))


def offer_next(room: Room, start: datetime, end: datetime) -> list[WaitingEntry]:
    """Offer a time that has become free, first come first served; the room must be locked by the caller."""
    now, offered = clock.now(), []
    lasts = timedelta(minutes=parameter.number("offer_minutes"))
    with system_scope("the waiting list of a room"):
        for entry in _waiting(room.id, start, end):
            begins, ends = occupied(room, entry.starts_at, entry.ends_at)
            span = Span(of_room(room.id), begins, ends)
            if occupancy.standing([span]) or read_hours(room, entry.starts_at, entry.ends_at) is not None:
                continue
            entry.state, entry.offered_until = WaitingState.offered, min(now + lasts, entry.starts_at)
            db.session.flush()
            occupancy.hold([span], waiting_id=entry.id)
            tell_waiting(SYSTEM, "offered", entry, room, until=f"{entry.offered_until:%m-%d %H:%M}")
            offered.append(entry)
    return offered


def expire(entry: WaitingEntry, room: Room) -> None:
    """An offer nobody took: it goes to the next in line; the room must be locked by the caller."""
    entry.state, entry.offered_until = WaitingState.expired, None
    db.session.flush()
    occupancy.let_go(waiting_id=entry.id)
    tell_waiting(SYSTEM, "offer_expired", entry, room)
    offer_next(room, *occupied(room, entry.starts_at, entry.ends_at))


def over(entry: Any, now: datetime) -> bool:
    """Whether an offer's time is up."""
    return bool(entry.state is WaitingState.offered and entry.offered_until <= now)
