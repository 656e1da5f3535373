"""When a room can be had: its hours on a day, rest days, closures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.access.actor import system_scope
from app.core.clock import LOCAL
from app.core.db import db
from app.core.text import listed
from app.core.workdays import Calendar
from app.models.closure import WEEK, Closure, RoomHours, Weekday

_hours, _closure = RoomHours.__table__, Closure.__table__
Hours = Sequence[tuple[time, time]]


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of one room: said by weekday, or the same every working day."""

    opens_at: time
    closes_at: time
    on_rest_days: bool = False
    said: Mapping[Weekday, Hours] | None = None

    def on(self, day: date, calendar: Calendar) -> Hours:
        """From when until when on that day; nothing on days it is closed."""
        usual = ((self.opens_at, self.closes_at),)
        made_up = calendar.days.get(day) is True and day.weekday() > 4
        if self.said:
            known = self.said.get(WEEK[day.weekday()], ())
            if calendar.days.get(day) is False and not self.on_rest_days:
                return ()
            return usual if made_up and not known else known
        return usual if self.on_rest_days or calendar.is_workday(day) else ()


def at(day: date, hour: time) -> datetime:
    """An hour of a day, local."""
    return datetime.combine(day, hour, LOCAL)


def week_of(room: Any, rows: Iterable[Any]) -> Week:
    """The hours of a room from its own columns and its rows by weekday."""
    said: dict[Weekday, list[tuple[time, time]]] = {}
    for row in rows:
        said.setdefault(Weekday(row.weekday), []).append((row.opens_at, row.closes_at))
    return Week(
        room.opens_at, room.closes_at, bool(room.on_rest_days), {day: sorted(spans) for day, spans in said.items()}
    )


def load_week(room: Any) -> Week:
    """The hours of one room from the database."""
    found = select(_hours.c.weekday, _hours.c.opens_at, _hours.c.closes_at).where(_hours.c.room_id == room.id)
    return week_of(room, db.session.connection().execute(found))


def closed(room: Any, start: datetime, end: datetime) -> Any:
    """The closure that overlaps the interval, of the room or of its whole centre, or None."""
    there = or_(
        Closure.room_id == room.id, Closure.room_id.is_(None) & (Closure.organisation_id == room.organisation_id)
    )
    with system_scope("closures hold for everybody"):
        found = select(Closure).where(there, Closure.starts_at < end, Closure.ends_at > start)
        return db.session.scalars(found.order_by(Closure.starts_at).limit(1)).first()


def why_not_open(week: Week, calendar: Calendar, start: datetime, end: datetime) -> tuple[str, Any] | None:
    """Why the interval does not lie within the hours: (rest or hours, a sentence), or None.

    A booking of several days begins and ends within the hours of its first and last day."""
    last = end - timedelta(microseconds=1)
    for day in {start.date(), last.date()}:
        spans = week.on(day, calendar)
        if not spans:
            name = calendar.name(day)
            said = _l("%(day)s is a rest day (%(name)s); this room is closed.", day=day.isoformat(), name=name)
            plain = _l("This room is closed on %(day)s.", day=day.isoformat())
            return "rest", said if name else plain
    first, second = week.on(start.date(), calendar), week.on(last.date(), calendar)
    within = any(
        at(start.date(), opens) <= start and (last.date() > start.date() or end <= at(last.date(), closes))
        for opens, closes in first
        if at(start.date(), closes) > start
    )
    ends_well = any(at(last.date(), opens) < end <= at(last.date(), closes) for opens, closes in second)
    if within and ends_well:
        return None
    hours = listed(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in first)
    return "hours", _l("This room can be booked from %(hours)s only.", hours=hours)
