"""The public page of a case, without an account: progress by number and secret code, what can be done, rating."""

import time
from typing import Any

from flask import flash, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core import clock
from app.core.errors import PortalError
from app.core.masks import mask_name
from app.forms.rating import RatingForm
from app.models.case import OPEN_STATES, Case
from app.models.deadline import DeadlineState
from app.services import public_access, rating
from app.services.queries.case_page import CasePage, case_page, stages
from app.services.queries.progress import NEXT, passed
from app.services.queries.why import sentences
from app.views.lights import light_of
from app.views.public_door import CASE_PAGE, HOME, KEPT, at_the_case
from app.views.public_step import last_review, possible_steps


def clock_lines(page: CasePage) -> list[dict[str, Any]]:
    """The days that run for the case, in words; of the offices and of the parties."""
    names = {s.party.id: mask_name(s.name) for s in page.speakers}
    return [
        {
            "name": row.rule_name,
            "whose": names.get(row.party_id, ""),
            "due": row.due_on,
            "provisional": row.provisional,
            "light": light_of(row.due_on, row.state == DeadlineState.paused, row.provisional),
            "why": sentences(row.why),
        }
        for row in page.clocks
        if row.state in (DeadlineState.running, DeadlineState.paused) and row.referral_id is None
    ]


class PublicCaseView(BaseView):
    """Progress, rights and rating of one case for whoever holds its receipt."""

    route_base = "/public"
    default_view = "home"

    @expose("/", methods=["GET", "POST"])
    def home(self) -> Any:
        """Number and code are asked; the same answer for a wrong number and a wrong code."""
        if request.method == "POST":
            number, code = request.form.get("number", ""), request.form.get("code", "")
            try:
                key = public_access.open_case(number, code, request.remote_addr)
            except PortalError as refused:
                return self._home(number, str(refused.message)), refused.status
            if key is None:
                return self._home(
                    number, _("No matter has this number with this code. Please compare with your receipt.")
                ), 404
            session[KEPT] = [key.record_id, key.proof, int(time.time())]
            return redirect(CASE_PAGE)
        return self._home("")

    def _home(self, number: str, wrong: str = "") -> Any:
        return self.render_template("portal/public_home.html", number=number, wrong=wrong, title=_("Your matter"))

    @expose("/leave", methods=["POST"])
    def leave(self) -> Any:
        """Close the case on this device."""
        session.pop(KEPT, None)
        flash(_("The matter is closed on this device."), "info")
        return redirect(HOME)

    @expose("/case", methods=["GET"])
    def case(self) -> Any:
        """What happened, what comes next, by when, and what the party can do."""
        with at_the_case() as (case, actor):
            page = case_page(case.id)
            then, can = NEXT[case.state]
            late = page.facts.late
            reply = late.standing_reply if late.services else None
            answers = {row.claim_id: row for row in late.points_of(reply)}
            return self.render_template(
                "portal/public_case.html",
                case=page.case,
                title=page.case.title,
                stages=stages(page.case, page.course),
                then=then,
                can=can,
                events=passed(page.course),
                claims=page.claims,
                answers=answers,
                clocks=clock_lines(page) if case.state in OPEN_STATES else [],
                steps=possible_steps(case, actor, page.facts),
                review=last_review(case),
                may_rate=case.state in rating.RATEABLE and not rating.rated(case),
                today=clock.today(),
            )

    @expose("/case/rate", methods=["GET", "POST"])
    def rate(self) -> Any:
        """The party says how the service was."""
        with at_the_case() as (case, actor):
            form = RatingForm(request.form if request.method == "POST" else None)
            if request.method == "POST" and form.validate():
                try:
                    rating.rate(actor, case, form.values())
                except PortalError as refused:
                    form.take(refused)
                    return self._rating(case, form), refused.status
                flash(_("Thank you. What you said was kept; nobody who handled the matter can change it."), "success")
                return redirect(CASE_PAGE)
            return self._rating(case, form), 422 if request.method == "POST" else 200

    def _rating(self, case: Case, form: Any) -> Any:
        return self.render_template(
            "portal/public_rate.html", case=case, form=form, title=_("How was the service?"), crumbs=[]
        )
