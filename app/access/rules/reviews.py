"""Expert reviews, their sealed ballots, and hearings (domain §4)."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.access.rules.cases import CASE, Rule, case_rule
from app.access.rules.registers import EXPERT, ORGANISATION, subtree
from app.models.hearing import Hearing
from app.models.review import SITTING, UNSEALED, Ballot, BallotMark, Review, ReviewSeat

_seat = ReviewSeat.__table__.alias("scope_seat")
_opened = Review.__table__.alias("scope_review")


def _own_seat(actor: Actor) -> ColumnElement[bool]:
    """The seats of the actor's own, as a member of the expert pool."""
    return (_seat.c.expert_id == EXPERT.c.id) & (EXPERT.c.account_id == actor.user_id)


def review_rule(actor: Actor, table: Any = Review.__table__) -> ColumnElement[bool]:
    """A review exists for those who see its case, and for the experts who are invited to it or seated (domain §2)."""
    inner = case_rule(actor, CASE)
    if isinstance(inner, True_) or actor.user_id is None:
        return inner
    sits = exists().where(_seat.c.review_id == table.c.id, _seat.c.state.in_(SITTING), _own_seat(actor))
    if isinstance(inner, False_):
        return sits
    return or_(exists().where(CASE.c.id == table.c.case_id, inner), sits)


def review_seat(actor: Actor) -> ColumnElement[bool]:
    """The seats of a case's review, and the own one."""
    table, inner = ReviewSeat.__table__, case_rule(actor, CASE)
    if isinstance(inner, True_) or actor.user_id is None:
        return inner
    sits = table.c.state.in_(SITTING) & exists().where(
        EXPERT.c.id == table.c.expert_id, EXPERT.c.account_id == actor.user_id
    )
    return or_(exists().where(CASE.c.id == table.c.case_id, inner), sits)


def _ballot_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Sealed: the own ballot, and all of them once they are opened to those who see the review (domain §4)."""
    if actor.user_id is None:
        return false()
    own = exists().where(_seat.c.id == table.c.seat_id, _own_seat(actor))
    opened = exists().where(
        _opened.c.id == table.c.review_id,
        _opened.c.state.in_([state.value for state in UNSEALED]),
        review_rule(actor, _opened),
    )
    return or_(own, opened)


def ballot(actor: Actor) -> ColumnElement[bool]:
    """Ballots, sealed until all have voted."""
    return _ballot_rule(actor, Ballot.__table__)


def ballot_mark(actor: Actor) -> ColumnElement[bool]:
    """The marks on a ballot that exists for the actor."""
    table = Ballot.__table__.alias("scope_ballot")
    return exists().where(table.c.id == BallotMark.__table__.c.ballot_id, _ballot_rule(actor, table))


def _hearing_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """A hearing on a case exists for those who see the case; one before a decision for its organisation's subtree."""
    on_case = exists().where(CASE.c.id == table.c.case_id, case_rule(actor, CASE))
    if not actor.may("read", "Hearing"):
        return on_case
    home = table.c.organisation_id.in_(select(ORGANISATION.c.id).where(subtree(actor)))
    return or_(on_case, table.c.case_id.is_(None) & home)


def hearing(actor: Actor) -> ColumnElement[bool]:
    """Hearings on visible cases, and those before a decision of the own subtree."""
    return _hearing_rule(actor, Hearing.__table__)


def of_hearing(model: Any) -> Rule:
    """Rows that exist when their hearing does."""
    inner = Hearing.__table__.alias("scope_hearing")
    return lambda actor: exists().where(inner.c.id == model.__table__.c.hearing_id, _hearing_rule(actor, inner))
