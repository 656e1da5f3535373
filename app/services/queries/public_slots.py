"""What the public can book: the centres that offer a service, and the times at which a room and somebody on duty for it
are free. It names nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.organisation import Organisation
from app.models.room import PublicService, Room, RoomKind
from app.models.roster import DutyKind, Shift
from app.services import parameter
from app.services.occupancy import of_person, of_room
from app.services.queries.free_slots import policies, starts, taken
from app.services.queries.room_day import RoomLine, closures_in, gaps, rooms_of
from app.services.room_hours import at

NOTICE = timedelta(minutes=30)  # nobody books from outside what is about to begin
# Who serves: whoever stands in this roster then, at that centre and in that room. A visit is received by the desk.
DUTY = {PublicService.legal_consultation: DutyKind.adviser, PublicService.counselling: DutyKind.counsellor}
_room, _org, _account = Room.__table__, Organisation.__table__, Account.__table__
_OPEN = (_room.c.public_service.is_not(None), _room.c.active, _room.c.kind != RoomKind.private)
Spans = dict[int, list[tuple[datetime, datetime]]]


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that has a room for a service."""

    id: int
    name: str
    phone: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class PublicSlot:
    """A free time; `people` are the accounts one of whom serves, nobody for a visit."""

    room_id: int
    room: str
    place: str | None
    start: datetime
    end: datetime
    people: tuple[int, ...] = ()


def services() -> list[PublicService]:
    """What can be booked anywhere."""
    found = set(db.session.connection().execute(select(_room.c.public_service).distinct().where(*_OPEN)).scalars())
    return [one for one in PublicService if one in found]


def centres(service: PublicService) -> list[Centre]:
    """The centres that offer a service, the city's first."""
    columns = (_org.c.id, _org.c.name, _org.c.phone, _org.c.address)
    offers = select(_room.c.organisation_id).where(*_OPEN, _room.c.public_service == service)
    found = select(*columns).where(_org.c.id.in_(offers), _org.c.active).order_by(_org.c.path)
    return [Centre(*row) for row in db.session.connection().execute(found)]


def _lengths(service: PublicService, centre_id: int) -> dict[int, timedelta]:
    found = select(_room.c.id, _room.c.public_minutes).where(
        *_OPEN, _room.c.public_service == service, _room.c.organisation_id == centre_id
    )
    return {row.id: timedelta(minutes=row.public_minutes) for row in db.session.connection().execute(found)}


def _on_duty(service: PublicService, centre_id: int, first: date, last: date) -> list[Any]:
    """The published shifts of those who serve, in the order in which they are asked."""
    if service not in DUTY:
        return []
    found = (
        select(Shift.account_id, Shift.room_id, Shift.on, Shift.starts_at, Shift.ends_at)
        .join(_account, _account.c.id == Shift.account_id)
        .where(
            Shift.kind == DUTY[service],
            Shift.published,
            Shift.organisation_id == centre_id,
            Shift.on.between(first, last),
            _account.c.active,
        )
    )
    with system_scope("who serves the public"):
        return list(db.session.execute(found.order_by(Shift.on, Shift.starts_at, Shift.account_id)))


def _serving(duty: Sequence[Any], room_id: int, start: datetime, end: datetime, held: Spans) -> tuple[int, ...]:
    """Whose shift covers the time in that room, and who is not taken then."""
    return tuple(
        row.account_id
        for row in duty
        if row.on == start.date()
        and row.room_id in (None, room_id)
        and row.starts_at <= start.time()
        and at(row.on, row.ends_at) >= end
        and not any(b < end and e > start for b, e in held.get(of_person(row.account_id), ()))
    )


def _of_room(room: RoomLine, on: date, known: Any, shut: Sequence[Any], length: timedelta, policy: Any, held: Spans
) -> list[datetime]:  # fmt: skip
    kept = [(b - policy.buffer_after, e + policy.buffer_before) for b, e in held.get(of_room(room.id), ())]
    closed = [(row.starts_at, row.ends_at) for row in shut if row.room_id in (None, room.id)]
    return starts(gaps(room.week.on(on, known), on, sorted([*kept, *closed])), length, (), policy)


def slots(service: PublicService, centre_id: int, on: date | None = None) -> dict[date, list[PublicSlot]]:
    """The free times by day: of the days that can be booked, or of one of them; days without any are there, empty."""
    lengths = _lengths(service, centre_id)
    first, last = clock.today(), clock.today() + timedelta(days=parameter.number("public_days") - 1)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    if on is not None:
        days = [day for day in days if day == on]
    if not lengths or not days:
        return {}
    rooms, known = rooms_of(SYSTEM, lengths)
    start, end = at(days[0], time(0)), at(days[-1] + timedelta(days=1), time(0))
    duty = _on_duty(service, centre_id, days[0], days[-1])
    everybody = {row.account_id for row in duty}
    held = taken([*map(of_room, lengths), *map(of_person, everybody)], start, end)
    shut, rules, soon = closures_in(rooms, start, end), policies(list(lengths)), clock.now() + NOTICE
    found: dict[date, list[PublicSlot]] = {}
    for day in days:
        here = found[day] = []
        for room in rooms:
            length = lengths[room.id]
            for begin in _of_room(room, day, known, shut, length, rules[room.id], held):
                people = _serving(duty, room.id, begin, begin + length, held)
                if begin >= soon and (people or service not in DUTY):
                    here.append(PublicSlot(room.id, room.name, room.place, begin, begin + length, people))
        here.sort(key=lambda slot: (slot.start, slot.room_id))
    return found
