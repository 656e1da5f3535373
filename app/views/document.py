"""Papers: the list, the A4 view for the printer, Word and PDF; every time one leaves the house is noted."""

from typing import Any

from flask import Response, redirect
from flask_appbuilder import BaseView, expose
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from app.access.actor import current_actor
from app.models.document import Document, DocumentKind, DocumentState, PrintForm
from app.services import document_output as output
from app.services.document_form import print_form
from app.views.attachment import SANDBOX, disposition
from app.views.base import PortalInterface, PortalModelView
from app.views.needs import needs

PK = "<int(max=9223372036854775807):pk>"


def sent(handed: output.Handed) -> Response:
    """A paper as a file to be saved, never shown within our pages."""
    answer = Response(handed.data, mimetype=handed.mime)
    answer.headers["Content-Disposition"] = disposition("attachment", handed.name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def owner_of(row: Document) -> tuple[str, str]:
    """Number and page of what a paper belongs to: a case, or a proposal."""
    if row.case is not None:
        return row.case.number, f"/case/show/{row.case_id}"
    assert row.proposal is not None  # the database has seen to it
    return row.proposal.number, f"/proposal/show/{row.proposal_id}"


class DocumentView(PortalModelView):
    """The papers of the cases and proposals the person sees."""

    datamodel = PortalInterface(Document)
    class_permission_name = "Document"
    route_base = "/document"
    noun = _l("Papers")
    list_columns = (
        ("number", "case.title", "proposal.subject"),
        "kind",
        "edition",
        "state",
        "issued_at",
        "case.number",
    )
    optional_columns = ("proposal", "centre", "issued_by_name", "party", "check_code")
    search_columns = ("kind", "state", "issued_at", "centre", "case", "proposal")
    quick_columns = ("number",)
    base_order = ("issued_at", "desc")
    quick_filters = tuple((state.value, state.label, {"state": state}) for state in DocumentState)
    show_groups = (
        (
            None,
            ("number", "kind", "edition", "state", "void_reason", "case", "proposal", "party", "centre", "issued_at"),
        ),
        (
            _lp("document", "Proof"),
            ("issued_by_name", "check_code", "personal", "template", "size", "docx_sha256", "pdf_sha256"),
        ),
    )
    show_template = "portal/document_show.html"
    allow_add = allow_edit = allow_delete = False

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """The ways in which a paper can be had."""
        if record is None:
            return []
        base, found = f"{self.route_base}/{record.id}", [(*owner_of(record), "")]
        if current_actor().may("print", "Document"):
            found += [(_l("Word file"), f"{base}/docx", ""), (_l("PDF file"), f"{base}/pdf", "")]
        return [*found, (_l("Open and print"), f"{base}/print", "p")]

    def show_context(self, record: Document) -> dict[str, Any]:
        """Every time it was given out."""
        return {"uses": output.uses(record)}


class PaperView(BaseView):
    """One paper on the screen, on paper, as a file."""

    route_base = "/document"
    default_view = "print"

    @expose(f"/{PK}/print")
    @needs("read", "Document")
    def print(self, pk: int) -> Any:
        """The A4 view: what the Word file says, with its margins."""
        actor = current_actor()
        row, paper, copy = output.show(actor, pk)
        page = self.render_template(
            "portal/document_print.html",
            document=row,
            paper=paper,
            copy=copy,
            files=actor.may("print", "Document"),
            title=f"{row.kind.label} {row.number}",
            back=owner_of(row)[1],
        )
        output.note_shown(actor, pk)
        return page

    @expose(f"/{PK}/printed", methods=["POST"])
    @needs("read", "Document")
    def printed(self, pk: int) -> Response:
        """Note a print; asked for when the printer was called."""
        actor = current_actor()
        output.note(actor, output.find(actor, pk).id, PrintForm.print)
        return Response(status=204)

    @expose(f"/{PK}/docx")
    @needs("print", "Document")
    def docx(self, pk: int) -> Response:
        """The Word file."""
        return sent(output.hand_out(current_actor(), pk, PrintForm.docx))

    @expose(f"/{PK}/pdf")
    @needs("print", "Document")
    def pdf(self, pk: int) -> Response:
        """The PDF."""
        return sent(output.hand_out(current_actor(), pk, PrintForm.pdf))


class CasePaperView(BaseView):
    """Papers that a clerk makes from the page of a case."""

    route_base = "/case"
    default_view = "intake_form"

    @expose(f"/{PK}/intake-form", methods=["POST"])
    @needs("print", "Case")
    def intake_form(self, pk: int) -> Any:
        """Issue the intake form, or show the one in force when nothing changed since."""
        row = print_form(current_actor(), pk, DocumentKind.intake_form)
        return redirect(f"/document/{row.id}/print")
