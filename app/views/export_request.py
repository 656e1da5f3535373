"""Exports above the limit: asked for, decided by somebody else, made beside the request, fetched once."""

from typing import Any
from urllib.parse import parse_qsl

from flask import current_app, flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _lp
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.access.permissions import PAGES
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotAllowed, NotFound, PortalError
from app.models.export_request import ExportRequest, ExportState
from app.services import export_file
from app.services import export_request as service
from app.services.queries.choices import parse_key
from app.services.queries.export import Export
from app.views.aside import AT_ONCE, set_off
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from app.views.list_tools import streamed


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
    optional_columns = ("told", "decided_by", "decided_at", "done", "fetched_at")
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
    method_permission_name = {"decide": "approve_export", "fetch_file": "read", "make": "read"}

    def name_of(self, record: Any) -> str:
        """The list, and how many rows of it."""
        return _("%(list)s, %(rows)s rows", list=page_label(record.page), rows=record.rows)

    def show_context(self, record: ExportRequest) -> dict[str, Any]:
        """What the reader can do with it now."""
        actor, now = current_actor(), clock.now()
        mine = record.asked_by_id == actor.user_id and record.until is not None and record.until >= now
        return {
            "may_decide": self.may("approve_export") and record.state is ExportState.asked,
            "no_decide": service.why_not_decide(actor, record),
            "may_fetch": mine and record.state is ExportState.ready,
            "may_make": mine and record.state is ExportState.failed,
            "busy": record.state is ExportState.approved and record.until is not None and record.until >= now,
            "percent": min(100, record.done * 100 // max(1, record.rows)),
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
            job = service.decide(current_actor(), record, word == "approve", request.form.get("note", ""), version)
        except NotAllowed:
            raise
        except PortalError as refusal:
            db.session.rollback()
            said = [str(s) for sentences in refusal.errors.values() for s in sentences] or [str(refusal)]
            flash(" ".join(said), "warning")
        else:
            flash(_("Decided. The person who asked is told."), "success")
            if job is not None:
                set_off(job, record.rows > AT_ONCE)
        return redirect(back)

    @expose("/make/<pk>", methods=["POST"])
    @has_access
    def make(self, pk: str) -> Any:
        """Have the file made again."""
        record = self.fetch(pk)
        set_off(export_file.make_anew(current_actor(), record), record.rows > AT_ONCE)
        return redirect(export_file.page_of(record))

    @expose("/fetch/<pk>", methods=["POST"])
    @has_access
    def fetch_file(self, pk: str) -> Any:
        """The file, once; made anew if the rights of the person who asked are others by now."""
        record = self.fetch(pk)
        content = export_file.fetch(current_actor(), record)
        if not isinstance(content, int):
            return streamed(content, record.form, record.path.strip("/").replace("/", "_"), record.done)
        set_off(content, record.rows > AT_ONCE)
        flash(_("Your rights have changed, or the file is lost. It is made anew with the rights of now."), "warning")
        return redirect(export_file.page_of(record))


def job_of(asked: ExportRequest) -> Export:
    """What is to be written for a request: its list as the person who asked sees it now."""
    views: Any = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    lists = (one for one in views if isinstance(one, PortalModelView))
    view: Any = next((one for one in lists if one.route_base == asked.path), None)
    state = view.state(MultiDict(parse_qsl(asked.query))) if view is not None else None
    if state is None or state.ignored:  # the filter no longer holds, and without it the file would have other rows
        raise Conflict(_("The filter of this request can no longer be read. Please ask again."))
    cells = [name for name in asked.columns.split(",") if name in view.cells]
    made: Export = view.export_job(state, cells or view.default_cells, asked.form)
    return made


export_file.use_builder(job_of)
