"""The waiting list: joining it, taking an offer, leaving it (the offers themselves are made in offers.py)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models.booking import Booking, WaitingEntry, WaitingState
from app.services import occupancy, offers
from app.services.booking import book_wish, settle, spans_wished
from app.services.booking_rules import Wish, occupied, read_wish
from app.services.record import save_record

GONE = _l("This offer has expired; it went to whoever waits next.")
NOT_WAITING = _l("This entry of the waiting list is closed already.")


def _wish(actor: Actor, entry: Any) -> Wish:
    """What is waited for; an adviser or counsellor waits for himself or herself."""
    for_self = not (actor.may("arrange", "Booking") or actor.may("oversee", "Booking"))
    people = [actor.user_id] if for_self and actor.user_id is not None else []
    return Wish(entry.room, entry.starts_at, entry.ends_at, entry.purpose, people, entry.people_count)


@unit_of_work
def join(actor: Actor, given: Mapping[str, Any]) -> WaitingEntry:
    """Wait for a room at a time that is taken; what is free can be booked at once."""
    if not actor.may("book", "Booking"):
        raise NotAllowed()
    room, start, end = given["room"], given["starts_at"], given["ends_at"]
    wish = Wish(room, start, end, given["purpose"], people_count=given.get("people_count"))
    wish.people = [actor.user_id] if actor.user_id is not None else []
    try:
        read_wish(actor, wish)
    except Invalid as refusal:
        names = {"start": "starts_at", "end": "ends_at"}
        raise Invalid(errors={names.get(name, name): said for name, said in refusal.errors.items()}) from refusal
    spans = spans_wished(wish)[:1]
    occupancy.lock(span.resource for span in spans)
    if not settle(spans):
        raise Invalid(errors={"starts_at": [_l("The room is free then: please book it.")]})
    entry = WaitingEntry(organisation_id=room.organisation_id, account_id=actor.user_id, state=WaitingState.waiting)
    values = {name: given[name] for name in ("room", "starts_at", "ends_at", "purpose")}
    return save_record(actor, entry, {**values, "people_count": wish.people_count})  # type: ignore[no-any-return]


def _take_up(actor: Actor, entry_id: int) -> WaitingEntry:
    """The actor's own entry, its room locked first."""
    found = select(WaitingEntry).where(WaitingEntry.id == entry_id)
    entry = db.session.scalar(found)
    if entry is None or entry.account_id != actor.user_id:
        raise NotFound()
    occupancy.lock([occupancy.of_room(entry.room_id)])
    fresh: WaitingEntry = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one()
    return fresh


@unit_of_work
def take(actor: Actor, entry_id: int) -> Booking:
    """Take the offer: the room kept for the actor becomes a booking."""
    entry = _take_up(actor, entry_id)
    if entry.state is not WaitingState.offered:
        raise Conflict(NOT_WAITING if entry.state is not WaitingState.expired else GONE)
    if offers.over(entry, clock.now()):
        raise Conflict(GONE)
    occupancy.let_go(waiting_id=entry.id)
    booking = book_wish(actor, _wish(actor, entry))
    entry.state, entry.offered_until, entry.booking_id = WaitingState.taken, None, booking.id
    db.session.flush()
    return booking


@unit_of_work
def leave(actor: Actor, entry_id: int) -> WaitingEntry:
    """Wait no longer; an offer goes to the next in line."""
    entry = _take_up(actor, entry_id)
    if entry.state not in (WaitingState.waiting, WaitingState.offered):
        raise Conflict(NOT_WAITING)
    offered = entry.state is WaitingState.offered
    entry.state, entry.offered_until = WaitingState.withdrawn, None
    db.session.flush()
    if offered:
        occupancy.let_go(waiting_id=entry.id)
        offers.offer_next(entry.room, *occupied(entry.room, entry.starts_at, entry.ends_at))
    return entry
