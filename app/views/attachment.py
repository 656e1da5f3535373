"""Attachments: taken to a case, and given out row by row; nothing of them ever runs in the page (security C4)."""

from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, flash, jsonify, redirect, request, send_file
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import current_actor
from app.core.db import db
from app.core.errors import Malformed, NotFound
from app.core.files import INLINE
from app.models.attachment import Attachment
from app.models.case import Case
from app.services import attachment
from app.services.access_log import log_read
from app.views.needs import needs

SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition that keeps a Chinese name and lets nothing break out of the header (RFC 5987)."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._- ") else "_" for char in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def send_kept(path: Path, mime: str, kind: str, name: str, policy: str = SANDBOX) -> Response:
    """A file out of the store, so that nothing of it runs; kind: inline or attachment."""
    if not path.is_file():
        raise NotFound(_("The file is missing in the store. Please tell the system administrator."))
    answer: Response = send_file(path, mimetype=mime, conditional=False, etag=False)
    answer.headers["Content-Disposition"] = disposition(kind, name)
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


class AttachmentView(BaseView):
    """Files: add to a case, save, look at."""

    route_base = "/attachment"
    default_view = "download"

    def _send(self, row: Attachment, kind: str) -> Response:
        path = attachment.path_of(row.storage_key)
        policy = PDF_POLICY if row.look == "pdf" and kind == "inline" else SANDBOX
        answer = send_kept(path, row.mime, kind, row.name, policy)
        log_read(current_actor(), row, "attachment:read")
        return answer

    @expose("/<int(max=9223372036854775807):pk>/download")
    @needs("read", "Case")
    def download(self, pk: int) -> Any:
        """Save a file."""
        return self._send(attachment.find(pk), "attachment")

    @expose("/<int(max=9223372036854775807):pk>/view")
    @needs("read", "Case")
    def view(self, pk: int) -> Any:
        """A picture or a PDF as itself; anything else is only saved."""
        row = attachment.find(pk)
        return self._send(row, "inline" if row.mime in INLINE else "attachment")

    @expose("/<int(max=9223372036854775807):pk>/preview")
    @needs("read", "Case")
    def preview(self, pk: int) -> Any:
        """A page around a picture or a PDF."""
        row = attachment.find(pk)
        back = f"/case/show/{row.case_id}" if row.case_id else f"/case/draft/{row.draft_id}"
        return self.render_template("portal/attachment_preview.html", file=row, back=back, title=row.name)

    @expose("/<int(max=9223372036854775807):pk>/remove", methods=["POST"])
    @needs("register", "Case")
    def remove(self, pk: int) -> Any:
        """Take a file off a draft."""
        row = attachment.find(pk)
        draft_id = row.draft_id
        attachment.remove(current_actor(), row)
        if request.headers.get("X-Requested-With") == "fetch":
            return Response(status=204)
        return redirect(f"/case/draft/{draft_id}")


class CaseAttachmentView(BaseView):
    """Files of a case."""

    route_base = "/case"
    default_view = "attach"

    @expose("/<int(max=9223372036854775807):pk>/attach", methods=["POST"])
    @needs("upload", "Case")
    def attach(self, pk: int) -> Any:
        """Add files to a case."""
        case = db.session.scalar(select(Case).where(Case.id == pk))
        if case is None:
            raise NotFound()
        uploads = [upload for upload in request.files.getlist("files") if upload.filename]
        if not uploads:
            raise Malformed(_("Please choose a file."))
        rows = []
        for upload in uploads:
            with closing(upload):
                stream: Any = upload.stream
                rows.append(attachment.attach(current_actor(), case, upload.filename, stream, request.form.get("note")))
        if request.headers.get("X-Requested-With") == "fetch":
            return jsonify([{"id": row.id, "name": row.name} for row in rows])
        flash(_("The files are added."), "success")
        return redirect(f"/case/show/{pk}#files")
