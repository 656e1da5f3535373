"""The case table: every step × state × role, the manual that is the table, and who alone sets a state."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.access.roles import ROLES
from app.core import clock
from app.core.errors import NotAllowed, WrongState
from app.forms.case_steps import StepForm
from app.forms.steps import CASE, StepPage, Subject
from app.models.case import CaseState
from app.models.referral import ReferralKind, ReferralState
from app.workflow.case_flow import CASE_FLOW, STAGES
from app.workflow.engine import available, refusal
from app.workflow.facts import CaseFacts, ReferralFact
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
    }


def case_in(state):
    return SimpleNamespace(id=1, state=state, supplements=0, kind="appeal", category_id=1, version=1, round=1)


def facts_for(step):
    state = ReferralState.signed if step == "log_work" else ReferralState.sent
    today = clock.today()
    return CaseFacts(today=today, referrals=(ReferralFact(1, OWN, ReferralKind.lead, state, today),))


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


def test_a_row_without_form_and_verb_stops_the_start():
    pages = {**CASE.pages}
    pages.pop("accept")
    with pytest.raises(LookupError, match="accept"):
        Subject("case", CASE.model, CASE_FLOW, CASE.facts, pages, CASE.apart, CASE.not_yet)
    with pytest.raises(LookupError):
        Subject(
            "case",
            CASE.model,
            CASE_FLOW,
            CASE.facts,
            {**CASE.pages, "archive": StepPage(StepForm, print)},
            CASE.apart,
            CASE.not_yet,
        )


def test_the_manual_is_the_table():
    text = (ROOT / "docs" / "flow.md").read_text("utf-8")
    assert markdown(CASE_FLOW, CASE.built) in text, "run: python -m tests.workflow.write_flow"
    assert markdown(REVIEW_FLOW, frozenset()) in text


def test_the_planned_review_is_closed_to_everybody():
    record = SimpleNamespace(id=1, state=REVIEW_FLOW.initial)
    for role in MAY:
        assert not any(s.allowed for s in available(REVIEW_FLOW, record, person(role), facts_for("accept")))


def test_only_the_engine_sets_the_state_of_a_case():
    """`case.state = …` stands in the engine alone; rows of other tables have states of their own."""
    own = {"referral", "row", "job", "account", "request"}
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
