"""Reports sent to one's inbox: asking for them, giving them up, opening the one a message tells of."""

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core.db import db
from app.core.errors import PortalError
from app.models.report_subscription import ReportForm, Rhythm
from app.services import report_subscription as service
from app.services.queries.choices import parse_key
from app.views.needs import needs

PK = "<int(max=9223372036854775807):pk>"
HOME = "/statistics/subscriptions"
PAGES = {ReportForm.page: "/statistics/", ReportForm.paper: "/statistics/report"}


class ReportSubscriptionView(BaseView):
    """The reports I have sent."""

    route_base = "/statistics"
    default_view = "index"

    @expose("/subscriptions", methods=["GET", "POST"])
    @needs("read", "Statistics")
    def index(self) -> Any:
        """What is sent, and the form for more."""
        actor, status = current_actor(), 200
        if request.method == "POST":
            rhythm, form = Rhythm.of(request.form.get("rhythm")), ReportForm.of(request.form.get("form"))
            try:
                service.subscribe(actor, rhythm, form, parse_key(request.form.get("organisation", "")))  # type: ignore[arg-type]
            except PortalError as refusal:
                db.session.rollback()
                flash(str(refusal), "warning")
                status = refusal.status
            else:
                flash(_("The report comes into your inbox from now on."), "success")
                return redirect(HOME)
        places = service.places(actor)
        page = self.render_template(
            "portal/report_subscriptions.html",
            title=_("Reports into the inbox"),
            crumbs=[(_("Statistics"), "/statistics/"), (_("Reports into the inbox"), None)],
            rows=service.mine(actor),
            names=dict(places),
            places=places,
            rhythms=list(Rhythm),
            forms=list(ReportForm),
            chosen=request.form,
        )
        return page, status

    @expose(f"/subscriptions/{PK}/drop", methods=["POST"])
    @needs("read", "Statistics")
    def drop(self, pk: int) -> Any:
        """Give one up."""
        service.unsubscribe(current_actor(), pk)
        flash(_("The report is sent no longer."), "success")
        return redirect(HOME)

    @expose(f"/delivered/{PK}")
    @needs("read", "Statistics")
    def delivered(self, pk: int) -> Any:
        """The report of a message, counted now, within what the reader may see now."""
        row = service.opened(current_actor(), pk)
        return redirect(f"{PAGES[row.form]}?from={row.since}&to={row.until}&organisation={row.organisation_id}")
