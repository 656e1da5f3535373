"""The course of a proposal to another body as one table."""

from flask_babel import lazy_gettext as _l

from app.models.proposal import ProposalState, ProposalStep
from app.workflow import guards_supervision as v
from app.workflow.types import Workflow, step

S = ProposalState

# A table, one row a line.
# fmt: off
PROPOSAL_FLOW = Workflow("proposal", "Proposal", ProposalState, S.sent, (
    step("propose", None, S.sent, system=True, order=1,
         effect=_l("The proposal is on its way; the day for an answer runs."), then=_l("The other body answers.")),
    step("record_answer", S.sent, S.answered, what=(v.outcome_is_told, v.answer_is_told, v.answered_between), order=10,
         effect=_l("What the other body answered is kept."),
         then=_l("Whoever proposed it looks at what became of it.")),
    step("close_proposal", S.answered, S.closed, order=10,
         effect=_l("What became of it is kept."), then=_l("Nobody; it is over.")),
    step("withdraw_proposal", S.sent, S.withdrawn, reason=True, order=80, danger=True,
         effect=_l("The proposal is taken back."), then=_l("Nobody; it is over.")),
), final=frozenset({S.closed, S.withdrawn}), log=ProposalStep, owner="proposal_id")
# fmt: on
