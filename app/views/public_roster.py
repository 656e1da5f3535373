"""The public timetable: which leader receives when and where, as published; nothing else of the rosters."""

from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.services.queries import timetable
from app.services.queries.choices import parse_key
from app.views.roster import weekday


class PublicRosterView(BaseView):
    """When leaders receive."""

    route_base = "/public/roster"
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        """The receptions of the coming weeks at one centre, the city's first."""
        known = timetable.centres(None)
        key = parse_key(request.args.get("centre", ""))
        if not known or (request.args.get("centre") and key not in {one.id for one in known}):
            raise NotFound()
        centre = next((one for one in known if one.id == key), known[0])
        return self.render_template(
            "portal/public_roster.html",
            title=_("When leaders receive"),
            known=known,
            centre=centre,
            rows=timetable.for_the_public(centre.id),
            weekday=weekday,
        )
