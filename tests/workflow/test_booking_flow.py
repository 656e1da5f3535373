"""The booking table: every step × state × role × what one is to the booking; what the clock makes of a state."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.access.roles import ROLES
from app.core import clock
from app.core.errors import Invalid, NotAllowed, WrongState
from app.forms.steps import BOOKING
from app.models.booking import BookingState
from app.workflow.booking_facts import BookingFacts, keeps_the_room, stands
from app.workflow.booking_flow import BOOKING_FLOW
from app.workflow.engine import check, refusal
from app.workflow.table import markdown
from app.workflow.types import Situation

ROOT = Path(__file__).parent.parent.parent
MAY = {role.code: role.permissions() for role in ROLES}
ME, OTHER, MANAGER = 9, 5, 7
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=clock.LOCAL)
ALL = {"requested", "confirmed", "checked_in"}
ASKING = {
    *("clerk", "dispatcher", "handler", "unit_head", "centre_head", "leader", "review_secretary", "adviser"),
    *("counsellor", "follow_up_clerk", "village_officer"),
}
DECIDING = {"clerk", "centre_head", "leader", "adviser", "counsellor"}  # may be named the manager of a room
AS = ("booker", "participant", "manager", "stranger")

# Domain §6 and §2, written by hand: step -> (states, roles, what one is to the booking, or which roles need not be).
EXPECTED = {
    "confirm": ({"requested"}, DECIDING, {"manager"}, {"centre_head"}),
    "reject": ({"requested"}, DECIDING, {"manager"}, {"centre_head"}),
    "check_in": ({"confirmed"}, ASKING, {"booker", "participant", "manager"}, {"clerk", "centre_head"}),
    "finish": ({"checked_in"}, ASKING, {"booker", "participant", "manager"}, {"clerk", "centre_head"}),
    "move": (ALL, ASKING, {"booker", "participant", "manager"}, {"clerk", "centre_head"}),
    "amend": (ALL, ASKING, {"booker", "participant", "manager"}, {"clerk", "centre_head"}),
    "cancel": ({"requested", "confirmed"}, ASKING, {"booker", "participant", "manager"}, {"clerk", "centre_head"}),
}


def booking(state, begins=0, minutes=60, **more):
    """A booking that begins so many minutes from noon."""
    start = NOON + timedelta(minutes=begins)
    there = start if state is BookingState.checked_in else None
    known = {"id": 1, "version": 1, "secret": False, "booked_by_id": OTHER, "checked_in_at": there, "room_id": 3}
    wait = timedelta(minutes=15) if state is BookingState.confirmed else timedelta()
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=minutes), "release_at": start + wait}
    return SimpleNamespace(state=state, **{**known, **times, **more})


def person(role):
    return Actor(ME, "x", organisation_id=1, roles=frozenset({role}), permissions=MAY[role])


def at(step, state, role, being, **more):
    """The situation of a person who is this to the booking, at a time when the step is not too early or too late."""
    begins = {"confirm": 30, "reject": 30, "cancel": 30, "check_in": 5}.get(
        step, -5 if state.value == "checked_in" else 30
    )
    one = booking(state, begins, booked_by_id=ME if being == "booker" else OTHER, **more)
    people = frozenset({ME, OTHER}) if being == "participant" else frozenset({OTHER})
    manager = ME if being == "manager" else MANAGER
    return Situation(one, person(role), BookingFacts(NOON, people=people, manager_id=manager, manager_name="李敏"))


def test_the_built_steps_are_those_of_the_table():
    assert set(EXPECTED) == set(BOOKING.pages)
    assert {row.name for row in BOOKING_FLOW.steps if row.system} == {"admit", "release", "lapse"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_may_do_what_when(name):
    states, roles, being_enough, free = EXPECTED[name]
    row = BOOKING_FLOW.row(name)
    for state in BookingState:
        for role in MAY:
            for being in AS:
                why = refusal(BOOKING_FLOW, row, at(name, state, role, being))
                told = (name, state, role, being, why and str(why))
                decided_by_asker = name in ("confirm", "reject") and being == "booker"
                if state.value not in states:
                    assert isinstance(why, WrongState), told
                elif role not in roles or decided_by_asker or not (being in being_enough or role in free):
                    assert isinstance(why, NotAllowed), told
                else:
                    assert why is None, told


def test_the_manual_is_the_table():
    text = (ROOT / "docs" / "flow.md").read_text("utf-8")
    every = frozenset(row.name for row in BOOKING_FLOW.steps)
    assert markdown(BOOKING_FLOW, every) in text, "run: python -m tests.workflow.write_flow"


def test_a_counselling_is_decided_by_its_counsellor_too():
    row = BOOKING_FLOW.row("confirm")
    for secret, allowed in ((True, True), (False, False)):
        why = refusal(
            BOOKING_FLOW, row, at("confirm", BookingState.requested, "counsellor", "participant", secret=secret)
        )
        assert (why is None) is allowed


@pytest.mark.parametrize(
    ("step", "state", "begins", "possible"),
    [
        ("check_in", "confirmed", 31, False),
        ("check_in", "confirmed", 30, True),
        ("check_in", "confirmed", -14, True),
        ("check_in", "confirmed", -15, False),  # released
        ("confirm", "requested", 1, True),
        ("confirm", "requested", 0, False),
        ("finish", "checked_in", 1, False),
        ("finish", "checked_in", 0, True),
        ("move", "confirmed", -14, True),
        ("move", "confirmed", -15, False),
        ("move", "checked_in", -59, True),
        ("move", "checked_in", -60, False),
        ("cancel", "confirmed", -15, False),
        ("amend", "confirmed", -59, True),
        ("amend", "confirmed", -60, False),
    ],
)
def test_the_moments_of_a_step(step, state, begins, possible):
    one = booking(BookingState(state), begins, booked_by_id=ME if step != "confirm" else OTHER)
    facts = BookingFacts(NOON, manager_id=ME if step == "confirm" else MANAGER)
    why = refusal(BOOKING_FLOW, BOOKING_FLOW.row(step), Situation(one, person("clerk"), facts))
    assert (why is None) is possible, why and str(why)
    assert possible or isinstance(why, WrongState)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"start": NOON, "end": NOON}, "end"),
        ({"start": NOON + timedelta(minutes=5)}, "start"),
        ({"room": SimpleNamespace(id=4)}, "room"),
        ({"end": NOON + timedelta(hours=2)}, None),
        ({"room": SimpleNamespace(id=3), "start": NOON, "end": NOON + timedelta(hours=2)}, None),
    ],
)
def test_of_a_running_one_only_the_end_moves(data, field):
    one = (BOOKING_FLOW, booking(BookingState.checked_in), "move", person("clerk"), BookingFacts(NOON), data)
    if field is None:
        assert check(*one).name == "move"
        return
    with pytest.raises(Invalid) as caught:
        check(*one)
    assert set(caught.value.errors) == {field}


@pytest.mark.parametrize(
    ("state", "release", "ends", "now_is", "keeps"),
    [
        ("requested", 1, 60, "requested", True),
        ("requested", 0, 60, "cancelled", False),
        ("confirmed", 1, 60, "confirmed", True),
        ("confirmed", 0, 60, "no_show", False),
        ("checked_in", -30, 1, "checked_in", True),
        ("checked_in", -30, 0, "finished", True),
        ("finished", -30, 0, "finished", False),
        ("cancelled", -30, 60, "cancelled", False),
    ],
)
def test_what_the_clock_makes_of_a_state(state, release, ends, now_is, keeps):
    release_at, ends_at = NOON + timedelta(minutes=release), NOON + timedelta(minutes=ends)
    assert stands(BookingState(state), release_at, ends_at, NOON) is BookingState(now_is)
    assert keeps_the_room(BookingState(state), release_at, NOON) is keeps
