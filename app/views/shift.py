"""Single shifts: what is not drawn up by rule, and what has to be put right by hand."""

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from app.models.organisation import Level
from app.models.roster import DutyKind, Shift
from app.services import shift as service
from app.views.api_base import PortalRestApi
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import NamesAccounts, at_levels, own_only, start_at_home


class ShiftView(NamesAccounts, PortalModelView):
    """Who is on duty when: leaders, advisers, mediators, counsellors, clerks."""

    datamodel = PortalInterface(Shift, eager=(joinedload(Shift.account), selectinload(Shift.room)))
    class_permission_name = "Shift"
    route_base = "/shift"
    add_title = _l("Add a shift")
    list_columns = ("on", "kind", "account", "starts_at", "ends_at", "room", "published")
    optional_columns = ("organisation", "instead_of", "gap", "note")
    search_columns = ("kind", "on", "account", "organisation", "published")
    base_order = ("on", "desc")
    quick_filters = tuple((kind.value, kind.label, {"kind": kind}) for kind in DutyKind)
    form_groups = (
        (_l("The shift"), ("kind", "account", "on", "starts_at", "ends_at", "room", "organisation", "note")),
    )
    narrow_choices = {"organisation": at_levels(Level.city, Level.township)}
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_shift, service.change_shift, service.delete_shift
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home


class ShiftApi(PortalRestApi):
    """Shifts."""

    view, resource_name = ShiftView, "shift"
