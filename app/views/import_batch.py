"""Import of tables: a file is tried, mended, imported as a whole, and undone as a whole."""

from contextlib import closing
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from app.access.actor import Actor, current_actor
from app.access.permissions import IMPORT_PAGES, PAGES
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound, PortalError, TooLarge, WrongType
from app.models.import_batch import ImportBatch, ImportState
from app.services import import_batch as service
from app.services import import_job, import_undo
from app.services.import_sheet import BYTES_MOST, template
from app.services.queries.choices import parse_key
from app.views.aside import AT_ONCE, set_off
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from app.views.list_tools import sheet_answer

FAULTS_SHOWN = 100
NAMES: dict[str, Any] = {
    "case": _l("Old ledger of cases"),
    "code_item": _l("Codes"),
}


def register_label(noun: str) -> str:
    """What a register is called here."""
    page = IMPORT_PAGES.get(noun)
    return str(NAMES.get(noun) or (PAGES[page].label if page else noun))


def offered_to(actor: Actor) -> list[tuple[str, str]]:
    """The registers the actor may bring tables into."""
    return [(noun, register_label(noun)) for noun, page in IMPORT_PAGES.items() if actor.may("import", page)]


class ImportView(PortalModelView):
    """The files that were tried or imported."""

    datamodel = PortalInterface(ImportBatch)
    class_permission_name = "Import"
    route_base = "/import"
    computed = {"register": Computed(_lp("import", "Register"), ("noun",), register_label)}
    list_columns = (("name", "register"), "state", "total", "good", "created_at", "imported_at")
    search_columns = ("state", "created_at")
    quick_columns = ("name",)
    base_order = ("id", "desc")
    quick_filters = tuple((state.value, state.label, {"state": state}) for state in ImportState)
    show_groups = ((None, ("name", "register", "sha256", "imported_at", "undone_at")),)
    allow_add = allow_edit = allow_delete = allow_export = False
    show_template = "portal/import_show.html"
    method_permission_name = {
        **dict.fromkeys(("new", "template", "faults", "run", "undo"), "read"),
    }

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """A new file."""
        return [] if record is not None else [(_l("Import a table"), "/import/new", "p")]

    def show_context(self, record: ImportBatch) -> dict[str, Any]:
        """The faults, and what can be done now."""
        busy = record.state in (ImportState.waiting, ImportState.running)
        faults = service.faults_of(record, FAULTS_SHOWN) if record.bad else []
        return {
            "busy": busy,
            "faults": faults,
            "more": max(0, record.bad - len(faults)) if faults else 0,
            "made": import_undo.made_of(record) if record.state is ImportState.imported else 0,
            "percent": record.done * 100 // max(1, record.total),
            "list_of": f"/{record.noun}/list/",
        }

    # ---- a new file

    @expose("/new", methods=["GET", "POST"])
    @has_access
    def new(self) -> Any:
        """Choose the register, fetch its template, hand in the file: it is tried, and nothing is kept."""
        given = request.form if request.method == "POST" else request.args
        noun, refusal, status = given.get("noun", "")[:32], None, 200
        nouns = offered_to(current_actor())
        if not nouns:
            abort(403)
        if request.method == "POST":
            try:
                return redirect(self._taken(noun))
            except (Invalid, WrongType, TooLarge, NotFound) as fault:
                db.session.rollback()
                refusal, status = " ".join(_sentences(fault)), fault.status if fault.status != 404 else 422
        page = self.render_template(
            "portal/import_new.html",
            title=_("Import a table"),
            crumbs=self.crumbs((_("Import a table"), None)),
            nouns=nouns,
            noun=noun if noun in dict(nouns) else nouns[0][0],
            refusal=refusal,
            most=BYTES_MOST // 2**20,
        )
        return page, status

    def _taken(self, noun: str) -> str:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            raise Invalid(errors={"file": [_("Please choose a file.")]})
        with closing(upload):
            data = upload.read(BYTES_MOST + 1)
        batch = service.take(current_actor(), noun, upload.filename, data)
        return self._set_off(batch)

    @staticmethod
    def _set_off(batch: ImportBatch) -> str:
        """Let the file be worked off: at once if it is short, else beside the request; leads to its page."""
        page, long = f"/import/show/{batch.id}", batch.total > AT_ONCE
        set_off(import_job.enqueue(current_actor(), batch), long)
        return page

    @expose("/template/<noun>", methods=["GET"])
    @has_access
    def template(self, noun: str) -> Any:
        """The table to fill in."""
        service.must(current_actor(), noun)
        content = template(noun, register_label(noun), service.columns_of(noun))
        return sheet_answer(content, _("%(register)s import template", register=register_label(noun)))

    # ---- a file that was tried

    def _batch(self, pk: str) -> ImportBatch:
        record: ImportBatch = self.fetch(pk)
        service.must(current_actor(), record.noun)
        return record

    @expose("/faults/<pk>", methods=["GET"])
    @has_access
    def faults(self, pk: str) -> Any:
        """The person's own file, with its faults marked."""
        batch = self._batch(pk)
        if not batch.bad:
            abort(404)
        stem = batch.name.rpartition(".")[0]
        return sheet_answer(service.marked_file(current_actor(), batch), _("%(name)s, marked", name=stem))

    @expose("/run/<pk>", methods=["POST"])
    @has_access
    def run(self, pk: str) -> Any:
        """Import all of it."""
        batch = self._batch(pk)
        return self._tell(pk, lambda version: self._set_off(service.begin(current_actor(), batch.id, version)))

    @expose("/undo/<pk>", methods=["POST"])
    @has_access
    def undo(self, pk: str) -> Any:
        """Take back what it made."""
        batch = self._batch(pk)

        def verb(version: int | None) -> str:
            import_undo.undo(current_actor(), batch.id, version)
            flash(_("The import was undone: what it had made is gone."), "success")
            return f"/import/show/{batch.id}"

        return self._tell(pk, verb)

    def _tell(self, pk: str, verb: Any) -> Any:
        try:
            return redirect(verb(parse_key(request.form.get("version"))))
        except Conflict as refusal:
            db.session.rollback()
            for row, content, why in getattr(refusal, "rows", ()):
                flash(_("Row %(row)d (%(content)s): %(why)s", row=row, content=content, why=why), "warning")
            flash(str(refusal), "warning")
            return redirect(f"/import/show/{parse_key(pk)}")


def _sentences(fault: PortalError) -> list[str]:
    said = [str(sentence) for sentences in fault.errors.values() for sentence in sentences]
    return said or [str(fault.message)]
