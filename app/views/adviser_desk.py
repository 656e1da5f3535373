"""The own desk of advisers and counsellors: shifts, bookings, cases, consultations, and what is still to record."""

from typing import Any

from flask_appbuilder import BaseView, expose
from flask_babel import format_date, pgettext
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core import clock
from app.services.booking_rules import span_text
from app.services.consultation_rules import kinds_of
from app.services.queries import adviser_desk as desk
from app.views.lights import light_of
from app.views.needs import needs


class AdviserDeskView(BaseView):
    """One page for the day of an adviser or a counsellor."""

    route_base = "/adviser_desk"
    default_view = "index"

    @expose("/")
    @needs("read", "AdviserDesk")
    def index(self) -> Any:
        """My desk."""
        actor, today = current_actor(), clock.today()
        return self.render_template(
            "portal/adviser_desk.html",
            title=pgettext("adviser", "My desk"),
            today_line=format_date(today, "full"),
            shifts=[{"day": _day(row, today), "row": row, "now": row.on == today} for row in desk.shifts(actor, today)],
            bookings=desk.bookings(actor, today),
            to_record=desk.to_record(actor),
            cases=[(row, light_of(row.due_on, row.paused, row.due_provisional)) for row in desk.cases(actor)]
            if actor.may("read", "Case")
            else None,
            consultations=desk.consultations(actor),
            kinds=kinds_of(actor),
            span_text=span_text,
        )


def _day(row: Any, today: Any) -> str:
    return _("Today") if row.on == today else format_date(row.on, "M-d EEE")
