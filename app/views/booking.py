"""Bookings: the list, the page of one with its steps and course, and the steps themselves."""

from datetime import datetime, timedelta
from typing import Any

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.forms.steps import BOOKING
from app.models.booking import HOLDING, Booking, BookingState, booking_person
from app.models.room import Room
from app.services.access_log import log_read
from app.services.booking_rules import span_text
from app.services.consultation_rules import can_record
from app.services.queries.booking_facts import booking_steps, facts_of
from app.services.queries.choices import parse_key
from app.services.series import MOST
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.fields import Computed, tag
from app.views.transition import StepPages
from app.workflow.booking_facts import stands
from app.workflow.engine import available


def shown_state(state: BookingState, release_at: datetime, ends_at: datetime) -> BookingState:
    """The state as it is now, whether the job has come round or not."""
    return stands(state, release_at, ends_at, clock.now())


def _state(state: BookingState, release_at: datetime, ends_at: datetime) -> Any:
    return tag(shown_state(state, release_at, ends_at))


def _state_text(state: BookingState, release_at: datetime, ends_at: datetime) -> str:
    return str(shown_state(state, release_at, ends_at).label)


def _holding() -> Any:
    """Bookings for which the room is still kept."""
    kept = or_(Booking.state == BookingState.checked_in, Booking.release_at > clock.now())
    return and_(Booking.state.in_(HOLDING), kept)


def _today(statement: Select[Any]) -> Select[Any]:
    start = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return statement.where(_holding(), Booking.starts_at < start + timedelta(days=1), Booking.ends_at > start)


def _coming(statement: Select[Any]) -> Select[Any]:
    return statement.where(_holding(), Booking.starts_at >= clock.now())


def _mine(statement: Select[Any]) -> Select[Any]:
    me = current_actor().user_id
    taking_part = Booking.id.in_(
        booking_person.select().with_only_columns(booking_person.c.booking_id).where(booking_person.c.account_id == me)
    )
    return statement.where(or_(Booking.booked_by_id == me, taking_part))


def _to_decide(statement: Select[Any]) -> Select[Any]:
    """Requests that wait for the actor's yes or no."""
    actor, now = current_actor(), clock.now()
    waits = statement.where(
        Booking.state == BookingState.requested, Booking.release_at > now, Booking.booked_by_id != actor.user_id
    )
    if actor.may("oversee", "Booking"):
        return waits
    return waits.where(Booking.room.has(Room.manager_id == actor.user_id))


class BookingView(PortalModelView):
    """Bookings of rooms."""

    datamodel = PortalInterface(
        Booking,
        eager=(
            joinedload(Booking.booked_by),
            selectinload(Booking.room),
            selectinload(Booking.people),
            selectinload(Booking.case),
            selectinload(Booking.equipment),
        ),
    )
    class_permission_name = "Booking"
    route_base = "/booking"
    computed: Any = {
        "span": Computed(_lp("booking", "Time"), ("starts_at", "ends_at"), span_text, order="starts_at"),
        "standing": Computed(_l("State"), ("state", "release_at", "ends_at"), _state, _state_text),
    }
    list_columns = (("span", "number"), "room", ("purpose", "title"), "standing", "booked_by", "people_count")
    optional_columns = ("case", "starts_at", "ends_at", "state", "secret", "reason", "checked_in_at", "organisation")
    search_columns = ("room", "purpose", "state", "starts_at", "secret", "organisation", "case")
    quick_columns = ("number", "title")
    base_order = ("starts_at", "desc")
    quick_filters = (
        ("today", _l("Today"), _today),
        ("coming", _lp("booking", "Coming"), _coming),
        ("decide", _l("To decide"), _to_decide),
        ("mine", _lp("booking", "Mine"), _mine),
    )
    show_groups = (
        (
            _l("The booking"),
            ("room", "span", "purpose", "title", "people", "people_count", "equipment", "case", "secret", "booked_by"),
        ),
        (_lp("booking", "Contact"), ("contact_name", "contact_phone", "reason", "checked_in_at")),
    )
    form_groups = show_groups
    show_template = "portal/booking_show.html"
    allow_add = allow_edit = False
    method_permission_name = {"series": "read"}

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """To the calendar; booking begins here. From a consultation that was held one records it."""
        if record is not None:
            recorded = can_record(current_actor(), record)
            return [(_("Record the consultation"), f"/consultation/add?booking={record.id}", "p")] if recorded else []
        found = [(_("Room calendar"), "/room/calendar", "")]
        return found + ([(_("Book a room"), "/booking/add", "p")] if current_actor().may("book", "Booking") else [])

    def name_of(self, record: Any) -> str:
        """Purpose and room."""
        return f"{record.purpose.label} · {record.room.name if record.room else record.number}"

    def show_context(self, record: Booking) -> dict[str, Any]:
        """Steps, course, notes; the reading is noted in the trail."""
        actor = current_actor()
        log_read(actor, record)
        facts = facts_of(record)
        steps = available(BOOKING.flow, record, actor, facts, BOOKING.pages)
        concerned = actor.user_id in (record.booked_by_id, *facts.people)
        return {
            "buttons": arrange(steps),
            "state": shown_state(record.state, record.release_at, record.ends_at),
            "course": [(BOOKING.flow.row(row.step), row) for row in reversed(booking_steps(record.id))],
            "notes": record.notes if concerned else None,
            "series": self._series(record),
            "span": span_text(record.starts_at, record.ends_at),
            "manager": facts.manager_name,
        }

    def _series(self, record: Booking) -> str | None:
        """Where the other times of its series are listed."""
        return None if record.series_id is None else f"{self.route_base}/series/{record.series_id}"

    @expose("/series/<pk>")
    @has_access
    def series(self, pk: str) -> Any:
        """All times of a series."""
        key = parse_key(pk)
        found = select(Booking).where(Booking.series_id == key).order_by(Booking.starts_at).limit(MOST)
        rows = db.session.scalars(found).all() if key is not None else []
        if not rows:
            raise NotFound()
        return self.render_template(
            "portal/booking_series.html",
            title=_("Series"),
            crumbs=self.crumbs((_("Series"), None)),
            rows=[(row, shown_state(row.state, row.release_at, row.ends_at)) for row in rows],
            span_text=span_text,
        )


class BookingStepView(StepPages):
    """The steps of a booking."""

    subject = BOOKING
    route_base = "/booking"
    class_permission_name = "Booking"
