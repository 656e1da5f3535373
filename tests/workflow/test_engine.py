"""The engine, without a database: order of checks, targets, the row of the course, what is offered."""

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

import pytest

from app.access.actor import SYSTEM, Actor
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.core.labels import LabelledEnum
from app.workflow import engine
from app.workflow.types import SAME, Workflow, step


class Light(LabelledEnum):
    """States of a toy flow."""

    red = "red", "Red"
    green = "green", "Green"
    dark = "dark", "Dark"


@dataclass
class Row:
    """What the engine writes."""

    case_id: int
    seq: int
    round: int
    step: str
    from_state: str | None
    to_state: str
    at: object
    actor_id: int | None
    actor_name: str
    actor_post: str | None
    organisation_name: str | None
    reason: str | None
    data: dict
    address: str | None


@dataclass
class Lamp:
    """A record with a state."""

    id: int = 7
    state: Light | None = Light.red
    round: int = 1
    version: int = 3
    changed_at: object = None
    asked: list = field(default_factory=list)


def friend(at):
    """Only a friend."""
    at.record.asked.append("friend")
    return None if at.actor.name == "friend" else "not a friend"


def by_day(at):
    """Only by day."""
    at.record.asked.append("by_day")
    return "at night" if at.facts.night else None


def colour_named(at):
    """The colour is named."""
    return None if at.data.get("colour") else ("colour", "no colour")


FLOW = Workflow(
    "lamp",
    "Case",
    Light,
    Light.red,
    (
        step("register", None, Light.red),
        step(
            "accept", Light.red, Light.green, who=(friend,), when=(by_day,), what=(colour_named,), reason=True, order=10
        ),
        step("log_work", Light.green, order=20),
        step("merge", Light.green, (Light.red, SAME), order=30),
        step("archive", Light.green, Light.dark, order=5),
        step("unmerge", Light.red, Light.dark, system=True),
    ),
    final=frozenset({Light.dark}),
    log=Row,
)
DAY = SimpleNamespace(next_seq=4, night=False, today=date(2026, 11, 20))
NIGHT = SimpleNamespace(next_seq=4, night=True, today=date(2026, 11, 20))


def actor(*actions, name="friend"):
    return Actor(
        5,
        name,
        organisation_name="局",
        post="科员",
        address="10.0.0.1",
        permissions=frozenset((f"can_{action}", "Case") for action in actions),
    )


def go(lamp, name, who, facts=DAY, data=None, **kw):
    return engine.perform(FLOW, lamp, name, who, facts, data, **kw)


def test_a_step_sets_the_state_and_tells_all():
    lamp = Lamp()
    row = go(lamp, "accept", actor("accept"), data={"colour": "x"}, reason=" so it is ", told={"k": 1})
    assert lamp.state is Light.green and lamp.changed_at == row.at
    assert (row.case_id, row.seq, row.step, row.from_state, row.to_state) == (7, 4, "accept", "red", "green")
    assert (row.actor_id, row.actor_name, row.actor_post, row.organisation_name) == (5, "friend", "科员", "局")
    assert row.reason == "so it is" and row.data == {"k": 1, "version": 3} and row.address == "10.0.0.1"


def test_state_comes_before_permission_before_relation_before_circumstance_before_content():
    with pytest.raises(WrongState):
        go(Lamp(state=Light.green), "accept", actor(name="nobody"), NIGHT)
    with pytest.raises(NotAllowed) as role:
        go(Lamp(), "accept", actor(name="nobody"), NIGHT)
    assert "role" in str(role.value)
    lamp = Lamp()
    with pytest.raises(NotAllowed) as person:
        go(lamp, "accept", actor("accept", name="nobody"), NIGHT)
    assert "friend" in str(person.value) and lamp.asked == ["friend"]
    with pytest.raises(WrongState) as time:
        go(lamp, "accept", actor("accept"), NIGHT)
    assert "night" in str(time.value)
    with pytest.raises(Invalid) as content:
        go(lamp, "accept", actor("accept"))
    assert set(content.value.errors) == {"reason", "colour"}
    assert lamp.state is Light.red


def test_a_reason_has_its_length():
    with pytest.raises(Invalid) as refusal:
        go(Lamp(), "accept", actor("accept"), data={"colour": "x"}, reason="长" * 2001)
    assert set(refusal.value.errors) == {"reason"}


def test_the_verb_says_which_of_two_targets():
    lamp = Lamp(state=Light.green)
    with pytest.raises(LookupError):
        go(lamp, "merge", actor("merge"))
    with pytest.raises(LookupError):
        go(lamp, "merge", actor("merge"), to=Light.dark)
    assert go(lamp, "merge", actor("merge"), to=SAME).to_state == "green"
    assert go(lamp, "merge", actor("merge"), to=Light.red).to_state == "red"


def test_a_step_may_leave_the_state():
    lamp = Lamp(state=Light.green)
    assert go(lamp, "log_work", actor("log_work")).to_state == "green" and lamp.changed_at is not None


def test_what_the_program_does_no_person_does():
    with pytest.raises(NotAllowed):
        go(Lamp(), "unmerge", actor("unmerge"))
    assert go(Lamp(), "unmerge", SYSTEM).to_state == "dark"
    assert "unmerge" not in {s.name for s in engine.available(FLOW, Lamp(), actor("unmerge"), DAY)}


def test_an_unknown_step_is_not_there():
    with pytest.raises(NotFound):
        go(Lamp(), "fly", actor())


def test_one_of_the_possible_steps_is_likely():
    steps = {s.name: s for s in engine.available(FLOW, Lamp(state=Light.green), actor("log_work", "merge"), DAY)}
    assert steps["log_work"].primary and steps["merge"].allowed and not steps["merge"].primary
    assert not steps["archive"].allowed and not steps["archive"].held and steps["archive"].reason
    assert not steps["accept"].fits and steps["accept"].near  # one step leads back to red


def test_a_step_ahead_is_known_as_near():
    steps = {s.name: s for s in engine.available(FLOW, Lamp(), actor("accept", "log_work"), NIGHT)}
    assert not steps["accept"].allowed and steps["accept"].fits and steps["accept"].reason == "at night"
    assert steps["log_work"].near and not steps["register"].near


@pytest.mark.parametrize(
    "rows, word",
    [
        ((step("register", None, Light.red), step("accept", Light.red, Light.green)), "no way leads to"),
        ((step("register", None, Light.red), step("accept", Light.red, (Light.green, Light.dark))), "out of"),
        (
            (
                step("register", None, Light.red),
                step("accept", Light.red, (Light.green, Light.dark)),
                step("accept", Light.green, Light.dark),
            ),
            "two rows",
        ),
        ((step("register", None, Light.green), step("accept", Light.red, (Light.green, Light.dark))), "begins as"),
        ((step("register", None, Light.red), step("nonsense", Light.red, (Light.green, Light.dark))), "no permission"),
        (
            (
                step("register", None, Light.red),
                step("accept", Light.red, (Light.green, Light.dark), who=(lambda at: None,)),
                step("merge", Light.green, Light.dark),
            ),
            "a guard needs a name",
        ),
    ],
)
def test_a_table_that_cannot_be_right_is_refused_at_start(rows, word):
    with pytest.raises(LookupError) as fault:
        Workflow("lamp", "Case", Light, Light.red, rows, final=frozenset({Light.dark}), log=Row)
    assert word in str(fault.value)
