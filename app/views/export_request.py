"""Exports above the limit: asked for, decided by somebody else, fetched once."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _lp
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.access.permissions import PAGES
from app.core.db import db
from app.core.errors import Conflict, NotAllowed, NotFound, PortalError
from app.models.export_request import ExportRequest, ExportState
from app.services import export_request as service
from app.services.queries.choices import parse_key
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from app.views.list_tools import export_answer


def page_label(name: str) -> str:
    """What a list is called."""
    return str(PAGES[name].label) if name in PAGES else name


class ExportRequestView(PortalModelView):
    """Requests for exports above the limit."""

    datamodel = PortalInterface(ExportRequest)
    class_permission_name = "ExportRequest"
    route_base = "/export_request"
    computed: Any = {"list": Computed(_lp("export", "List"), ("page",), page_label)}
    list_columns = (("list", "form"), "rows", "reason", "asked_by", "created_at", "state", "until")
    optional_columns = ("told", "decided_by", "decided_at", "fetched_at")
    search_columns = ("state", "created_at")
    quick_columns = ("reason",)
    base_order = ("id", "desc")
    quick_filters = tuple((state.value, state.label, {"state": state}) for state in ExportState)
    show_groups = (
        (None, ("list", "told", "form", "rows", "reason", "asked_by")),
        (None, ("decided_by", "decided_at", "decision", "until", "fetched_at")),
    )
    allow_add = allow_edit = allow_delete = allow_export = False
    show_template = "portal/export_request_show.html"
    method_permission_name = {"decide": "approve_export", "fetch_file": "read"}

    def name_of(self, record: Any) -> str:
        """The list, and how many rows of it."""
        return _("%(list)s, %(rows)s rows", list=page_label(record.page), rows=record.rows)

    def show_context(self, record: ExportRequest) -> dict[str, Any]:
        """What the reader can do with it now."""
        actor = current_actor()
        return {
            "may_decide": self.may("approve_export") and record.state is ExportState.asked,
            "no_decide": service.why_not_decide(actor, record),
            "may_fetch": record.asked_by_id == actor.user_id and record.state is ExportState.approved,
        }

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    def decide(self, pk: str) -> Any:
        """Approve or refuse."""
        record, word = self.fetch(pk), request.form.get("word", "")
        back = f"{self.route_base}/show/{record.id}"
        if word not in ("approve", "refuse"):
            raise NotFound()
        version = parse_key(request.form.get("version"))
        try:
            service.decide(current_actor(), record, word == "approve", request.form.get("note", ""), version)
        except NotAllowed:
            raise
        except PortalError as refusal:
            db.session.rollback()
            said = [str(s) for sentences in refusal.errors.values() for s in sentences] or [str(refusal)]
            flash(" ".join(said), "warning")
        else:
            flash(_("Decided. The person who asked is told."), "success")
        return redirect(back)

    @expose("/fetch/<pk>", methods=["POST"])
    @has_access
    def fetch_file(self, pk: str) -> Any:
        """The file: as the list would give it now, with the rights of now; once."""
        record, actor = self.fetch(pk), current_actor()
        if record.asked_by_id != actor.user_id:
            raise Conflict(service.NOT_YOURS)
        lists = (one for one in self.appbuilder.baseviews if isinstance(one, PortalModelView))
        view: Any = next((one for one in lists if one.route_base == record.path), None)
        if view is None or not actor.may("export", record.page):
            raise NotAllowed()
        state = view.state(MultiDict(parse_qsl(record.query)))
        if state.ignored:  # the filter no longer holds, and without it the file would have other rows
            raise Conflict(_("The filter of this request can no longer be read. Please ask again."))
        cells = [name for name in record.columns.split(",") if name in view.cells]
        granted = service.fetch(actor, record)
        return export_answer(view.export_job(state, cells or view.default_cells, record.form), granted)
