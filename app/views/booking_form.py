"""Booking a room: one form, pre-filled from the calendar; a series is shown time by time before it is kept."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import flash, jsonify, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.access.permissions import GROUP_OF, PAGES
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotFound, PortalError
from app.forms.booking import FreeForm, SeriesForm, wish_of
from app.forms.fields import parse_day
from app.forms.selects import RemoteSelectField
from app.models.booking import SECRET_PURPOSES, Booking, Purpose
from app.services import series
from app.services.booking import book_wish
from app.services.booking_rules import Wish, span_text
from app.services.occupancy import Taken
from app.services.queries import free_slots
from app.services.queries.choices import parse_key
from app.views.filters import Refused, clean
from app.views.needs import needs
from app.views.typed import typed_so_far

USUAL = timedelta(minutes=60)
GROUPS = (
    (None, ("room", "purpose", "start", "end", "people", "people_count")),
    ("what", ("title", "case", "contact_name", "contact_phone", "equipment", "notes", "secret")),
    ("often", ("every_weeks", "times")),
)


class BookingFormView(BaseView):
    """Book a room."""

    route_base = "/booking"
    default_view = "add"

    @expose("/add", methods=["GET", "POST"])
    @needs("book", "Booking")
    def add(self) -> Any:
        """The form; with more than one time the plan comes first."""
        if request.method == "GET":
            return self._page(self._fresh())
        form = SeriesForm(formdata=request.form)
        if not form.validate():
            return self._page(form), 422
        values = form.values()
        times = values.get("times") or 1
        try:
            if times > 1:
                return self._series(form, values, times)
            booking = book_wish(current_actor(), Wish(**wish_of(values)))
        except Taken as refusal:
            db.session.rollback()
            again = self._same(refusal, values)
            if again is not None:
                flash(_("This is booked already: %(number)s.", number=again[1]), "info")
                return redirect(f"/booking/show/{again[0]}")
            form.take(refusal)
            return self._page(form, taken=values), 409
        except PortalError as refusal:
            db.session.rollback()
            form.take(refusal)
            return self._page(form), refusal.status
        flash(_("Booked: %(number)s (%(state)s).", number=booking.number, state=booking.state.label), "success")
        return redirect(f"/booking/show/{booking.id}")

    def _fresh(self) -> SeriesForm:
        """What the address says (`?room=3&start=2026-11-25 09:00`), read like typed; an hour where no end is said."""
        given = MultiDict((name, value) for name, value in request.args.items(multi=True))
        form = SeriesForm(formdata=None)
        for name in form.names:
            if name in given:
                form[name].process(MultiDict([(name, value) for value in given.getlist(name)]))
                if form[name].process_errors:
                    form[name].process(None, None)
        if form.start.data is not None and form.end.data is None:
            form.end.process(None, form.start.data + USUAL)
        if form.people.data in (None, []) and not current_actor().may("arrange", "Booking"):
            me = form.people.chooser.find([current_actor().user_id or 0])
            form.people.process(None, list(me.values()))
        return form

    @staticmethod
    def _same(refusal: Taken, values: dict[str, Any]) -> tuple[int, str] | None:
        """The booking a form sent twice has made the first time, if that is what stands there."""
        standing = refusal.extra.get("standing") or [{}]
        booking = db.session.get(Booking, standing[0].get("booking")) if standing[0].get("booking") else None
        if booking is None or booking.booked_by_id != current_actor().user_id:
            return None
        same = (booking.room_id, booking.starts_at, booking.ends_at, booking.purpose) == (
            values["room"].id,
            values["start"],
            values["end"],
            values["purpose"],
        )
        recent = clock.now() - booking.created_at < timedelta(minutes=2)
        return (booking.id, booking.number) if same and recent else None

    def _series(self, form: SeriesForm, values: dict[str, Any], times: int) -> Any:
        actor, every = current_actor(), values.get("every_weeks") or 1
        seen, skip = request.form.get("seen", "")[:64], request.form.get("go") == "skip"
        if "go" in request.form and seen:
            try:
                made = series.book_series(actor, Wish(**wish_of(values)), every, times, skip, seen)
            except Conflict as refusal:
                db.session.rollback()
                flash(str(refusal), "warning")
            else:
                flash(_("%(count)d bookings made.", count=len(made)), "success")
                return redirect(f"/booking/series/{made[0].series_id}")
        plan = series.plan(actor, Wish(**wish_of(values)), every, times)
        return self._page(form, plan=plan)

    def _page(self, form: SeriesForm, taken: dict[str, Any] | None = None, plan: Any = None) -> Any:
        form.offer(lambda name: f"{self.route_base}/add/choices/{name}")
        crumbs = [
            (GROUP_OF["Booking"].label, None),
            (PAGES["Booking"].label, "/booking/list/"),
            (_("Book a room"), None),
        ]
        titles = {None: _("Room and time"), "what": _("What it is about"), "often": _("Repeats")}
        bad = [one for one in plan or () if one.fate is not series.Fate.ok]
        page = self.render_template(
            "portal/booking_form.html",
            form=form,
            title=_("Book a room"),
            crumbs=crumbs,
            back="/room/calendar",
            groups=[(titles[title], [form[name] for name in names]) for title, names in GROUPS],
            taken=self._ways_out(taken),
            plan=plan,
            seal=series.seal(plan) if plan else "",
            bad=len(bad),
            good=len(plan or ()) - len(bad),
            span_text=span_text,
            secret=sorted(purpose.value for purpose in SECRET_PURPOSES),
            repeats=bool(form.times.errors or form.every_weeks.errors or (form.times.data or 1) > 1),
        )
        return page

    @staticmethod
    def _ways_out(values: dict[str, Any] | None) -> dict[str, str] | None:
        """Where somebody can turn whose time is taken: the waiting list, the next free time."""
        if values is None:
            return None
        start, end = values["start"], values["end"]
        about = {"room": values["room"].id, "purpose": values["purpose"].value}
        waits = {"starts_at": f"{start:%Y-%m-%d %H:%M}", "ends_at": f"{end:%Y-%m-%d %H:%M}"}
        looks = {"purpose": about["purpose"], "minutes": int((end - start).total_seconds() // 60)}
        people = [("people", row.id) for row in values.get("people") or ()]
        return {
            "waiting": "/waiting/add?" + urlencode({**about, **waits}),
            "free": "/room/free?" + urlencode([*looks.items(), ("since", f"{start:%Y-%m-%d}"), *people]),
        }

    @expose("/add/choices/<field>")
    @needs("book", "Booking")
    def choices(self, field: str) -> Any:
        """Search-as-you-type for a field of the form."""
        form = SeriesForm(formdata=None)
        if field not in form.names or not isinstance(form[field], RemoteSelectField):
            raise NotFound()
        try:
            text = clean(typed_so_far())
        except Refused:
            return jsonify([])
        return jsonify([{"id": str(key), "text": label} for key, label in form[field].chooser.search(text)])


class FreeSlotView(BaseView):
    """The next times at which a room, people and equipment are free together."""

    route_base = "/room/free"
    default_view = "index"

    @expose("/")
    @needs("book", "Booking")
    def index(self) -> Any:
        """What is asked for, and the next free times."""
        form = FreeForm(formdata=None)
        for name in form.names:
            if name in request.args:
                form[name].process(MultiDict([(name, value) for value in request.args.getlist(name)]))
        minutes = parse_key(request.args.get("minutes", "60")) or 60
        minutes = min(max(minutes, 15), 600)
        since = self._day(request.args.get("since", ""))
        asked = free_slots.Asked(
            minutes,
            Purpose(form.purpose.data) if form.purpose.data is not None else None,
            [row.id for row in form.people.data or ()],
            form.people_count.data or 1,
            [row.id for row in form.equipment.data or ()],
            form.room.data.id if form.room.data is not None else None,
            since,
        )
        form.offer(lambda name: f"/booking/add/choices/{name}")
        return self.render_template(
            "portal/free_slots.html",
            title=_("Next free times"),
            crumbs=[
                (GROUP_OF["Booking"].label, None),
                (_("Room calendar"), "/room/calendar"),
                (_("Next free times"), None),
            ],
            form=form,
            minutes=minutes,
            since=f"{since:%Y-%m-%d}" if since else f"{clock.today():%Y-%m-%d}",
            slots=[(slot, self._link(slot, asked)) for slot in free_slots.find(current_actor(), asked)],
            span_text=span_text,
            days=free_slots.DAYS,
        )

    @staticmethod
    def _day(text: str) -> Any:
        try:
            return parse_day(text) if text else None
        except ValueError:
            return None

    @staticmethod
    def _link(slot: free_slots.Slot, asked: free_slots.Asked) -> str:
        said: list[tuple[str, Any]] = [
            ("room", slot.room.id),
            ("start", f"{slot.start:%Y-%m-%d %H:%M}"),
            ("end", f"{slot.end:%Y-%m-%d %H:%M}"),
            *(("people", key) for key in asked.people),
            *(("equipment", key) for key in asked.equipment),
        ]
        if asked.purpose is not None:
            said.append(("purpose", asked.purpose.value))
        if asked.people_count > 1:
            said.append(("people_count", asked.people_count))
        return "/booking/add?" + urlencode(said)
