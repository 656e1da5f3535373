"""The tree of organisations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.models.organisation import Level, Organisation
from app.services import organisation as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import at_levels
from app.views.fields import Computed

INDENT = Markup('<span style="padding-left:{:.1f}em">{}</span>')


def indented(name: str, path: str) -> Any:
    """The name, set in by its depth in the tree."""
    depth = path.count("/") - 2
    return INDENT.format(depth * 1.4, name) if depth else name


class OrganisationView(PortalModelView):
    """Organisations: the city, its towns and streets, villages, and departments."""

    datamodel = PortalInterface(Organisation)
    class_permission_name = "Organisation"
    route_base = "/organisation"
    add_title = _l("Add an organisation")
    computed = {
        "branch": Computed(_l("Name"), ("name", "path"), indented, lambda name, path: name, order="position"),
        "origin": Computed(_l("Demo data"), ("demo",), lambda demo: _("Demo data") if demo else ""),
    }
    list_columns = ("branch", "level", "code", "number_prefix", "origin", "active")
    optional_columns = ("short_name", "parent", "phone", "address", "sort")
    search_columns = ("level", "parent", "active", "demo")
    quick_columns = ("name", "short_name", "code")
    order_columns = ("position", "name", "code", "level")
    base_order = ("position", "asc")
    quick_filters = tuple((level.value, level.label, {"level": level}) for level in Level)
    add_groups = (
        (_l("Place in the tree"), ("level", "parent", "sort")),
        (_l("The organisation"), ("name", "short_name", "code", "number_prefix", "paper_prefix", "phone", "address")),
    )
    edit_groups = ((_l("Place in the tree"), ("parent", "sort", "active", "demo")), add_groups[1])
    show_groups = ((_l("Place in the tree"), ("level", "parent", "sort", "active", "demo")), add_groups[1])
    narrow_choices = {"parent": at_levels(Level.city, Level.township)}
    allow_delete = True
    create_verb, update_verb = service.add_organisation, service.change_organisation
    delete_verb = service.delete_organisation

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """Add below the organisation shown; look at what is below it."""
        if record is None or record.level not in (Level.city, Level.township):
            return []
        below = (_l("What is below"), f"{self.route_base}/list/?parent={record.id}", "")
        add = (_l("Add below"), f"{self.route_base}/add?parent={record.id}", "")
        return [below, add] if self.may("add") and record.active else [below]
