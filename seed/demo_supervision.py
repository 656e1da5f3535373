"""Supervision of the demo: urges, a letter that waits for its answer, a proposal, and what the rules raise."""

from datetime import timedelta

from sqlalchemy import func, select

from app.access.actor import SYSTEM, Actor, acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.case import OPEN_STATES, Case
from app.models.proposal import ProposalKind
from app.services import proposal, supervision, supervision_rule
from seed import year

URGED = "期限已过，请本周内提交答复；确有困难的，请说明原因并提出办理计划。"
FOUND = "该事项已超过办理期限，当事人多次询问，至今未见答复。"
ASKED = "请于期限前书面报告办理进展和原因，明确答复当事人的时间。"
SUBJECT = "开展集中排查，减少重复诉求"
PROPOSED = "近期同一地点同类诉求较集中，建议对该类事项开展一次集中排查，公开办理流程和时限，从源头减少重复来访。"


def _late() -> list[Case]:
    """The matters of the working set that are past their day, the oldest first."""
    mine = select(Case).where(
        Case.registered_at >= year.ENDS,
        Case.state.in_(sorted(OPEN_STATES)),
        Case.paused.is_(False),
        Case.due_on < clock.today(),
    )
    return list(db.session.scalars(mine.order_by(Case.due_on, Case.id)))


def load_supervision(supervisor: Actor) -> None:
    """Two urges, one letter, one proposal about the most frequent category, and one run of the rules."""
    with system_scope("demo: matters to supervise"):
        late = _late()
        often = db.session.execute(
            select(Case.category_id, Case.town_id)
            .where(Case.registered_at >= year.ENDS, Case.town_id.is_not(None), Case.village_id.is_not(None))
            .group_by(Case.category_id, Case.town_id)
            .order_by(func.count().desc(), Case.category_id)
        ).first()
        village = select(Case).where(Case.registered_at >= year.ENDS)
        if often is not None:
            village = village.where(Case.category_id == often.category_id, Case.town_id == often.town_id)
        sample = db.session.scalars(village.order_by(Case.id).limit(1)).first()
    with acting(supervisor):
        for case in late[-2:]:
            supervision.urge(supervisor, case.id, {"text": URGED})
        for case in late[-2:-1]:
            with system_scope("demo: the office of a letter"):
                office = supervision.office_of(case)
            letter = {"organisation": office, "due_on": supervision.answer_day(), "why": FOUND, "requirement": ASKED}
            supervision.supervise(supervisor, case.id, letter)
        if sample is not None:
            with system_scope("demo: what a proposal is about"):
                about = {"category": sample.category, "place": sample.village or sample.town}
            said = {
                "kind": ProposalKind.improve_work,
                "addressee": "市农业农村局",
                "subject": "开展集中排查，减少重复诉求",
            }
            due = clock.today() + timedelta(days=30)
            proposal.propose(supervisor, {**said, **about, "text": PROPOSED, "due_on": due})
    with acting(SYSTEM):
        supervision_rule.supervise_by_rule()
