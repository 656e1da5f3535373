"""REST of papers: list and record as everywhere, and the files."""

from typing import Any

from flask import jsonify
from flask_appbuilder.api import expose

from app.access.actor import current_actor
from app.core.paper import grouped
from app.models.document import Document, PrintForm
from app.services import document_output as output
from app.services.document import of_case
from app.services.queries.choices import parse_key
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.api_spec import PK, _answer, _errors
from app.views.document import DocumentView, sent
from app.views.steps_api import described

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
PAPER = {
    "type": "object",
    "properties": {
        "id": WHOLE,
        "kind": TEXT,
        "label": TEXT,
        "number": TEXT,
        "version": WHOLE,
        "state": TEXT,
        "issued_at": {"type": "string", "format": "date-time"},
        "issued_by": TEXT,
        "party": {"type": ["integer", "null"]},
        "check_code": TEXT,
        "sha256": TEXT,
        "docx": TEXT,
        "pdf": TEXT,
        "page": TEXT,
    },
}
PAPERS_SPEC: dict[str, Any] = {
    "get": {
        "parameters": [PK],
        "responses": {
            "200": _answer(
                "The papers of a case, the newest first", {"count": WHOLE, "result": {"type": "array", "items": PAPER}}
            ),
            **_errors("404"),
        },
    }
}


def _file_spec(mime: str) -> dict[str, Any]:
    content = {mime: {"schema": {"type": "string", "format": "binary"}}}
    answers = {"200": {"description": "The file", "content": content}, **_errors("404")}
    return {"get": {"parameters": [PK], "responses": answers}}


def paper_of(row: Document) -> dict[str, Any]:
    """One paper as JSON, with the addresses of its files."""
    base = f"/api/v1/document/{row.id}"
    return {
        "id": row.id,
        "kind": row.kind.value,
        "label": str(row.kind.label),
        "number": row.number,
        "version": row.edition,
        "state": row.state.value,
        "issued_at": row.issued_at.isoformat(),
        "issued_by": row.issued_by_name,
        "party": row.party_id,
        "check_code": grouped(row.check_code),
        "sha256": row.docx_sha256,
        "docx": f"{base}/docx",
        "pdf": f"{base}/pdf",
        "page": f"/document/{row.id}/print",
    }


def papers_answer(case_id: int) -> Any:
    """The papers of a case."""
    rows = [paper_of(row) for row in of_case(current_actor(), case_id)]
    return jsonify({"count": len(rows), "result": rows})


class DocumentApi(PortalRestApi):
    """Papers."""

    view, resource_name = DocumentView, "document"
    method_permission_name = {"docx": "print", "pdf": "print"}

    @expose("/<pk>/docx", methods=("GET",))
    @described(_file_spec(output.MIMES[PrintForm.docx]))
    @guarded
    def docx(self, pk: str) -> Any:
        """The Word file; given out again it is marked as a copy."""
        return sent(output.hand_out(current_actor(), parse_key(pk) or 0, PrintForm.docx))

    @expose("/<pk>/pdf", methods=("GET",))
    @described(_file_spec(output.MIMES[PrintForm.pdf]))
    @guarded
    def pdf(self, pk: str) -> Any:
        """The PDF; given out again it is marked as a copy."""
        return sent(output.hand_out(current_actor(), parse_key(pk) or 0, PrintForm.pdf))
