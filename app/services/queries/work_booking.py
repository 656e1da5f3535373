"""What bookings add to the lists of one's own work; what they are for stays on their own page."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.core import clock
from app.models.booking import Booking, BookingState
from app.models.room import Room
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_done import done
from app.workflow.booking_flow import BOOKING_FLOW

_room = Room.__table__.alias()
_BOOKING = (Booking.id, Booking.number, Booking.state, Booking.starts_at, _room.c.name.label("room"))


def statement(asking: Asking, tab: Tab) -> Select[Any] | None:
    """The bookings of one list: asked for in a room of mine, booked by me, or decided by me."""
    actor = asking.actor
    base = select(*_BOOKING).join(_room, _room.c.id == Booking.room_id)
    if not actor.may("read", "Booking"):
        return None
    if tab is Tab.todo and actor.may("confirm", "Booking"):
        asked = base.where(
            Booking.state == BookingState.requested,
            Booking.starts_at > clock.now(),
            Booking.booked_by_id.is_distinct_from(actor.user_id),
        )
        mine = asked if actor.may("oversee", "Booking") else asked.where(_room.c.manager_id == actor.user_id)
        return mine.order_by(Booking.starts_at, Booking.id)
    if tab is Tab.started:
        mine = base.add_columns(Booking.created_at.label("at")).where(Booking.booked_by_id == actor.user_id)
        return mine.order_by(Booking.starts_at.desc(), Booking.id.desc())
    if tab is Tab.done:
        return done(base, Booking, BOOKING_FLOW, actor.user_id)
    return None


def item(asking: Asking, tab: Tab, row: Any) -> Item:
    """A booking as a line of a list; it must be decided before it begins."""
    step = BOOKING_FLOW.row("confirm" if tab is Tab.todo else row.step) if tab in (Tab.todo, Tab.done) else None
    return Item(
        kind="booking",
        id=row.id,
        href=f"/booking/show/{row.id}",
        title=_l("Booking %(number)s", number=row.number),
        sub=f"{row.room} · {clock.local(row.starts_at):%Y-%m-%d %H:%M}",
        state=row.state,
        move=step.label if step is not None else None,
        due_on=clock.local(row.starts_at).date() if tab is Tab.todo else None,
        at=None if tab is Tab.todo else row.at,
    )


BOOKINGS = Source("booking", _l("Bookings"), statement, item)
