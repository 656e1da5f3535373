"""The inbox: what the actor was told, newest first."""

from typing import Any

from flask import redirect
from flask_appbuilder import BaseView, expose

from app.core.errors import NotFound
from app.services import notice
from app.services.queries import inbox
from app.views.my_account import signed_in


class NoticeView(BaseView):
    """Messages to the actor; opening one marks it as read."""

    route_base = "/notice"
    default_view = "list"

    @expose("/list/")
    @signed_in
    def list(self) -> Any:
        """The last hundred messages."""
        rows = [(row, notice.sentence(row)) for row in inbox.latest()]
        return self.render_template("portal/notices.html", rows=rows)

    @expose("/<int(max=9223372036854775807):pk>/open", methods=["POST"])
    @signed_in
    def open(self, pk: int) -> Any:
        """Mark a message as read and go to its case."""
        row = notice.read(pk)
        if row is None:
            raise NotFound()
        return redirect(f"/case/show/{row.case_id}" if row.case_id else "/notice/list/")

    @expose("/read", methods=["POST"])
    @signed_in
    def read(self) -> Any:
        """Mark all messages as read."""
        notice.read_all()
        return redirect("/notice/list/")
