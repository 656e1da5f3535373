"""The guards of the booking flow: each one sentence, read beside the greyed button or at the field."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.workflow.types import Message, Situation

PAGE = "Booking"
EARLY = timedelta(minutes=30)


# ---- who: this person and this booking


def in_charge_of_the_room(at: Situation) -> Message | None:
    """The manager of the room, or whoever decides on every room of the centre; on counselling, a counsellor of it."""
    actor = at.actor
    if at.facts.manager_id == actor.user_id or actor.may("oversee", PAGE):
        return None
    if at.record.secret and actor.user_id in at.facts.people:
        return None
    if at.facts.manager_name:
        return _l("%(name)s manages this room and decides.", name=at.facts.manager_name)
    return _l("The head of the centre decides on this room.")


def not_the_booker(at: Situation) -> Message | None:
    """Who asked for the room does not decide on it."""
    if at.record.booked_by_id is not None and at.record.booked_by_id == at.actor.user_id:
        return _l("You asked for this room yourself; somebody else decides.")
    return None


def concerned(at: Situation) -> Message | None:
    """Who booked it, who takes part, who manages the room, or who may change the bookings of others."""
    actor = at.actor
    if actor.system or actor.user_id in (at.record.booked_by_id, at.facts.manager_id, *at.facts.people):
        return None
    if actor.may("arrange", PAGE) or actor.may("oversee", PAGE):
        return None
    return _l("This is another person's booking.")


# ---- when: circumstances


def not_over(at: Situation) -> Message | None:
    """The time of the booking has not passed."""
    return _l("The time of this booking has passed.") if at.record.ends_at <= at.facts.now else None


def not_yet_released(at: Situation) -> Message | None:
    """The room is still kept for it."""
    if at.record.release_at <= at.facts.now:
        return _l(
            "The room was released at %(time)s, because nobody had come or decided. Please book again.",
            time=f"{clock.local(at.record.release_at):%H:%M}",
        )
    return None


def not_yet_released_unless_there(at: Situation) -> Message | None:
    """The room is still kept for it, or its people are there."""
    return None if at.record.checked_in_at is not None else not_yet_released(at)


def has_begun(at: Situation) -> Message | None:
    """It has begun."""
    if at.record.starts_at > at.facts.now:
        return _l("It begins at %(time)s only.", time=f"{clock.local(at.record.starts_at):%m-%d %H:%M}")
    return None


def nearly_time(at: Situation) -> Message | None:
    """Not earlier than half an hour before it begins."""
    if at.record.starts_at - EARLY > at.facts.now:
        return _l(
            "Checking in is possible from %(time)s on.", time=f"{clock.local(at.record.starts_at - EARLY):%m-%d %H:%M}"
        )
    return None


# ---- what: the form


def begins_before_it_ends(at: Situation) -> tuple[str, Message] | None:
    """It begins before it ends."""
    start, end = at.data.get("start"), at.data.get("end")
    if start is not None and end is not None and end <= start:
        return "end", _l("The booking ends before it begins.")
    return None


def a_running_one_only_ends_elsewhen(at: Situation) -> tuple[str, Message] | None:
    """Once its people are there, only its end can move."""
    if at.record.checked_in_at is None:
        return None
    room, start = at.data.get("room"), at.data.get("start")
    if start is not None and start != at.record.starts_at:
        return "start", _l("The people are there already: only the end can be moved.")
    if room is not None and room.id != at.record.room_id:
        return "room", _l("The people are there already: only the end can be moved.")
    return None
