"""Which reviews wait for whom: the desk and the secretary by the state, an expert by the own seat."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_

from app.access.actor import Actor
from app.models.expert import Expert
from app.models.review import Ballot, Review, ReviewSeat, ReviewState, SeatState
from app.workflow.review_flow import REVIEW_FLOW
from app.workflow.types import Step

R = ReviewState
# What drives a review on from each state, the likeliest first; the steps of an expert are below.
NEXT_MOVES: dict[ReviewState, tuple[str, ...]] = {
    R.filed: ("accept_review",),
    R.choosing: ("pick_experts",),
    R.picked: ("invite",),
    R.seated: ("serve_material", "fix_session"),
    R.scheduled: ("open_ballots",),
    R.counting: ("assemble_opinion",),
    R.signed: ("serve_opinion",),
}
BY_EXPERT: dict[ReviewState, str] = {
    R.inviting: "accept_invitation",
    R.balloting: "cast_ballot",
    R.signing: "sign_opinion",
}
_seat, _expert, _ballot = ReviewSeat.__table__, Expert.__table__, Ballot.__table__


def drivers(actor: Actor, built: Collection[str]) -> dict[ReviewState, Step]:
    """The states in which the next move is the actor's by his or her role."""
    moves = {
        state: next((name for name in names if name in built and actor.may(name, "Review")), None)
        for state, names in NEXT_MOVES.items()
    }
    return {state: row for state, name in moves.items() if name and (row := REVIEW_FLOW.row(name)) is not None}


def _own(actor: Actor, *conditions: Any) -> ColumnElement[bool]:
    return exists().where(
        _seat.c.review_id == Review.id,
        _seat.c.expert_id == _expert.c.id,
        _expert.c.account_id == actor.user_id,
        *conditions,
    )


def waiting(actor: Actor, built: Collection[str]) -> ColumnElement[bool]:
    """The condition that a review waits for the actor."""
    by_role = sorted(drivers(actor, built))
    conditions: list[Any] = [Review.state.in_(by_role)] if by_role else []
    if actor.user_id is not None and actor.may("cast_ballot", "Review"):
        voted = exists().where(
            _ballot.c.seat_id == _seat.c.id, _ballot.c.round == Review.ballot_round, _ballot.c.voided_at.is_(None)
        )
        conditions += [
            (Review.state == R.inviting) & _own(actor, _seat.c.state == SeatState.invited),
            (Review.state == R.balloting) & _own(actor, _seat.c.state == SeatState.seated, ~voted),
            (Review.state == R.signing) & _own(actor, _seat.c.state == SeatState.seated, _seat.c.signed_at.is_(None)),
        ]
    return or_(*conditions) if conditions else false()
