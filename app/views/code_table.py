"""Code tables with their codes."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models.code_table import CodeItem, CodeTable
from app.services import code_table as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import ChildPages, with_lock
from app.views.fields import Computed


def _word(locked: bool) -> str:
    return _("Locked") if locked else ""


def _lock(locked: bool) -> Any:
    return with_lock(_word(locked)) if locked else ""


class CodeItemView(ChildPages, PortalModelView):
    """The codes of a table."""

    datamodel = PortalInterface(CodeItem)
    class_permission_name = "CodeTable"
    route_base = "/code_item"
    noun, add_title = _l("Codes"), _l("Add a code")
    parent_field, parent_base, parent_title = "table", "/code_table", _l("Code tables")
    list_columns = ("name", "code", "sort", "active", "table")
    search_columns = ("table", "active")
    quick_columns = ("name", "code")
    base_order = ("sort", "asc")
    add_groups = ((None, ("table", "name", "code", "sort", "active")),)
    edit_groups = ((None, ("name", "code", "sort", "active")),)
    show_groups = add_groups
    allow_delete = True
    related_rows = 100
    create_verb, update_verb, delete_verb = service.add_item, service.change_item, service.delete_item

    def why_not_delete(self, record: Any) -> Any:
        """Codes that the program uses stay."""
        return service.LOCKED_ITEM if record.table.locked else None


class CodeTableView(PortalModelView):
    """Code tables: lists that administrators extend."""

    datamodel = PortalInterface(CodeTable)
    class_permission_name = "CodeTable"
    route_base = "/code_table"
    add_title = _l("Add a code table")
    related_views = (CodeItemView,)
    computed = {"lock": Computed(_l("Locked"), ("locked",), _lock, _word, order="locked")}
    list_columns = ("name", "code", "note", "lock")
    search_columns = ("locked",)
    quick_columns = ("name", "code", "note")
    order_columns = ("name", "code", "locked")
    base_order = ("name", "asc")
    add_groups = ((None, ("name", "code", "note")),)
    edit_groups = ((None, ("name", "note")),)
    show_groups = ((None, ("name", "code", "note", "lock")),)
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_table, service.change_table, service.delete_table

    def why_not_delete(self, record: Any) -> Any:
        """Tables that the program uses stay."""
        return service.LOCKED_TABLE if record.locked else None
