"""What a party may do on the public page: apply for a review, pick or draw experts, take the application back."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.forms.public_steps import CASE_BY_PARTY, REVIEW_BY_PARTY
from app.forms.steps import Subject
from app.models.case import Case
from app.models.review import ENDED, Review
from app.services.expert_photo import photo_for
from app.views.pictures import picture
from app.views.public_door import CASE_PAGE, at_the_case
from app.views.transition import StepPages, find_step
from app.workflow.engine import refusal
from app.workflow.types import Situation, Step

# The steps that need no desk, each with the kind of record it moves.
PUBLIC_STEPS: dict[str, Subject] = {
    name: subject for subject in (CASE_BY_PARTY, REVIEW_BY_PARTY) for name in subject.pages
}


def open_review(case: Case) -> Review | None:
    """The review of the case that goes on."""
    found = select(Review).where(Review.case_id == case.id, Review.state.not_in(ENDED))
    return db.session.scalar(found.order_by(Review.id.desc()).limit(1))


def last_review(case: Case) -> Review | None:
    """The review of the case that goes on, or the last one."""
    found = select(Review).where(Review.case_id == case.id).order_by(Review.id.desc()).limit(1)
    return db.session.scalar(found)


def possible_steps(case: Case, actor: Actor, facts: Any) -> list[Step]:
    """The steps that the party may carry out now."""
    found = []
    review = open_review(case)
    for name, subject in PUBLIC_STEPS.items():
        record: Any = case if subject is CASE_BY_PARTY else review
        if record is None:
            continue
        row, _form = find_step(subject, name)
        known = facts if subject is CASE_BY_PARTY else subject.facts(record)
        if refusal(subject.flow, row, Situation(record, actor, known)) is None:
            found.append(row)
    return found


class _PublicSteps(StepPages):
    """The step machinery of the desk behind the public door: its page, its way back."""

    route_base = "/public"
    template = "portal/public_step.html"
    exclude_route_methods = frozenset({"do", "choices"})

    def _address(self, record: Any, name: str = "") -> str:
        return f"{CASE_PAGE}/do/{name}" if name else CASE_PAGE

    def _address_after(self, key: int, actor: Actor) -> str:
        return CASE_PAGE

    def _crumbs(self, record: Any, row: Step) -> list[tuple[Any, str | None]]:
        return [(_("Your matter"), CASE_PAGE), (row.label, None)]

    def carry_out_or_show(self, record: Any, name: str, actor: Actor) -> Any:
        """The page of a step, or the step itself when the form was sent."""
        row, page = find_step(self.subject, name)
        if request.method == "POST":
            return self.carry_out(record, row, page, actor)
        facts = self.subject.facts(record)
        why = refusal(self.subject.flow, row, Situation(record, actor, facts))
        if why is not None:
            flash(str(why.message), "warning")
            return redirect(CASE_PAGE)
        return self._page(page.form.for_record(record, facts), record, row, facts, record.version)


class _ReviewSteps(_PublicSteps):
    """Those that move a review."""

    subject = REVIEW_BY_PARTY


class PublicStepView(_PublicSteps):
    """Steps of a party, at one address; those of a review find the review by the case that is open."""

    subject = CASE_BY_PARTY
    default_view = "step"

    @expose("/case/do/<name>", methods=["GET", "POST"])
    def step(self, name: str) -> Any:
        """One step."""
        subject = PUBLIC_STEPS.get(name)
        if subject is None:
            raise NotFound()
        with at_the_case() as (case, actor):
            if subject is CASE_BY_PARTY:
                return self.carry_out_or_show(case, name, actor)
            review = open_review(case)
            if review is None:
                raise NotFound(_("No expert review goes on."))
            inner = _ReviewSteps()
            inner.appbuilder = self.appbuilder
            return inner.carry_out_or_show(review, name, actor)

    @expose("/case/expert/<int(max=9223372036854775807):expert>/photo")
    def photo(self, expert: int) -> Response:
        """The face of somebody who may be picked."""
        with at_the_case() as (case, _actor):
            review = open_review(case)
            if review is None:
                raise NotFound()
            return picture(photo_for(review, expert))
