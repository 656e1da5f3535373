"""Calendars by secret address: making one, revoking it, and what stands in it as an iCalendar file."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import Actor, acting
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.late import late
from app.models.booking import BookingState
from app.models.feed import FeedAddress, FeedKind
from app.models.room import Room
from app.services.booking import find_room
from app.services.login_session import token_hash
from app.services.queries.room_day import Busy, bookings_in, bookings_of, rooms_of

icalendar = late("icalendar")

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
MOST = 20  # addresses of one account
_feed = FeedAddress.__table__


@unit_of_work
def make(actor: Actor, kind: FeedKind, room_id: int | None = None) -> tuple[FeedAddress, str]:
    """A new secret address of the actor; the secret is told once and kept only as a hash."""
    if not actor.may("read", "Booking" if kind is FeedKind.person else "Room"):
        raise NotAllowed()
    room: Room | None = find_room(room_id) if kind is FeedKind.room and room_id is not None else None
    if kind is FeedKind.room and room is None:
        raise Invalid(errors={"room": [_("Please choose a room.")]})
    if len(mine(actor)) >= MOST:
        raise Invalid(_("You have %(most)d addresses; please revoke one first.", most=MOST))
    token = secrets.token_urlsafe(32)
    row: Any = FeedAddress(
        user_id=actor.user_id, kind=kind, room_id=room.id if room is not None else None, token_hash=token_hash(token)
    )
    db.session.add(row)
    db.session.flush()
    return row, token


def mine(actor: Actor) -> list[FeedAddress]:
    """The addresses of the actor that still lead somewhere."""
    found = select(FeedAddress).where(FeedAddress.user_id == actor.user_id, FeedAddress.revoked_at.is_(None))
    return list(db.session.scalars(found.order_by(FeedAddress.id)))


@unit_of_work
def revoke(actor: Actor, feed_id: int) -> None:
    """From now on the address leads nowhere."""
    row = db.session.scalar(select(FeedAddress).where(FeedAddress.id == feed_id, FeedAddress.user_id == actor.user_id))
    if row is None:
        raise NotFound()
    row.revoked_at = row.revoked_at or clock.now()


@contextmanager
def opened(token: str, *kinds: FeedKind) -> Iterator[tuple[Any, Actor]]:
    """The address of a secret and its owner, who acts inside the block; whatever is wrong with it, it is not there."""
    found = select(_feed).where(_feed.c.token_hash == token_hash(token), _feed.c.revoked_at.is_(None))
    row = db.session.connection().execute(found).one_or_none()
    account = account_row(row.user_id) if row is not None and row.kind in kinds else None
    if account is None or not account["active"]:
        raise NotFound()
    actor = actor_of(account)
    if not actor.may("read", "Booking" if row.kind is FeedKind.person else "Room"):
        raise NotFound()
    with acting(actor):
        yield row, actor


def _event(busy: Busy, room: str, stamp: datetime) -> Any:
    event = icalendar.Event()
    known = busy.purpose is not None and busy.state is not None
    event.add("uid", f"{busy.number}@portal" if known else f"{busy.room_id}-{busy.starts_at.timestamp():.0f}@portal")
    event.add("dtstamp", stamp)
    event.add("dtstart", busy.starts_at.astimezone(UTC))
    event.add("dtend", busy.ends_at.astimezone(UTC))
    said = [str(busy.purpose.label)] if busy.purpose is not None else [_("Taken (content not public)")]
    if busy.title and not busy.secret:
        said.append(busy.title)
    event.add("summary", " · ".join(said))
    if room:
        event.add("location", room)
    if known:
        event.add("description", busy.number)
        event.add("sequence", busy.version or 0)
    event.add("status", "TENTATIVE" if busy.state is BookingState.requested else "CONFIRMED")
    if busy.secret or not known:
        event.add("class", "PRIVATE")
    return event


def calendar_of(row: Any, actor: Actor) -> bytes:
    """The file of an address: what its owner may see, without the names of those who come."""
    now = clock.now().replace(microsecond=0)
    start, end = now - BACK, now + AHEAD
    rooms, _known = rooms_of(actor, None if row.room_id is None else [row.room_id])
    names = {room.id: room.name for room in rooms}
    if row.kind is FeedKind.room:
        if row.room_id not in names:
            raise NotFound()
        name, found = names[row.room_id], bookings_in(actor, [row.room_id], start, end)
    else:
        name, found = actor.name, bookings_of(actor, actor.user_id or 0, start, end)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//appeals-centre-portal//rooms//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", "PT15M")
    calendar.add("refresh-interval", timedelta(minutes=15))
    stamp = now.astimezone(UTC)
    for busy in found:
        calendar.add_component(_event(busy, names.get(busy.room_id, ""), stamp))
    return bytes(calendar.to_ical())
