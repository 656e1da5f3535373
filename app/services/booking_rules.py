"""What a booking must keep to, room by room and person by person; every refusal is a sentence at its field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db
from app.core.identity import check_phone, clean_name
from app.core.text import clean_line, clean_text, listed
from app.models.account import Account, RowScope
from app.models.booking import SECRET_PURPOSES, Purpose
from app.models.room import Room, RoomKind
from app.models.roster import Shift
from app.services.problems import Problems
from app.services.room_hours import closed, load_week, why_not_open
from app.services.working_calendar import calendar

STEP_MINUTES = 5
JUST_NOW = timedelta(minutes=30)  # whoever stands at the desk books the half hour that has begun
SPEAKS_FOR_OTHERS = frozenset({RowScope.subtree, RowScope.own, RowScope.assigned})


@dataclass(slots=True)
class Wish:
    """What is asked for: a room and people for an interval, and what it is about."""

    room: Room
    start: datetime
    end: datetime
    purpose: Purpose
    people: Sequence[int] = ()
    people_count: int | None = None
    title: str | None = None
    case: Any = None
    contact_name: str | None = None
    contact_phone: str | None = None
    notes: str | None = None
    equipment: Sequence[Any] = ()
    secret: bool = False
    names: dict[int, str] = field(default_factory=dict)  # of the people, filled in when they are looked up

    @property
    def occupied(self) -> tuple[datetime, datetime]:
        """The interval with the room's buffers."""
        return occupied(self.room, self.start, self.end)


def occupied(room: Room, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """An interval with the buffers of a room."""
    return start - timedelta(minutes=room.buffer_before), end + timedelta(minutes=room.buffer_after)


def span_text(start: datetime, end: datetime) -> str:
    """2026-11-25 09:00–10:30, local time."""
    start, end = clock.local(start), clock.local(end)
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M}–{last}"


def needs_approval(actor: Actor, wish: Wish) -> bool:
    """Whether somebody has to confirm it: a room of that kind; a counsellor's own counselling never."""
    if wish.room.kind is not RoomKind.approval:
        return False
    return not (wish.secret and actor.user_id in wish.people)


def read_time(
    room: Room, start: datetime, end: datetime, problems: Problems, kept_start: datetime | None = None
) -> None:
    """Order, round minutes, past, notice, how far ahead, how long; a beginning that stays is not asked again."""
    now = clock.now()
    stays = kept_start == start
    for name, value in (("start", start), ("end", end)):
        if name == "start" and stays:
            continue
        if value.minute % STEP_MINUTES or value.second or value.microsecond:
            problems.add(name, _l("Please choose full five minutes, for example 09:05."))
    if end <= start:
        problems.add("end", _l("The booking ends before it begins."))
        return
    if end <= now or (start < now - JUST_NOW and not stays):
        problems.add("end" if stays else "start", _l("This time has passed already."))
        return
    if not stays and start < now + timedelta(minutes=room.lead_minutes) and room.lead_minutes:
        problems.add(
            "start", _l("%(room)s must be booked %(count)d minutes ahead.", room=room.name, count=room.lead_minutes)
        )
    if start.date() > now.date() + timedelta(days=room.ahead_days):
        problems.add(
            "start", _l("%(room)s can be booked at most %(count)d days ahead.", room=room.name, count=room.ahead_days)
        )
    if end - start > timedelta(minutes=room.longest_minutes):
        problems.add(
            "end",
            _l("%(room)s can be booked for at most %(count)d minutes.", room=room.name, count=room.longest_minutes),
        )


def read_hours(room: Room, start: datetime, end: datetime) -> tuple[str, Any] | None:
    """Why the room cannot be had then, whoever asks: (closed, rest or hours, a sentence); None if it can."""
    closure = closed(room, start, end)
    if closure is not None:
        return "closed", _l(
            "%(room)s is closed %(span)s: %(reason)s.",
            room=room.name,
            span=span_text(closure.starts_at, closure.ends_at),
            reason=closure.reason,
        )
    return why_not_open(load_week(room), calendar(), start, end)


def _read_room(actor: Actor, wish: Wish, problems: Problems) -> None:
    room = wish.room
    if not room.active or room.kind is RoomKind.private:
        problems.add("room", _l("%(room)s cannot be booked.", room=room.name))
    count = wish.people_count or 0
    if count < 1:
        problems.add("people_count", _l("At least one person comes."))
    if max(count, len(wish.people)) > room.capacity:
        problems.add(
            "people_count",
            _l("%(room)s holds %(count)d persons at most.", room=room.name, count=room.capacity),
        )
    allowed = {item.code for item in room.purposes}
    if allowed and wish.purpose.value not in allowed:
        names = listed(str(Purpose(code).label) for code in Purpose if code.value in allowed)
        problems.add("purpose", _l("%(room)s is for %(purposes)s only.", room=room.name, purposes=names))
    bookers = {profile.code: profile.name for profile in room.bookers}
    if bookers and not (actor.system or actor.roles & bookers.keys()):
        problems.add(
            "room", _l("%(room)s is booked by %(roles)s only.", room=room.name, roles=listed(bookers.values()))
        )
    missing = [item.name for item in wish.equipment if item.id not in {have.id for have in room.equipment}]
    if missing:
        problems.add("equipment", _l("%(room)s has no %(what)s.", room=room.name, what=listed(missing)))


def _read_people(actor: Actor, wish: Wish, problems: Problems) -> None:
    with system_scope("names of the people of a booking"):
        found = select(Account.id, Account.first_name).where(Account.id.in_(wish.people), Account.active.is_(True))
        wish.names = dict(db.session.execute(found).all()) if wish.people else {}
    if len(wish.names) < len(set(wish.people)):
        problems.add("people", _l("One of these people has no account in use."))
    if not (actor.system or actor.scopes & SPEAKS_FOR_OTHERS or actor.user_id in wish.people):
        problems.add("people", _l("You book for yourself: please take part."))
    for name, shift in on_duty_elsewhere(wish):
        where = shift.room.name if shift.room is not None else str(shift.kind.label)
        problems.add(
            "people",
            _l("%(name)s is on duty %(span)s (%(where)s).", name=name, span=_shift_text(shift), where=where),
        )


def _shift_text(shift: Shift) -> str:
    return f"{shift.on:%Y-%m-%d} {shift.starts_at:%H:%M}–{shift.ends_at:%H:%M}"


def on_duty_elsewhere(wish: Wish) -> Iterable[tuple[str, Shift]]:
    """Who of the people has a shift then in another room or at another centre."""
    if not wish.people:
        return []
    elsewhere = or_(
        Shift.organisation_id != wish.room.organisation_id,
        Shift.room_id.is_not(None) & (Shift.room_id != wish.room.id),
    )
    first, last = clock.local(wish.start), clock.local(wish.end - timedelta(microseconds=1))
    found = select(Shift).where(
        Shift.published,
        Shift.account_id.in_(wish.people),
        Shift.on.between(first.date(), last.date()),
        elsewhere,
    )
    with system_scope("a person has one body, whatever the centre"):
        rows = [
            shift
            for shift in db.session.scalars(found.order_by(Shift.on, Shift.starts_at))
            if (shift.on > first.date() or shift.ends_at > first.time())
            and (shift.on < last.date() or shift.starts_at < last.time())
        ]
        return [(wish.names.get(shift.account_id, ""), shift) for shift in rows]


def read_details(wish: Wish, problems: Problems) -> None:
    """Subject, contact, notes: cleaned; of a secret booking nothing that could tell who comes stands in the open."""
    wish.secret = wish.secret or wish.purpose in SECRET_PURPOSES
    wish.title = problems.catch(clean_line, wish.title, "title", 200) or None
    wish.notes = problems.catch(clean_text, wish.notes, "notes", 2000) or None
    if wish.contact_name:
        wish.contact_name = problems.catch(clean_name, wish.contact_name, "contact_name")
    if wish.contact_phone:
        wish.contact_phone = problems.catch(check_phone, wish.contact_phone, "contact_phone")
    if wish.secret and wish.case is not None:
        problems.add("case", _l("A confidential booking is not tied to a case; the case would tell who comes."))
    if wish.secret and wish.title:
        wish.notes = "\n".join(part for part in (wish.title, wish.notes) if part)
        wish.title = None


def read_wish(actor: Actor, wish: Wish, kept_start: datetime | None = None) -> None:
    """Everything that can be said before looking whether it is free; refuses with all sentences at once.

    `kept_start` is where a booking that is moved or amended begins so far."""
    problems = Problems()
    wish.start, wish.end = clock.local(wish.start), clock.local(wish.end)
    wish.people = sorted(set(wish.people))
    if wish.people_count is None:
        wish.people_count = max(len(wish.people), 1)
    read_details(wish, problems)
    read_time(wish.room, wish.start, wish.end, problems, kept_start)
    _read_room(actor, wish, problems)
    _read_people(actor, wish, problems)
    if not problems.errors:
        refusal = read_hours(wish.room, wish.start, wish.end)
        if refusal is not None:
            problems.add("start", refusal[1])
    problems.stop()
