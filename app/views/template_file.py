"""The template files of the house for everybody who is signed in."""

from typing import Any

from flask import send_file
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.files import KINDS
from app.services import template_file
from app.views.attachment import SANDBOX, disposition
from app.views.my_account import signed_in


def send(name: str) -> Any:
    """A template file, to be saved and never shown within our pages."""
    path = template_file.find(name)
    answer = send_file(path, mimetype=KINDS[path.suffix[1:].lower()].mime, conditional=False, etag=False)
    answer.headers["Content-Disposition"] = disposition("attachment", path.name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


class TemplateFileView(BaseView):
    """A list of files to fetch."""

    route_base = "/template_files"
    default_view = "list"

    @expose("/")
    @signed_in
    def list(self) -> Any:
        """The files."""
        return self.render_template(
            "portal/template_files.html", files=template_file.listing(), title=_("Template files")
        )

    @expose("/<name>")
    @signed_in
    def download(self, name: str) -> Any:
        """Save one."""
        return send(name)
