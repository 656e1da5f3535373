"""What the guards need to know about a case, in at most four selects."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.models.case import Case, CaseState, Kind
from app.models.deadline import Deadline, DeadlineState
from app.models.organisation import Organisation
from app.models.party import Claim, Party
from app.models.referral import Referral, ReferralState
from app.models.step import CaseStep
from app.services.queries.late_rows import EARLY, late_rows
from app.workflow.facts import CaseFacts, Event, LateFacts, ReferralFact

_org, _party, _case, _deadline = Organisation.__table__, Party.__table__, Case.__table__, Deadline.__table__
_claim = Claim.__table__
_child, _parent = _case.alias("facts_child"), _case.alias("facts_parent")
HANDLE = "D-HANDLE60"
EARLY_STEPS = frozenset(
    {
        "register",
        "merge",
        "unmerge",
        "split",
        "split_off",
        "decline",
        "redirect",
        "refuse_decline",
    }
)


def accused_paths(case: Case) -> tuple[str, ...]:
    """The paths of the organisations complained of; only an accusation has any that matter."""
    if case.kind != Kind.accusation:
        return ()
    joined = select(_org.c.path).join(_party, _party.c.respondent_organisation_id == _org.c.id)
    return tuple(db.session.execute(joined.where(_party.c.case_id == case.id)).scalars())


def course_of(case_id: int) -> list[Any]:
    """The steps of a case, first to last."""
    return list(db.session.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.seq)))


def facts_from(
    case: Case,
    steps: Iterable[Any],
    referrals: Iterable[Any],
    *,
    handle_due_on: Any = None,
    children: int = 0,
    claims: int = 0,
    parent_state: CaseState | None = None,
    accused: Sequence[str] = (),
    late: LateFacts | None = None,
) -> CaseFacts:
    """The facts out of what is loaded already."""
    course = tuple(Event(s.step, s.actor_id, s.from_state, s.to_state, s.at) for s in steps)
    open_ = tuple(
        ReferralFact(r.id, r.organisation_id, r.kind, r.state, r.objection_due_on)
        for r in referrals
        if r.state != ReferralState.ended
    )
    last = max((s.seq for s in steps), default=0)
    return CaseFacts(
        today=clock.today(),
        next_seq=last + 1,
        referrals=open_,
        course=course,
        accused_paths=tuple(accused),
        handle_due_on=handle_due_on,
        children=children,
        claims=claims,
        parent_state=parent_state,
        round=case.round or 1,
        late=late_of(case, course) if late is None else late,
    )


def late_of(case: Case, course: Iterable[Event]) -> LateFacts:
    """What the case has gathered from its handling on; nothing is asked while it never came so far."""
    early = case.state in EARLY and all(event.step in EARLY_STEPS for event in course)
    return LateFacts() if early or case.id is None else late_rows(case.id)


def side_facts(case: Case) -> Any:
    """When handling is due, how many matters are merged into this one, and the state of the one it is merged into."""
    due = select(func.min(_deadline.c.due_on)).where(
        _deadline.c.case_id == case.id,
        _deadline.c.code == HANDLE,
        _deadline.c.state.in_((DeadlineState.running, DeadlineState.paused)),
    )
    children = select(func.count()).select_from(_child).where(_child.c.merged_into_id == case.id)
    claims = select(func.count()).select_from(_claim).where(_claim.c.case_id == case.id)
    above = select(_parent.c.state).where(_parent.c.id == case.merged_into_id)
    return db.session.execute(
        select(
            due.scalar_subquery().label("due"),
            children.scalar_subquery().label("children"),
            claims.scalar_subquery().label("claims"),
            above.scalar_subquery().label("parent_state"),
        )
    ).one()


def facts_of(case: Case) -> CaseFacts:
    """The facts of a case, from the database."""
    referrals = db.session.scalars(
        select(Referral).where(Referral.case_id == case.id, Referral.state != ReferralState.ended).order_by(Referral.id)
    ).all()
    side = side_facts(case)
    return facts_from(
        case,
        course_of(case.id),
        referrals,
        handle_due_on=side.due,
        children=side.children,
        claims=side.claims,
        parent_state=side.parent_state,
        accused=accused_paths(case),
    )
