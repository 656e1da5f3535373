"""Everything the page of a case shows, in a fixed number of selects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.party import Claim, Party, Representative
from app.models.referral import Referral, ReferralState
from app.models.visit import Visit
from app.services.queries.case_facts import HANDLE, accused_paths, course_of, facts_from
from app.workflow.case_flow import CASE_FLOW, STAGES
from app.workflow.engine import StepState, available
from app.workflow.facts import CaseFacts

CLOCK_ORDER = ("D-ACK15", "D-REPLY15", "D-HANDLE60", "D-OBJ5")


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the seven stages, and whether the case has passed it."""

    label: Any
    state: str  # done, current, todo, skipped


@dataclass(frozen=True, slots=True)
class Speaker:
    """One party with the capacity in which it stands in the case."""

    party: Party
    representative: bool
    agents: tuple[Representative, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """The page of a case, as rows and plain values."""

    case: Case
    facts: CaseFacts
    claims: Sequence[Claim]
    speakers: Sequence[Speaker]
    visits: Sequence[Visit]
    referrals: Sequence[Referral]
    clocks: Sequence[Deadline]
    course: Sequence[Any]
    children: Sequence[Case]


def find_case(pk: int | None) -> Case:
    """The case of an address, with the names it shows; what is not there or not yours does not exist."""
    if pk is None:
        raise NotFound()
    eager = [joinedload(relation) for relation in (Case.category, Case.town, Case.village, Case.organisation,
                                                   Case.lead_organisation)]
    case = db.session.scalar(select(Case).where(Case.id == pk).options(*eager))
    if case is None:
        raise NotFound()
    return case


def clocks_of(case_id: int) -> list[Deadline]:
    """The clocks of a case, those of the case itself first."""
    rows = db.session.scalars(
        select(Deadline).where(Deadline.case_id == case_id).options(joinedload(Deadline.rule)).order_by(Deadline.id)
    ).all()
    return sorted(rows, key=lambda row: (CLOCK_ORDER.index(row.code) if row.code in CLOCK_ORDER else 99, row.id))


def _speakers(case_id: int) -> list[Speaker]:
    parties = db.session.scalars(
        select(Party).where(Party.case_id == case_id)
        .options(joinedload(Party.person), joinedload(Party.respondent_organisation)).order_by(Party.id)
    ).all()
    speaking = db.session.scalars(
        select(Representative).where(Representative.case_id == case_id).options(joinedload(Representative.agent))
    ).all()
    return [
        Speaker(party, any(s.party_id == party.id and s.agent_id is None for s in speaking),
                tuple(s for s in speaking if s.party_id == party.id and s.agent_id is not None))
        for party in parties
    ]


def _of_case(model: Any, case_id: int, order: Any, *options: Any) -> list[Any]:
    statement = select(model).where(model.case_id == case_id).options(*options).order_by(order, model.id)
    return list(db.session.scalars(statement))


def visits_of(case_id: int) -> list[Visit]:
    """The contacts of a case with the centre, first to last."""
    return _of_case(Visit, case_id, Visit.at)


def case_page(pk: int | None) -> CasePage:
    """Load the page of a case within the row scope."""
    case = find_case(pk)
    course, clocks = course_of(case.id), clocks_of(case.id)
    referrals = _of_case(Referral, case.id, Referral.id, joinedload(Referral.organisation))
    merged = any(row.step == "merge" for row in course)
    children = list(db.session.scalars(select(Case).where(Case.merged_into_id == case.id).order_by(Case.id)))
    running = (DeadlineState.running, DeadlineState.paused)
    facts = facts_from(
        case, course, referrals, children=len(children), accused=accused_paths(case),
        handle_due_on=min((c.due_on for c in clocks if c.code == HANDLE and c.state in running), default=None),
        parent_state=case.merged_into.state if merged and case.merged_into is not None else None,
    )
    return CasePage(
        case, facts, _of_case(Claim, case.id, Claim.number), _speakers(case.id), visits_of(case.id),
        [r for r in referrals if r.state != ReferralState.ended] or referrals, clocks, course, children,
    )


def stages(case: Case, course: Sequence[Any]) -> list[Stage]:
    """Where the case stands among the seven stages; stages it never passed are said to be left out."""
    been = {row.to_state for row in course} | {case.state.value}
    here = next((place for place, (_code, _label, states) in enumerate(STAGES) if case.state in states), 0)
    if case.state in (CaseState.withdrawal_proposed, CaseState.withdrawn):
        before = next((row.from_state for row in reversed(course) if row.step == "withdraw"), None)
        here = next((place for place, (_code, _label, states) in enumerate(STAGES) if before in states), 0)
    ended = case.state in CASE_FLOW.final or case.state is CaseState.closed
    found = []
    for place, (_code, label, states) in enumerate(STAGES):
        passed = any(state.value in been for state in states)
        if place == here:
            state = "done" if ended else "current"
        elif place < here:
            state = "done" if passed else "skipped"
        else:
            state = "skipped" if ended else "todo"
        found.append(Stage(label, state))
    return found


def steps_of(page: CasePage, actor: Actor, built: frozenset[str]) -> list[StepState]:
    """The steps of this version as they stand for the person."""
    return available(CASE_FLOW, page.case, actor, page.facts, built)
