"""The first page, by role."""

from typing import Any

from flask import redirect
from flask_appbuilder import IndexView, expose

from app.access.actor import current_actor


class HomeView(IndexView):
    """My work: what is to do, due, overdue; today's duty; quick entries."""

    route_base = ""

    @expose("/")
    def index(self) -> Any:
        """Show the first page; a visitor goes to the sign-in."""
        if current_actor().user_id is None:
            return redirect("/login/")
        return self.render_template("portal/home.html", greeting="", today_line="", cards=[], todo=[], duty=[], quick=[], bookings=[])
