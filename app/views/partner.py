"""Neighbouring systems, each with the table of its codes."""

from flask_babel import lazy_gettext as _l

from app.models.exchange import CodeMapping, Partner
from app.services import partner as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import ChildPages


class CodeMappingView(ChildPages, PortalModelView):
    """What a neighbouring system writes for our codes."""

    datamodel = PortalInterface(CodeMapping)
    class_permission_name = "Partner"
    route_base = "/code_mapping"
    noun, add_title = _l("Table of codes"), _l("Add a line")
    parent_field, parent_base, parent_title = "partner", "/partner", _l("Neighbouring systems")
    list_columns = ("field", "theirs", "ours", "partner")
    search_columns = ("partner", "field")
    quick_columns = ("ours", "theirs")
    base_order = ("field", "asc")
    add_groups = ((None, ("partner", "field", "theirs", "ours")),)
    edit_groups = ((None, ("field", "theirs", "ours")),)
    show_groups = add_groups
    allow_delete = True
    related_rows = 100
    create_verb, update_verb = service.add_mapping, service.save_mapping


class PartnerView(PortalModelView):
    """Neighbouring systems."""

    datamodel = PortalInterface(Partner)
    class_permission_name = "Partner"
    route_base = "/partner"
    add_title = _l("Add a neighbouring system")
    related_views = (CodeMappingView,)
    list_columns = ("name", "code", "note", "active")
    search_columns = ("active",)
    quick_columns = ("name", "code", "note")
    base_order = ("code", "asc")
    form_groups = ((None, ("name", "code", "note", "active")),)
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_partner, service.save_partner, service.delete_partner
