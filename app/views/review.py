"""Expert reviews: the list, and the page that tells the story of one, from the application to the opinion."""

from typing import Any

from flask import Response
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.access.actor import current_actor, system_scope
from app.core import lots
from app.core.db import db
from app.core.errors import NotFound
from app.forms.steps import REVIEW
from app.models.expert import Expert
from app.models.review import ENDED, UNSEALED, Review, ReviewDraw
from app.services.access_log import log_read
from app.services.expert_photo import photo_for
from app.services.queries import review_todo
from app.services.queries.candidates import candidates
from app.services.queries.choices import parse_key
from app.services.queries.material import brief_of, handed_out, material_of
from app.services.queries.review_page import (
    ReviewPage,
    dissent_rows,
    find_review,
    matrix_of,
    own_marks,
    review_page,
    stages,
)
from app.services.queries.review_words import review_timeline
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.needs import needs
from app.views.pictures import picture
from app.views.transition import StepPages
from app.workflow.engine import available


def mine(statement: Select[Any]) -> Select[Any]:
    """Reviews whose next step is the actor's."""
    return statement.where(review_todo.waiting(current_actor(), REVIEW.built))


def running(statement: Select[Any]) -> Select[Any]:
    """Reviews that have not ended."""
    return statement.where(Review.state.not_in(ENDED))


class ReviewView(PortalModelView):
    """The list of expert reviews, and the page of one."""

    datamodel = PortalInterface(Review)
    class_permission_name = "Review"
    route_base = "/review"
    list_columns = ("number", "state", "case", "filed_at", "session_at", "outcome")
    optional_columns = ("room", "size", "accepted_at", "material_at", "closed_at", "served_at")
    search_columns = ("state", "outcome", "case", "filed_at", "session_at", "room")
    quick_columns = ("number",)
    order_columns = ("number", "filed_at", "session_at")
    base_order = ("filed_at", "desc")
    quick_filters = (("mine", _l("Waiting for me"), mine), ("running", _l("Not ended"), running))
    count_tabs = True
    allow_add = allow_edit = allow_delete = False
    exclude_route_methods = {"reveal"}
    show_groups = (
        (
            None,
            (
                "number",
                "state",
                "case",
                "size",
                "filed_at",
                "accepted_at",
                "material_at",
                "room",
                "session_at",
                "session_until",
                "ballot_round",
                "opened_at",
                "closed_at",
                "outcome",
                "opinion",
                "served_at",
            ),
        ),
    )

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """The page of one review; each reading is noted in the trail."""
        actor, page = current_actor(), review_page(parse_key(pk), current_actor())
        log_read(actor, page.review)
        steps = available(REVIEW.flow, page.review, actor, page.facts, REVIEW.pages)
        last = REVIEW.flow.row(page.course[-1].step) if page.course else None
        return self.render_template(
            "portal/review_show.html",
            page=page,
            review=page.review,
            title=_("Expert review %(number)s", number=page.review.number),
            crumbs=self.crumbs((page.review.number, None)),
            buttons=arrange(steps),
            stages=stages(page.review),
            then=last.next_from(page.review.state) if last is not None and page.review.state not in ENDED else None,
            brief=brief_of(page.review),
            **self._opened(page),
            events=review_timeline(page.course),
        )

    @staticmethod
    def _opened(page: ReviewPage) -> dict[str, Any]:
        review = page.review
        return {
            "matrix": matrix_of(review),
            "unsealed": review.state in UNSEALED,
            "marks": own_marks(review, current_actor()),
            "dissent": dissent_rows(review),
            "voted": sum(seat.voted for seat in page.facts.seated),
        }


class ReviewStepView(StepPages):
    """The steps of a review."""

    subject = REVIEW
    route_base = "/review"
    class_permission_name = "Review"


KEY = "<int(max=9223372036854775807):pk>"


class ReviewPaperView(BaseView):
    """What belongs to a review: its material, its draws, the sheet a party signs, the faces of the experts."""

    route_base = "/review"
    default_view = "material"

    @expose(f"/{KEY}/material")
    @needs("read", "Review")
    def material(self, pk: int) -> Any:
        """The material as it was handed out; before that, only the secretary looks at it."""
        actor, review = current_actor(), find_review(pk)
        material = handed_out(review)
        if material is None and not actor.may("serve_material", "Review"):
            raise NotFound(_("The material has not been handed out yet."))
        log_read(actor, review, "review:material")
        return self.render_template(
            "portal/review_material.html",
            review=review,
            material=material or material_of(review),
            back=f"/review/show/{pk}",
            title=_("Material of %(number)s", number=review.number),
        )

    @expose(f"/{KEY}/draw/<int(max=9223372036854775807):draw>")
    @needs("read", "Review")
    def draw(self, pk: int, draw: int) -> Any:
        """A draw, repeated before the reader's eyes."""
        review = find_review(pk)
        row = db.session.scalar(select(ReviewDraw).where(ReviewDraw.id == draw, ReviewDraw.review_id == review.id))
        if row is None:
            raise NotFound()
        with system_scope("names of the candidates of a draw"):
            names = dict(db.session.execute(select(Expert.id, Expert.name).where(Expert.id.in_(row.candidates))).all())
        again = lots.drawn(row.seed, row.candidates, row.wanted)
        tickets = sorted((lots.lot_of(row.seed, key), key) for key in row.candidates)
        return self.render_template(
            "portal/review_draw.html",
            review=review,
            draw=row,
            tickets=[(lot, key, names.get(key, ""), key in again) for lot, key in tickets],
            same=again == row.drawn,
            back=f"/review/show/{pk}",
            title=_("Draw of %(number)s", number=review.number),
            crumbs=[(_("Expert reviews"), "/review/list/"), (review.number, f"/review/show/{pk}"), (_("Draw"), None)],
        )

    @expose(f"/{KEY}/sheet")
    @needs("pick_experts", "Review")
    def sheet(self, pk: int) -> Any:
        """All candidates on paper, for a party who chooses with the pen."""
        review, page = find_review(pk), review_page(pk, current_actor())
        return self.render_template(
            "portal/review_sheet.html",
            review=review,
            page=page,
            rows=candidates(review),
            back=f"/review/show/{pk}",
            title=_("Choice of experts %(number)s", number=review.number),
        )

    @expose(f"/{KEY}/expert/<int(max=9223372036854775807):expert>/photo")
    @needs("read", "Review")
    def photo(self, pk: int, expert: int) -> Response:
        """The face of somebody who may be picked."""
        return picture(photo_for(find_review(pk), expert))
