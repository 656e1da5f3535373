"""The calendar of the rooms: all of them on a day, one in a week, one person's week; a table without scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request
from flask_appbuilder import BaseView, expose
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _lp

from app.access.actor import Actor, current_actor
from app.access.permissions import GROUP_OF
from app.core import clock
from app.core.errors import NotFound
from app.forms.fields import parse_day
from app.models.booking import BookingState, Purpose
from app.services.queries.booking_choices import people
from app.services.queries.choices import parse_key
from app.services.queries.room_day import Busy, RoomLine, bookings_of, day, free
from app.services.room_hours import at
from app.views.needs import needs

TAKEN = _lp("room", "Taken")
FIRST, LAST = time(8), time(18)
SHORTEST = timedelta(minutes=15)  # between two bookings; what is shorter is of no use
LOOKS = {BookingState.requested: ("asked",), BookingState.finished: ("over",)}
MOVABLE = (BookingState.requested, BookingState.confirmed)
SHUT: dict[str, Any] = {"display": "background", "classNames": ["shut"]}


def _text(moment: datetime) -> str:
    """2026-11-20 16:40 of a local moment."""
    return moment.isoformat(" ", "minutes")[:16]


@cache
def _words(_locale: str) -> tuple[dict[Purpose, str], dict[BookingState, str]]:
    """The words of purposes and states in a language."""
    return {one: str(one.label) for one in Purpose}, {one: str(one.label) for one in BookingState}


def classes_of(busy: Busy) -> list[str]:
    """How it looks: the tone of its purpose, dashed while it awaits approval, grey when its content is not public."""
    if busy.purpose is None or busy.state is None:
        return ["bk", "hidden-one"]
    return ["bk", f"tone-{busy.purpose.tone}", *LOOKS.get(busy.state, ())]


class Told(NamedTuple):
    """A time that is taken, in words; the grid and the table say the same."""

    busy: Busy
    start: str
    end: str
    text: str
    looks: list[str]


@dataclass(slots=True)
class Line:
    """A row of the table: a room, or a day."""

    label: str
    sub: str | None
    href: str | None
    taken: list[tuple[str, str | None, str]]  # words, where they lead, looks
    free: list[tuple[str, str]]
    shut: list[str]


class Shown:
    """One calendar page: what the script draws, and the same as a table."""

    def __init__(self, actor: Actor, on: date, days: int) -> None:
        self.actor, self.on, self.days, self.now = actor, on, days, clock.now()
        self.may_book, self.may_move = actor.may("book", "Booking"), actor.may("move", "Booking")
        self.purposes, self.states = _words(str(get_locale()))
        self.taken, self.kept = str(TAKEN), _("Kept for the waiting list")
        self.events: list[dict[str, Any]] = []
        self.lines: list[Line] = []
        self.first, self.last = FIRST, LAST

    def tell(self, busy: Busy, where: str = "") -> Told:
        """Purpose, subject and who booked it; of what is not the actor's to see only that the room is taken."""
        times = (busy, _text(busy.starts_at), _text(busy.ends_at))
        if busy.purpose is None or busy.state is None:
            return Told(*times, self.kept if busy.offer else self.taken, classes_of(busy))
        said = " · ".join([part for part in (self.purposes[busy.purpose], busy.title, where, busy.by) if part])
        if busy.state is not BookingState.confirmed:
            said = f"{said} · {self.states[busy.state]}"
        return Told(*times, said, classes_of(busy))

    def add(self, told: Told, resource: int | None) -> None:
        """A time that is taken, for the grid."""
        busy = told.busy
        event: dict[str, Any] = {"start": told.start, "end": told.end, "title": told.text}
        event["classNames"] = told.looks
        if resource is not None:
            event["resourceId"] = resource
        if busy.id is not None:
            event["id"] = busy.id
            event["editable"] = self.may_move and busy.state in MOVABLE and busy.ends_at > self.now
            event["extendedProps"] = {"version": busy.version}
        self.events.append(event)
        self._widen(busy.starts_at, busy.ends_at)

    def _widen(self, start: datetime, end: datetime) -> None:
        """Let the grid reach as far as what stands in it on a single day."""
        if start.date() == end.date():
            if start.hour < self.first.hour:
                self.first = time(start.hour)
            if end.hour >= self.last.hour:
                self.last = time(min(end.hour + 1, 23))

    def close(self, start: datetime, end: datetime, resource: int | None, why: str) -> None:
        """A time at which the room cannot be had."""
        event: dict[str, Any] = {"start": _text(start), "end": _text(end), "title": why, **SHUT}
        if resource is not None:
            event["resourceId"] = resource
        self.events.append(event)

    def shut_hours(self, room: RoomLine, known: Any, resource: int | None) -> None:
        """Shade the hours outside the room's own."""
        for offset in range(self.days):
            on = self.on + timedelta(days=offset)
            hours = room.week.on(on, known) if room.bookable else ()
            start = at(on, time(0))
            for opens, closes in hours:
                if at(on, opens) > start:
                    self.close(start, at(on, opens), resource, "")
                start = at(on, closes)
            self.close(start, at(on + timedelta(days=1), time(0)), resource, "")
        for row in room.closures:
            self.close(row.starts_at, row.ends_at, resource, row.reason)

    def line(
        self, label: str, sub: str | None, room: RoomLine | None, on: date, told: Iterable[Told], known: Any
    ) -> None:
        """A row of the table: what is taken, what is free and leads to the form, what is closed."""
        begins, ends = at(on, time(0)), at(on + timedelta(days=1), time(0))
        links, shut = [], []
        if room is not None:
            shut = [row.reason for row in room.closures if row.starts_at < ends and row.ends_at > begins]
            for start, end in free(room, on, known) if self.may_book else ():
                if end > self.now and end - start >= SHORTEST:
                    begin = max(start, self._half_hour())
                    said = urlencode({"room": room.id, "start": _text(begin)})
                    links.append((f"{_text(begin)[11:]}–{_text(end)[11:]}", f"/booking/add?{said}"))
        taken = [
            self._chip(one, begins, ends) for one in told if one.busy.starts_at < ends and one.busy.ends_at > begins
        ]
        href = f"/room/calendar?room={room.id}&date={on}" if room is not None else None
        self.lines.append(Line(label, sub, href, taken, links, shut))

    @staticmethod
    def _chip(told: Told, begins: datetime, ends: datetime) -> tuple[str, str | None, str]:
        busy = told.busy
        start = told.start[11:] if busy.starts_at >= begins else "00:00"
        end = told.end[11:] if busy.ends_at < ends else "24:00"
        href = f"/booking/show/{busy.id}" if busy.id is not None else None
        return f"{start}–{end} {told.text}", href, " ".join(told.looks)

    def _half_hour(self) -> datetime:
        now = self.now.replace(second=0, microsecond=0)
        return now - timedelta(minutes=now.minute % 30)


class RoomCalendarView(BaseView):
    """The calendar."""

    route_base = "/room"
    default_view = "calendar"

    @expose("/calendar")
    @needs("read", "Room")
    def calendar(self) -> Any:
        """A day of all rooms, a week of one room, or a week of one person."""
        on, actor = self._day(), current_actor()
        if request.args.get("person"):
            return self._person(actor, on)
        if request.args.get("room"):
            return self._room(actor, on)
        return self._all(actor, on)

    @staticmethod
    def _day() -> date:
        try:
            return parse_day(request.args.get("date", "")[:10])
        except ValueError:
            return clock.today()

    def _all(self, actor: Actor, on: date) -> Any:
        rooms, known = day(actor, on)
        shown = Shown(actor, on, 1)
        for room in rooms:
            shown.shut_hours(room, known, room.id)
            told = [shown.tell(busy) for busy in room.bookings]
            for one in told:
                shown.add(one, room.id)
            shown.line(room.name, room.place, room, on, told, known)
        resources = [{"id": room.id, "title": room.name} for room in rooms]
        title = format_date(on, _("MMMM d, EEEE"))
        return self._page(shown, "day", title, resources, holiday=known.name(on))

    def _room(self, actor: Actor, on: date) -> Any:
        monday = on - timedelta(days=on.weekday())
        key = parse_key(request.args["room"])
        rooms, known = day(actor, monday, 7, [key]) if key is not None else ([], None)
        if not rooms or known is None:
            raise NotFound()
        room, shown = rooms[0], Shown(actor, monday, 7)
        shown.shut_hours(room, known, None)
        told = [shown.tell(busy) for busy in room.bookings]
        for one in told:
            shown.add(one, None)
        for offset in range(7):
            day_ = monday + timedelta(days=offset)
            shown.line(format_date(day_, _("MMMM d, EEEE")), known.name(day_), room, day_, told, known)
        return self._page(shown, "week", room.name, [], room=room)

    def _person(self, actor: Actor, on: date) -> Any:
        monday = on - timedelta(days=on.weekday())
        said = request.args["person"]
        key = actor.user_id if said == "me" else parse_key(said)
        chosen = (
            people().find([key])
            if key is not None and (key == actor.user_id or actor.may("arrange", "Booking"))
            else {}
        )
        account = chosen.get(key or 0)
        if account is None:
            raise NotFound()
        shown = Shown(actor, monday, 7)
        found = bookings_of(actor, account.id, at(monday, time(0)), at(monday + timedelta(days=7), time(0)))
        names = {room.id: room.name for room in day(actor, monday, 1)[0]} if found else {}
        told = [shown.tell(busy, names.get(busy.room_id, "") if busy.id is not None else "") for busy in found]
        for one in told:
            shown.add(one, None)
        for offset in range(7):
            day_ = monday + timedelta(days=offset)
            shown.line(format_date(day_, _("MMMM d, EEEE")), None, None, day_, told, None)
        return self._page(shown, "week", account.first_name, [], person=account)

    def _page(
        self, shown: Shown, view: str, title: str, resources: list[dict[str, Any]], holiday: str = "", room: Any = None,
        person: Any = None,
    ) -> Any:  # fmt: skip
        step = timedelta(days=1 if view == "day" else 7)
        about = {"room": room.id} if room is not None else {"person": person.id} if person is not None else {}

        def link(on: date) -> str:
            return "/room/calendar?" + urlencode({**about, "date": on})

        last = shown.on + timedelta(days=shown.days - 1)
        return self.render_template(
            "portal/room_calendar.html",
            title=title,
            sub=holiday if view == "day" else f"{shown.on} – {last}",
            crumbs=[(GROUP_OF["Booking"].label, None), (_("Room calendar"), "/room/calendar" if about else None)]
            + ([(title, None)] if about else []),
            view=view,
            lines=shown.lines,
            data={
                "view": view,
                "date": f"{shown.on}",
                "resources": resources,
                "events": shown.events,
                "first": f"{shown.first:%H:%M}",
                "last": f"{shown.last:%H:%M}",
                "room": room.id if room is not None else None,
                "book": shown.may_book and person is None,
            },
            previous=link(shown.on - step),
            following=link(shown.on + step),
            today="/room/calendar" + ("?" + urlencode(about) if about else ""),
            is_today=shown.on <= clock.today() < shown.on + timedelta(days=shown.days),
            on=shown.on,
            about=about,
            purposes=list(Purpose),
            may_book=shown.may_book,
            room=room,
            person=person,
        )
