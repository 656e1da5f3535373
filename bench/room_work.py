"""The work items of the rooms: a day of all of them, booking one, and many who want the same slot."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import create_engine, text

from bench.client import Client, form_of
from bench.rows import RACE_ROOM
from bench.work import Item, chosen


@dataclass
class Rooms:
    """A day in the middle of the bookings, something that stands in it, and the room that is raced for."""

    day: str
    standing: str
    room: int = 16

    @classmethod
    def of(cls, url: str, portal: bool) -> "Rooms":
        """Asked of either system by plain SQL."""
        engine = create_engine(url)
        column, said = ("starts_at", "title") if portal else ("day", "purpose")
        where = "WHERE title IS NOT NULL AND state IN ('finished', 'confirmed') " if portal else ""
        with engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM booking")).scalar_one()
            row = connection.execute(
                text(f"SELECT {column}, {said} FROM booking {where}ORDER BY id LIMIT 1 OFFSET {count // 3}")
            ).one()
            room = connection.execute(text("SELECT id FROM room WHERE name = :name"), {"name": RACE_ROOM}).scalar_one()
        engine.dispose()
        return cls(str(row[0])[:10], row[1], room)  # fmt: skip


def room_items(rooms: Rooms, portal: bool, only: str = "") -> dict[str, Item]:
    """The rooms of a day, and booking one; the stock application's list serves both readings."""
    if portal:
        return chosen({
            "W8d": Item(f"/room/calendar?date={rooms.day}", [rooms.standing]),
            "W8a": Item(f"/api/v1/room/availability?date={rooms.day}", [json.dumps(rooms.standing)]),
            "W8p": Item("/booking/add", form=partial(_bookings, rooms)),
        }, only)  # fmt: skip
    day = f"/bookingview/list/?psize_BookingView=200&_flt_0_day={rooms.day}"
    return chosen({
        "W8d": Item(day, [rooms.standing]), "W8a": Item(day, [rooms.standing]),
        "W8p": Item("/bookingview/add", form=partial(_peer_bookings, rooms)),
    }, only)  # fmt: skip


def _times() -> Iterator[tuple[date, int]]:
    """Days beyond all bookings, with the half hours of each."""
    for offset in itertools.count(70):
        yield from ((date.today() + timedelta(days=offset), slot) for slot in range(16))


def _span(day: date, slot: int) -> tuple[str, str]:
    start = datetime.combine(day, time(9)) + timedelta(minutes=30 * slot)
    return f"{start:%Y-%m-%d %H:%M}", f"{start + timedelta(minutes=30):%Y-%m-%d %H:%M}"


def _bookings(rooms: Rooms, client: Client) -> Iterator[dict[str, str]]:
    """A booking after the other, as the page sends them."""
    start = form_of(client.go("GET", "/booking/add")[2], "room", "start", "purpose")
    for day, slot in _times():
        begins, ends = _span(day, slot)
        yield {**start, "room": str(rooms.room), "purpose": "other", "start": begins, "end": ends, "people_count": "2",
               "title": "电话回访", "times": "1"}  # fmt: skip


def _peer_bookings(rooms: Rooms, client: Client) -> Iterator[dict[str, str]]:
    """The same on the stock application's generated form."""
    start = form_of(client.go("GET", "/bookingview/add")[2], "room", "day", "slot")
    for day, slot in _times():
        yield {**start, "room": str(rooms.room), "day": str(day), "slot": str(slot + 100), "booker": "接待员",
               "purpose": "电话回访"}  # fmt: skip


def race_requests(rooms: Rooms, portal: bool, client: Client, rounds: int) -> Iterator[tuple[bytes, str]]:
    """The same booking for everybody, round after round, and the statement that counts how often it was made."""
    form = {} if portal else form_of(client.go("GET", "/bookingview/add")[2], "room", "day", "slot")
    for turn in range(rounds):
        day = date.today() + timedelta(days=500 + turn)
        if portal:
            begins, ends = _span(day, 0)
            said = {"room": rooms.room, "purpose": "other", "start": begins, "end": ends}
            count = f"SELECT count(*) FROM booking WHERE room_id = {rooms.room} AND starts_at >= '{day}' " \
                    f"AND starts_at < '{day + timedelta(days=1)}'"  # fmt: skip
            yield client.raw("POST", "/api/v1/booking/", said=said), count
        else:
            typed = {**form, "room": str(rooms.room), "day": str(day), "slot": "1", "booker": "接待员", "purpose": "x"}
            count = f"SELECT count(*) FROM booking WHERE room_id = {rooms.room} AND day = '{day}' AND slot = 1"
            yield client.raw("POST", "/bookingview/add", typed), count
