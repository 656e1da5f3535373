"""Thousands of bookings for load tests: from two months ahead back into the past, in every room, none over another."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import click
from sqlalchemy import Connection, func, select

from app.access import audit
from app.access.actor import system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.crypto import encrypt
from app.core.db import Base, db, unit_of_work
from app.models.account import Account
from app.models.audit import AuditKind
from app.models.booking import Purpose, occupancy
from app.models.code_table import CodeItem, NumberSequence
from app.models.organisation import Organisation
from app.models.room import Room, RoomKind, room_purpose
from app.services.occupancy import of_room, seconds
from app.services.working_calendar import calendar
from seed.bulk_writer import set_sequences, write_rows

SEED = 20260102
AHEAD = 60  # days from today to the newest booking
MINUTES = 45
BATCH = 5000
COLUMNS: dict[str, tuple[str, ...]] = {  # in the order in which they are written
    "booking": (
        "id", "number", "room_id", "organisation_id", "starts_at", "ends_at", "occupied_from", "occupied_until",
        "overnight", "release_at", "purpose", "title", "people_count", "state", "secret", "booked_by_id",
        "contact_name", "reason", "checked_in_at", "created_at", "changed_at", "version",
    ),
    "booking_step": (
        "id", "booking_id", "seq", "round", "step", "from_state", "to_state", "at", "actor_name", "data",
    ),
    "occupancy": ("resource", "begins", "ends", "booking_id"),
}  # fmt: skip
SUBJECTS = ("土地承包", "物业收费", "劳动报酬", "邻里排水", "征地补偿", "交通事故", "借款合同", "赡养费")
PAST = ("finished",) * 17 + ("cancelled", "cancelled", "no_show")
COMING = ("confirmed",) * 8 + ("requested", "cancelled")
HELD = frozenset({"requested", "confirmed", "finished"})
_room, _sequence = Room.__table__, NumberSequence.__table__


class Place(NamedTuple):
    """A room with what the rows need of it."""

    id: int
    organisation_id: int
    prefix: str
    opens: int
    closes: int
    before: int
    after: int
    no_show: int
    purposes: tuple[str, ...]


def _places() -> list[Place]:
    codes: dict[int, list[str]] = {}
    found = select(room_purpose.c.room_id, CodeItem.__table__.c.code).join(
        CodeItem.__table__, CodeItem.__table__.c.id == room_purpose.c.item_id
    )
    for room_id, code in db.session.connection().execute(found):
        codes.setdefault(room_id, []).append(code)
    org = Organisation.__table__
    rooms = (
        select(_room, org.c.number_prefix)
        .join(org, org.c.id == _room.c.organisation_id)
        .where(_room.c.active, _room.c.kind != RoomKind.private)
        .order_by(_room.c.sort, _room.c.id)
    )
    rows = db.session.connection().execute(rooms)
    return [
        Place(
            row.id,
            row.organisation_id,
            f"YY-{row.number_prefix}" if row.number_prefix else "YY",
            row.opens_at.hour * 60 + row.opens_at.minute,
            row.closes_at.hour * 60 + row.closes_at.minute,
            row.buffer_before,
            row.buffer_after,
            row.no_show_minutes,
            tuple(sorted(codes.get(row.id, ["other"]))),
        )
        for row in rows
    ]


def _days() -> Iterator[date]:
    """Working days, the newest first."""
    known, day = calendar(), clock.today() + timedelta(days=AHEAD)
    while True:
        if known.is_workday(day):
            yield day
        day -= timedelta(days=1)


def _slots(place: Place, day: date, taken: set[tuple[int, int]]) -> Iterator[tuple[datetime, datetime]]:
    """The times of a room on a day, one after the other with its buffers; what is taken already is left out."""
    stride = -(-(MINUTES + place.before + place.after) // 5) * 5
    for minute in range(place.opens, place.closes - MINUTES + 1, stride):
        start = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=LOCAL)
        if (place.id, int(start.timestamp()) // 86400) not in taken:
            yield start, start + timedelta(minutes=MINUTES)


class _Rows:
    """Makes the rows of the bookings."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.postgres = connection.dialect.name == "postgresql"
        self.draw, self.now = random.Random(SEED), clock.now()
        tables = Base.metadata.tables
        self.last = {
            name: connection.scalar(select(func.max(tables[name].c.id))) or 0 for name in ("booking", "booking_step")
        }
        self.numbers: dict[tuple[str, int], int] = {}
        account = Account.__table__
        self.people = list(connection.execute(select(account.c.id).order_by(account.c.id).limit(20)).scalars())
        self.batch: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}

    def _kept(self, moment: datetime | None) -> Any:
        """A moment as the engine keeps it."""
        if moment is None:
            return None
        found = moment.astimezone(UTC)
        return found if self.postgres else found.strftime("%Y-%m-%d %H:%M:%S.%f")

    def _number(self, place: Place, year: int) -> str:
        key = (place.prefix, year)
        if key not in self.numbers:
            own = (_sequence.c.prefix == place.prefix) & (_sequence.c.year == year)
            self.numbers[key] = self.connection.scalar(select(_sequence.c.last).where(own)) or 0
        self.numbers[key] += 1
        return f"{place.prefix}-{year}-{self.numbers[key]:06d}"

    def add(self, place: Place, start: datetime, end: datetime) -> None:
        """One booking with its course and what it holds."""
        draw, past = self.draw, end <= self.now
        state = draw.choice(PAST if past else COMING)
        purpose = draw.choice(place.purposes)
        secret = purpose == Purpose.counselling.value
        self.last["booking"] += 1
        key, begins = self.last["booking"], start - timedelta(minutes=place.before)
        ends, made = end + timedelta(minutes=place.after), start - timedelta(days=draw.randrange(1, 15))
        made = min(made, self.now)
        title = None if secret else f"{draw.choice(SUBJECTS)}咨询"
        contact = encrypt(f"来访人{key % 997}", "booking.contact_name") if secret else None
        reason = "临时有事" if state == "cancelled" else None
        self.batch["booking"].append(
            (key, self._number(place, start.year), place.id, place.organisation_id, self._kept(start), self._kept(end),
             self._kept(begins), self._kept(ends), False, self._kept(start + timedelta(minutes=place.no_show)), purpose,
             title, draw.randrange(1, 4), state, secret, draw.choice(self.people) if self.people else None, contact,
             reason, self._kept(start) if state == "finished" else None, self._kept(made), self._kept(made), 1)
        )  # fmt: skip
        self._course(key, state, made)
        if state in HELD:
            self.batch["occupancy"].append((of_room(place.id), seconds(begins), seconds(ends), key))

    def _course(self, key: int, state: str, made: datetime) -> None:
        steps: list[tuple[str, str | None, str]] = [("book", None, "requested")]
        if state != "requested":
            steps.append(("admit", "requested", "confirmed"))
        if state == "finished":
            steps += [("check_in", "confirmed", "checked_in"), ("finish", "checked_in", "finished")]
        elif state in ("cancelled", "no_show"):
            steps.append(("cancel" if state == "cancelled" else "release", "confirmed", state))
        for seq, (name, before, after) in enumerate(steps, 1):
            self.last["booking_step"] += 1
            self.batch["booking_step"].append(
                (self.last["booking_step"], key, seq, 1, name, before, after, self._kept(made), "系统", "{}")
            )

    def write(self) -> int:
        """Write what was made so far; how many bookings."""
        count = len(self.batch["booking"])
        for name, lines in self.batch.items():
            write_rows(self.connection, name, COLUMNS[name], lines)
            lines.clear()
        return count

    def finish(self) -> None:
        """Let numbers and keys go on where the rows end."""
        for (prefix, year), last in self.numbers.items():
            own = (_sequence.c.prefix == prefix) & (_sequence.c.year == year)
            if not self.connection.execute(_sequence.update().where(own).values(last=last)).rowcount:
                self.connection.execute(_sequence.insert().values(prefix=prefix, year=year, last=last))
        set_sequences(self.connection, self.last)


def _days_taken(connection: Connection) -> set[tuple[int, int]]:
    """Days on which a room holds something already; nothing is generated there."""
    found = select(occupancy.c.resource, occupancy.c.begins, occupancy.c.ends).where(occupancy.c.resource % 2 == 0)
    taken = set()
    for resource, begins, ends in connection.execute(found):
        taken |= {(resource // 2, day) for day in range(begins // 86400, ends // 86400 + 1)}
    return taken


@unit_of_work
def write(bookings: int) -> int:
    """All of them in one transaction, with one entry in the audit trail; returns how many."""
    with system_scope("bulk load"):
        connection = db.session.connection()
        rows, places, done, made = _Rows(connection), _places(), 0, 0
        taken = _days_taken(connection)
        if not places:
            return 0
        with click.progressbar(length=bookings, label="bookings", show_pos=True) as bar:
            for day in _days():
                for place in places:
                    for start, end in _slots(place, day, taken):
                        if made < bookings:
                            rows.add(place, start, end)
                            made += 1
                if len(rows.batch["booking"]) >= BATCH or made >= bookings:
                    count = rows.write()
                    done += count
                    bar.update(count)
                if made >= bookings:
                    break
        rows.finish()
        audit.note(db.session, AuditKind.change, "booking:bulk", reason="generated bookings for load tests",
                   changes={"bookings": [None, done]})  # fmt: skip
    return done
