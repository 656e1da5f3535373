"""The public template files on the console: Flask-Admin's file view with its faults mended.

The framework throws Chinese names away, takes a sister folder for its own, and answers faults with their texts. Here a
name is only compared with the list, and every change is a verb of ours, checked and noted in the trail."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_admin.contrib.fileadmin import BaseFileAdmin
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actor import current_actor
from app.core.db import db
from app.core.errors import PortalError
from app.core.files import safe_name
from app.services import template_file
from app.views.console.base import Guard
from app.views.template_file import send


class TemplateFileConsole(Guard, BaseFileAdmin):
    """Upload, fetch and delete; no folders, no renaming, no editing."""

    can_mkdir = can_rename = can_delete_dirs = False
    editable_extensions = ()
    allowed_extensions = template_file.EXTENSIONS

    def __init__(self) -> None:
        super().__init__(name=_l("Template files"), endpoint="console_template_file", url="template_file")

    @expose("/")
    def index_view(self, path: str | None = None) -> Any:
        """The files."""
        return self.render("admin/portal_files.html", files=template_file.listing(), kinds=template_file.EXTENSIONS)

    @expose("/upload/", methods=("POST",))
    def upload(self, path: str | None = None) -> Any:
        """Keep files that were sent."""
        sent = [upload for upload in request.files.getlist("upload") if upload.filename]
        if not sent:
            flash(_("Please choose a file."), "warning")
        for upload in sent:
            try:
                name = template_file.add(current_actor(), upload.filename, upload.stream)  # type: ignore[arg-type]
                flash(_("%(name)s is kept.", name=name), "success")
            except PortalError as refusal:
                db.session.rollback()
                flash(f"{safe_name(upload.filename)}: {refusal}", "danger")
            finally:
                upload.close()
        return redirect(url_for(".index_view"))

    @expose("/download/<file>")
    def download(self, file: str) -> Any:  # type: ignore[override]
        """Save a file."""
        return send(file)

    @expose("/delete/", methods=("POST",))
    def delete(self) -> Any:
        """Delete a file."""
        template_file.remove(current_actor(), request.form.get("path", ""))
        flash(_("Deleted."), "success")
        return redirect(url_for(".index_view"))

    def closed(self, *_names: Any, **_path: Any) -> Any:
        """What the framework's file view could do besides has no address here."""
        abort(404)

    index = mkdir = rename = edit = action_view = closed  # type: ignore[assignment]
