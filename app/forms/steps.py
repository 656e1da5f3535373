"""Which form and which verb belong to a step; a check at start finds rows of the flow that have neither."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.forms import case_steps as c
from app.forms.booking_steps import BOOKING_PAGES
from app.forms.duty_steps import DUTY_PAGES
from app.forms.follow_up_steps import FOLLOW_UP_PAGES
from app.forms.handling_steps import HANDLING_PAGES
from app.forms.reply_steps import REPLY_PAGES
from app.forms.review_steps import REVIEW_PAGES
from app.forms.service_steps import HEARING_PAGES, OUTREACH_PAGES
from app.forms.step_form import StepPage
from app.forms.supervision_steps import CASE_SUPERVISION_PAGES, PROPOSAL_PAGES, SUPERVISION_PAGES
from app.models.booking import Booking
from app.models.case import Case
from app.models.duty_change import DutyChange
from app.models.hearing import Hearing
from app.models.outreach import OutreachEvent
from app.models.proposal import Proposal
from app.models.review import Review
from app.models.supervision import Supervision
from app.services import case, referral
from app.services.queries.booking_facts import facts_of as booking_facts_of
from app.services.queries.case_facts import facts_of
from app.services.queries.duty_facts import facts_of as duty_facts_of
from app.services.queries.review_facts import facts_of as review_facts_of
from app.services.queries.service_facts import hearing_facts, outreach_facts
from app.services.queries.supervision_facts import facts_of as order_facts_of
from app.services.queries.supervision_facts import proposal_facts_of
from app.workflow.booking_flow import BOOKING_FLOW
from app.workflow.case_flow import CASE_FLOW
from app.workflow.duty_flow import DUTY_FLOW
from app.workflow.hearing_flow import HEARING_FLOW
from app.workflow.outreach_flow import OUTREACH_FLOW
from app.workflow.proposal_flow import PROPOSAL_FLOW
from app.workflow.review_flow import REVIEW_FLOW
from app.workflow.supervision_flow import SUPERVISION_FLOW
from app.workflow.types import Workflow


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record with steps: its model, flow, facts and step pages; `apart` are steps begun elsewhere."""

    kind: str
    model: Any
    flow: Workflow
    facts: Callable[[Any], Any]
    pages: Mapping[str, StepPage]
    apart: frozenset[str]

    def __post_init__(self) -> None:
        """No form and verb without a row of the flow."""
        rows = {row.name for row in self.flow.steps if not row.system}
        strange = (set(self.pages) | self.apart) - rows
        if strange:
            raise LookupError(f"{self.kind}: not steps of the flow: {sorted(strange)}")

    @property
    def not_yet(self) -> frozenset[str]:
        """Rows that have no form and verb in this version."""
        return frozenset(row.name for row in self.flow.steps if not row.system) - self.built

    @property
    def built(self) -> frozenset[str]:
        """The steps that can be carried out in this version."""
        return frozenset(self.pages) | self.apart


CASE = Subject(
    "case",
    Case,
    CASE_FLOW,
    facts_of,
    pages={
        **HANDLING_PAGES,
        **REPLY_PAGES,
        **FOLLOW_UP_PAGES,
        **CASE_SUPERVISION_PAGES,
        "request_supplement": StepPage(c.SupplementRequestForm, case.request_supplement),
        "supplement": StepPage(c.SupplementForm, case.supplement),
        "merge": StepPage(c.MergeForm, case.merge),
        "unmerge": StepPage(c.ReasonForm, case.unmerge),
        "decline": StepPage(c.DeclineForm, case.decline),
        "redirect": StepPage(c.RedirectForm, case.redirect),
        "approve_decline": StepPage(c.NoteForm, case.approve_decline),
        "refuse_decline": StepPage(c.ReasonForm, case.refuse_decline),
        "accept": StepPage(c.AcceptForm, case.accept),
        "assign": StepPage(c.AssignForm, referral.assign),
        "sign_for": StepPage(c.NoteForm, referral.sign_for),
        "object": StepPage(c.ObjectForm, referral.object_to),
        "uphold": StepPage(c.OpinionForm, referral.uphold),
        "insist": StepPage(c.ReasonForm, referral.insist),
        "log_work": StepPage(c.LogWorkForm, referral.log_work),
    },
    apart=frozenset({"register"}),
)

REVIEW = Subject("review", Review, REVIEW_FLOW, review_facts_of, pages=REVIEW_PAGES, apart=frozenset())
# A rectification moves on with its case: its steps are those steps of the case.
RECTIFICATION = replace(
    CASE, pages={name: page for name, page in CASE.pages.items() if name.endswith("_rectification")}, apart=frozenset()
)
BOOKING = Subject("booking", Booking, BOOKING_FLOW, booking_facts_of, pages=BOOKING_PAGES, apart=frozenset({"book"}))
HEARING = Subject(
    "hearing", Hearing, HEARING_FLOW, hearing_facts, pages=HEARING_PAGES, apart=frozenset({"call_decision"})
)
OUTREACH = Subject(
    "outreach_event",
    OutreachEvent,
    OUTREACH_FLOW,
    outreach_facts,
    pages=OUTREACH_PAGES,
    apart=frozenset({"plan_outreach"}),
)
DUTY = Subject("duty_change", DutyChange, DUTY_FLOW, duty_facts_of, pages=DUTY_PAGES, apart=frozenset({"ask_change"}))
SUPERVISION = Subject(
    "supervision", Supervision, SUPERVISION_FLOW, order_facts_of, pages=SUPERVISION_PAGES, apart=frozenset()
)
PROPOSAL = Subject("proposal", Proposal, PROPOSAL_FLOW, proposal_facts_of, pages=PROPOSAL_PAGES, apart=frozenset())
