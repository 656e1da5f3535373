"""The public page of booking, without an account and without scripts: what, when, who; then number and code."""

import time
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any

from flask import current_app, flash, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_babel import format_date
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.errors import Conflict, NotFound, PortalError, TooMany
from app.forms.fields import parse_day
from app.forms.public_booking import PublicBookingForm
from app.models.booking import Booking
from app.models.public_hold import PublicHold
from app.models.room import PublicService
from app.services import public_booking as service
from app.services import public_hold as holds
from app.services.queries import public_slots
from app.services.queries.choices import parse_key
from app.services.queries.public_slots import Centre, PublicSlot
from app.views.booking import shown_state
from app.views.public_door import opened

HOLD, KEPT = "public_hold", "public_booking"
START, DETAILS, MINE = "/public/book", "/public/book/details", "/public/booking"
LOOKS = RateLimitItemPerMinute(120, 5)  # pages of free times for one network address; a hall of people is behind one
STEPS = RateLimitItemPerMinute(60, 10)  # times taken and forms sent


def limited(item: Any, what: str) -> None:
    """Count a call of this network address; too many are refused."""
    limiter = current_app.appbuilder.sm.limiter.limiter  # type: ignore[attr-defined]
    if not limiter.hit(item, what, request.remote_addr or "-"):
        raise TooMany()


@contextmanager
def in_public() -> Any:
    """Somebody without an account acts; what is shown is chosen by these pages alone."""
    with acting(holds.public_actor(request.remote_addr)), system_scope("the public page of bookings"):
        yield


def _service(name: str) -> PublicService:
    found = PublicService.of(name)
    if found is None:
        raise NotFound()
    return PublicService(found)


def when(start: datetime, end: datetime) -> str:
    """November 27, Friday 14:00–15:00."""
    begins, ends = clock.local(start), clock.local(end)
    return f"{format_date(begins.date(), _('MMMM d, EEEE'))} {begins:%H:%M}–{ends:%H:%M}"


def _centre(place: Any) -> str:
    return _("%(city)s Public-Appeals Reception Centre", city=place.name)


def _slot_value(slot: PublicSlot) -> str:
    return f"{slot.room_id}|{slot.start.isoformat()}"


def _read_slot(text: str) -> tuple[int, datetime]:
    """The room and the moment of a slot's button; whatever else somebody sends is a time that is not free."""
    room, _bar, moment = text[:64].partition("|")
    key, start = parse_key(room), None
    with suppress(ValueError, OverflowError):
        start = clock.local(datetime.fromisoformat(moment))
    if key is None or start is None:
        raise Conflict(holds.TAKEN)
    return key, start


class PublicBookingView(BaseView):
    """Book a consultation or a visit."""

    route_base = "/public"
    default_view = "start"

    # ---- what and when

    @expose("/book", methods=["GET"])
    def start(self) -> Any:
        """What can be booked."""
        with in_public():
            return self.render_template(
                "portal/public_book.html", title=_("Book a time"), main_class="large", services=public_slots.services()
            )

    @expose("/book/<name>", methods=["GET", "POST"])
    def choose(self, name: str) -> Any:
        """The free times of a centre, day by day; a button keeps one."""
        wanted = _service(name)
        with in_public():
            centres = public_slots.centres(wanted)
            if not centres:
                raise NotFound()
            asked = parse_key(request.values.get("centre", "")[:20])
            centre = next((one for one in centres if one.id == asked), centres[0])
            if request.method == "POST":
                try:
                    return self._keep(wanted, centre)
                except PortalError as refused:
                    return self._times(wanted, centre, centres, str(refused.message)), refused.status
            limited(LOOKS, "public-times")
            return self._times(wanted, centre, centres)

    def _keep(self, wanted: PublicService, centre: Centre) -> Any:
        limited(STEPS, "public-book")
        room, start = _read_slot(request.form.get("slot", ""))
        holds.let_go(session.pop(HOLD, None))
        session[HOLD] = holds.keep(wanted, centre.id, room, start, request.remote_addr)
        return redirect(DETAILS)

    def _times(self, wanted: PublicService, centre: Centre, centres: list[Centre], wrong: str = "") -> str:
        offered = public_slots.slots(wanted, centre.id)
        days = [
            {"day": day, "label": format_date(day, _("MMMM d, EEEE")), "count": len(slots)}
            for day, slots in offered.items()
        ]
        chosen = self._day(offered)
        return self.render_template(
            "portal/public_times.html",
            title=wanted.label,
            main_class="large",
            crumbs=[(_("Book a time"), START), (wanted.label, None)],
            service=wanted,
            secret=service.secret(wanted),
            centre=centre,
            name_of=_centre,
            centres=centres,
            days=days,
            chosen=chosen,
            label=format_date(chosen, _("MMMM d, EEEE")) if chosen else "",
            slots=[(_slot_value(slot), slot) for slot in offered.get(chosen, ())] if chosen else [],
            several=len({slot.room_id for slots in offered.values() for slot in slots}) > 1,
            wrong=wrong,
        )

    @staticmethod
    def _day(offered: Mapping[date, list[PublicSlot]]) -> date | None:
        """The day that was asked for, or the first on which something is free."""
        try:
            asked = parse_day(request.values.get("day", "")[:10])
        except ValueError:
            asked = None
        if asked in offered:
            return asked
        return next((day for day, slots in offered.items() if slots), None)

    # ---- who

    @expose("/book/details", methods=["GET", "POST"])
    def details(self) -> Any:
        """How to address and reach whoever comes; then it is booked."""
        with in_public():
            token = session.get(HOLD)
            row = holds.held(token if isinstance(token, str) else None)
            if row is None:
                session.pop(HOLD, None)
                flash(str(service.GONE), "warning")
                return redirect(START)
            if request.method == "GET":
                return (
                    redirect(MINE) if row.booking_id is not None else self._form(PublicBookingForm.of(row.service), row)
                )
            form = PublicBookingForm.of(row.service, request.form)
            if not form.validate():
                return self._form(form, row), 422
            try:
                limited(STEPS, "public-book")
                booking, code = service.book(str(token), form.values(), request.remote_addr)
            except PortalError as refused:
                return self._refused(refused, form)
            key = service.key_of(booking)
            session[KEPT] = [key.record_id, key.proof, int(time.time()), code]
            return redirect(MINE)

    def _refused(self, refused: PortalError, form: PublicBookingForm) -> Any:
        """The form again with what was typed; when the time itself is lost, the free times."""
        row = holds.held(session.get(HOLD))
        if row is None or isinstance(refused, Conflict):
            session.pop(HOLD, None)
            flash(str(refused.message), "warning")
            return redirect(f"{START}/{row.service.value}" if row is not None else START)
        form.take(refused)
        return self._form(form, row), refused.status

    def _form(self, form: PublicBookingForm, row: PublicHold) -> str:
        return self.render_template(
            "portal/public_details.html",
            title=row.service.label,
            main_class="large",
            crumbs=[
                (_("Book a time"), START),
                (row.service.label, f"{START}/{row.service.value}"),
                (_("Your details"), None),
            ],
            form=form,
            secret=service.secret(row.service),
            span=when(row.starts_at, row.ends_at),
            centre=_centre(row.room.organisation),
            room=row.room,
            until=f"{clock.local(row.expires_at):%H:%M}",
            back=f"{START}/{row.service.value}",
        )

    # ---- the booking by its number and code

    @expose("/booking", methods=["GET", "POST"])
    def mine(self) -> Any:
        """The booking that is open here; else number and code are asked: one answer to whatever is wrong."""
        if request.method == "POST":
            return self._open()
        key = opened(KEPT)
        if key is None:
            return self._door("")
        with in_public():
            try:
                booking = service.booking_of(key)
            except NotFound:
                session.pop(KEPT, None)
                return self._door("")
            return self._booking(booking)

    def _open(self) -> Any:
        number, code = request.form.get("number", "")[:64], request.form.get("code", "")[:64]
        try:
            key = service.open_booking(number, code, request.remote_addr)
        except PortalError as refused:
            return self._door(number, str(refused.message)), refused.status
        if key is None:
            return self._door(
                number, _("No booking has this number with this code. Please compare what you wrote down.")
            ), 404
        session[KEPT] = [key.record_id, key.proof, int(time.time())]
        return redirect(MINE)

    def _door(self, number: str, wrong: str = "") -> str:
        return self.render_template(
            "portal/public_booking_door.html", title=_("My booking"), main_class="large", number=number, wrong=wrong
        )

    def _booking(self, booking: Booking) -> str:
        held = session.get(KEPT) or []
        state = shown_state(booking.state, booking.release_at, booking.ends_at)
        return self.render_template(
            "portal/public_booking.html",
            title=_("My booking"),
            main_class="large",
            booking=booking,
            state=state,
            span=when(booking.starts_at, booking.ends_at),
            place=booking.room.organisation,
            centre=_centre(booking.room.organisation),
            code=held[3] if len(held) > 3 else "",
            may_cancel=service.may_cancel(booking),
        )

    @expose("/booking/cancel", methods=["POST"])
    def cancel(self) -> Any:
        """Cancel it."""
        key = opened(KEPT)
        if key is None:
            return redirect(MINE)
        try:
            limited(STEPS, "public-book")
            service.cancel(key, request.remote_addr)
        except NotFound:
            session.pop(KEPT, None)
        except PortalError as refused:
            flash(str(refused), "warning")
        else:
            flash(_("Your booking is cancelled. Thank you for telling us."), "success")
        return redirect(MINE)

    @expose("/booking/leave", methods=["POST"])
    def leave(self) -> Any:
        """Close the booking on this device."""
        session.pop(KEPT, None)
        holds.let_go(session.pop(HOLD, None))
        flash(_("The booking is closed on this device."), "info")
        return redirect(START)
