"""The case table: every step × state × role, the manual that is the table, and who alone sets a state."""

import ast
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.access.roles import ROLES
from app.core import clock
from app.core.errors import NotAllowed, WrongState
from app.forms.case_steps import StepForm
from app.forms.step_form import StepPage
from app.forms.steps import CASE, PROPOSAL, REVIEW, SUPERVISION, Subject
from app.models.case import OPEN_STATES, CaseState
from app.models.referral import ReferralKind, ReferralState
from app.workflow.case_flow import CASE_FLOW, STAGES
from app.workflow.engine import available, refusal
from app.workflow.facts import CaseFacts, LateFacts, ReferralFact
from app.workflow.review_flow import REVIEW_FLOW
from app.workflow.table import markdown
from app.workflow.types import Situation

ROOT = Path(__file__).parent.parent.parent
MAY = {role.code: role.permissions() for role in ROLES}
OWN = 12


def expected() -> dict[str, tuple[set[str], set[str]]]:
    """The table of domain §3 for the steps built now, written by hand: step -> (states, roles)."""
    return {
        "request_supplement": ({"registered"}, {"clerk"}),
        "supplement": ({"supplement_pending"}, {"clerk", "village_officer"}),
        "merge": ({"registered"}, {"dispatcher"}),
        "unmerge": ({"merged"}, {"dispatcher"}),
        "decline": ({"registered"}, {"dispatcher"}),
        "redirect": ({"registered"}, {"dispatcher"}),
        "approve_decline": ({"decline_proposed"}, {"centre_head"}),
        "refuse_decline": ({"decline_proposed"}, {"centre_head"}),
        "accept": ({"registered"}, {"dispatcher"}),
        "assign": ({"accepted"}, {"dispatcher"}),
        "sign_for": ({"assigned", "handling"}, {"handler", "unit_head"}),
        "object": ({"assigned"}, {"unit_head"}),
        "uphold": ({"objected"}, {"dispatcher"}),
        "insist": ({"objected"}, {"dispatcher"}),
        "log_work": ({"handling"}, {"handler"}),
        "settle_on_spot": ({"accepted"}, {"clerk", "leader"}),
        "present_to_leader": ({"accepted", "assigned", "handling"}, {"clerk", "dispatcher", "centre_head"}),
        "receive_by_leader": ({"handling"}, {"leader"}),
        "confer": ({"handling"}, {"centre_head", "leader"}),
        "escalate": ({"handling"}, {"centre_head"}),
        "mediate": ({"handling"}, {"handler", "adviser"}),
        "conclude_mediation": ({"handling"}, {"handler", "adviser"}),
        "confirm_agreement": (
            {"handling", "reply_checking", "reply_approved", "replied", "follow_up_due", "closed"},
            {"handler"},
        ),
        "call_hearing": ({"handling"}, {"centre_head"}),
        "hold_hearing": ({"handling"}, {"centre_head"}),
        "request_extension": ({"handling"}, {"unit_head"}),
        "approve_extension": ({"handling"}, {"centre_head"}),
        "refuse_extension": ({"handling"}, {"centre_head"}),
        "suspend": ({"handling"}, {"centre_head"}),
        "resume": ({"suspended"}, {"centre_head"}),
        "split": ({"registered", "accepted"}, {"dispatcher"}),
        "withdraw": (
            {s.value for s in CaseState}
            - {"decline_proposed", "withdrawal_proposed", "merged", "redirected", "withdrawn", "closed", "archived"},
            {"clerk"},
        ),
        "approve_withdrawal": ({"withdrawal_proposed"}, {"centre_head"}),
        "refuse_withdrawal": ({"withdrawal_proposed"}, {"centre_head"}),
        "serve_notice": (
            {s.value for s in CaseState} - {"registered", "decline_proposed", "merged", "archived"},
            {"clerk", "handler"},
        ),
        "submit_reply": ({"handling"}, {"handler"}),
        "return_reply": ({"reply_checking"}, {"unit_head", "centre_head"}),
        "approve_reply": ({"reply_checking"}, {"unit_head", "centre_head"}),
        "serve_reply": ({"reply_approved"}, {"clerk", "handler"}),
        "acknowledge": ({"reply_approved", "replied"}, {"clerk"}),
        "apply_review": ({"reply_approved", "replied", "reviewing"}, {"clerk"}),
        "follow_up": ({"follow_up_due"}, {"follow_up_clerk"}),
        "report_rectification": ({"rectifying"}, {"unit_head"}),
        "return_rectification": ({"rectifying"}, {"supervisor"}),
        "accept_rectification": ({"rectifying"}, {"supervisor"}),
        "urge": ({s.value for s in OPEN_STATES}, {"supervisor", "centre_head"}),
        "supervise": ({s.value for s in OPEN_STATES}, {"supervisor", "centre_head"}),
        "archive": ({"closed"}, {"archivist"}),
        "reopen": ({"closed", "archived"}, {"centre_head"}),
    }


def case_in(state):
    return SimpleNamespace(id=1, state=state, supplements=0, kind="appeal", category_id=1, version=1, round=1)


def row(**values):
    return SimpleNamespace(id=1, **values)


REPORTED = {"rectifications": (row(state="reported", organisation_id=OWN, reported_by_id=1, accepted_at=None),)}
DRAFT = {"replies": (row(state="checking", number=1, round=1, checked_by_id=None),)}
SERVED = {
    "parties": (row(side="petitioner"),),
    "replies": (row(state="approved", number=1, round=1),),
    "services": (row(party_id=1, reply_id=1),),
    "clocks": (row(code="D-REV5", party_id=1, round=1, due_on=clock.today()),),
}
YESTERDAY = clock.now() - timedelta(days=1)
ASKED = {"extensions": (row(state="asked", round=1),)}
# What a case has gathered when these steps are possible.
LATE = {
    "escalate": {"conferences": (row(solved=False, at=YESTERDAY),)},
    "conclude_mediation": {"mediations": (row(state="open", mediator_id=9, began_at=YESTERDAY),)},
    "confirm_agreement": {"mediations": (row(state="agreed", confirmation=None),)},
    "hold_hearing": {"hearings": (row(state="called", held_at=YESTERDAY),)},
    "approve_extension": ASKED,
    "refuse_extension": ASKED,
    "serve_notice": {"notices": (row(paper="acceptance_notice", party_id=1, service_id=None),)},
    "return_reply": DRAFT,
    "approve_reply": DRAFT,
    "acknowledge": SERVED,
    "apply_review": SERVED,
    "report_rectification": {"rectifications": (row(state="ordered", organisation_id=OWN, accepted_at=None),)},
    "return_rectification": REPORTED,
    "accept_rectification": REPORTED,
    "archive": {
        "replies": (row(state="approved", number=1, round=1),),
        "follow_ups": (row(round=1),),
    },
}
NOT_OURS = {"follow_up"}  # steps of people whose organisation has no part in the matter


def facts_for(step):
    state = ReferralState.signed if step == "log_work" else ReferralState.sent
    today = clock.today()
    home = OWN + 1 if step in NOT_OURS else OWN
    referrals = (ReferralFact(1, home, ReferralKind.lead, state, today),)
    late = LateFacts(**LATE.get(step, {}))
    return CaseFacts(today=today, referrals=referrals, late=late, claims=2, handle_due_on=today)


def person(role):
    return Actor(9, "x", organisation_id=OWN, roles=frozenset({role}), permissions=MAY[role])


def test_the_built_steps_are_those_of_the_table():
    assert set(expected()) == set(CASE.pages)


@pytest.mark.parametrize("name", sorted(expected()))
def test_who_may_do_what_when(name):
    states, roles = expected()[name]
    row = CASE_FLOW.row(name)
    for state in CaseState:
        for role in MAY:
            why = refusal(CASE_FLOW, row, Situation(case_in(state), person(role), facts_for(name)))
            if state.value not in states:
                assert isinstance(why, WrongState), (name, state, role)
            elif role not in roles:
                assert isinstance(why, NotAllowed), (name, state, role)
            else:
                assert why is None, (name, state, role, why and str(why))


def test_every_state_has_its_stage_or_is_an_ending():
    placed = {state for _code, _label, states in STAGES for state in states}
    assert set(CaseState) - placed == {CaseState.withdrawal_proposed, CaseState.withdrawn}


def test_nothing_unbuilt_is_offered():
    for state in CaseState:
        for role in MAY:
            steps = available(CASE_FLOW, case_in(state), person(role), facts_for("sign_for"))
            assert {s.name for s in steps} >= CASE.built | CASE.not_yet
    assert not CASE.built & CASE.not_yet


def test_a_page_without_a_row_stops_the_start():
    with pytest.raises(LookupError, match="fly"):
        Subject("case", CASE.model, CASE_FLOW, CASE.facts, {**CASE.pages, "fly": StepPage(StepForm, print)}, CASE.apart)


def test_the_manual_is_the_table():
    text = (ROOT / "docs" / "flow.md").read_text("utf-8")
    assert markdown(CASE_FLOW, CASE.built) in text, "run: python -m tests.workflow.write_flow"
    assert markdown(REVIEW_FLOW, REVIEW.built) in text
    assert markdown(SUPERVISION.flow, SUPERVISION.built) in text
    assert markdown(PROPOSAL.flow, PROPOSAL.built) in text


def test_only_the_engine_sets_the_state_of_a_case():
    """`case.state = …` stands in the engine alone; rows of other tables have states of their own."""
    own = {
        *("referral", "row", "job", "account", "request", "reply", "mediation", "hearing", "extension", "seat"),
        *("rectification", "first", "standing", "entry", "message", "batch", "asked"),
    }
    found = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        if path == ROOT / "app" / "workflow" / "engine.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AugAssign | ast.AnnAssign)
                else []
            )
            parts = [p for t in targets for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
            found += [
                f"{path.name}:{node.lineno}"
                for p in parts
                if isinstance(p, ast.Attribute)
                and p.attr == "state"
                and not (isinstance(p.value, ast.Name) and p.value.id in own)
            ]
    assert not found, found
