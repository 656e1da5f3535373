"""What the guards need to know about an order of supervision or a proposal: the day and the course so far."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.proposal import Proposal, ProposalStep
from app.models.supervision import Supervision, SupervisionStep
from app.workflow.facts import Event
from app.workflow.supervision_facts import DeskFacts


def _steps(model: Any, owner: Any, key: int) -> list[Any]:
    with system_scope("the course of a record taken up already"):
        return list(db.session.scalars(select(model).where(owner == key).order_by(model.seq)))


def order_steps(key: int) -> list[Any]:
    """The steps of an order, first to last."""
    return _steps(SupervisionStep, SupervisionStep.supervision_id, key)


def proposal_steps(key: int) -> list[Any]:
    """The steps of a proposal, first to last."""
    return _steps(ProposalStep, ProposalStep.proposal_id, key)


def _facts(steps: Iterable[Any]) -> DeskFacts:
    course = tuple(Event(s.step, s.actor_id, s.from_state, s.to_state, s.at) for s in steps)
    return DeskFacts(clock.today(), len(course) + 1, course)


def facts_of(order: Supervision) -> DeskFacts:
    """The facts of an order."""
    return _facts(order_steps(order.id) if order.id is not None else ())


def proposal_facts_of(proposal: Proposal) -> DeskFacts:
    """The facts of a proposal."""
    return _facts(proposal_steps(proposal.id) if proposal.id is not None else ())
