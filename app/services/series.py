"""Bookings that repeat: the fate of each is shown before anything is saved; then the rest is booked, or nothing is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.labels import LabelledEnum
from app.models.booking import Booking, BookingSeries
from app.services import occupancy
from app.services.booking import book_wish, settle, spans_wished
from app.services.booking_rules import Wish, read_hours, read_wish
from app.services.clash import taken

MOST = 60


class Fate(LabelledEnum):
    """What becomes of one occurrence."""

    ok = "ok", _l("Will be booked"), "ok"
    clash = "clash", _l("Taken"), "late"
    closed = "closed", _l("Closed"), "hold"
    rest = "rest", _l("Rest day"), "hold"
    hours = "hours", _l("Outside the hours"), "soon"
    rule = "rule", _l("Against a rule"), "soon"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series: when, what becomes of it, and why."""

    start: datetime
    end: datetime
    fate: Fate
    why: Any = ""


def _fate(actor: Actor, wish: Wish) -> Occurrence:
    hours = read_hours(wish.room, wish.start, wish.end)
    if hours is not None:
        return Occurrence(wish.start, wish.end, Fate(hours[0]), hours[1])
    try:
        read_wish(actor, wish)
    except Invalid as refusal:
        return Occurrence(wish.start, wish.end, Fate.rule, next(iter(refusal.errors.values()))[0])
    rows = settle(spans_wished(wish))
    if rows:
        return Occurrence(wish.start, wish.end, Fate.clash, taken(actor, wish.room, wish.names, rows).message)
    return Occurrence(wish.start, wish.end, Fate.ok)


def _wishes(wish: Wish, every_weeks: int, times: int) -> list[Wish]:
    start, end = clock.local(wish.start), clock.local(wish.end)
    weeks = [timedelta(weeks=every_weeks * turn) for turn in range(times)]
    return [replace(wish, start=start + later, end=end + later, names={}) for later in weeks]


def _check(wish: Wish, every_weeks: int, times: int) -> None:
    errors: dict[str, list[Any]] = {}
    if not 1 <= every_weeks <= 8:
        errors["every_weeks"] = [_l("From every week to every eighth week.")]
    if not 2 <= times <= MOST:
        errors["times"] = [_l("A series has 2 to %(most)d times.", most=MOST)]
    if wish.end <= wish.start:
        errors["end"] = [_l("The booking ends before it begins.")]
    if errors:
        raise Invalid(errors=errors)


@unit_of_work
def plan(actor: Actor, wish: Wish, every_weeks: int, times: int) -> list[Occurrence]:
    """What would become of each occurrence now."""
    _check(wish, every_weeks, times)
    wishes = _wishes(wish, every_weeks, times)
    occupancy.lock(span.resource for span in spans_wished(wish))
    return [_fate(actor, one) for one in wishes]


def seal(occurrences: Sequence[Occurrence]) -> str:
    """What a person has seen of a plan, shortly; it differs as soon as the fate of one occurrence does."""
    said = ";".join(f"{one.start.isoformat()} {one.fate.value}" for one in occurrences)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@unit_of_work
def book_series(actor: Actor, wish: Wish, every_weeks: int, times: int, skip: bool, seen: str = "") -> list[Booking]:
    """Book every occurrence that can be. Without `skip` nothing is booked unless all can be; nothing is left out
    unsaid: when a plan was shown (`seen`) and something has changed since, it is shown again."""
    if not actor.may("book", "Booking"):
        raise NotAllowed()
    found = plan(actor, wish, every_weeks, times)
    bad = [one for one in found if one.fate is not Fate.ok]
    if seen and seen != seal(found):
        raise Conflict(_l("Something has changed since this plan was shown. Please look at it again."), plan=[])
    if len(bad) == len(found):
        raise Invalid(_l("None of these times can be booked."))
    if bad and not skip:
        raise Conflict(_l("%(count)d of these times cannot be booked.", count=len(bad)), plan=[])
    series: Any = BookingSeries(
        room_id=wish.room.id,
        organisation_id=wish.room.organisation_id,
        every_weeks=every_weeks,
        times=times,
        booked_by_id=actor.user_id,
        secret=wish.secret or wish.purpose.value == "counselling",
    )
    db.session.add(series)
    db.session.flush()
    pairs = zip(_wishes(wish, every_weeks, times), found, strict=True)
    return [book_wish(actor, one, series.id) for one, fate in pairs if fate.fate is Fate.ok]
