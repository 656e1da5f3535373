"""Bookings for tests, made through the same doors as real ones."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.booking import Booking, Purpose
from app.models.room import Room
from app.services import booking


def user_id(username: str) -> int:
    """The number of a demo account."""
    found = text("SELECT id FROM ab_user WHERE username = :name")
    return int(db.session.connection().execute(found, {"name": username}).scalar_one())


def room_named(name: str) -> Room:
    """A room by its name."""
    with system_scope("test"):
        return db.session.scalars(select(Room).where(Room.name == name)).one()


def hour(of_day: float, days: int = 0) -> datetime:
    """An hour of today (9.5 is half past nine), or of another day."""
    start = datetime.combine(clock.today(), datetime.min.time(), clock.LOCAL)
    return start + timedelta(days=days, minutes=round(of_day * 60))


class Bookings:
    """Books rooms and carries out steps as the demo accounts."""

    def __init__(self, actor: Callable[[str], Any]) -> None:
        self.actor = actor

    def acting(self, who: str) -> Any:
        """Act as a demo account inside the block."""
        return acting(self.actor(who))

    def book(
        self,
        room: str,
        start: float,
        end: float,
        who: str = "clerk",
        purpose: Purpose = Purpose.legal_consultation,
        people: Sequence[str] = (),
        days: int = 0,
        **more: Any,
    ) -> Booking:
        """A booking from hour to hour."""
        actor = self.actor(who)
        with acting(actor):
            return booking.book(
                actor,
                room_named(room).id,
                hour(start, days),
                hour(end, days),
                purpose,
                [user_id(name) for name in people],
                **more,
            )

    def do(self, who: str, verb: Callable[..., Any], record: Booking, version: int | None = None, **data: Any) -> Any:
        """Carry a step out as a demo account."""
        actor = self.actor(who)
        with acting(actor):
            return verb(actor, record.id, data, version)
