"""Ballots: opened, cast once for each seat and round, sealed until all have voted, counted by the program."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.review import Ballot, BallotMark, Review, ReviewState, SeatState, Verdict
from app.services.case import Data, text_of
from app.services.queries.review_facts import facts_of
from app.services.queries.tally import agrees, lines_of, tally_of
from app.services.review_course import (
    by_program,
    carry_out,
    keep,
    seat_row,
    take,
    tell_expert,
    tell_panel,
    tell_secretaries,
)
from app.services.review_seat import fill_places


@unit_of_work
def open_ballots(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The panel votes; ballots of this round that stand from before a seat was filled anew stay sealed and count."""
    note = text_of(data, "note")
    review, facts = take(actor, review_id, version, "open_ballots", note)
    carry_out(actor, review, facts, "open_ballots", data, reason=note, told={"round": review.ballot_round})
    review.opened_at = clock.now()
    tell_panel(actor, review, "review_vote", [seat for seat in facts.seated if not seat.voted])
    return keep(review)


def _mark(review: Review, ballot: Ballot, said: Mapping[str, Any]) -> BallotMark:
    kind, _dash, key = str(said["line"]).partition("-")
    return BallotMark(
        case_id=review.case_id,
        ballot_id=ballot.id,
        claim_id=int(key) if kind == "claim" else None,
        point_id=int(key) if kind == "point" else None,
        legality=Verdict(said["legality"]),
        reasonableness=Verdict(said["reasonableness"]),
        comment=(said.get("comment") or "").strip() or None,
    )


@unit_of_work
def cast_ballot(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """An expert votes on every claim and every point; the last vote opens and counts them all."""
    review, facts = take(actor, review_id, None, "cast_ballot")
    asked = {line.key for line in lines_of(review)}
    marks = [said for said in data.get("marks") or () if said.get("line") in asked]
    whole = [said for said in marks if said.get("legality") and said.get("reasonableness")]
    missing = len({said["line"] for said in whole}) < len(asked) or len(whole) != len(asked)
    carry_out(actor, review, facts, "cast_ballot", {**data, "marks": whole, "missing": missing})
    own = facts.seat_of(actor.user_id)
    assert own is not None  # the guard has seen to it
    ballot: Any = Ballot(
        case_id=review.case_id,
        review_id=review.id,
        seat_id=own.id,
        round=review.ballot_round,
        cast_at=clock.now(),
    )
    db.session.add(ballot)
    keep(ballot)
    db.session.add_all([_mark(review, ballot, said) for said in whole])
    keep(review)
    _close(actor, review)
    return keep(review)


def _close(actor: Actor, review: Review) -> None:
    """When every seat has voted, the program opens and counts the ballots."""
    facts = facts_of(review)
    if not all(seat.voted for seat in facts.seated):
        return
    tally = tally_of(review)
    if not agrees(tally, review.id):
        raise RuntimeError("tally and recount differ")
    carry_out(by_program(actor), review, facts, "close_ballots", told={"round": review.ballot_round})
    review.closed_at, review.tally = clock.now(), tally
    tell_secretaries(actor, review, "review_counted")


@unit_of_work
def void_ballot(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """A conflict was found later: the seat and its ballot are void, and the next expert is asked.

    Ballots that are still sealed stand: nobody knows them, so the newcomer votes as freely as the others did. Once they
    were opened, everybody votes anew in another round, for the newcomer would know how the others voted."""
    reason = text_of(data, "reason")
    review, facts = take(actor, review_id, version, "void_ballot", reason)
    opened = review.state is ReviewState.counting
    fact = facts.seat(data.get("seat"))
    told = {"expert": fact and fact.name, "voted": bool(fact and fact.voted), "again": opened}
    carry_out(actor, review, facts, "void_ballot", data, reason=reason, told=told)
    assert fact is not None  # the guard has seen to it
    seat = seat_row(fact.id)
    seat.state, seat.reason = SeatState.voided, (reason or "")[:1000]
    with system_scope("the ballot of a seat that is void"):
        cast = select(Ballot).where(Ballot.seat_id == seat.id, Ballot.voided_at.is_(None))
        for ballot in db.session.scalars(cast):
            ballot.voided_at, ballot.void_reason = clock.now(), (reason or "")[:1000]
    if opened:
        review.ballot_round += 1
        review.tally = review.closed_at = None
    keep(review)
    tell_expert(actor, review, "review_released", fact.user_id)
    fill_places(actor, review)
    return keep(review)
