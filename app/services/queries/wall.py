"""What the wall shows: for each room now and next, in words that name nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.db import db
from app.models.booking import BookingState
from app.models.organisation import Organisation
from app.services.queries.room_day import Busy, RoomLine, day
from app.services.room_hours import at

_org = Organisation.__table__


@dataclass(frozen=True, slots=True)
class WallLine:
    """A room on the wall: what is in it now, what comes next, whether it is open."""

    name: str
    place: str | None
    now: Busy | None
    following: Busy | None
    open: bool


def centre_of(actor: Actor | None) -> int | None:
    """The centre whose rooms a wall shows: the owner's nearest one with rooms, or the city's."""
    rooms = set(
        db.session.connection().execute(select(_org.c.id).where(_org.c.level.in_(("city", "township")))).scalars()
    )
    own = [node for node in reversed(actor.ancestors if actor is not None else ()) if node in rooms]
    if own:
        return own[0]
    root = select(_org.c.id).where(_org.c.parent_id.is_(None)).limit(1)
    key: int | None = db.session.connection().execute(root).scalar()
    return key


def _line(room: RoomLine, known: Any, now: datetime) -> WallLine:
    shown = [one for one in room.bookings if one.state is not BookingState.finished and one.ends_at > now]
    running = next((one for one in shown if one.starts_at <= now), None)
    coming = next((one for one in sorted(shown, key=lambda one: one.starts_at) if one.starts_at > now), None)
    shut = any(row.starts_at <= now < row.ends_at for row in room.closures)
    hours = room.week.on(now.date(), known)
    within = any(at(now.date(), opens) <= now < at(now.date(), closes) for opens, closes in hours)
    return WallLine(room.name, room.place, running, coming, within and not shut)


def wall(actor: Actor | None) -> Sequence[WallLine]:
    """The rooms of a centre, as the wall shows them."""
    now, centre = clock.now(), centre_of(actor)
    rooms, known = day(SYSTEM, now.date())
    own = [room for room in rooms if room.organisation_id == centre and room.bookable]
    return [_line(room, known, now) for room in own]


def until(busy: Busy) -> str:
    """10:30, or the day when it is not today's."""
    end = clock.local(busy.ends_at)
    same = end.date() == clock.today() or end == at(clock.today() + timedelta(days=1), time(0))
    return f"{end:%H:%M}" if same else f"{end:%m-%d %H:%M}"
