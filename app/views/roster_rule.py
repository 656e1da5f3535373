"""The rules by which rosters are drawn up."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy.orm import selectinload

from app.models.organisation import Level
from app.models.roster import DutyKind
from app.models.roster_rule import RosterRule
from app.services import roster_rule as service
from app.views.api_base import PortalRestApi
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import NamesAccounts, at_levels, own_only, start_at_home


class RosterRuleView(NamesAccounts, PortalModelView):
    """Which days, which hours, who takes turns."""

    datamodel = PortalInterface(RosterRule, eager=(selectinload(RosterRule.people), selectinload(RosterRule.room)))
    class_permission_name = "RosterRule"
    route_base = "/roster_rule"
    add_title = _l("Add a rule")
    list_columns = (("name", "organisation"), "kind", "days", "starts_at", "ends_at", "people", "active")
    optional_columns = ("every_weeks", "on_rest_day", "room", "at_once", "since")
    search_columns = ("kind", "organisation", "active")
    quick_columns = ("name",)
    base_order = ("name", "asc")
    quick_filters = tuple((kind.value, kind.label, {"kind": kind}) for kind in DutyKind)
    form_groups = (
        (_l("The rule"), ("name", "kind", "organisation", "active")),
        (_lp("roster rule", "When"), ("days", "on_rest_day", "every_weeks", "since", "starts_at", "ends_at", "room")),
        (_lp("roster rule", "Who"), ("people", "at_once")),
    )
    narrow_choices = {"organisation": at_levels(Level.city, Level.township)}
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_rule, service.change_rule, service.delete_rule
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home


class RosterRuleApi(PortalRestApi):
    """Roster rules."""

    view, resource_name = RosterRuleView, "roster_rule"
