"""What stands around a list: look-ups for its filters and forms, what a person likes of it, and its export."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, current_app, flash, jsonify, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.core.columns import spec_of
from app.core.errors import Invalid
from app.core.text import listed
from app.services import export_request, preference
from app.services.queries import export
from app.services.queries.choices import parse_key
from app.services.queries.export import AboveLimit, Export
from app.views.attachment import disposition
from app.views.errors import wants_json
from app.views.fields import getter_of, plain_of
from app.views.filters import TYPED
from app.views.listing import SIZES, Listing
from app.views.typed import GIVEN_MAX, Refused, clean, for_address, typed_so_far

KEPT = 4096


def export_answer(job: Export) -> Response:
    """The file as an answer."""
    rows, content = export.run(current_actor(), job)
    return streamed(content, job.form, job.name, rows)


def streamed(content: Iterable[bytes], form: str, name: str, rows: int) -> Response:
    """A file of so many rows, sent as it is made."""
    answer: Response = current_app.response_class(content, mimetype=export.MIMES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.file_name(name, form)}"'
    answer.headers["X-Rows"] = str(rows)
    return answer


def sheet_answer(content: bytes, name: str) -> Response:
    """A workbook made as a whole, to be saved under a name."""
    answer: Response = current_app.response_class(content, mimetype=export.MIMES["xlsx"])
    answer.headers["Content-Disposition"] = disposition("attachment", f"{name}.xlsx")
    return answer


def _once(plain: Callable[..., Any]) -> Callable[..., Any]:
    """A cell made of several columns, worked out once for the same values: many rows have few days and states."""
    kept = lru_cache(maxsize=KEPT)(plain)

    def cell(*values: Any) -> Any:
        try:
            return kept(*values)
        except TypeError:  # lists cannot be looked up
            return plain(*values)

    return cell


class ListTools:
    """The routes beside the list; mixed into PortalModelView, which declares what they read."""

    @expose("/choices/<field>")
    @has_access
    def choices(self: Any, field: str) -> Response:
        """Search-as-you-type for a relation of the form or of a filter; only rows the person may choose."""
        fields = {"add": self.add_columns, "edit": self.edit_columns}
        offered = {f.spec.name for f in self.filters.values()}.union(
            *(fields[verb] for verb in fields if self.may(verb))
        )
        chooser = self._chooser(self.datamodel.obj, field) if field in offered and self._is_relation(field) else None
        if chooser is None:
            abort(404)
        try:
            text = clean(typed_so_far())
        except Refused:
            return jsonify([])
        return jsonify([{"id": str(key), "text": label} for key, label in chooser.search(text)])

    def _is_relation(self: Any, name: str) -> bool:
        return name not in self.computed and spec_of(self.datamodel.obj, name).target is not None

    @expose("/leave", methods=["POST"])
    @has_access
    def leave(self: Any) -> Any:
        """Remember the filter the list is left with."""
        preference.leave_list(current_actor(), self.route_base, request.form.get("query", ""))
        return Response(status=204)

    @expose("/columns", methods=["POST"])
    @has_access
    def choose_columns(self: Any) -> Any:
        """Remember columns and page size."""
        chosen = [] if "reset" in request.form else [n for n in request.form.getlist("column") if n in self.cells]
        size = parse_key(request.form.get("size"))
        preference.choose_columns(current_actor(), self.route_base, chosen, size if size in SIZES else None)
        return self._back_to_list()

    @expose("/save-filter", methods=["POST"])
    @has_access
    def save_filter(self: Any) -> Any:
        """Keep the present filter under a name."""
        state = self.state(MultiDict(parse_qsl(request.form.get("query", ""))))
        query, name = urlencode(state.pairs()), request.form.get("name", "")
        shared = request.form.get("shared") == "yes"
        try:
            preference.save_view(current_actor(), self.route_base, name, query, shared)
        except Invalid as refusal:
            flash(" ".join(str(s) for said in refusal.errors.values() for s in said) or str(refusal), "warning")
        else:
            flash(_("The filter was saved."), "success")
        return self._back_to_list()

    @expose("/drop-filter/<key>", methods=["POST"])
    @has_access
    def drop_filter(self: Any, key: str) -> Any:
        """Remove a saved filter of one's own."""
        preference.drop_view(current_actor(), self.route_base, parse_key(key) or 0)
        flash(_("The saved filter was removed."), "success")
        return redirect(f"{self.route_base}/list/?all=1")

    @expose("/ask", methods=["POST"])
    @has_access
    def ask(self: Any) -> Any:
        """Search and filter: to the list, by an address that holds nobody's number."""
        typed = {"q", *(f.name for f in self.filters.values() if f.spec.kind in TYPED)}
        given = [(k, v[:GIVEN_MAX]) for k, v in request.form.items(multi=True) if k != "csrf_token" and v.strip()]
        query = urlencode([(name, for_address(value) if name in typed else value) for name, value in given])
        return redirect(f"{self.route_base}/list/?{query or 'all=1'}", 303)

    def _back_to_list(self: Any) -> Any:
        query = urlencode(self.state(MultiDict(parse_qsl(request.form.get("query", "")))).pairs())
        return redirect(f"{self.route_base}/list/?{query or 'all=1'}")

    @expose("/export", methods=["POST"])
    @has_access
    def export(self: Any) -> Any:
        """The present result as CSV or XLSX, with the columns shown, masked as on the screen.

        Above the limit it is asked for, with a reason; somebody else decides."""
        actor, state = current_actor(), self.state(MultiDict(parse_qsl(request.form.get("query", ""))))
        cells = self.chosen_cells(preference.liking(actor, self.route_base))
        job = self.export_job(state, cells, request.form.get("form", "xlsx"))
        may_ask = actor.may("read", "ExportRequest") and actor.organisation_id is not None and not state.exposed
        wanted = request.form.get("ask")
        if wanted is None:
            try:
                return export_answer(job)
            except AboveLimit as refusal:
                refusal.extra["ask"] = may_ask
                if not may_ask or wants_json():
                    raise
                return self._ask_for_export(state, job, refusal.message)
        if wanted == "show" and may_ask:
            return self._ask_for_export(state, job, export.above_limit(actor, job).message)
        try:
            asked = export_request.ask(
                actor, self.route_base, urlencode(state.pairs()), cells, job, request.form.get("reason", "")
            )
        except Invalid as refusal:
            return self._ask_for_export(state, job, refusal)
        flash(_("Your request was sent. You are told when it is decided."), "success")
        return redirect(f"/export_request/show/{asked.id}")

    def export_job(self: Any, state: Any, cells: Sequence[str], form: str) -> Export:
        """What is to be written for a state of the list."""
        source, shown = self.source_of(cells), self.shown_in(cells)
        getters = [
            getter_of(s, p, _once(s.computed.plain or s.computed.render) if s.computed else plain_of(s))
            for s, p in zip(shown, source.places, strict=True)
        ]
        told = [f"{a.label}: {a.text}" for a in state.applied.values()]
        return Export(
            page=self.class_permission_name,
            name=self.route_base.strip("/").replace("/", "_"),
            headings=[str(s.label) for s in shown],
            getters=getters,
            statement=Listing(source, state.asked, self.narrowing(state)).rows(),
            form=form,
            most=self.export_max,
            told=listed(told),
        )

    def _ask_for_export(self: Any, state: Any, job: Export, said: Any) -> Any:
        page = self.render_template(
            "portal/export_ask.html",
            title=_("A large export"),
            crumbs=self.crumbs((_("A large export"), None)),
            said=said,
            view=self,
            job=job,
            typed=request.form.get("reason", ""),
            query=urlencode(state.pairs()),
            state=state,
        )
        return page, 422
