"""Which form and which verb belong to a step; a check at start finds rows of the flow that have neither."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.forms import case_steps as c
from app.forms.step_form import StepForm
from app.models.case import Case
from app.services import case, referral
from app.services.queries.case_facts import facts_of
from app.workflow.case_flow import CASE_FLOW
from app.workflow.types import Workflow


@dataclass(frozen=True, slots=True)
class StepPage:
    """What carries a step out: the form that asks, the verb that does it."""

    form: type[StepForm]
    verb: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record with steps: its model, flow, facts and step pages; `apart` are steps begun elsewhere."""

    kind: str
    model: Any
    flow: Workflow
    facts: Callable[[Any], Any]
    pages: Mapping[str, StepPage]
    apart: frozenset[str]
    not_yet: frozenset[str]

    def __post_init__(self) -> None:
        """Every row of the flow has a form and a verb, or is said to have none yet; nothing else is offered."""
        rows = {row.name for row in self.flow.steps if not row.system}
        known = set(self.pages) | self.apart
        if known & self.not_yet or known | self.not_yet != rows:
            raise LookupError(f"{self.kind}: steps without form and verb: {sorted(rows ^ (known | self.not_yet))}")

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
    not_yet=frozenset(
        {
            "settle_on_spot",
            "receive_by_leader",
            "confer",
            "escalate",
            "mediate",
            "hold_hearing",
            "request_extension",
            "approve_extension",
            "refuse_extension",
            "suspend",
            "resume",
            "submit_reply",
            "return_reply",
            "approve_reply",
            "serve_reply",
            "acknowledge",
            "apply_review",
            "follow_up",
            "report_rectification",
            "accept_rectification",
            "archive",
            "reopen",
            "withdraw",
            "approve_withdrawal",
            "refuse_withdrawal",
        }
    ),
)
