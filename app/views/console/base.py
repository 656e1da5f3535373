"""What every view of the console is made of: the door, safe addresses, our verbs instead of its own commits."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote

from flask import abort, current_app, flash, redirect, request, stream_with_context
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from markupsafe import Markup, escape
from sqlalchemy import Select, select
from werkzeug.datastructures import MultiDict

from app.access.actor import actor_or_none, current_actor, system_scope
from app.core.columns import key_of, spec_of
from app.core.db import db
from app.core.errors import Conflict, PortalError
from app.core.labels import LabelledEnum
from app.forms.model_form import PortalForm, model_form
from app.services.queries import export
from app.services.queries.choices import parse_key
from app.services.record import in_plain_words, version_text
from app.views.fields import any_text

PAGES_MOST = 10_000
TEXT_MOST = 100


class Guard:
    """The one door: only who may maintain comes in; the framework's own default is open."""

    def is_accessible(self) -> bool:
        """Whether the person of this request may maintain."""
        actor = actor_or_none()
        return actor is not None and actor.user_id is not None and actor.may("maintain", "Maintenance")

    def inaccessible_callback(self, name: str, **kw: Any) -> Any:
        """A visitor signs in; anybody else is refused."""
        actor = actor_or_none()
        if actor is None or actor.user_id is None:
            return redirect("/login/?next=" + quote(request.path, safe=""))
        return abort(403)


def shown(value: Any) -> Any:
    """A cell: codes by their labels, times without seconds, nothing as nothing."""
    if isinstance(value, LabelledEnum):
        return Markup('<span class="tag {} plain">{}</span>').format(value.tone, value.label)
    return escape(any_text(value))


class ConsoleView(Guard, ModelView):
    """A technical table: list with search, sheet of the whole list, and (if allowed) inline edit, form, deletion."""

    list_template = "admin/portal_list.html"
    create_template = edit_template = "admin/portal_form.html"
    action_disallowed_list = ("delete",)
    can_create = can_edit = can_delete = False
    can_view_details = can_set_page_size = can_export = False
    page_size = 50
    sheet_most = 10_000
    read_scope: str | None = None  # why this view reads rows that belong to somebody
    form_names: tuple[str, ...] = ()
    create_verb: Callable[..., Any] | None = None
    update_verb: Callable[..., Any] | None = None
    delete_verb: Callable[..., Any] | None = None

    def __init__(self, model: type, name: Any, url: str) -> None:
        labels = {n: spec_of(model, n).label for n in self.column_list}
        self.column_labels: dict[str, Any] = labels | dict(self.column_labels or {})
        self.form = model_form(model, self.form_names) if self.form_names else PortalForm
        super().__init__(model, db, name=name, endpoint=f"console_{url}", url=url)

    def scaffold_list_form(self, widget: Any = None, validators: Any = None) -> Any:
        """Cells are edited by our own script; the framework's list form is not needed."""
        return PortalForm

    def _reading(self) -> Any:
        return system_scope(self.read_scope) if self.read_scope else nullcontext()

    def get_list(
        self,
        page: Any,
        sort_column: Any,
        sort_desc: Any,
        search: Any,
        filters: Any,
        execute: bool = True,
        page_size: Any = None,
    ) -> Any:
        """One page; no address makes it fail or fetch everything."""
        page = min(max(int(page or 0), 0), PAGES_MOST)
        search = (search or "").replace("\x00", "")[:TEXT_MOST] or None
        with self._reading():
            return super().get_list(page, sort_column, sort_desc, search, None, execute, min(page_size or 50, 100))

    def get_one(self, id: Any) -> Any:
        """The row of a key; anything that is no key is no row."""
        key = parse_key(id)
        if key is None:
            return None
        with self._reading():
            return db.session.get(self.model, key)

    def cell(self, record: Any, name: str) -> Any:
        """What the list shows."""
        return shown(getattr(record, name))

    def open_cell(self, record: Any, name: str) -> bool:
        """Whether this cell of an editable column can be changed."""
        return True

    def cell_kind(self, record: Any, name: str) -> dict[str, Any]:
        """The attributes of the box of an editable cell."""
        return {"maxlength": 200}

    # ---- writing, by the verbs of the business

    def create_form(self, obj: Any = None) -> Any:
        """An empty form."""
        return self._offered(self.form(formdata=request.form if request.method == "POST" else None))

    def edit_form(self, obj: Any = None) -> Any:
        """The form of a row, with its version."""
        if request.method == "POST":
            return self._offered(self.form(formdata=request.form, obj=obj))
        return self._offered(self.form(formdata=None, obj=obj, row_version=version_text(obj)))

    @staticmethod
    def _offered(form: PortalForm) -> PortalForm:
        form.offer(lambda name: "")
        return form

    def _carry_out(self, form: PortalForm, verb: Callable[..., Any] | None, *given: Any) -> Any:
        if verb is None:
            abort(404)
        try:
            with in_plain_words():
                return verb(current_actor(), *given) or True
        except PortalError as refusal:
            db.session.rollback()
            form.take(refusal)
            return False

    def create_model(self, form: Any) -> Any:
        """Add a row."""
        return self._carry_out(form, type(self).create_verb, form.values())

    def update_model(self, form: Any, model: Any) -> Any:
        """Change a row, unless somebody else was faster."""
        if form.row_version.data != version_text(model):
            form.take(Conflict())
            return False
        return self._carry_out(form, type(self).update_verb, model, form.values())

    def delete_model(self, model: Any) -> bool:
        """Delete a row that nothing refers to."""
        form = PortalForm(formdata=None)
        done = self._carry_out(form, type(self).delete_verb, model)
        for told in form.form_errors:
            flash(told, "warning")
        return bool(done)

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> Any:
        """One cell changed in the list."""
        name = next((n for n in request.form if n in (self.column_editable_list or ())), None)
        if name is None:
            abort(404)
        record = self.get_one(request.form.get("list_form_pk", ""))
        if record is None:
            abort(404)
        form = self.form(formdata=MultiDict([(name, request.form[name])]), meta={"csrf": False})
        field = form[name]
        if not field.validate(form):
            return str(field.errors[0]), 422
        try:
            with in_plain_words():
                type(self).update_verb(current_actor(), record, {name: field.data})  # type: ignore[misc]
        except PortalError as refusal:
            db.session.rollback()
            told = next((str(said[0]) for said in refusal.errors.values() if said), str(refusal.message))
            return told, refusal.status
        return "", 204

    # ---- the whole list as a sheet

    def sheet(self) -> Select[Any]:
        """The rows of the sheet: the key first, then the columns of the list."""
        columns = [getattr(self.model, name) for name in self.column_list]
        key = getattr(self.model, key_of(self.model))
        return select(key, *columns).order_by(key.desc())

    @expose("/sheet/<form>/", methods=("POST",))
    def download(self, form: str) -> Any:
        """The newest rows as XLSX or CSV; noted in the trail."""

        def getter(place: int) -> Callable[[Any], Any]:
            return lambda row: any_text(row[place])

        getters = [getter(place) for place, _name in enumerate(self.column_list, 1)]
        job = export.Export(
            page="Maintenance",
            name=str(self.url).rsplit("/", 1)[-1],
            form=form,
            most=self.sheet_most,
            headings=[str(self.column_labels.get(name, name)) for name in self.column_list],
            statement=self.sheet().limit(self.sheet_most),
            getters=getters,
            told=str(self.url),
        )
        with self._reading():
            _rows, content = export.run(current_actor(), job)
        answer = current_app.response_class(stream_with_context(content), mimetype=export.MIMES[form])
        answer.headers["Content-Disposition"] = f'attachment; filename="{export.file_name(job.name, form)}"'
        return answer
