"""Visits: every contact with the centre."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.core import clock
from app.models.visit import Visit
from app.services import visit as service
from app.services.registration import group_size
from app.views.base import PortalInterface, PortalModelView
from app.views.case import CaseView


def group(statement: Select[Any]) -> Select[Any]:
    """Visits of many."""
    return statement.where(Visit.head_count >= group_size())


class VisitView(PortalModelView):
    """Visits, calls, letters: when, how, how many persons."""

    datamodel = PortalInterface(Visit)
    class_permission_name = "Visit"
    route_base = "/visit"
    add_title = _l("Note a visit")
    list_columns = (("case.title", "case.number"), "at", "channel", "head_count", "first", "note")
    optional_columns = ("recording",)
    search_columns = ("case", "at", "channel", "head_count", "first")
    quick_columns = ("note",)
    order_columns = ("at", "head_count")
    base_order = ("at", "desc")
    label_columns = {"case.title": _l("Matter")}
    quick_filters = (("again", _l("Came again"), {"first": False}), ("group", _l("Group visits"), group))
    add_groups = ((None, ("case", "at", "channel", "head_count", "note", "recording")),)
    edit_groups = ((None, ("at", "channel", "head_count", "note", "recording")),)
    show_groups = ((None, ("case", "at", "channel", "head_count", "first", "note", "recording")),)
    create_verb, update_verb = service.add_visit, service.change_visit

    def prefill_form(self, form: Any, pk: Any) -> None:
        """A new contact is noted while it happens."""
        if pk is None:
            form.at.data = clock.now().replace(second=0, microsecond=0)

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """To the matter it belongs to."""
        if record is None or not self.appbuilder.sm.has_access("can_read", CaseView.class_permission_name):
            return []
        return [(_l("The matter"), f"/case/show/{record.case_id}", "")]
