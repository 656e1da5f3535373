"""What expert reviews add to the lists of one's own work; a review is called by its numbers alone."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, exists, or_, select

from app.models.case import Case
from app.models.expert import Expert
from app.models.review import Ballot, Review, ReviewSeat, SeatState
from app.models.review import ReviewState as R
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_done import done
from app.workflow.review_flow import REVIEW_FLOW

# What drives a review on from each state, for those who run it; the experts' part is asked by their seat.
MOVES: dict[R, str] = {
    R.filed: "accept_review",
    R.choosing: "pick_experts",
    R.picked: "invite",
    R.seated: "serve_material",
    R.scheduled: "open_ballots",
    R.counting: "assemble_opinion",
    R.signed: "serve_opinion",
}
OF_SEATS: dict[R, str] = {R.inviting: "accept_invitation", R.balloting: "cast_ballot", R.signing: "sign_opinion"}
_case, _seat, _expert = Case.__table__.alias(), ReviewSeat.__table__.alias(), Expert.__table__.alias()
_ballot = Ballot.__table__.alias()
_REVIEW = (Review.id, Review.number, Review.state, Review.filed_at, _case.c.number.label("case_number"))


def _mine_to_do(asking: Asking) -> ColumnElement[bool] | None:
    """That a review waits for the actor: by a right, or by a seat that has not answered, voted or signed."""
    actor = asking.actor
    states = [state for state, step in MOVES.items() if actor.may(step, "Review")]
    arms: list[ColumnElement[bool]] = [Review.state.in_(states)] if states else []
    own = exists().where(
        _seat.c.review_id == Review.id, _expert.c.id == _seat.c.expert_id, _expert.c.account_id == actor.user_id
    )
    voted = exists().where(
        _ballot.c.seat_id == _seat.c.id, _ballot.c.round == Review.ballot_round, _ballot.c.voided_at.is_(None)
    )
    seats = {
        R.inviting: own.where(_seat.c.state == SeatState.invited),
        R.balloting: own.where(_seat.c.state == SeatState.seated, ~voted.correlate(_seat, Review.__table__)),
        R.signing: own.where(_seat.c.state == SeatState.seated, _seat.c.signed_at.is_(None)),
    }
    arms += [
        (Review.state == state) & seat.correlate(Review.__table__)
        for state, seat in seats.items()
        if actor.may(OF_SEATS[state], "Review")
    ]
    return or_(*arms) if arms else None


def statement(asking: Asking, tab: Tab) -> Select[Any] | None:
    """The reviews of one list; none for those who see no reviews."""
    actor, base = asking.actor, select(*_REVIEW).join(_case, _case.c.id == Review.case_id)
    if not actor.may("read", "Review"):
        return None
    if tab is Tab.todo:
        waiting = _mine_to_do(asking)
        return None if waiting is None else base.where(waiting).order_by(Review.filed_at, Review.id)
    if tab is Tab.started:
        mine = base.add_columns(Review.filed_at.label("at")).where(Review.created_by_id == actor.user_id)
        return mine.order_by(Review.id.desc())
    if tab is Tab.done:
        return done(base, Review, REVIEW_FLOW, actor.user_id)
    return None


def item(asking: Asking, tab: Tab, row: Any) -> Item:
    """A review as a line of a list."""
    name = {**MOVES, **OF_SEATS}.get(row.state) if tab is Tab.todo else row.step if tab is Tab.done else None
    step = REVIEW_FLOW.row(name) if name else None
    return Item(
        kind="review",
        id=row.id,
        href=f"/review/show/{row.id}",
        title=_l("Expert review %(number)s", number=row.number),
        sub=row.case_number,
        state=row.state,
        move=step.label if step is not None else name,
        at=None if tab is Tab.todo else row.at,
    )


REVIEWS = Source("review", _l("Expert reviews"), statement, item)
