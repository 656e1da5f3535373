"""Model check of the panel and its ballots (security D4): random people do random things, against a small model.

PORTAL_MODEL_STEPS=10000 runs that many steps; the suite runs a few."""

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actor import acting, system_scope
from app.core import lots
from app.core.db import db
from app.core.errors import PortalError
from app.models.review import UNSEALED, Ballot, BallotMark, Review, ReviewState, SeatState, Verdict
from app.services import ballot, review_seat
from app.services.queries.review_facts import facts_of
from app.services.queries.tally import agrees, lines_of, tally_of
from tests.review_factory import PANEL, WITNESSED, Reviews

STEPS = int(os.environ.get("PORTAL_MODEL_STEPS", "120"))
LONG = 60  # steps of one run
NUMBERS = range(1, 13)
TAMPERING = (
    "UPDATE ballot_mark SET legality = 'sound'",
    "UPDATE ballot SET round = 9",
    "DELETE FROM ballot_mark",
    "DELETE FROM ballot",
)
reached: Counter[str] = Counter()
seeds: list[str] = []
verdicts = st.sampled_from(["sound", "unsound", "abstain"])


class Panel(RuleBasedStateMachine):
    """A review from its list of experts to its count, as a model of plain sets, beside the real one."""

    reviews: Any = None  # set by the fixture below
    start: Any = None
    connection: Any = None

    def __init__(self) -> None:
        super().__init__()
        seeds.clear()
        db.session.remove()
        self.nested = self.connection.begin_nested()
        self.state, self.round = "picked", 1
        self.listed: list[int] = []
        self.invited: set[int] = set()
        self.seated: set[int] = set()
        self.gone: set[int] = set()
        self.votes: dict[tuple[int, int], dict[str, str]] = {}  # (round, expert) → line → verdict
        self.known: set[int] = set()

    def teardown(self) -> None:
        """Leave nothing behind."""
        db.session.remove()
        self.nested.rollback()

    # ---- the two sides

    @property
    def record(self) -> Review:
        """The real review."""
        with system_scope("model"):
            return db.session.get_one(Review, self.start, populate_existing=True)

    def tried(self, who: str, verb: Any, **data: Any) -> bool:
        """Whether a step was carried out; a refusal leaves nothing behind."""
        try:
            self.reviews.do(who, verb, self.record, **data)
        except PortalError:
            return False
        return True

    def refill(self) -> None:
        """After somebody went, the model asks the next on the list; a lot is read from the real one."""
        while len(self.invited) + len(self.seated) < 5 and self.listed:
            self.invited.add(self.listed.pop(0))
        if len(self.invited) + len(self.seated) < 5:
            by_key = {expert.id: int(name.partition(".")[2]) for name, expert in self.reviews.experts.items()}
            present = {by_key[seat.expert_id] for seat in facts_of(self.record).sitting}
            drawn = present - self.invited - self.seated
            assert not drawn & self.gone, "somebody who went was drawn again"
            self.invited |= drawn

    # ---- steps

    @initialize(reserves=st.lists(st.sampled_from([3, 4, 6, 11]), unique=True, max_size=3))
    def pick(self, reserves: list[int]) -> None:
        """The party's list."""
        assert self.tried(
            "clerk",
            review_seat.pick_experts,
            experts=self.reviews.picks(*PANEL),
            reserves=self.reviews.picks(*reserves),
            party=self.reviews.party(self.record),
            signature=WITNESSED,
        )
        assert self.tried("review_secretary", review_seat.invite)
        self.state, self.listed, self.invited = "inviting", list(reserves), set(PANEL)

    def somebody(self, data: Any, likely: set[int]) -> int:
        """One of the twelve, mostly one for whom the step makes sense."""
        number: int = data.draw(st.sampled_from([*NUMBERS, *sorted(likely) * 9]))
        return number

    @rule(data=st.data(), declared=st.sampled_from([True] * 7 + [False]))
    def accept(self, data: Any, declared: bool) -> None:
        """Somebody accepts."""
        number = self.somebody(data, self.invited)
        done = self.tried(f"expert.{number}", review_seat.accept_invitation, declared=declared)
        assert done == (self.state == "inviting" and number in self.invited and declared)
        if done:
            self.invited.remove(number)
            self.seated.add(number)
            if len(self.seated) == 5:
                self.state = "seated"

    @rule(data=st.data(), kind=st.sampled_from(["decline", "replace", "void", *["tamper"] * 6]))
    def trouble(self, data: Any, kind: str) -> None:
        """Something that does not lead on; one rule, so that the way to the count is often gone to its end."""
        getattr(self, kind)(data)

    def decline(self, data: Any) -> None:
        """Somebody declines."""
        number = self.somebody(data, set())
        done = self.tried(f"expert.{number}", review_seat.decline_invitation, reason="出差")
        assert done == (self.state == "inviting" and number in self.invited)
        if done:
            self.invited.remove(number)
            self.gone.add(number)
            self.refill()

    def replace(self, data: Any) -> None:
        """The secretary replaces somebody who has not voted."""
        number = self.somebody(data, set())
        seat = facts_of(self.record).seat_of(self.reviews.actor(f"expert.{number}").user_id)
        done = self.tried("review_secretary", review_seat.replace_expert, seat=seat.id if seat else None, reason="病")
        sits = number in self.invited | self.seated
        voted = (self.round, number) in self.votes
        vacant = seat is not None and seat in facts_of(self.record).vacant
        possible = self.state in ("inviting", "seated", "scheduled") and ((sits and not voted) or vacant)
        assert done == possible or (done and not sits)
        if done and sits:
            self.invited.discard(number)
            self.seated.discard(number)
            self.gone.add(number)
            self.state = "inviting"
            self.refill()

    @precondition(lambda self: self.state == "seated")
    @rule()
    def meet(self) -> None:
        """Material is out and the session stands; what booking does is tried elsewhere."""
        with system_scope("model"):
            db.session.execute(
                text("UPDATE review SET state = 'scheduled', material_at = filed_at WHERE id = :id"),
                {"id": self.start},
            )
            db.session.commit()
        self.state = "scheduled"

    @precondition(lambda self: self.state != "inviting" or len(self.seated) == 4)
    @rule()
    def open(self) -> None:
        """The secretary opens the ballots."""
        done = self.tried("review_secretary", ballot.open_ballots)
        assert done == (self.state == "scheduled" and len(self.seated) == 5)
        if done:
            self.state = "balloting"

    @precondition(lambda self: self.state in ("scheduled", "balloting", "counting"))
    @rule(data=st.data())
    def vote(self, data: Any) -> None:
        """Somebody votes."""
        number = self.somebody(data, {one for one in self.seated if (self.round, one) not in self.votes})
        marks = []
        for line in lines_of(self.record):
            said = data.draw(verdicts)
            marks.append({"line": line.key, "legality": said, "reasonableness": "sound", "comment": "理由"})
        done = self.tried(f"expert.{number}", ballot.cast_ballot, marks=marks)
        assert done == (self.state == "balloting" and number in self.seated and (self.round, number) not in self.votes)
        if done:
            self.votes[self.round, number] = {mark["line"]: mark["legality"] for mark in marks}
            if all((self.round, other) in self.votes for other in self.seated):
                self.state = "counting"

    def void(self, data: Any) -> None:
        """A conflict is found."""
        number = self.somebody(data, set())
        seat = facts_of(self.record).seat_of(self.reviews.actor(f"expert.{number}").user_id)
        done = self.tried("review_secretary", ballot.void_ballot, seat=seat.id if seat else None, reason="亲属")
        assert done == (self.state in ("seated", "scheduled", "balloting", "counting") and number in self.seated)
        if done:
            self.seated.remove(number)
            self.gone.add(number)
            self.votes.pop((self.round, number), None)
            if self.state == "counting":
                self.round += 1
            self.state = "inviting"
            self.refill()

    def tamper(self, data: Any) -> None:
        """Somebody at the database tries to change a vote."""
        statement = data.draw(st.sampled_from(TAMPERING))
        there = db.session.connection().execute(text("SELECT count(*) FROM ballot")).scalar_one()
        try:
            with db.session.begin_nested():
                db.session.connection().execute(text(statement))
        except IntegrityError:
            assert there
        else:
            assert not there

    # ---- what always holds

    @invariant()
    def the_real_one_is_like_the_model(self) -> None:
        """State, round, seats and turnout agree."""
        reached[self.state] += 1
        if self.state == "picked":
            return
        record, facts = self.record, facts_of(self.record)
        assert (record.state.value, record.ballot_round) == (self.state, self.round)
        users = {self.reviews.actor(f"expert.{number}").user_id: number for number in NUMBERS}
        assert {users[seat.user_id] for seat in facts.seated} == self.seated
        assert {users[s.user_id] for s in facts.sitting if s.state is SeatState.invited} == self.invited
        assert {users[s.user_id] for s in facts.seated if s.voted} == {
            number for number in self.seated if (self.round, number) in self.votes
        }
        if record.state in (ReviewState.balloting, *UNSEALED):
            assert len(facts.seated) >= 5

    @invariant()
    def one_vote_for_each_seat_and_round(self) -> None:
        """Never two that stand."""
        with system_scope("model"):
            rows = db.session.execute(select(Ballot.seat_id, Ballot.round).where(Ballot.review_id == self.start)).all()
        assert len(rows) == len(set(rows))

    @invariant()
    def sealed_until_all_have_voted(self) -> None:
        """Others see nothing before, and the tally does not exist."""
        record = self.record
        with acting(self.reviews.actor("review_secretary")):
            seen = len(db.session.scalars(select(BallotMark).where(BallotMark.case_id == record.case_id)).all())
        if record.state in UNSEALED:
            assert seen
        else:
            assert not seen and record.tally is None

    @invariant()
    def the_tally_is_the_model_s(self) -> None:
        """Counted from the model's own votes, it is what the verb kept and what the database counts."""
        record = self.record
        if record.state not in UNSEALED:
            return
        assert record.tally == tally_of(record) and agrees(record.tally, record.id)
        for line in record.tally["lines"]:
            said = [self.votes[self.round, number][line["line"]] for number in self.seated]
            assert line["legality"] == {v.value: said.count(v.value) for v in Verdict}


@pytest.fixture
def machine(actor, bound, monkeypatch):
    """The machine, standing on a review whose application was accepted; its lots come out the same in each run."""

    def next_seed() -> str:
        seeds.append(f"{len(seeds):064x}")
        return seeds[-1]

    monkeypatch.setattr(lots, "fresh_seed", next_seed)
    known: dict[str, Any] = {}

    def remembered(username: str) -> Any:
        if username not in known:
            known[username] = actor(username)
        return known[username]

    reviews = Reviews(remembered)
    record = reviews.choosing()
    key = record.id
    db.session.commit()
    return type("OnePanel", (Panel,), {"reviews": reviews, "start": key, "connection": bound})


def test_the_panel_against_its_model(machine):
    runs = max(STEPS // LONG, 1)
    checks = settings(
        max_examples=runs,
        stateful_step_count=min(LONG, STEPS),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if runs < 10 else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    case = machine.TestCase
    case.settings = checks
    reached.clear()
    case().runTest()
    if STEPS >= 1000:  # the walk has been everywhere
        assert {"inviting", "seated", "scheduled", "balloting", "counting"} <= set(reached), reached
        assert sum(reached.values()) >= STEPS * 0.8, reached
