"""What is told of a booking: place, time and who acted, never what it is about."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Room bookings")
SENTENCES: dict[str, Any] = {
    "booking_booked": _l("%(room)s, %(span)s: you are expected; booked by %(by)s."),
    "booking_asked": _l("%(room)s, %(span)s: %(by)s asks for the room. Please decide."),
    "booking_confirm": _l("%(room)s, %(span)s: the booking was confirmed by %(by)s."),
    "booking_reject": _l("%(room)s, %(span)s: the booking was turned down by %(by)s."),
    "booking_move": _l("%(room)s, %(span)s: the booking was moved here by %(by)s (before: %(before)s)."),
    "booking_cancel": _l("%(room)s, %(span)s: the booking was cancelled by %(by)s."),
    "booking_release": _l("%(room)s, %(span)s: nobody came; the room was released."),
    "booking_lapse": _l("%(room)s, %(span)s: nobody decided in time; the room was released."),
    "booking_closure": _l("%(room)s, %(span)s: the room will be closed then. Please move the booking or cancel it."),
    "waiting_offered": _l("%(room)s, %(span)s has become free: it is kept for you until %(until)s."),
    "waiting_offer_expired": _l("%(room)s, %(span)s: the offer from the waiting list has expired."),
}
