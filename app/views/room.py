"""The function rooms."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from app.models.organisation import Level
from app.models.room import Room, RoomKind
from app.services import room as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import NamesAccounts, at_levels, codes_of, own_only, start_at_home
from app.views.closure import RoomHoursView
from app.views.fields import Computed


def _hours(opens: time, closes: time) -> str:
    return f"{opens:%H:%M}–{closes:%H:%M}"


class RoomView(NamesAccounts, PortalModelView):
    """Function rooms: kind, capacity, equipment, hours, buffers, manager."""

    datamodel = PortalInterface(Room, eager=(selectinload(Room.equipment),))
    class_permission_name = "Room"
    route_base = "/room"
    add_title = _l("Add a room")
    computed: Any = {"hours": Computed(_l("Hours"), ("opens_at", "closes_at"), _hours)}
    list_columns = (("name", "purpose"), "place", "kind", "capacity", "hours", "equipment", "manager", "active")
    optional_columns = ("organisation", "buffer_before", "buffer_after")
    search_columns = ("kind", "organisation", "equipment", "capacity", "active")
    quick_columns = ("name", "purpose", "place")
    base_order = ("sort", "asc")
    quick_filters = tuple((kind.value, kind.label, {"kind": kind}) for kind in RoomKind)
    form_groups = (
        (_l("The room"), ("name", "organisation", "purpose", "place", "capacity", "equipment")),
        (
            _l("Booking"),
            ("kind", "manager", "purposes", "bookers", "opens_at", "closes_at", "on_rest_days", "sort", "active"),
        ),
        (
            _l("Rules of booking"),
            ("buffer_before", "buffer_after", "lead_minutes", "ahead_days", "longest_minutes", "no_show_minutes"),
        ),
        (_l("Public booking"), ("public_service", "public_minutes")),
    )
    narrow_choices = {
        "organisation": at_levels(Level.city, Level.township),
        "equipment": codes_of("equipment"),
        "purposes": codes_of("booking_purpose"),
    }
    related_views = (RoomHoursView,)
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_room, service.change_room, service.delete_room
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """To the calendar; of one room, to its week."""
        return [(_("Room calendar"), "/room/calendar" if record is None else f"/room/calendar?room={record.id}", "")]
