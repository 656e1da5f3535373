"""What handling adds to the lists of one's own work: to receive, to decide on more time, to hold a hearing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, exists, select

from app.core import clock
from app.models.case import Case, CaseState
from app.models.extension import Extension, ExtensionState
from app.models.hearing import Hearing, HearingState
from app.models.member import Capacity, CaseMember
from app.models.reception import LeaderReception
from app.services.queries.home import drivers, waiting
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_case import COLUMNS, item
from app.workflow.case_flow import CASE_FLOW

# Named by the statement itself: the scope of the case guards what is shown.
_member, _reception = CaseMember.__table__.alias("own_member"), LeaderReception.__table__.alias("own_reception")
_extension, _hearing = Extension.__table__.alias("asked_for"), Hearing.__table__.alias("called")


def _brought(asking: Asking) -> ColumnElement[bool]:
    """Brought before this leader, and not received yet."""
    me = asking.actor.user_id
    named = select(_member.c.case_id).where(_member.c.user_id == me, _member.c.capacity == Capacity.leader)
    received = exists().where(_reception.c.case_id == Case.id, _reception.c.leader_id == me)
    return Case.id.in_(named) & ~received & Case.state.in_((CaseState.accepted, CaseState.assigned, CaseState.handling))


def _asked(_asking: Asking) -> ColumnElement[bool]:
    """More time is asked for."""
    asked = select(_extension.c.case_id).where(_extension.c.state == ExtensionState.asked)
    return Case.id.in_(asked) & (Case.state == CaseState.handling)


def _called(_asking: Asking) -> ColumnElement[bool]:
    """A hearing was called, and its hour has come."""
    come = select(_hearing.c.case_id).where(_hearing.c.state == HearingState.called, _hearing.c.held_at <= clock.now())
    return Case.id.in_(come) & (Case.state == CaseState.handling)


def _source(step: str, condition: Callable[[Asking], ColumnElement[bool]]) -> Source:
    """Cases in which this step waits for the actor, unless they stand in the list already."""

    def statement(asking: Asking, tab: Tab) -> Select[Any] | None:
        if tab is not Tab.todo or not asking.actor.may(step, "Case"):
            return None
        there = waiting(drivers(asking.actor, asking.built["case"]))
        found = select(*COLUMNS).where(condition(asking), ~there)
        return found.order_by(Case.due_on.is_(None), Case.due_on, Case.id)

    def line(asking: Asking, tab: Tab, row: Any) -> Item:
        known = CASE_FLOW.row(step)
        return replace(item(asking, tab, row), move=known.label if known is not None else None)

    return Source("case", _l("Cases"), statement, line)


HANDLING = (
    _source("receive_by_leader", _brought),
    _source("approve_extension", _asked),
    _source("hold_hearing", _called),
)
