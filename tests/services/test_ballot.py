"""Ballots: one for each seat and round, sealed until all have voted, unchangeable, counted twice (security D4)."""

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actor import acting, system_scope
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.models.audit import AuditEntry
from app.models.outbox import OutboxMessage
from app.models.review import Ballot, BallotMark, ReviewState, SeatState, Verdict
from app.models.step import ReviewStep
from app.services import ballot, opinion, review_seat
from app.services.queries.review_facts import facts_of
from app.services.queries.review_page import matrix_of, own_marks
from app.services.queries.tally import Line, Vote, agrees, counted, fails, recount, tally_of
from tests.review_factory import PANEL, Reviews


@pytest.fixture
def reviews(actor):
    return Reviews(actor)


def seen(actor, model=Ballot):
    with acting(actor):
        return len(db.session.scalars(select(model)).all())


def refused(statement, **values):
    """The database itself refuses; the transaction goes on."""
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.connection().execute(text(statement), values)


# ---- sealed


def test_until_all_have_voted_only_the_own_ballot_is_there(reviews, actor):
    record = reviews.balloting()
    for number in PANEL[:4]:
        record = reviews.vote(record, number, "unsound")
    for who in ("review_secretary", "clerk", "centre_head", "supervisor", "handler.d1", "expert.10", "sysadmin"):
        assert seen(actor(who)) == seen(actor(who), BallotMark) == 0, who
    assert seen(actor("expert.1")) == 1 and seen(actor("expert.1"), BallotMark) == 4
    assert matrix_of(record) == []
    with acting(actor("expert.1")):
        assert {mark.legality for mark in own_marks(record, actor("expert.1"))} == {Verdict.unsound}
    with acting(actor("expert.2")):
        assert len(own_marks(record, actor("expert.2"))) == 4
    record = reviews.vote(record, 10)
    assert record.state is ReviewState.counting
    for who in ("review_secretary", "expert.2", "clerk"):
        assert seen(actor(who)) == 5, who
    assert seen(actor("expert.3")) == 0 and len(matrix_of(record)) == 4


def test_neither_trail_nor_course_nor_message_tells_a_mark(reviews):
    record = reviews.balloting()
    reviews.vote(record, 1, "unsound")
    with system_scope("test"):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_type.in_(["ballot", "ballot_mark"])))
        told = [json.dumps(entry.changes) + str(entry.subject) for entry in entries]
        steps = [json.dumps(row.data) for row in db.session.scalars(select(ReviewStep))]
        sent = [f"{row.text}{row.data}" for row in db.session.scalars(select(OutboxMessage))]
    assert len(told) == 5
    for line in (*told, *steps, *sent):
        assert "sound" not in line and "理由不足" not in line, line


def test_the_count_is_not_made_before(reviews):
    record = reviews.balloting()
    record = reviews.vote(record, 1, "unsound")
    assert record.tally is None and record.outcome is None and record.closed_at is None


# ---- cast


def test_one_vote_for_each_seat_and_round(reviews):
    record = reviews.balloting()
    record = reviews.vote(record, 1)
    with pytest.raises(WrongState, match="您已投票"):
        reviews.vote(record, 1, "unsound")


def test_only_the_panel_votes_and_only_while_open(reviews):
    record = reviews.scheduled()
    with pytest.raises(WrongState):
        reviews.vote(record, 1)
    record = reviews.do("review_secretary", ballot.open_ballots, record)
    with pytest.raises(NotFound):
        reviews.vote(record, 3)
    with pytest.raises(NotAllowed):
        reviews.do("review_secretary", ballot.cast_ballot, record, marks=reviews.marks(record))
    for number in PANEL:
        record = reviews.vote(record, number)
    with pytest.raises(WrongState):
        reviews.vote(record, 1)


@pytest.mark.parametrize("spoil", ["missing", "twice", "foreign", "half"])
def test_every_line_is_marked_once(reviews, spoil):
    record = reviews.balloting()
    marks = reviews.marks(record)
    if spoil == "missing":
        marks = marks[:-1]
    elif spoil == "twice":
        marks[-1] = dict(marks[0])
    elif spoil == "foreign":
        marks[-1]["line"] = "claim-999999"
    else:
        marks[-1]["legality"] = None
    with pytest.raises(Invalid, match="都要填写"):
        reviews.do("expert.1", ballot.cast_ballot, record, marks=marks)


def test_what_is_not_sound_is_explained(reviews):
    record = reviews.balloting()
    marks = [{**mark, "reasonableness": "unsound", "comment": " "} for mark in reviews.marks(record)]
    with pytest.raises(Invalid, match="写明理由"):
        reviews.do("expert.1", ballot.cast_ballot, record, marks=marks)


def test_never_fewer_than_five_when_ballots_open(reviews):
    record = reviews.scheduled()
    with system_scope("test"):
        seat = record.seats[0]
        seat.state = SeatState.released
        db.session.flush()
    with pytest.raises(WrongState, match="不得少于五人"):
        reviews.do("review_secretary", ballot.open_ballots, record)


# ---- what the database itself keeps


def test_the_database_refuses_every_change_of_a_ballot(reviews):
    record = reviews.balloting()
    reviews.vote(record, 1)
    refused("UPDATE ballot_mark SET legality = 'unsound'")
    refused("UPDATE ballot_mark SET comment = 'x'")
    refused("DELETE FROM ballot_mark")
    refused("UPDATE ballot SET round = 2")
    refused("UPDATE ballot SET seat_id = seat_id + 1")
    refused("DELETE FROM ballot")
    refused("UPDATE review_step SET reason = 'x' WHERE step = 'cast_ballot'")
    refused("DELETE FROM review_step")
    void = "UPDATE ballot SET voided_at = cast_at, void_reason = :why"
    db.session.connection().execute(text(void), {"why": "回避"})
    refused(void, why="再次")
    refused("UPDATE ballot SET voided_at = NULL, void_reason = NULL")


def test_the_database_takes_votes_of_the_panel_only_while_open(reviews):
    record = reviews.scheduled()
    seat = facts_of(record).seated[0].id
    insert = (
        "INSERT INTO ballot (review_id, seat_id, round, cast_at, case_id) "
        "SELECT :review, :seat, :round, filed_at, case_id FROM review WHERE id = :review"
    )
    refused(insert, review=record.id, seat=seat, round=1)
    record = reviews.do("review_secretary", ballot.open_ballots, record)
    listed = next(s.id for s in facts_of(record).seats if s.state is SeatState.listed)
    refused(insert, review=record.id, seat=listed, round=1)
    refused(insert, review=record.id, seat=seat, round=2)
    db.session.connection().execute(text(insert), {"review": record.id, "seat": seat, "round": 1})
    refused(insert, review=record.id, seat=seat, round=1)


def test_a_draw_stands_in_the_database(reviews):
    record = reviews.inviting(reserves=())
    reviews.do("expert.1", review_seat.decline_invitation, record, reason="出差")
    refused("UPDATE review_draw SET wanted = 2")
    refused("DELETE FROM review_draw")


# ---- the count


def marks_of(*verdicts):
    return [
        Vote(seat, "claim-1", {"legality": Verdict(v), "reasonableness": Verdict.sound}, None)
        for seat, v in enumerate(verdicts)
    ]


@pytest.mark.parametrize(
    "verdicts, changed",
    [
        (("unsound", "unsound", "unsound", "sound", "sound"), True),
        (("unsound", "unsound", "sound", "sound", "sound"), False),
        (("unsound", "unsound", "unsound", "sound", "sound", "sound"), False),  # a tie changes nothing
        (("unsound", "unsound", "sound", "sound", "abstain"), False),
        (("unsound", "abstain", "abstain", "abstain", "abstain"), True),
        (("abstain",) * 5, False),
    ],
)
def test_majority_and_tie(verdicts, changed):
    line = Line("claim-1", "claim", 1, 1, 1, "")
    assert counted([line], marks_of(*verdicts))["changed"] == ([1] if changed else [])


def test_a_tie_by_six(reviews):
    votes = {1: "unsound", 2: "unsound", 5: "unsound"}
    record = reviews.counting(votes=votes, chosen=(1, 2, 5, 9, 10, 12), reserves=(11,))
    assert record.tally["voters"] == 6 and record.tally["changed"] == []


def test_the_recount_shares_nothing_and_agrees(reviews):
    record = reviews.counting(votes={1: "unsound", 2: "abstain", 5: "unsound"})
    assert record.tally == tally_of(record) and agrees(record.tally, record.id)
    counts = recount(record.id, 1)
    assert len(counts) == 8 and {sum(count.values()) for count in counts.values()} == {5}
    legal = [count for (_kind, _key, aspect), count in counts.items() if aspect == "legality"]
    assert all(count == {"sound": 2, "unsound": 2, "abstain": 1} for count in legal) and not fails(legal[0])
    wrong = json.loads(json.dumps(record.tally))
    wrong["lines"][0]["legality"]["sound"] += 1
    assert not agrees(wrong, record.id)


# ---- a conflict found later


def void(reviews, record, number):
    key = reviews.experts[f"expert.{number}"].id
    seat = next(seat for seat in facts_of(record).seated if seat.expert_id == key)
    return reviews.do("review_secretary", ballot.void_ballot, record, seat=seat.id, reason="发现与当事人有亲属关系")


def test_while_sealed_the_other_ballots_stand(reviews, actor):
    record = reviews.balloting()
    record = reviews.vote(reviews.vote(record, 1, "unsound"), 2, "unsound")
    record = void(reviews, record, 1)
    assert record.state is ReviewState.inviting and record.ballot_round == 1
    assert facts_of(record).seat_of(actor("expert.11").user_id).state is SeatState.invited
    with pytest.raises(NotFound):
        reviews.vote(record, 1)
    record = reviews.accept(record, 11)
    record = reviews.do("review_secretary", ballot.open_ballots, reviews.fix(record, days=3))
    with pytest.raises(WrongState, match="您已投票"):
        reviews.vote(record, 2)
    for number in (5, 9, 10, 11):
        record = reviews.vote(record, number)
    assert record.state is ReviewState.counting and record.tally["voters"] == 5
    with system_scope("test"):
        gone = db.session.scalars(select(Ballot).where(Ballot.voided_at.is_not(None))).one()
        assert gone.void_reason == "发现与当事人有亲属关系"
    line = record.tally["lines"][0]["legality"]
    assert line == {"sound": 4, "unsound": 1, "abstain": 0}  # the void vote does not count


def test_once_opened_everybody_votes_anew(reviews, actor):
    record = void(reviews, reviews.counting(votes={1: "unsound"}), 1)
    assert record.ballot_round == 2 and record.tally is None
    assert seen(actor("review_secretary")) == 0  # sealed again
    record = reviews.do("review_secretary", ballot.open_ballots, reviews.fix(reviews.accept(record, 11), days=3))
    for number in (2, 5, 9, 10, 11):
        record = reviews.vote(record, number)
    assert record.state is ReviewState.counting and record.tally["round"] == 2 and record.tally["voters"] == 5
    with pytest.raises(WrongState):
        void(reviews, reviews.do("review_secretary", opinion.assemble_opinion, record, text="意见"), 2)


def test_a_vote_is_void_for_a_conflict_only(reviews):
    """Whoever has voted is not replaced for being inconvenient."""
    record = void(reviews, reviews.vote(reviews.balloting(), 2), 1)
    seat = next(s for s in facts_of(record).seated if s.voted)
    with pytest.raises(Invalid, match="尚未投票"):
        reviews.do("review_secretary", review_seat.replace_expert, record, seat=seat.id, reason="换人")
