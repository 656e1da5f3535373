"""Closures and hours of rooms: what they say, and which bookings a closure hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.access.actor import SYSTEM, Actor
from app.access.rules.rooms import booking_rule
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import PortalError
from app.models.account import Account
from app.models.booking import HOLDING, Booking
from app.models.closure import Closure, RoomHours
from app.models.organisation import Level
from app.models.room import Room
from app.services.booking_notice import tell_booking
from app.services.booking_steps import cancel
from app.services.problems import Problems
from app.services.queries.booking_facts import people_of
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged, must_own

BACKWARDS = _l("The closure ends before it begins.")
HOURS = _l("The room closes before it opens.")
MOST = 200
_booking, _account, _room = Booking.__table__, Account.__table__, Room.__table__

register_sentences(
    {
        "ck_closure_time_order": ("ends_at", BACKWARDS),
        "ck_room_hours_hours_order": ("closes_at", HOURS),
        "uq_room_hours_room_weekday": ("opens_at", _l("These hours stand there already.")),
    }
)


@dataclass(frozen=True)
class Hit:
    """A booking that stands in a closure, as far as whoever closes the room may know: no more than that it is there."""

    id: int | None
    number: str | None
    room: str
    starts_at: datetime
    ends_at: datetime
    by: str | None


def _standing(closure: Closure) -> Select[Any]:
    place = (
        _booking.c.room_id == closure.room_id
        if closure.room_id
        else _booking.c.organisation_id == closure.organisation_id
    )
    return (
        select(_booking.c.id)
        .where(
            place,
            _booking.c.state.in_(HOLDING),
            _booking.c.starts_at < closure.ends_at,
            _booking.c.ends_at > closure.starts_at,
            _booking.c.ends_at > clock.now(),
        )
        .order_by(_booking.c.starts_at, _booking.c.id)
    )


def hits(actor: Actor, closure: Closure) -> list[Hit]:
    """The bookings a closure hits; of those that are not the actor's to see only room and time."""
    found = (
        _standing(closure)
        .add_columns(
            _booking.c.number,
            _booking.c.starts_at,
            _booking.c.ends_at,
            _room.c.name,
            _account.c.first_name,
            booking_rule(actor).label("seen"),
        )
        .join(_room, _room.c.id == _booking.c.room_id)
        .outerjoin(_account, _account.c.id == _booking.c.booked_by_id)
        .limit(MOST)
    )
    return [
        Hit(row.id, row.number, row.name, row.starts_at, row.ends_at, row.first_name)
        if row.seen
        else Hit(None, None, row.name, row.starts_at, row.ends_at, None)
        for row in db.session.connection().execute(found)
    ]


def _read(given: Mapping[str, Any], record: Closure | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    start, end = merged(values, record, "starts_at"), merged(values, record, "ends_at")
    if start and end and end <= start:
        problems.add("ends_at", BACKWARDS)
    room, centre = merged(values, record, "room"), merged(values, record, "organisation")
    if centre is not None and centre.level not in (Level.city, Level.township):
        problems.add("organisation", _l("Rooms belong to the centre of the city or of a town."))
    if room is not None and centre is not None and room.organisation_id != centre.id:
        problems.add("room", _l("%(room)s does not belong to this centre.", room=room.name))
    problems.stop()
    return values


def _tell(actor: Actor, closure: Closure) -> None:
    """Whoever has booked there is told, and decides."""
    keys = list(db.session.connection().execute(_standing(closure).limit(MOST)).scalars())
    found = select(_booking, _room.c.name.label("room_name")).join(_room, _room.c.id == _booking.c.room_id)
    for row in db.session.connection().execute(found.where(_booking.c.id.in_(keys))):
        tell_booking(SYSTEM, "closure", row, [row.booked_by_id, *people_of(row.id)], row.room_name)


@unit_of_work
def add_closure(actor: Actor, given: Mapping[str, Any]) -> Closure:
    """Close a room, or all rooms of a centre, for a time; those who booked it are told."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    closure: Closure = save_record(actor, Closure(), values)
    _tell(actor, closure)
    return closure


@unit_of_work
def change_closure(actor: Actor, closure: Closure, given: Mapping[str, Any]) -> Closure:
    """Change a closure."""
    must_own(actor, closure.organisation_id)
    saved: Closure = save_record(actor, closure, _read(given, closure))
    _tell(actor, saved)
    return saved


@unit_of_work
def delete_closure(actor: Actor, closure: Closure) -> None:
    """Open the room again."""
    must_own(actor, closure.organisation_id)
    delete_record(actor, closure)


def cancel_hits(actor: Actor, closure: Closure) -> tuple[int, int]:
    """Cancel what the closure hits, one booking after the other: (cancelled, left because the actor may not)."""
    reason, done, left = closure.reason, 0, 0
    for hit in hits(actor, closure):
        try:
            if hit.id is not None:
                cancel(actor, hit.id, {"reason": reason})
                done += 1
                continue
        except PortalError:
            db.session.rollback()
        left += 1
    return done, left


def _own_room(actor: Actor, record: RoomHours | None, given: Mapping[str, Any]) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    opens, closes = merged(values, record, "opens_at"), merged(values, record, "closes_at")
    if opens and closes and closes <= opens:
        problems.add("closes_at", HOURS)
    problems.stop()
    room = merged(values, record, "room")
    must_own(actor, room.organisation_id)
    others = select(RoomHours.id).where(
        RoomHours.room_id == room.id,
        RoomHours.weekday == merged(values, record, "weekday"),
        RoomHours.opens_at < closes,
        RoomHours.closes_at > opens,
    )
    if record is not None:
        others = others.where(RoomHours.id != record.id)
    if db.session.scalar(others.limit(1)) is not None:
        problems.add("opens_at", _l("These hours overlap others of the same day."))
    problems.stop()
    return values


@unit_of_work
def add_hours(actor: Actor, given: Mapping[str, Any]) -> RoomHours:
    """Say from when until when a room can be booked on a weekday."""
    return save_record(actor, RoomHours(), _own_room(actor, None, given))  # type: ignore[no-any-return]


@unit_of_work
def change_hours(actor: Actor, hours: RoomHours, given: Mapping[str, Any]) -> RoomHours:
    """Change these hours."""
    return save_record(actor, hours, _own_room(actor, hours, given))  # type: ignore[no-any-return]


@unit_of_work
def delete_hours(actor: Actor, hours: RoomHours) -> None:
    """Take these hours away."""
    must_own(actor, hours.room.organisation_id)
    delete_record(actor, hours)
