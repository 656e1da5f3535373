"""The panel's material and its session in the review room (domain §4)."""

import json
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid
from app.models.booking import HOLDING, Booking, Purpose
from app.models.review import Review
from app.services import booking_steps
from app.services.booking import book
from app.services.case import Data, text_of
from app.services.queries.material import plain_material
from app.services.review_course import carry_out, keep, take, tell_panel, text_applicants, text_expert


@unit_of_work
def serve_material(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """Hand the material out as it was read through: personal data is masked, and it stands as handed out."""
    words = text_of(data, "hidden_words")
    review, facts = take(actor, review_id, version, "serve_material")
    if not data.get("read_through"):
        raise Invalid(errors={"read_through": [_l("Please read the material through before handing it out.")]})
    carry_out(actor, review, facts, "serve_material", data)
    review.hidden_words = words
    review.material = json.dumps(plain_material(review, words or ""), ensure_ascii=False)
    review.material_at = clock.now()
    tell_panel(actor, review, "review_material", facts.seated)
    return keep(review)


def free_session(actor: Actor, review: Review) -> None:
    """Give the room of a session back that does not take place then."""
    with system_scope("the booking of a review's session"):
        booking = db.session.get(Booking, review.booking_id) if review.booking_id is not None else None
        if booking is not None and booking.state in HOLDING and booking.starts_at > clock.now():
            reason = _("The session of %(number)s was put off.", number=review.number)
            booking_steps.cancel(actor, booking.id, {"reason": reason})
    review.booking_id = None


def _people(seats: Sequence[Any]) -> list[int]:
    return [seat.user_id for seat in seats if seat.user_id is not None]


@unit_of_work
def fix_session(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """Room and time of the session are booked, with the experts; whoever cannot be there then is said."""
    room, start, end = data.get("room"), data.get("start"), data.get("end")
    review, facts = take(actor, review_id, version, "fix_session")
    told = {"room": room.name} if room is not None else {}
    if start is not None and end is not None:
        told |= {"from": clock.local(start).isoformat(), "until": clock.local(end).isoformat()}
    carry_out(actor, review, facts, "fix_session", data, told=told)
    if room is None or start is None or end is None:
        raise Invalid(errors={"room": [_l("Please choose the room.")]})
    free_session(actor, review)
    booked = book(
        actor,
        room.id,
        start,
        end,
        Purpose.expert_review,
        _people(facts.seated),
        case_id=review.case_id,
        title=review.number,
        people_count=len(facts.seated) + 2,
    )
    review.room_id, review.booking_id = room.id, booked.id
    review.session_at, review.session_until = start, end
    tell_panel(actor, review, "review_session", facts.seated, at=f"{clock.local(start):%Y-%m-%d %H:%M}", room=room.name)
    for seat in facts.seated:
        text_expert(actor, review, seat.expert_id, "review_session", time=start, room=room)
    text_applicants(actor, review, "review_session", time=start, room=room)
    return keep(review)
