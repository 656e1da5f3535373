"""Supervision and proposals: those who watch, and those who must answer (domain §5)."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.access.rules.cases import CASE, case_rule
from app.access.rules.registers import below
from app.models.proposal import Proposal, ProposalStep
from app.models.supervision import Supervision, SupervisionStep


def order_rule(actor: Actor, table: Any = Supervision.__table__) -> ColumnElement[bool]:
    """Orders on cases one sees: all of them for those who watch; letters to the own office for those who answer."""
    inner = case_rule(actor, CASE)
    if not actor.may("read", "Supervision") or isinstance(inner, False_):
        return false()
    seen = inner if isinstance(inner, True_) else exists().where(CASE.c.id == table.c.case_id, inner)
    if actor.may("watch", "Supervision"):
        return seen
    return (table.c.organisation_id == actor.organisation_id) & table.c.ordered_at.is_not(None) & seen


def order_step(actor: Actor) -> ColumnElement[bool]:
    """The course of an order that exists for the actor."""
    inner = Supervision.__table__.alias("scope_supervision")
    return exists().where(inner.c.id == SupervisionStep.__table__.c.supervision_id, order_rule(actor, inner))


def proposal_rule(actor: Actor, table: Any = Proposal.__table__) -> ColumnElement[bool]:
    """Proposals of the own subtree, unless they are about a case the actor must not see."""
    if not actor.may("read", "Proposal"):
        return false()
    about = exists().where(CASE.c.id == table.c.case_id, case_rule(actor, CASE))
    return below(actor, table) & or_(table.c.case_id.is_(None), about)


def proposal_step(actor: Actor) -> ColumnElement[bool]:
    """The course of a proposal that exists for the actor."""
    inner = Proposal.__table__.alias("scope_proposal")
    return exists().where(inner.c.id == ProposalStep.__table__.c.proposal_id, proposal_rule(actor, inner))
