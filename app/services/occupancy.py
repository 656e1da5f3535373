"""Who and what is taken when: the locks before looking, what stands there, holding and letting go.

The database itself refuses two rows that overlap (decision 10); the locks only make the refusal orderly: whoever comes
second waits, sees what stands there by now, and is told. Always in one order: the case, then rooms and people by
number, then everything else, so that two who want the same things never wait for one another.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, insert, or_, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core import clock
from app.core.db import db
from app.core.errors import Conflict
from app.core.upsert import dialect
from app.models.booking import Booking, occupancy
from app.services.record import register_sentences

LOCKS = 8105  # the name space of our advisory locks
LONGEST = 32 * 86400  # no row is longer (a CHECK), so that looking for overlaps has a beginning
NAME = "ex_occupancy_taken"
SORRY = _l("Somebody was faster: this time has just been taken. Please look again.")

register_sentences({NAME: (None, SORRY), "pk_occupancy": (None, SORRY)})


class Taken(Conflict):
    """409: the room or a person is taken at that time; `standing` says by what, as far as the actor may know."""

    default = SORRY


@dataclass(frozen=True, slots=True)
class Span:
    """A room or a person from when until when."""

    resource: int
    start: datetime
    end: datetime


def of_room(room_id: int) -> int:
    """The resource of a room."""
    return 2 * room_id


def of_person(account_id: int) -> int:
    """The resource of a person."""
    return 2 * account_id + 1


def seconds(moment: datetime) -> int:
    """A moment as it is kept."""
    return int(moment.timestamp())


def moment(value: int) -> datetime:
    """The moment of what is kept."""
    return clock.local(datetime.fromtimestamp(value, UTC))


def lock(resources: Iterable[int]) -> None:
    """Wait until nobody else is about to take these; on SQLite the transaction is the only writer already."""
    wanted = sorted(set(resources))
    if wanted and dialect() == "postgresql":
        db.session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:space, one) FROM unnest(CAST(:wanted AS integer[])) AS one"),
            {"space": LOCKS, "wanted": wanted},
        )


def standing(spans: Sequence[Span], besides: int | None = None) -> list[Any]:
    """The rows that overlap one of these (but not those of one booking), by resource and time."""
    table = occupancy.c
    overlaps = [
        and_(
            table.resource == span.resource,
            table.begins < seconds(span.end),
            table.begins > seconds(span.start) - LONGEST,
            table.ends > seconds(span.start),
        )
        for span in spans
    ]
    if not overlaps:
        return []
    found = select(occupancy).where(or_(*overlaps)).order_by(table.resource, table.begins)
    if besides is not None:
        found = found.where(or_(table.booking_id.is_(None), table.booking_id != besides))
    return list(db.session.connection().execute(found))


def hold(
    spans: Sequence[Span],
    *,
    booking_id: int | None = None,
    waiting_id: int | None = None,
    hold_id: int | None = None,
) -> None:
    """Take all of these; an overlap is refused by the database."""
    rows = [
        {
            "resource": span.resource,
            "begins": seconds(span.start),
            "ends": seconds(span.end),
            "booking_id": booking_id,
            "waiting_id": waiting_id,
            "hold_id": hold_id,
        }
        for span in spans
    ]
    with politely():
        db.session.connection().execute(insert(occupancy), rows)


def let_go(*, booking_id: int | None = None, waiting_id: int | None = None, hold_id: int | None = None) -> None:
    """Free what a booking, an offer or a public hold keeps."""
    owners = {"booking_id": booking_id, "waiting_id": waiting_id, "hold_id": hold_id}
    ((name, key),) = [(name, key) for name, key in owners.items() if key is not None]
    db.session.connection().execute(delete(occupancy).where(occupancy.c[name] == key))


def spans_of(booking: Booking, people: Iterable[int]) -> list[Span]:
    """What a booking takes: the room with its buffers, and the people for the time itself."""
    room = Span(of_room(booking.room_id), booking.occupied_from, booking.occupied_until)
    return [room, *(Span(of_person(key), booking.starts_at, booking.ends_at) for key in sorted(set(people)))]


@contextmanager
def politely() -> Iterator[None]:
    """Inside the block a refusal by the constraint, and a deadlock, leave as Taken: somebody else has it."""
    try:
        yield
    except IntegrityError as error:
        if "occupancy" in str(error.orig):  # the constraint, the triggers, or the key of the table
            raise Taken() from error
        raise
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "40P01":
            raise Taken() from error
        raise
