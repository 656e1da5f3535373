"""Supervision orders and proposals of several centres for the world: raised, sent, about accusations."""

from datetime import date
from typing import Any

from app.access.actor import SYSTEM
from app.core import clock
from app.core.db import db
from app.models.document import DocumentKind, DocumentPrint, PrintForm
from app.models.proposal import Proposal, ProposalKind, ProposalState, ProposalStep
from app.models.supervision import Supervision, SupervisionCause, SupervisionState, SupervisionStep
from app.services import document

# case → to whose office, and whether a letter is out
ORDERS = (
    ("city", "clerk", False),
    ("t1", "clerk.t1", True),
    ("t2", "clerk.t2", True),
    ("to_d1", "handler.d1", True),
    ("at_d1", "handler.d1", False),
    ("to_both", "handler.d2", True),
    ("ended", "handler.d1", True),
    ("accuses_clerk.t1", "clerk.t1", True),
    ("accuses_handler.d1", "handler.d1", True),
)
PROPOSALS = (("clerk", None), ("clerk.t1", None), ("clerk.t1", "t1"), ("clerk.t2", "t2"), ("clerk", "accuses_clerk.t1"))


class DeskFurniture:
    """Puts orders and proposals into the cases of several centres; mixed into World."""

    cases: dict[str, int]
    home: dict[str, int]

    def _desk(self) -> None:
        for place, (case, office, out) in enumerate(ORDERS):
            day = date(2026, 12, 20)
            letter: dict[str, Any] = (
                {"requirement": "限期报告", "due_on": day, "ordered_at": clock.now()} if out else {}
            )
            order = Supervision(
                case_id=self.cases[case],
                number=f"DB-{place}",
                cause=SupervisionCause.judgement,
                occasion=place,
                state=SupervisionState.ordered if out else SupervisionState.raised,
                organisation_id=self.home[office],
                why="久未办理",
                **letter,
            )
            db.session.add(order)
            db.session.flush()
            said: dict[str, Any] = {"seq": 1, "step": "raise_supervision", "to_state": "raised", "actor_name": "督查"}
            db.session.add(SupervisionStep(case_id=order.case_id, supervision_id=order.id, **said))
        for place, (home, about) in enumerate(PROPOSALS):
            proposal = Proposal(
                organisation_id=self.home[home],
                number=f"JY-{place}",
                kind=ProposalKind.improve_work,
                state=ProposalState.sent,
                addressee="市农业农村局",
                subject="规范台账",
                text="建议规范台账。",
                case_id=self.cases[about] if about else None,
                sent_on=clock.today(),
                due_on=date(2026, 12, 20),
            )
            db.session.add(proposal)
            db.session.flush()
            step: dict[str, Any] = {"seq": 1, "step": "propose", "to_state": "sent", "actor_name": "督查"}
            db.session.add(ProposalStep(proposal_id=proposal.id, **step))
            letter = document.issue(SYSTEM, proposal, DocumentKind.proposal_letter)
            db.session.add(DocumentPrint(document_id=letter.id, form=PrintForm.print, user_name="督查"))
