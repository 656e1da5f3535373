"""The heading of a case: one blue button, two beside it, at most one greyed, whatever the flow grows to."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.actor import Actor
from app.access.roles import ROLES
from app.core import clock
from app.models.case import CaseState
from app.views.case_buttons import BESIDE, arrange
from app.workflow.case_flow import CASE_FLOW
from app.workflow.engine import StepState, available
from app.workflow.facts import CaseFacts
from tests.case_factory import Cases


@st.composite
def flows(draw):
    """Forty-five steps as the engine may give them."""
    steps, primary = [], True
    for place in range(45):
        fits, allowed, held = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
        allowed = allowed and fits and held
        steps.append(
            StepState(
                f"step{place}",
                f"步骤{place}",
                allowed,
                None if allowed else "原因",
                primary=allowed and primary,
                fits=fits,
                near=not fits and draw(st.booleans()),
                held=held,
                theirs=fits and not allowed and draw(st.booleans()),
                danger=draw(st.booleans()),
                discreet=draw(st.booleans()),
            )
        )
        primary = primary and not allowed
    return steps


def judge(steps):
    """The rules of the heading, for any set of steps."""
    made = arrange(steps)
    blue = [s for s in made.heading if s.allowed and s.primary]
    beside = [s for s in made.heading if s.allowed and not s.primary]
    greyed = [s for s in made.heading if not s.allowed]
    assert len(blue) <= 1 and len(beside) <= BESIDE == 2 and len(greyed) <= 1
    assert list(made.heading) == [*blue, *beside, *greyed], "possible first"
    assert not any(s.danger for s in made.heading) and not any(s.near or s.theirs for s in greyed)
    everything = [*made.heading, *made.more, *made.later]
    assert len({s.name for s in everything}) == len(everything) and all(s.held for s in everything)
    assert {s.name for s in steps if s.allowed and s.held} == {s.name for s in everything if s.allowed}
    assert all(s.allowed for s in made.more) and all(s.reason and not s.allowed for s in made.later)
    assert not any(s.discreet for s in everything if not s.allowed)
    return made


@given(flows())
def test_any_flow_fits_into_the_heading(steps):
    judge(steps)


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_every_role_in_every_state(role):
    spec = next(one for one in ROLES if one.code == role)
    rights = frozenset((f"can_{action}", page) for page, actions in spec.grants.items() for action in actions)
    someone = Actor(7, "x", organisation_id=12, organisation_path="/1/12/", permissions=rights, roles=frozenset({role}))
    for state in CaseState:
        record = SimpleNamespace(id=1, state=state, supplements=0, kind=None, category_id=3, registered_at=clock.now())
        judge(available(CASE_FLOW, record, someone, CaseFacts(clock.today())))


def heading_of(page):
    """The buttons of the heading, and the menu."""
    head = page.partition('<div class="btns">')[2].partition('<ol class="steps')[0]
    menu = re.search(r'<details class="menu">.*?</details>', head, re.DOTALL)
    bare = head.replace(menu[0], "") if menu else head
    return re.findall(r'<(?:a|span) class="btn ([\w ]*)"[^>]*>([^<]+)', bare), menu[0] if menu else ""


@pytest.fixture
def cases(actor):
    return Cases(actor)


def shown(login, who, case):
    return heading_of(login(who).get(f"/case/show/{case.id}").get_data(as_text=True))


def test_after_assigning_the_dispatcher_has_a_quiet_heading(cases, login, session):
    buttons, menu = shown(login, "dispatcher", cases.assigned())
    assert not [label for kind, label in buttons if "off" in kind]
    assert "维持交办" in menu and "暂不能办理" in menu, "what waits for the organisation's objection, with its reason"


def test_the_organisation_sees_its_own_step_in_blue(cases, login, session):
    buttons, _menu = shown(login, "handler.d1", cases.assigned())
    assert [label for kind, label in buttons if kind.strip() == "p"] == ["签收"]


def test_whoever_proposed_finds_the_decision_of_another_in_the_menu(cases, login, session):
    case = cases.declining()
    buttons, menu = shown(login, "dispatcher", case)
    assert not [label for kind, label in buttons if "off" in kind]
    assert "受理" in menu, "it can be accepted once the proposal is refused"


def test_a_step_that_ends_the_matter_is_no_button(cases, login, session):
    buttons, menu = shown(login, "dispatcher", cases.register())
    assert "不予受理" in menu and "不予受理" not in [label for _kind, label in buttons]
    assert [label for kind, label in buttons if kind.strip() == "p"] == ["受理"]
