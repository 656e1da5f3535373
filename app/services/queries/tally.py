"""Counting the ballots of a round: in Python for the verb, and once more by the database alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, select

from app.access.actor import system_scope
from app.core.db import db
from app.models.expert import Expert
from app.models.party import Claim
from app.models.reply import ReplyPoint
from app.models.review import Ballot, BallotMark, Review, ReviewOutcome, ReviewSeat, SeatState, Verdict

ASPECTS = ("legality", "reasonableness")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ballot: a claim as a whole, or the point of the reply that answers it."""

    key: str  # claim-7 or point-9
    kind: str
    id: int
    claim_id: int
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A mark on an opened ballot."""

    seat_id: int
    line: str
    marks: Mapping[str, Verdict]
    comment: str | None


def lines_of(review: Review) -> list[Line]:
    """What an expert marks: every claim of the case, and every point of the reply, side by side."""
    with system_scope("what is voted on in a review that the actor has found"):
        claims = db.session.scalars(select(Claim).where(Claim.case_id == review.case_id).order_by(Claim.number)).all()
        points = db.session.scalars(
            select(ReplyPoint).where(ReplyPoint.reply_id == review.reply_id).order_by(ReplyPoint.number)
        ).all()
    found = []
    for claim in claims:
        found.append(Line(f"claim-{claim.id}", "claim", claim.id, claim.id, claim.number, claim.text))
        found += [
            Line(f"point-{p.id}", "point", p.id, claim.id, p.number, p.text) for p in points if p.claim_id == claim.id
        ]
    return found


def votes_of(review: Review) -> list[Vote]:
    """The marks of the round that runs, by the seats that are taken; only for when the ballots are opened."""
    found = (
        select(BallotMark, Ballot.seat_id)
        .join(Ballot, Ballot.id == BallotMark.ballot_id)
        .join(ReviewSeat, ReviewSeat.id == Ballot.seat_id)
        .where(
            Ballot.review_id == review.id,
            Ballot.round == review.ballot_round,
            Ballot.voided_at.is_(None),
            ReviewSeat.state == SeatState.seated,
        )
        .order_by(Ballot.id, BallotMark.id)
    )
    with system_scope("counting the ballots of a review"):
        return [
            Vote(
                seat_id,
                f"claim-{mark.claim_id}" if mark.claim_id is not None else f"point-{mark.point_id}",
                {aspect: getattr(mark, aspect) for aspect in ASPECTS},
                mark.comment,
            )
            for mark, seat_id in db.session.execute(found)
        ]


def fails(counts: Mapping[str, int]) -> bool:
    """Whether more experts find it unsound than sound; a tie changes nothing, and who abstains sways nothing."""
    return counts["unsound"] > counts["sound"]


def counted(lines: Sequence[Line], votes: Sequence[Vote]) -> dict[str, Any]:
    """The tally: for each line and aspect how many of each verdict, and which claims need a new answer."""
    told, changed = [], set()
    for line in lines:
        mine = [vote for vote in votes if vote.line == line.key]
        counts = {aspect: _counts(vote.marks[aspect] for vote in mine) for aspect in ASPECTS}
        if any(fails(count) for count in counts.values()):
            changed.add(line.claim_id)
        told.append({"line": line.key, "claim": line.claim_id, "number": line.number, **counts})
    return {"voters": len({vote.seat_id for vote in votes}), "lines": told, "changed": sorted(changed)}


def _counts(verdicts: Any) -> dict[str, int]:
    found = Counter(verdict.value for verdict in verdicts)
    return {verdict.value: found[verdict.value] for verdict in Verdict}


def outcome_of(tally: Mapping[str, Any]) -> ReviewOutcome:
    """What the panel says: one claim that fails is enough for a new reply."""
    return ReviewOutcome.changed if tally["changed"] else ReviewOutcome.upheld


def tally_of(review: Review) -> dict[str, Any]:
    """The tally of the round that runs."""
    return {"round": review.ballot_round, **counted(lines_of(review), votes_of(review))}


def recount(review_id: int, round: int) -> dict[tuple[str, int, str], dict[str, int]]:
    """The same counts out of one plain SQL statement: (kind, id, aspect) → verdict → number."""
    ballot, mark, seat = Ballot.__table__, BallotMark.__table__, ReviewSeat.__table__
    found: dict[tuple[str, int, str], dict[str, int]] = defaultdict(dict)
    for aspect in ASPECTS:
        sums = [func.sum(sql_case((mark.c[aspect] == v, 1), else_=0)).label(v.value) for v in Verdict]
        statement = (
            select(mark.c.claim_id, mark.c.point_id, *sums)
            .select_from(mark.join(ballot, ballot.c.id == mark.c.ballot_id).join(seat, seat.c.id == ballot.c.seat_id))
            .where(
                ballot.c.review_id == review_id,
                ballot.c.round == round,
                ballot.c.voided_at.is_(None),
                seat.c.state == SeatState.seated,
            )
            .group_by(mark.c.claim_id, mark.c.point_id)
        )
        for row in db.session.connection().execute(statement):
            kind, key = ("claim", row.claim_id) if row.claim_id is not None else ("point", row.point_id)
            found[kind, key, aspect] = {v.value: int(getattr(row, v.value)) for v in Verdict}
    return dict(found)


def agrees(tally: Mapping[str, Any], review_id: int) -> bool:
    """Whether a tally is what the database counts."""
    again = recount(review_id, tally["round"])
    nothing = {verdict.value: 0 for verdict in Verdict}
    said = {
        (*_parts(line["line"]), aspect): line[aspect]
        for line in tally["lines"]
        for aspect in ASPECTS
        if line[aspect] != nothing
    }
    return said == again


def _parts(line: str) -> tuple[str, int]:
    kind, _dash, key = line.partition("-")
    return kind, int(key)


def dissent_of(review: Review, tally: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every voice against what the majority says of a line: whose, of what, and why."""
    names = {}
    with system_scope("names of the panel"):
        found = select(ReviewSeat.id, Expert.name).join(Expert, Expert.id == ReviewSeat.expert_id)
        names = dict(db.session.execute(found.where(ReviewSeat.review_id == review.id)).all())
    by_line = {line["line"]: line for line in tally["lines"]}
    told = []
    for vote in votes_of(review):
        line = by_line[vote.line]
        for aspect in ASPECTS:
            majority = Verdict.unsound if fails(line[aspect]) else Verdict.sound
            if vote.marks[aspect] not in (majority, Verdict.abstain):
                told.append(
                    {
                        "seat": vote.seat_id,
                        "expert": names[vote.seat_id],
                        "line": vote.line,
                        "number": line["number"],
                        "aspect": aspect,
                        "verdict": vote.marks[aspect].value,
                        "comment": vote.comment,
                    }
                )
    return told
