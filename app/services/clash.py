"""What stands where somebody wants to book, in words: as much as that person may know, and with whom to solve it.

The same select and the same work whether a booking is confidential or not, so that the answer's time tells nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, true

from app.access.actor import Actor
from app.access.rules.rooms import booking_rule
from app.core.db import db
from app.models.account import Account
from app.models.booking import Booking, WaitingEntry
from app.models.room import Room
from app.services.booking_rules import span_text
from app.services.occupancy import Taken, moment, of_room
from app.services.queries.booking_facts import manager_of

_booking, _waiting = Booking.__table__, WaitingEntry.__table__
_account, _room = Account.__table__, Room.__table__


def _bookings(actor: Actor, keys: Sequence[int]) -> Mapping[int, Any]:
    seen = true() if actor.system else booking_rule(actor)
    found = (
        select(
            _booking.c.id,
            _booking.c.number,
            _booking.c.purpose,
            _booking.c.starts_at,
            _booking.c.ends_at,
            _room.c.name.label("room"),
            _account.c.first_name.label("by"),
            seen.label("seen"),
        )
        .join(_room, _room.c.id == _booking.c.room_id)
        .outerjoin(_account, _account.c.id == _booking.c.booked_by_id)
        .where(_booking.c.id.in_(keys))
    )
    return {row.id: row for row in db.session.connection().execute(found)}


def _offers(keys: Sequence[int]) -> Mapping[int, Any]:
    found = select(_waiting.c.id, _waiting.c.offered_until).where(_waiting.c.id.in_(keys))
    return {row.id: row.offered_until for row in db.session.connection().execute(found)}


def _of_the_room(room: Room, row: Any, booking: Any, offer: Any, manager: str | None) -> Any:
    span = span_text(moment(row.begins), moment(row.ends))
    if offer is not None:
        return _l(
            "%(room)s, %(span)s: kept for the waiting list until %(until)s.",
            room=room.name,
            span=span,
            until=f"{offer:%m-%d %H:%M}",
        )
    if booking is None or not booking.seen:
        if manager:
            return _l(
                "%(room)s is taken %(span)s (with its buffers). %(name)s, who manages the room, may help.",
                room=room.name,
                span=span,
                name=manager,
            )
        return _l(
            "%(room)s is taken %(span)s (with its buffers). The head of the centre may help.", room=room.name, span=span
        )
    said = {
        "room": room.name,
        "span": span_text(booking.starts_at, booking.ends_at),
        "purpose": booking.purpose.label,
        "number": booking.number,
        "by": booking.by or "—",
    }
    if manager:
        return _l(
            "%(room)s, %(span)s: %(purpose)s (%(number)s), booked by %(by)s. Please agree with %(by)s, or with "
            "%(manager)s, who manages the room.",
            **said,
            manager=manager,
        )
    return _l(
        "%(room)s, %(span)s: %(purpose)s (%(number)s), booked by %(by)s. Please agree with %(by)s.",
        **said,
    )


def _of_a_person(name: str, row: Any, booking: Any) -> Any:
    if booking is None or not booking.seen:
        return _l("%(name)s is not free %(span)s.", name=name, span=span_text(moment(row.begins), moment(row.ends)))
    return _l(
        "%(name)s is in %(room)s %(span)s: %(purpose)s (%(number)s).",
        name=name,
        room=booking.room,
        span=span_text(booking.starts_at, booking.ends_at),
        purpose=booking.purpose.label,
        number=booking.number,
    )


def taken(actor: Actor, room: Room, names: Mapping[int, str], rows: Sequence[Any]) -> Taken:
    """The refusal for these rows: a sentence for each, at the room or at the people, and the same for programs."""
    bookings = _bookings(actor, [row.booking_id for row in rows if row.booking_id is not None])
    offers = _offers([row.waiting_id for row in rows if row.waiting_id is not None])
    _manager_id, manager = manager_of(room.id)
    errors: dict[str, list[Any]] = {}
    standing = []
    for row in rows:
        booking, offer = bookings.get(row.booking_id), offers.get(row.waiting_id)
        here = row.resource == of_room(room.id)
        name = names.get((row.resource - 1) // 2, "")
        sentence = _of_the_room(room, row, booking, offer, manager) if here else _of_a_person(name, row, booking)
        errors.setdefault("start" if here else "people", []).append(sentence)
        known = booking if booking is not None and booking.seen else None
        standing.append(
            {
                "kind": "room" if here else "person",
                "name": room.name if here else name,
                "from": moment(row.begins).isoformat(),
                "until": moment(row.ends).isoformat(),
                "booking": None if known is None else known.id,
                "number": None if known is None else known.number,
            }
        )
    first = next(iter(errors.values()))[0]
    return Taken(first, errors=errors, standing=standing)
