"""The waiting list: who waits for which room, and the offers."""

from typing import Any

from flask import flash, redirect
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.errors import PortalError
from app.models.booking import WaitingEntry, WaitingState
from app.services import offers
from app.services import waiting as service
from app.services.booking_rules import span_text
from app.services.queries.booking_choices import can_be_booked
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed, tag


def _state(state: WaitingState, until: Any) -> Any:
    over = state is WaitingState.offered and until <= clock.now()
    return tag(WaitingState.expired if over else state)


def _state_text(state: WaitingState, until: Any) -> str:
    over = state is WaitingState.offered and until <= clock.now()
    return str((WaitingState.expired if over else state).label)


class WaitingView(PortalModelView):
    """Who waits for a room."""

    datamodel = PortalInterface(WaitingEntry, eager=(joinedload(WaitingEntry.account), selectinload(WaitingEntry.room)))
    class_permission_name = "Waiting"
    route_base = "/waiting"
    add_title = _l("Join the waiting list")
    computed: Any = {
        "span": Computed(_lp("booking", "Time"), ("starts_at", "ends_at"), span_text, order="starts_at"),
        "standing": Computed(_l("State"), ("state", "offered_until"), _state, _state_text),
    }
    list_columns = ("span", "room", "purpose", "account", "standing", "offered_until")
    optional_columns = ("people_count", "state", "organisation", "starts_at", "ends_at")
    search_columns = ("room", "state", "purpose", "starts_at")
    quick_columns = ()
    base_order = ("id", "asc")
    quick_filters = tuple((state.value, state.label, {"state": state}) for state in WaitingState)
    add_groups = ((None, ("room", "purpose", "starts_at", "ends_at", "people_count")),)
    show_groups = ((None, ("span", "room", "purpose", "people_count", "account", "standing", "offered_until")),)
    narrow_choices = {"room": can_be_booked}
    show_template = "portal/waiting_show.html"
    add_row_message = _l("You are on the waiting list and will be told when the room becomes free.")
    allow_edit = False
    method_permission_name = {"take": "add", "leave_list": "add"}
    create_verb = service.join

    def name_of(self, record: WaitingEntry) -> str:
        """Room and time."""
        return f"{record.room.name if record.room else ''} {span_text(record.starts_at, record.ends_at)}"

    def show_context(self, record: WaitingEntry) -> dict[str, Any]:
        """What the actor can do with it."""
        mine = record.account_id == current_actor().user_id and self.may("add")
        open_ = record.state in (WaitingState.waiting, WaitingState.offered)
        offered = record.state is WaitingState.offered and not offers.over(record, clock.now())
        return {"may_take": mine and offered, "may_leave": mine and open_}

    @expose("/take/<pk>", methods=["POST"])
    @has_access
    def take(self, pk: str) -> Any:
        """Take the offer: it becomes a booking."""
        key = self.fetch(pk).id
        try:
            booking = service.take(current_actor(), key)
        except PortalError as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
            return redirect(f"{self.route_base}/show/{key}")
        flash(_("Booked: %(number)s.", number=booking.number), "success")
        return redirect(f"/booking/show/{booking.id}")

    @expose("/leave_list/<pk>", methods=["POST"])
    @has_access
    def leave_list(self, pk: str) -> Any:
        """Wait no longer."""
        key = self.fetch(pk).id
        service.leave(current_actor(), key)
        flash(_("You left the waiting list."), "success")
        return redirect(f"{self.route_base}/list/")
