"""Everything the page of a case shows, in a fixed number of selects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.core.db import BigId, db
from app.core.errors import NotFound
from app.core.nested import Nested, columns_of
from app.models.calendar import DeadlineRule
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.organisation import Organisation
from app.models.party import Claim, Party, Representative
from app.models.referral import Referral, ReferralState
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services.queries.case_facts import HANDLE, accused_paths, facts_from
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
    claims: Sequence[Any]
    speakers: Sequence[Speaker]
    visits: Sequence[Any]
    referrals: Sequence[Any]
    clocks: Sequence[Any]
    course: Sequence[Any]
    children: Sequence[Case]


def _case_select(pk: Any) -> Select[Any]:
    """The case of an address, with the names it shows."""
    eager = [
        joinedload(relation)
        for relation in (Case.category, Case.town, Case.village, Case.organisation, Case.lead_organisation)
    ]
    return select(Case).where(Case.id == pk).options(*eager)


def _clock_order(row: Any) -> tuple[int, int]:
    """Those of the case itself first."""
    return (CLOCK_ORDER.index(row.code) if row.code in CLOCK_ORDER else len(CLOCK_ORDER), row.id)


def clocks_of(case_id: int) -> list[Deadline]:
    """The clocks of a case, those of the case itself first."""
    rows = db.session.scalars(
        select(Deadline).where(Deadline.case_id == case_id).options(joinedload(Deadline.rule)).order_by(Deadline.id)
    ).all()
    return sorted(rows, key=_clock_order)


_SPEAKING = (
    select(Party, Representative)
    .outerjoin(Representative, Representative.party_id == Party.id)
    .where(Party.case_id == bindparam("case_id"))
    .order_by(Party.id, Representative.id)
    .options(joinedload(Party.person), joinedload(Party.respondent_organisation), joinedload(Representative.agent))
)


def _speakers(case_id: int) -> list[Speaker]:
    """The parties with those who speak for them, in one select."""
    rows = db.session.execute(_SPEAKING, {"case_id": case_id}).all()
    found: dict[int, tuple[Party, list[Representative]]] = {}
    for party, speaking in rows:
        found.setdefault(party.id, (party, []))[1].extend([speaking] if speaking is not None else [])
    return [
        Speaker(party, any(s.agent_id is None for s in speaking), tuple(s for s in speaking if s.agent_id is not None))
        for party, speaking in found.values()
    ]


def visits_of(case_id: int) -> list[Visit]:
    """The contacts of a case with the centre, first to last."""
    return list(db.session.scalars(select(Visit).where(Visit.case_id == case_id).order_by(Visit.at, Visit.id)))


_claim, _visit, _step, _clock = Claim.__table__, Visit.__table__, CaseStep.__table__, Deadline.__table__
_referral, _rule, _org = Referral.__table__, DeadlineRule.__table__, Organisation.__table__.alias("referred")
# What comes along with the case in its one select; the case itself is within the row scope, and these are its own.
ALONG: dict[str, Nested] = {
    "claims": Nested(
        _claim, _claim.c.case_id, columns_of(_claim, "id", "number", "text", "result", "resolved"), ("number",)
    ),
    "visits": Nested(
        _visit,
        _visit.c.case_id,
        columns_of(_visit, "id", "at", "channel", "head_count", "first", "note", "recording"),
        ("at", "id"),
    ),
    "course": Nested(
        _step,
        _step.c.case_id,
        columns_of(
            _step,
            "id",
            "seq",
            "step",
            "from_state",
            "to_state",
            "at",
            "actor_id",
            "actor_name",
            "actor_post",
            "organisation_name",
            "reason",
            "data",
        ),
        ("seq",),
    ),
    "referrals": Nested(
        _referral.join(_org, _org.c.id == _referral.c.organisation_id),
        _referral.c.case_id,
        columns_of(_referral, "id", "organisation_id", "kind", "state", "due_on", "objection_due_on")
        | {"organisation_name": _org.c.name},
    ),
    "clocks": Nested(
        _clock.join(_rule, _rule.c.id == _clock.c.rule_id),
        _clock.c.case_id,
        columns_of(
            _clock,
            "id",
            "code",
            "party_id",
            "referral_id",
            "starts_on",
            "due_on",
            "provisional",
            "state",
            "met_on",
            "why",
        )
        | {"rule_name": _rule.c.name, "rule_source": _rule.c.source},
    ),
}


@lru_cache
def _everything(engine: str) -> Select[Any]:
    """The select of a case with all that comes along; made once for an engine, asked with `pk`."""
    pk: Any = bindparam("pk", type_=BigId)
    child = Case.__table__.alias("child")
    children = select(func.count()).select_from(child).where(child.c.merged_into_id == pk).scalar_subquery()
    along = [part.column(pk, engine).label(name) for name, part in ALONG.items()]
    return _case_select(pk).add_columns(children.label("children"), *along)


def _with_all(pk: int | None) -> tuple[Case, int, dict[str, list[Any]]]:
    if pk is None:
        raise NotFound()
    row = db.session.execute(_everything(db.engine.dialect.name), {"pk": pk}).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row.children, {name: part.read(getattr(row, name)) for name, part in ALONG.items()}


def case_page(pk: int | None) -> CasePage:
    """Load the page of a case within the row scope."""
    case, count, rows = _with_all(pk)
    course, referrals = rows["course"], rows["referrals"]
    clocks = sorted(rows["clocks"], key=_clock_order)
    running = (DeadlineState.running, DeadlineState.paused)
    merged = case.merged_into if case.merged_into_id is not None else None
    facts = facts_from(
        case,
        course,
        referrals,
        children=count,
        accused=accused_paths(case),
        handle_due_on=min((c.due_on for c in clocks if c.code == HANDLE and c.state in running), default=None),
        parent_state=merged.state if merged is not None else None,
    )
    children = (
        list(db.session.scalars(select(Case).where(Case.merged_into_id == case.id).order_by(Case.id))) if count else []
    )
    return CasePage(
        case,
        facts,
        rows["claims"],
        _speakers(case.id),
        rows["visits"],
        [r for r in referrals if r.state != ReferralState.ended] or referrals,
        clocks,
        course,
        children,
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
