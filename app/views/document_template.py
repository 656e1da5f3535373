"""Templates of papers: taken in, looked at with example values, put in use; every edition stays."""

from contextlib import closing
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from app.access.actor import current_actor
from app.core import docx_html
from app.core.errors import NotFound, PortalError
from app.models.document import DocumentKind, DocumentTemplate, PrintForm
from app.services import document_template as service
from app.services.document_fields import FIELDS, FieldKind, standard_of
from app.services.document_output import MIMES, Handed
from app.services.document_values import qr_picture
from app.services.queries.choices import parse_key
from app.views.base import PortalInterface, PortalModelView
from app.views.document import sent
from app.views.fields import Computed

SAMPLE_CODE = "EXAMPLE23456"


def kind_of(code: str | None) -> DocumentKind:
    """The kind of paper an address or a form names."""
    kind = DocumentKind.of(code)
    if not isinstance(kind, DocumentKind):
        raise NotFound()
    return kind


def size_kb(size: int) -> str:
    """The size as people read it."""
    return f"{max(size // 1024, 1)} KB"


class DocumentTemplateView(PortalModelView):
    """The templates, kind by kind; nothing is changed or deleted, a new edition takes the place of the old one."""

    datamodel = PortalInterface(DocumentTemplate)
    class_permission_name = "DocumentTemplate"
    route_base = "/document_template"
    method_permission_name = {
        "preview": "read",
        "word": "read",
        "activate": "activate",
    }
    computed = {"weight": Computed(_l("Size"), ("size",), size_kb)}
    list_columns = (("kind", "name"), "edition", "active", "shipped", "note", "created_at")
    optional_columns = ("weight",)
    search_columns = ("kind", "active", "shipped", "created_at")
    quick_columns = ("name", "note")
    order_columns = ("kind", "created_at")
    base_order = ("kind", "asc")
    quick_filters = (("active", _lp("template", "In use"), {"active": True}),)
    show_groups = ((None, ("kind", "edition", "active", "shipped", "name", "note", "weight", "sha256")),)
    show_template = "portal/document_template_show.html"
    allow_edit = allow_delete = allow_export = False
    add_title = _l("Upload a template")

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """Take a new edition in; look at this one, save it."""
        if record is None:
            return []
        base = f"{self.route_base}/{{}}/{record.id}"
        found = [
            (_l("Word file"), base.format("word"), ""),
            (_l("Preview with example values"), base.format("preview"), "p"),
        ]
        if self.may("add"):
            found.insert(0, (_l("Upload a template"), f"{self.route_base}/add?kind={record.kind.value}", ""))
        return found

    def show_context(self, record: DocumentTemplate) -> dict[str, Any]:
        """The fields a template of this kind may use."""
        activate = self.may("activate") and not record.active
        return {
            "fields": [*FIELDS[record.kind], *standard_of(record.kind)],
            "rows": FieldKind.rows,
            "can_activate": activate,
        }

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Choose the kind and the file."""
        chosen = DocumentKind.of(request.values.get("kind")) or DocumentKind.intake_form
        refusal, status = None, 200
        if request.method == "POST":
            try:
                row = self._taken_in()
                flash(_("The template is taken in. Look at the preview, then put it in use."), "success")
                return redirect(f"{self.route_base}/show/{row.id}")
            except PortalError as fault:
                refusal, status = fault, fault.status
        page = self.render_template(
            "portal/document_template_upload.html",
            kinds=list(DocumentKind),
            chosen=chosen,
            refusal=refusal,
            note=request.form.get("note", ""),
            fields=[*FIELDS[DocumentKind(chosen)], *standard_of(DocumentKind(chosen))],
            rows=FieldKind.rows,
            title=_("Upload a template"),
            crumbs=self.crumbs((_("Upload a template"), None)),
        )
        return page, status

    def _taken_in(self) -> DocumentTemplate:
        kind, upload = kind_of(request.form.get("kind")), request.files.get("file")
        if upload is None or not upload.filename:
            raise PortalError(_("Please choose a file."))
        with closing(upload):
            stream: Any = upload.stream
            return service.add(current_actor(), kind, upload.filename, stream, request.form.get("note"))

    @expose("/preview/<pk>", methods=["GET"])
    @has_access
    def preview(self, pk: str) -> Any:
        """A4 with example values."""
        row = service.find(parse_key(pk) or 0)
        filled = service.filled_with_examples(row.kind, service.bytes_of(row), qr_picture(SAMPLE_CODE))
        return self.render_template(
            "portal/document_preview.html",
            paper=docx_html.convert(filled),
            title=f"{row.kind.label} · {_('Preview with example values')}",
            back=f"{self.route_base}/show/{row.id}",
        )

    @expose("/word/<pk>", methods=["GET"])
    @has_access
    def word(self, pk: str) -> Any:
        """The Word file, to work on it."""
        row = service.find(parse_key(pk) or 0)
        return sent(Handed(row.name, MIMES[PrintForm.docx], service.bytes_of(row), copy=False))

    @expose("/activate/<pk>", methods=["POST"])
    @has_access
    def activate(self, pk: str) -> Any:
        """Use this edition from now on."""
        row = service.activate(current_actor(), parse_key(pk) or 0)
        flash(_("This version is in use from now on; papers issued before stay as they are."), "success")
        return redirect(f"{self.route_base}/show/{row.id}")
