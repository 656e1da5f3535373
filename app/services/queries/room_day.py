"""Rooms and what stands in them on a day or a week: three selects, whatever the number of rooms and bookings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, bindparam, literal, literal_column, null, or_, select, true

from app.access.actor import Actor
from app.access.rules.rooms import booking_rule
from app.access.scope import criteria
from app.core import clock
from app.core.db import UtcDateTime, db
from app.core.nested import Nested
from app.core.upsert import dialect
from app.models.account import Account
from app.models.booking import HOLDING, UNSETTLED, Booking, BookingState, Purpose, WaitingEntry, occupancy
from app.models.closure import Closure, RoomHours
from app.models.public_hold import PublicHold
from app.models.room import Room, RoomKind
from app.services.occupancy import LONGEST, of_person, seconds
from app.services.room_hours import Hours, Week, at, week_of
from app.services.working_calendar import calendar, mark_columns

_room, _booking, _account = Room.__table__, Booking.__table__, Account.__table__
_hours, _closure = RoomHours.__table__, Closure.__table__
_waiting, _hold = WaitingEntry.__table__, PublicHold.__table__
OFFERED, HELD = 1, 2
ROOMS: Any = bindparam("rooms", expanding=True)
CENTRES: Any = bindparam("centres", expanding=True)
BEGINS, ENDS, NOW = (bindparam(name, type_=UtcDateTime()) for name in ("begins", "ends", "now"))
MARKS = len(mark_columns())
SHOWN = (*HOLDING, BookingState.finished)
_WEEK = Nested(_hours, _hours.c.room_id, {name: _hours.c[name] for name in ("id", "weekday", "opens_at", "closes_at")})


@dataclass(slots=True)
class RoomLine:
    """A room as the calendar shows it."""

    id: int
    name: str
    place: str | None
    capacity: int
    kind: RoomKind
    organisation_id: int
    manager: str | None
    week: Week
    bookings: list["Busy"] = field(default_factory=list)
    closures: list[Any] = field(default_factory=list)

    @property
    def bookable(self) -> bool:
        """Whether it can be booked at all."""
        return self.kind is not RoomKind.private


class Busy(NamedTuple):
    """A time that is taken; what it is about only when the actor may know (`id` is then set)."""

    room_id: int
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime
    occupied_until: datetime
    id: int | None = None
    number: str | None = None
    purpose: Purpose | None = None
    state: BookingState | None = None
    secret: bool = False
    title: str | None = None
    by: str | None = None
    version: int | None = None
    offer: bool = False


def _times(raw: Any) -> Any:
    return time.fromisoformat(raw) if isinstance(raw, str) else raw


@lru_cache(maxsize=256)
def _rooms(actor: Actor, engine: str) -> Select[Any]:
    """The statement of `rooms_of`; making it is dearer than carrying it out, so each actor's is kept."""
    marks = [column.label(f"mark{place}") for place, column in enumerate(mark_columns())]
    columns = [_room.c[name] for name in ("id", "name", "place", "capacity", "kind", "organisation_id", "opens_at",
                                          "closes_at", "on_rest_days")]  # fmt: skip
    return (
        select(*columns, _account.c.first_name.label("manager"), _WEEK.column(_room.c.id, engine).label("week"), *marks)
        .outerjoin(_account, _account.c.id == _room.c.manager_id)
        .where(_room.c.active, true() if actor.system else criteria(Room, actor))
        .order_by(_room.c.organisation_id, _room.c.sort, _room.c.id)
    )


def rooms_of(
    actor: Actor, ids: Iterable[int] | None = None, purpose: Purpose | None = None
) -> tuple[list[RoomLine], Any]:
    """The rooms in use that exist for the actor, in their order, and the working calendar: one select."""
    statement = _rooms(actor, dialect())
    if ids is not None:
        statement = statement.where(_room.c.id.in_(list(ids)))
    found, marked = [], None
    for row in db.session.connection().execute(statement):
        marked = marked or tuple(row[-MARKS:])
        said = _WEEK.read(row.week)
        for one in said:
            one.opens_at, one.closes_at = _times(one.opens_at), _times(one.closes_at)
        found.append(
            RoomLine(row.id, row.name, row.place, row.capacity, row.kind, row.organisation_id, row.manager,
                     week_of(row, said))
        )  # fmt: skip
    return found, calendar(marked)


def _columns(actor: Actor) -> Select[Any]:
    """A booking, and whether it exists for the actor; `_busy` tells of the others the time and nothing else."""
    seen = true() if actor.system else booking_rule(actor)
    names = ("room_id", "starts_at", "ends_at", "occupied_from", "occupied_until", "state", "id", "number", "purpose",
             "title", "secret", "version")  # fmt: skip
    released = (_booking.c.release_at <= NOW).label("released")
    return select(
        *(_booking.c[name] for name in names),
        released,
        _account.c.first_name,
        seen.label("seen"),
        literal(0).label("offer"),
    ).outerjoin(_account, _account.c.id == _booking.c.booked_by_id)


def _kept(table: Any, until: Any, offer: int, like: Select[Any]) -> Select[Any]:
    """What is kept for the waiting list, or while somebody fills in the public page, in the same columns."""
    said = {
        **{name: table.c[name] for name in ("room_id", "starts_at", "ends_at")},
        "occupied_from": table.c.starts_at,
        "occupied_until": table.c.ends_at,
        "offer": literal(offer),
    }
    columns = [said.get(column.name, null()).label(column.name) for column in like.selected_columns]
    return select(*columns).where(
        table.c.room_id.in_(ROOMS), until > NOW, table.c.starts_at < ENDS, table.c.ends_at > BEGINS
    )


@lru_cache(maxsize=256)
def _standing(actor: Actor) -> CompoundSelect[Any]:
    """The statement of `bookings_in`, kept for each actor like that of the rooms."""
    # The state is looked at below: an index of states would otherwise tempt the database to walk all years.
    base = _columns(actor).where(_booking.c.room_id.in_(ROOMS))
    today = base.where(_booking.c.occupied_from >= BEGINS, _booking.c.occupied_from < ENDS)
    # Bare, so that both engines see the condition of the partial index in it.
    longer = base.where(
        literal_column("booking.overnight"), _booking.c.occupied_from < BEGINS, _booking.c.occupied_until > BEGINS
    )
    offers = _kept(_waiting, _waiting.c.offered_until, OFFERED, base)
    holds = _kept(_hold, _hold.c.expires_at, HELD, base).where(_hold.c.booking_id.is_(None))
    return today.union_all(longer, offers, holds)


def _busy(row: Any) -> Busy | None:
    (room_id, starts, ends, since, until, state, key, number, purpose, title, secret, version, released, by, seen,
     offer) = row  # fmt: skip
    if offer:
        return Busy(room_id, starts, ends, since, until, offer=offer == OFFERED)
    if state not in SHOWN or (released and state in UNSETTLED):
        return None
    if not seen:
        return Busy(room_id, starts, ends, since, until)
    return Busy(room_id, starts, ends, since, until, key, number, purpose, state, bool(secret), title, by, version)


def bookings_in(actor: Actor, rooms: Sequence[int], start: datetime, end: datetime) -> list[Busy]:
    """What stands in these rooms between two moments, by room and time: one select over two indexes."""
    if not rooms:
        return []
    given = {"rooms": list(rooms), "begins": start, "ends": end, "now": clock.now()}
    found = db.session.connection().execute(_standing(actor), given).all()
    return sorted((one for row in found if (one := _busy(row)) is not None), key=itemgetter(0, 1))


def bookings_of(actor: Actor, account_id: int, start: datetime, end: datetime) -> list[Busy]:
    """What a person takes part in between two moments."""
    held = select(occupancy.c.booking_id).where(
        occupancy.c.resource == of_person(account_id),
        occupancy.c.begins < seconds(end),
        occupancy.c.begins > seconds(start) - LONGEST,
        occupancy.c.ends > seconds(start),
    )
    found = _columns(actor).where(_booking.c.id.in_(held), _booking.c.state.in_(SHOWN))
    rows = db.session.connection().execute(found, {"now": clock.now()})
    return sorted((one for row in rows if (one := _busy(row)) is not None), key=itemgetter(1))


_CLOSED = (
    select(_closure.c.room_id, _closure.c.organisation_id, _closure.c.starts_at, _closure.c.ends_at, _closure.c.reason)
    .where(
        or_(_closure.c.room_id.in_(ROOMS), _closure.c.room_id.is_(None) & _closure.c.organisation_id.in_(CENTRES)),
        _closure.c.ends_at > BEGINS,
        _closure.c.starts_at < ENDS,
    )
    .order_by(_closure.c.starts_at)
)


def closures_in(rooms: Sequence[RoomLine], start: datetime, end: datetime) -> list[Any]:
    """The closures of these rooms, and of all rooms of their centres, between two moments."""
    centres = sorted({room.organisation_id for room in rooms})
    given = {"rooms": [room.id for room in rooms], "centres": centres, "begins": start, "ends": end}
    return list(db.session.connection().execute(_CLOSED, given))


def day(actor: Actor, on: date, days: int = 1, ids: Iterable[int] | None = None) -> tuple[list[RoomLine], Any]:
    """The rooms with what stands in them from a day on, and the working calendar."""
    rooms, known = rooms_of(actor, ids)
    start, end = at(on, time(0)), at(on + timedelta(days=days), time(0))
    by_id = {room.id: room for room in rooms}
    keys = list(by_id)
    for busy in bookings_in(actor, keys, start, end):
        by_id[busy.room_id].bookings.append(busy)
    for row in closures_in(rooms, start, end):
        for room in rooms:
            if row.room_id == room.id or (row.room_id is None and row.organisation_id == room.organisation_id):
                room.closures.append(row)
    return rooms, known


def free(room: RoomLine, on: date, known: Any) -> list[tuple[datetime, datetime]]:
    """When the room is still free within its hours of that day."""
    taken = [(busy.occupied_from, busy.occupied_until) for busy in room.bookings]
    taken += [(row.starts_at, row.ends_at) for row in room.closures]
    hours = room.week.on(on, known) if room.bookable else ()
    return gaps(hours, on, sorted(taken))


def gaps(hours: Hours, on: date, taken: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The hours of a day without what is taken, in order."""
    found = []
    for opens, closes in hours:
        start, end = at(on, opens), at(on, closes)
        for begins, ends in taken:
            if begins >= end:
                break
            if begins > start:
                found.append((start, begins))
            start = max(start, ends)
        if start < end:
            found.append((start, end))
    return found
