"""When a room, people and equipment are free together: the next times, whatever the room (domain §6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db
from app.models.account import RoleProfile
from app.models.booking import UNSETTLED, Booking, Purpose, WaitingEntry, occupancy
from app.models.code_table import CodeItem
from app.models.public_hold import PublicHold
from app.models.room import Room, room_booker, room_equipment, room_purpose
from app.models.roster import Shift
from app.services.occupancy import LONGEST, moment, of_person, of_room, seconds
from app.services.queries.room_day import RoomLine, closures_in, gaps, rooms_of
from app.services.room_hours import at

STEP = timedelta(minutes=30)
DAYS, MOST, PER_ROOM = 14, 24, 1
_item, _profile, _room = CodeItem.__table__, RoleProfile.__table__, Room.__table__
_booking, _waiting, _hold = Booking.__table__, WaitingEntry.__table__, PublicHold.__table__


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which everything asked for is free."""

    room: RoomLine
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for."""

    minutes: int
    purpose: Purpose | None = None
    people: Sequence[int] = ()
    people_count: int = 1
    equipment: Sequence[int] = ()
    room_id: int | None = None
    since: date | None = None
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a room that say when a booking may begin and how long it may last."""

    buffer_before: timedelta
    buffer_after: timedelta
    earliest: datetime
    latest: datetime
    longest: timedelta


def _codes(link: Any, target: Any, left: Any, right: Any) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = {}
    for room_id, value in db.session.connection().execute(select(left, right).join(target, link)):
        found.setdefault(room_id, set()).add(value)
    return found


def policies(ids: Sequence[int]) -> dict[int, Policy]:
    """The rules of these rooms."""
    columns = ("id", "buffer_before", "buffer_after", "lead_minutes", "ahead_days", "longest_minutes")
    found = select(*(_room.c[name] for name in columns)).where(_room.c.id.in_(ids))
    now = clock.now()
    return {
        row.id: Policy(
            timedelta(minutes=row.buffer_before),
            timedelta(minutes=row.buffer_after),
            now + timedelta(minutes=row.lead_minutes),
            at(now.date() + timedelta(days=row.ahead_days + 1), time(0)),
            timedelta(minutes=row.longest_minutes),
        )
        for row in db.session.connection().execute(found)
    }


def candidates(actor: Actor, asked: Asked) -> tuple[list[RoomLine], Any]:
    """The rooms that suit: bookable for the actor, large enough, for that purpose, with that equipment."""
    rooms, known = rooms_of(actor, None if asked.room_id is None else [asked.room_id])
    purposes = _codes(room_purpose.c.item_id == _item.c.id, _item, room_purpose.c.room_id, _item.c.code)
    bookers = _codes(room_booker.c.role_id == _profile.c.role_id, _profile, room_booker.c.room_id, _profile.c.code)
    has = _codes(room_equipment.c.item_id == _item.c.id, _item, room_equipment.c.room_id, _item.c.id)
    suits = [
        room
        for room in rooms
        if room.bookable
        and room.capacity >= max(asked.people_count, len(asked.people))
        and (asked.purpose is None or not purposes.get(room.id) or asked.purpose.value in purposes[room.id])
        and (not bookers.get(room.id) or actor.system or actor.roles & bookers[room.id])
        and set(asked.equipment) <= has.get(room.id, set())
    ]
    return suits, known


def taken(resources: Sequence[int], start: datetime, end: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
    """When these are taken; what has let go by the clock is free, whether the job has come round or not."""
    table, now = occupancy.c, clock.now()
    found = (
        select(table.resource, table.begins, table.ends)
        .outerjoin(_booking, _booking.c.id == table.booking_id)
        .outerjoin(_waiting, _waiting.c.id == table.waiting_id)
        .outerjoin(_hold, _hold.c.id == table.hold_id)
        .where(
            table.resource.in_(resources),
            table.begins < seconds(end),
            table.begins > seconds(start) - LONGEST,
            table.ends > seconds(start),
            or_(_booking.c.id.is_(None), _booking.c.state.not_in(UNSETTLED), _booking.c.release_at > now),
            or_(_waiting.c.id.is_(None), _waiting.c.offered_until > now),
            or_(_hold.c.id.is_(None), _hold.c.expires_at > now),
        )
    )
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in db.session.connection().execute(found.order_by(table.begins)):
        spans.setdefault(row.resource, []).append((moment(row.begins), moment(row.ends)))
    return spans


def _on_duty(people: Sequence[int], first: date, last: date) -> list[Any]:
    if not people:
        return []
    found = select(Shift.organisation_id, Shift.room_id, Shift.on, Shift.starts_at, Shift.ends_at)
    with system_scope("a person has one body, whatever the centre"):
        return list(
            db.session.execute(
                found.where(Shift.published, Shift.account_id.in_(people), Shift.on.between(first, last))
            )
        )


def starts(free: Sequence[tuple[datetime, datetime]], length: timedelta, busy: Sequence[tuple[datetime, datetime]],
            policy: Policy) -> list[datetime]:  # fmt: skip
    """The half hours at which `length` fits into what is free, with the buffers, while the people are free."""
    found = []
    for begins, ends in free:
        start = begins
        late = start.minute % 30
        if late:
            start += timedelta(minutes=30 - late)
        while start + length <= ends:
            end = start + length
            if policy.earliest <= start and end <= policy.latest and not any(b < end and e > start for b, e in busy):
                found.append(start)
            start += STEP
    return found


def find(actor: Actor, asked: Asked) -> list[Slot]:
    """The next times at which everything is free, the earliest first; a few for each room and day."""
    rooms, known = candidates(actor, asked)
    first = max(asked.since or clock.today(), clock.today())
    start, end = at(first, time(0)), at(first + timedelta(days=asked.days), time(0))
    held = taken([*(of_room(room.id) for room in rooms), *map(of_person, asked.people)], start, end)
    people = sorted(span for key in asked.people for span in held.get(of_person(key), ()))
    shifts = _on_duty(asked.people, first, first + timedelta(days=asked.days))
    closures, rules = closures_in(rooms, start, end) if rooms else [], policies([room.id for room in rooms])
    length, slots = timedelta(minutes=asked.minutes), []
    for offset in range(asked.days):
        on = first + timedelta(days=offset)
        for room in rooms:
            policy = rules[room.id]
            if length > policy.longest:
                continue
            shut = [
                (row.starts_at, row.ends_at)
                for row in closures
                if row.room_id in (None, room.id) and row.organisation_id == room.organisation_id
            ]
            kept = [(b - policy.buffer_after, e + policy.buffer_before) for b, e in held.get(of_room(room.id), ())]
            elsewhere = [
                (at(row.on, row.starts_at), at(row.on, row.ends_at))
                for row in shifts
                if row.on == on and (row.organisation_id != room.organisation_id or row.room_id not in (None, room.id))
            ]
            free = gaps(room.week.on(on, known), on, sorted([*kept, *shut]))
            found = starts(free, length, [*people, *elsewhere], policy)
            slots += [Slot(room, one, one + length) for one in found[:PER_ROOM]]
        if len(slots) >= MOST:
            break
    return sorted(slots, key=lambda slot: (slot.start, slot.room.id))[:MOST]
