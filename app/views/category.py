"""The tree of categories."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.models.code_table import Category
from app.services import category as service
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from app.views.organisation import INDENT


def indented(name: str, parent: str | None) -> Any:
    """The name, set in below its superior category."""
    return INDENT.format(1.4, name) if parent else name


class CategoryView(PortalModelView):
    """Categories: what a case is about."""

    datamodel = PortalInterface(Category)
    class_permission_name = "Category"
    route_base = "/category"
    add_title = _l("Add a category")
    computed = {"branch": Computed(_l("Name"), ("name", "parent"), indented, lambda name, parent: name, order="sort")}
    list_columns = ("branch", "code", "leaf", "active")
    optional_columns = ("parent", "sort")
    search_columns = ("parent", "leaf", "active")
    quick_columns = ("name", "code")
    order_columns = ("sort", "name", "code")
    base_order = ("sort", "asc")
    quick_filters = (
        ("leaves", _l("Can be chosen for a case"), {"leaf": True, "active": True}),
        ("retired", _l("Retired"), {"active": False}),
    )
    form_groups = ((None, ("name", "code", "parent", "sort", "active")),)
    show_groups = ((None, ("name", "code", "parent", "leaf", "active", "sort")),)
    allow_delete = True
    create_verb, update_verb = service.add_category, service.change_category
    delete_verb = service.delete_category

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """Add below the category shown."""
        if record is None or not record.active or not self.may("add"):
            return []
        return [(_l("Add below"), f"{self.route_base}/add?parent={record.id}", "")]
