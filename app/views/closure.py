"""Closures of rooms with the bookings they hit, and the hours of a room by weekday."""

from typing import Any

from flask import flash, redirect
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy.orm import selectinload

from app.access.actor import current_actor
from app.models.closure import Closure, RoomHours
from app.models.organisation import Level
from app.services import closure as service
from app.services.booking_rules import span_text
from app.services.register import FOREIGN_ROW, owns
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import ChildPages, at_levels, own_only, start_at_home
from app.views.fields import Computed
from app.views.needs import needs


class ClosureView(PortalModelView):
    """When rooms cannot be had."""

    datamodel = PortalInterface(Closure, eager=(selectinload(Closure.room),))
    class_permission_name = "Closure"
    route_base = "/closure"
    add_title = _l("Close a room")
    computed: Any = {
        "span": Computed(_lp("booking", "Time"), ("starts_at", "ends_at"), span_text, order="starts_at"),
    }
    list_columns = ("span", "reason", "room", "organisation")
    search_columns = ("room", "organisation", "starts_at")
    quick_columns = ("reason",)
    base_order = ("starts_at", "desc")
    form_groups = ((None, ("organisation", "room", "starts_at", "ends_at", "reason")),)
    show_groups = ((None, ("span", "room", "organisation", "reason")),)
    narrow_choices = {"organisation": at_levels(Level.city, Level.township)}
    show_template = "portal/closure_show.html"
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_closure, service.change_closure, service.delete_closure
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home

    def show_context(self, record: Closure) -> dict[str, Any]:
        """What it hits, and whether the actor may cancel it."""
        actor = current_actor()
        return {
            "hits": service.hits(actor, record),
            "span_text": span_text,
            "may_cancel": owns(actor, record.organisation_id) and actor.may("arrange", "Booking"),
        }

    @expose("/cancel/<pk>", methods=["POST"])
    @needs("arrange", "Booking")
    def cancel(self, pk: str) -> Any:
        """Cancel the bookings it hits, one after the other."""
        record = self.fetch(pk)
        done, left = service.cancel_hits(current_actor(), record)
        flash(_("%(done)d bookings cancelled, %(left)d left.", done=done, left=left), "warning" if left else "success")
        return redirect(f"{self.route_base}/show/{pk}")


class RoomHoursView(ChildPages, PortalModelView):
    """From when until when a room can be booked on each weekday."""

    datamodel = PortalInterface(RoomHours)
    class_permission_name = "Room"
    route_base = "/room_hours"
    noun, add_title = _l("Hours by weekday"), _l("Add hours")
    parent_field, parent_base, parent_title = "room", "/room", _l("Function rooms")
    list_columns = ("weekday", "opens_at", "closes_at", "room")
    search_columns = ("room", "weekday")
    quick_columns = ()
    base_order = ("id", "asc")
    add_groups = ((None, ("room", "weekday", "opens_at", "closes_at")),)
    edit_groups = ((None, ("weekday", "opens_at", "closes_at")),)
    show_groups = add_groups
    allow_delete = True
    allow_export = False
    related_rows = 20
    create_verb, update_verb, delete_verb = service.add_hours, service.change_hours, service.delete_hours

    def why_not_edit(self, record: RoomHours) -> Any:
        """Only the centre that owns the room changes its hours."""
        return None if owns(current_actor(), record.room.organisation_id) else FOREIGN_ROW

    why_not_delete = why_not_edit
