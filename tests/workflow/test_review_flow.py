"""The table of the expert review: every step × state × role, and what the guards say."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.access.roles import ROLES
from app.core import clock
from app.core.errors import NotAllowed, WrongState
from app.forms.steps import REVIEW
from app.models.reply import ReplyState
from app.models.review import ReviewState, SeatOrigin, SeatState
from app.workflow import guards_review as g
from app.workflow.engine import refusal
from app.workflow.facts import CaseFacts, LateFacts
from app.workflow.review_facts import ApplicantFact, ReviewFacts, SeatFact
from app.workflow.review_flow import REVIEW_FLOW, REVIEW_STAGES
from app.workflow.types import Situation

MAY = {role.code: role.permissions() for role in ROLES}
TODAY = date(2026, 11, 25)
DESK, SECRETARY, EXPERT = {"clerk", "review_secretary"}, {"review_secretary"}, {"expert"}
OWN = 9


def expected():
    """Domain §4 in a table, written by hand: step → (states, roles)."""
    before = {"filed", "choosing", "picked", "inviting", "seated", "scheduled"}
    return {
        "accept_review": ({"filed"}, SECRETARY),
        "refuse_review": ({"filed"}, SECRETARY),
        "pick_experts": ({"choosing", "picked"}, DESK),
        "draw_experts": ({"choosing", "picked"}, DESK),
        "invite": ({"picked"}, SECRETARY),
        "accept_invitation": ({"inviting"}, EXPERT),
        "decline_invitation": ({"inviting"}, EXPERT),
        "replace_expert": ({"inviting", "seated", "scheduled"}, SECRETARY),
        "serve_material": ({"seated", "scheduled"}, SECRETARY),
        "fix_session": ({"seated", "scheduled"}, SECRETARY),
        "open_ballots": ({"scheduled"}, SECRETARY),
        "cast_ballot": ({"balloting"}, EXPERT),
        "void_ballot": ({"seated", "scheduled", "balloting", "counting"}, SECRETARY),
        "assemble_opinion": ({"counting"}, SECRETARY),
        "sign_opinion": ({"signing"}, EXPERT),
        "serve_opinion": ({"signed"}, DESK),
        "withdraw_review": (before, DESK),
    }


def seat(place, state=SeatState.seated, **more):
    return SeatFact(place, place, OWN + place - 1, f"专家{place}", place, SeatOrigin.chosen, state, **more)


def facts(name=None, **more):
    """Facts under which the step has nothing against it."""
    reply = SimpleNamespace(id=1, state=ReplyState.approved)
    own = SeatState.invited if name in ("accept_invitation", "decline_invitation") else SeatState.seated
    listed = SeatState.listed if name == "invite" else own
    given = {
        "seats": tuple(seat(place, listed) for place in range(1, 6)),
        "applicants": (ApplicantFact(1, "于秀兰", TODAY, TODAY, TODAY),),
        **more,
    }
    case = CaseFacts(today=TODAY, late=LateFacts(replies=(reply,)))
    return ReviewFacts(TODAY, 1, case, **given)


def record(state, **more):
    given = {"id": 1, "case_id": 1, "reply_id": 1, "size": 5, "version": 1, "material_at": clock.now(), **more}
    return SimpleNamespace(state=state, **given)


def situation(name, state=ReviewState.filed, data=None, given=None, **more):
    who = Actor(OWN, "x", permissions=frozenset())
    return Situation(record(state, **more), who, given if given is not None else facts(name), data or {})


def test_the_steps_are_those_of_the_table():
    assert set(expected()) == set(REVIEW.pages) == REVIEW.built and not REVIEW.not_yet


@pytest.mark.parametrize("name", sorted(expected()))
def test_who_may_do_what_when(name):
    states, roles = expected()[name]
    row = REVIEW_FLOW.row(name)
    for state in ReviewState:
        for role, permissions in MAY.items():
            actor = Actor(OWN, "x", roles=frozenset({role}), permissions=permissions)
            why = refusal(REVIEW_FLOW, row, Situation(record(state), actor, facts(name)))
            if state.value not in states:
                assert isinstance(why, WrongState), (name, state, role)
            elif role not in roles:
                assert isinstance(why, NotAllowed), (name, state, role)
            else:
                assert why is None, (name, state, role, why and str(why))


def test_what_the_program_does_nobody_else_does():
    everybody = frozenset(grant for role in ROLES for grant in role.permissions())
    for row in REVIEW_FLOW.steps:
        if row.system:
            state = next(iter(row.sources))
            at = Situation(record(state), Actor(OWN, "x", permissions=everybody), facts())
            assert isinstance(refusal(REVIEW_FLOW, row, at), NotAllowed), row.name


def test_every_state_has_its_stage():
    placed = {state for _label, states in REVIEW_STAGES for state in states}
    assert set(ReviewState) - placed == {ReviewState.withdrawn}


# ---- guards, each by itself


@pytest.mark.parametrize(
    "served, last, filed, said",
    [
        (None, None, 0, "has not received"),
        (0, 5, -1, "before receiving"),
        (0, 5, 6, "the last day was"),
        (0, 5, 5, None),
        (0, None, 5, None),
    ],
)
def test_an_application_holds(served, last, filed, said):
    day = lambda n: TODAY + timedelta(days=n) if n is not None else None  # noqa: E731
    one = ApplicantFact(1, "于秀兰", day(filed), day(served), day(last))
    why = g.application_holds(situation("accept_review", given=facts(applicants=(one,))))
    assert (why is None) == (said is None) and (said is None or said in str(why))


def test_one_applicant_in_time_is_enough():
    late = ApplicantFact(1, "甲", TODAY, None, None)
    good = ApplicantFact(2, "乙", TODAY, TODAY, TODAY)
    assert g.application_holds(situation("accept_review", given=facts(applicants=(late, good)))) is None
    assert g.application_holds(situation("accept_review", given=facts(applicants=()))) is not None


def test_a_newer_reply_is_another_matter():
    assert "newer version" in str(g.application_holds(situation("accept_review", reply_id=2)))


@pytest.mark.parametrize("count", [0, 4, 5, 15, 16])
def test_five_to_fifteen(count):
    data = {"experts": [SimpleNamespace(id=n, name="甲") for n in range(count)]}
    assert (g.enough_are_picked(situation("pick_experts", data=data)) is None) == (5 <= count <= 15)


def test_too_many_reserves():
    experts = [SimpleNamespace(id=n, name="甲") for n in range(30)]
    at = situation("pick_experts", data={"experts": experts[:5], "reserves": experts[5:26]})
    assert g.enough_are_picked(at)[0] == "reserves"


@pytest.mark.parametrize("size, picked, field", [(5, 0, None), (5, 5, "experts"), (4, 0, "size"), (16, 0, "size")])
def test_a_draw_has_a_size(size, picked, field):
    data = {"size": size, "experts": [SimpleNamespace(id=n, name="甲") for n in range(picked)]}
    found = g.draw_has_a_size(situation("draw_experts", data=data))
    assert (found[0] if found else None) == field


def test_who_stands_in_conflict_is_named():
    expert = SimpleNamespace(id=3, name="专家3")
    found = g.nobody_stands_in_conflict(situation("x", data={"reserves": [expert], "refused": {3: "同村。"}}))
    assert found[0] == "reserves" and "专家3" in str(found[1]) and "同村" in str(found[1])


@pytest.mark.parametrize("state", [s for s in SeatState if s not in (SeatState.invited, SeatState.seated)])
def test_an_answer_only_to_an_invitation_that_holds(state):
    at = situation("accept_invitation", given=facts(seats=(seat(1, state),)))
    assert "no longer holds" in str(g.invited_here(at)) and g.seated_here(at) is not None


def test_replacing_and_voiding():
    voted, fresh, gone = seat(1, voted=True), seat(2), seat(3, SeatState.declined)
    known = facts(seats=(voted, fresh, gone))
    can = lambda key: g.seat_can_be_replaced(situation("x", given=known, data={"seat": key})) is None  # noqa: E731
    assert [can(key) for key in (1, 2, 3, 4, None)] == [False, True, True, False, False]
    taken = lambda key: g.seat_is_taken(situation("x", given=known, data={"seat": key})) is None  # noqa: E731
    assert [taken(key) for key in (1, 2, 3, 4)] == [True, True, False, False]
    assert g.a_seat_is_named(situation("x")) is not None
    assert g.somebody_to_replace(situation("x", given=facts(seats=(voted,)))) is not None
    assert g.somebody_to_replace(situation("x", given=known)) is None
    assert g.somebody_seated(situation("x", given=facts(seats=(gone,)))) is not None


def test_a_replaced_place_is_not_vacant():
    gone, heir = seat(1, SeatState.declined), seat(2, SeatState.invited, replaces_id=1)
    assert facts(seats=(gone, heir)).vacant == ()
    assert facts(seats=(gone,)).vacant == (gone,)


@pytest.mark.parametrize("size, seated, whole", [(5, 5, True), (5, 4, False), (7, 6, False), (7, 7, True)])
def test_a_whole_panel(size, seated, whole):
    known = facts(seats=tuple(seat(n) for n in range(1, seated + 1)))
    assert (g.panel_is_whole(situation("open_ballots", given=known, size=size)) is None) == whole


def test_voting_and_counting():
    some = facts(seats=(seat(1, voted=True), seat(2)))
    assert g.not_voted_yet(situation("cast_ballot", given=some)) is not None
    assert "1" in str(g.all_have_voted(situation("close_ballots", given=some)))
    assert g.all_have_voted(situation("close_ballots", given=facts(seats=(seat(1, voted=True),)))) is None
    assert g.not_signed_yet(situation("sign_opinion", given=facts(seats=(seat(1, signed=True),)))) is not None


@pytest.mark.parametrize(
    "start, end, field",
    [(None, None, "start"), (-1, 1, "start"), (1, None, "end"), (2, 1, "end"), (1, 14, "end"), (1, 3, None)],
)
def test_a_session_in_order(start, end, field):
    moment = lambda n: clock.now() + timedelta(hours=n) if n is not None else None  # noqa: E731
    found = g.session_is_in_order(situation("fix_session", data={"start": moment(start), "end": moment(end)}))
    assert (found[0] if found else None) == field


def test_service_of_the_opinion():
    now = clock.now()
    known = facts(to_serve=(1, 2), served=frozenset({2}), signed_at=now - timedelta(hours=1))
    serve = lambda **data: situation("serve_opinion", given=known, data=data)  # noqa: E731
    assert known.not_served == (1,)
    assert g.party_awaits_opinion(serve(party=SimpleNamespace(id=2))) is not None
    assert g.party_awaits_opinion(serve(party=SimpleNamespace(id=1))) is None
    assert g.applicant_says_how_satisfied(serve(party=SimpleNamespace(id=1))) is not None
    assert g.applicant_says_how_satisfied(serve(party=SimpleNamespace(id=2))) is None
    early, late = now - timedelta(hours=2), now + timedelta(hours=1)
    assert [g.opinion_is_served_later(serve(served_at=moment)) is None for moment in (None, early, late, now)] == [
        False,
        False,
        False,
        True,
    ]
