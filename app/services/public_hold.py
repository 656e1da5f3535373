"""Keeping a free time for a few minutes for somebody on the public page, so that two do not fill in the same one."""

import secrets
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, func, select

from app.access.actor import Actor, acting, system_scope
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, TooMany
from app.models.public_hold import PURPOSES, PublicHold
from app.models.room import PublicService
from app.services import occupancy, parameter
from app.services.booking import find_room, settle, spans_wished
from app.services.booking_rules import Wish
from app.services.login_session import token_hash
from app.services.occupancy import of_person, of_room
from app.services.queries.public_slots import PublicSlot, slots

DAY = timedelta(days=1)
REMEMBERED = 2 * DAY  # for the count of a day
AGAIN = timedelta(minutes=10)  # a form sent twice leads to the same booking
TAKEN = _l("Somebody was faster: this time has just been taken. Please choose another.")
TOO_MANY_HOLDS = _l("Too many times are being kept for your network address. Please wait some minutes.")
TOO_MANY_BOOKINGS = _l(
    "Many bookings were made from your network address today. Please call the centre, or come to the desk."
)
_hold = PublicHold.__table__


def public_actor(address: str | None) -> Actor:
    """Who acts: somebody without an account, by the verbs of the public page alone."""
    return Actor(user_id=None, name=_("Petitioner (public page)"), system=True, address=address)


def _address(address: str | None) -> str:
    return blind_index("address", address or "-")


def _limit(which: ColumnElement[bool], most: str, sentence: object) -> None:
    count = db.session.connection().execute(select(func.count()).select_from(_hold).where(which)).scalar_one()
    if count >= parameter.number(most):
        raise TooMany(sentence)


def limit_bookings(address_hash: str) -> None:
    """Refuse the booking that is one too many for a network address and a day."""
    made = _hold.c.booking_id.is_not(None) & (_hold.c.made_at > clock.now() - DAY)
    _limit((_hold.c.address_hash == address_hash) & made, "public_bookings", TOO_MANY_BOOKINGS)


def resources(row: PublicHold) -> list[int]:
    """What it keeps."""
    return [of_room(row.room_id), *([of_person(row.account_id)] if row.account_id is not None else [])]


def wish_of(service: PublicService, room_id: int, start: datetime, end: datetime, account_id: int | None) -> Wish:
    """What is asked for, before anybody has said who comes."""
    return Wish(find_room(room_id), start, end, PURPOSES[service], [account_id] if account_id is not None else [])


def _free_one(service: PublicService, slot: PublicSlot) -> Wish | None:
    """The time with the first of those on duty who is still free; the room and all of them are locked."""
    for person in slot.people or (None,):
        wish = wish_of(service, slot.room_id, slot.start, slot.end, person)
        if not settle(spans_wished(wish)):
            return wish
    return None


@unit_of_work
def let_go(token: str | None) -> None:
    """What this browser kept is open to others again."""
    with system_scope("public booking"):
        row = held(token)
        if row is not None and row.booking_id is None:
            occupancy.lock(resources(row))
            occupancy.let_go(hold_id=row.id)
            db.session.delete(row)


@unit_of_work
def keep(service: PublicService, centre_id: int, room_id: int, start: datetime, address: str | None) -> str:
    """Keep a free time for some minutes; gives the secret of this browser."""
    with acting(public_actor(address)), system_scope("public booking"):
        kept = _hold.c.booking_id.is_(None) & (_hold.c.expires_at > clock.now())
        _limit((_hold.c.address_hash == _address(address)) & kept, "public_holds", TOO_MANY_HOLDS)
        offered = slots(service, centre_id, clock.local(start).date())
        found = [slot for day in offered.values() for slot in day if (slot.room_id, slot.start) == (room_id, start)]
        if not found:
            raise Conflict(TAKEN)
        slot = found[0]
        with occupancy.politely():
            occupancy.lock([of_room(room_id), *map(of_person, slot.people)])
            wish = _free_one(service, slot)
            if wish is None:
                raise Conflict(TAKEN)
            token = secrets.token_urlsafe(32)
            row = PublicHold(
                token_hash=token_hash(token),
                address_hash=_address(address),
                service=service,
                room_id=room_id,
                account_id=next(iter(wish.people), None),
                starts_at=slot.start,
                ends_at=slot.end,
                expires_at=clock.now() + timedelta(minutes=parameter.number("public_hold_minutes")),
            )
            db.session.add(row)
            db.session.flush()
            occupancy.hold(spans_wished(wish), hold_id=row.id)
    return token


def held(token: str | None) -> PublicHold | None:
    """What this browser keeps, or has booked with; None when its time is over. The caller stands in a system scope."""
    mine = select(PublicHold).where(PublicHold.token_hash == token_hash(token or ""))
    found: PublicHold | None = db.session.scalar(mine)
    if found is None:
        return None
    later = AGAIN if found.booking_id is not None else timedelta(0)
    return found if found.expires_at + later > clock.now() else None


@unit_of_work
def sweep() -> int:
    """Let go what nobody booked in time, and forget what is past; for the job."""
    now, connection = clock.now(), db.session.connection()
    over = select(_hold.c.id).where(_hold.c.booking_id.is_(None), _hold.c.expires_at <= now)
    for key in connection.execute(over).scalars().all():
        occupancy.let_go(hold_id=key)
    past = _hold.c.made_at < now - REMEMBERED
    return connection.execute(delete(_hold).where(past | _hold.c.id.in_(over))).rowcount
