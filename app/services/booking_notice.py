"""Who is told of a booking, and in what words: the people concerned, never anything of what it is about."""

from collections.abc import Iterable
from typing import Any

from app.access.actor import Actor
from app.models.booking import Booking, WaitingEntry
from app.models.room import Room
from app.services import sms
from app.services.booking_rules import span_text
from app.services.notice import tell_people


def tell_booking(
    actor: Actor, code: str, booking: Any, people: Iterable[int | None], room: str | None = None, **more: Any
) -> None:
    """One message about a booking to each of these people; who acts need not be told."""
    said = {
        "room": room if room is not None else booking.room.name,
        "span": span_text(booking.starts_at, booking.ends_at),
        "by": actor.name,
        **more,
    }
    tell_people(actor, f"booking_{code}", people, said, link=f"/booking/show/{booking.id}")


def text_contact(actor: Actor, code: str, booking: Booking) -> int | None:
    """A text message to who comes from outside; its number in the outbox, as `text_mobile` gives it. Of a confidential
    booking it says the number alone, since telephones lie about, and nobody sees it in the outbox."""
    about: dict[str, Any] = {} if booking.secret else {"time": booking.starts_at, "room": booking.room}
    return sms.text_mobile(
        actor,
        booking.organisation_id,
        booking.contact_phone,
        f"booking_{code}",
        sealed=booking.secret,
        number=booking.number,
        **about,
    )


def tell_waiting(actor: Actor, code: str, entry: WaitingEntry, room: Room, **more: Any) -> None:
    """One message to who waits."""
    said = {"room": room.name, "span": span_text(entry.starts_at, entry.ends_at), **more}
    tell_people(actor, f"waiting_{code}", [entry.account_id], said, link=f"/waiting/show/{entry.id}")
