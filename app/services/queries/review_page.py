"""Everything the page of a review shows: its story, its seats, and, once they are opened, its ballots."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.errors import NotFound
from app.models.case import Case
from app.models.expert import Expert
from app.models.party import Claim
from app.models.review import (
    ENDED,
    UNSEALED,
    Ballot,
    BallotMark,
    Review,
    ReviewApplicant,
    ReviewDraw,
    ReviewObjection,
    ReviewSeat,
    SeatState,
    Verdict,
)
from app.models.room import Room
from app.models.signature import Signature
from app.services.queries.case_page import Stage
from app.services.queries.material import handed_out, material_of
from app.services.queries.review_facts import course_of, facts_of
from app.services.queries.tally import ASPECTS, fails, lines_of, votes_of
from app.workflow.guards_review import applicant_fault
from app.workflow.review_facts import ApplicantFact, ReviewFacts, SeatFact
from app.workflow.review_flow import REVIEW_STAGES


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat as the page shows it."""

    fact: SeatFact
    title: str
    category: Any
    pool: str
    photo: bool
    origin: Any
    reason: str | None
    declaration: str | None
    draw_id: int | None
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class ApplicantLine:
    """A party who applied, with what speaks against the application."""

    fact: ApplicantFact
    fault: Any
    reason: str
    door: Any
    claims: Sequence[int]
    satisfied: Any


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The page of a review, as rows and plain values; what an expert may not see is empty."""

    review: Review
    facts: ReviewFacts
    sees_case: bool
    case: Case | None
    own: SeatFact | None
    seats: Sequence[SeatLine]
    applicants: Sequence[ApplicantLine]
    course: Sequence[Any]
    draws: Sequence[ReviewDraw]
    room: Room | None
    choice: Signature | None


def find_review(pk: int | None) -> Review:
    """The review of an address, within the row scope."""
    review = db.session.scalar(select(Review).where(Review.id == pk)) if pk is not None else None
    if review is None:
        raise NotFound()
    return review


def review_page(pk: int | None, actor: Actor) -> ReviewPage:
    """Load the page of a review within the row scope."""
    review = find_review(pk)
    facts = facts_of(review)
    case = db.session.scalar(select(Case).where(Case.id == review.case_id)) if actor.may("read", "Case") else None
    sees_case = case is not None
    own = facts.seat_of(actor.user_id)
    with system_scope("the room of a session, for those who see the review"):
        room = db.session.get(Room, review.room_id) if review.room_id is not None else None
    return ReviewPage(
        review,
        facts,
        sees_case,
        case,
        own,
        seat_lines(review, facts, None if sees_case else own),
        _applicants(review, facts) if sees_case else (),
        course_of(review.id) if sees_case else (),
        draws_of(review) if sees_case else (),
        room,
        _choice(review) if sees_case else None,
    )


def _choice(review: Review) -> Signature | None:
    if review.choice_signature_id is None:
        return None
    return db.session.scalar(select(Signature).where(Signature.id == review.choice_signature_id))


def draws_of(review: Review) -> list[ReviewDraw]:
    """The draws of a review, first to last."""
    return list(db.session.scalars(select(ReviewDraw).where(ReviewDraw.review_id == review.id).order_by(ReviewDraw.id)))


def seat_lines(review: Review, facts: ReviewFacts, only: SeatFact | None) -> list[SeatLine]:
    """The seats of a review; an expert is shown the panel itself, not who was asked and declined."""
    with system_scope("the panel of a review, for those who see it"):
        rows = db.session.scalars(
            select(ReviewSeat)
            .where(ReviewSeat.review_id == review.id)
            .options(
                selectinload(ReviewSeat.expert).selectinload(Expert.organisation), selectinload(ReviewSeat.signature)
            )
        ).all()
    by_id = {seat.id: seat for seat in facts.seats}
    lines = [
        SeatLine(
            by_id[row.id],
            row.expert.title or "",
            row.expert.category.label,
            row.expert.organisation.name,
            row.expert.photo_key is not None,
            row.origin,
            row.reason,
            row.declaration,
            row.draw_id,
            row.signature,
        )
        for row in sorted(rows, key=lambda row: row.place)
        if row.id in by_id
    ]
    if only is not None:
        return [line for line in lines if line.fact.id == only.id or line.fact.state is SeatState.seated]
    return lines


def _applicants(review: Review, facts: ReviewFacts) -> list[ApplicantLine]:
    rows = db.session.execute(
        select(ReviewApplicant, Claim.number)
        .outerjoin(ReviewObjection, ReviewObjection.applicant_id == ReviewApplicant.id)
        .outerjoin(Claim, Claim.id == ReviewObjection.claim_id)
        .where(ReviewApplicant.review_id == review.id)
        .order_by(ReviewApplicant.id, Claim.number)
    ).all()
    claims: dict[int, list[int]] = {}
    found: dict[int, ReviewApplicant] = {}
    for applicant, number in rows:
        found[applicant.party_id] = applicant
        claims.setdefault(applicant.party_id, []).extend([number] if number is not None else [])
    return [
        ApplicantLine(fact, applicant_fault(fact), row.reason, row.door, claims[fact.party_id], row.satisfied)
        for fact in facts.applicants
        if (row := found.get(fact.party_id)) is not None
    ]


def stages(review: Review) -> list[Stage]:
    """Where a review stands among its stages."""
    here = next(
        (place for place, (_label, states) in enumerate(REVIEW_STAGES) if review.state in states),
        0,
    )
    over = review.state in ENDED
    found = []
    for place, (label, _states) in enumerate(REVIEW_STAGES):
        if place == here:
            state = "done" if over else "current"
        elif place < here:
            state = "done"
        else:
            state = "skipped" if over else "todo"
        found.append(Stage(label, state))
    return found


# ---- ballots, once they are opened


@dataclass(frozen=True, slots=True)
class Cell:
    """How one expert finds one line."""

    seat: str
    legality: Verdict
    reasonableness: Verdict
    comment: str | None


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One line of the opened ballots: what was voted on, the counts, and every voice."""

    kind: str
    number: int
    text: str
    legality: dict[str, int]
    reasonableness: dict[str, int]
    failed: tuple[str, ...]
    cells: Sequence[Cell]


def matrix_of(review: Review) -> list[MatrixLine]:
    """The opened ballots, line by line; nothing while they are sealed, whoever asks."""
    tally: Any = review.tally
    if review.state not in UNSEALED or tally is None:
        return []
    known = handed_out(review) or material_of(review)
    texts = {f"claim-{row['id']}": row["text"] for row in known["claims"]}
    texts |= {f"point-{row['id']}": row["text"] for row in known["points"]}
    with system_scope("names of the panel"):
        names = dict(
            db.session.execute(
                select(ReviewSeat.id, Expert.name)
                .join(Expert, Expert.id == ReviewSeat.expert_id)
                .where(ReviewSeat.review_id == review.id)
            ).all()
        )
    votes, counts = votes_of(review), {line["line"]: line for line in tally["lines"]}
    found = []
    for line in lines_of(review):
        count = counts[line.key]
        cells = [
            Cell(names[vote.seat_id], vote.marks["legality"], vote.marks["reasonableness"], vote.comment)
            for vote in votes
            if vote.line == line.key
        ]
        found.append(
            MatrixLine(
                line.kind,
                line.number,
                texts.get(line.key, ""),
                count["legality"],
                count["reasonableness"],
                tuple(aspect for aspect in ASPECTS if fails(count[aspect])),
                cells,
            )
        )
    return found


def own_marks(review: Review, actor: Actor) -> list[BallotMark]:
    """The ballot that the actor cast in this round; it stays readable to him or her, and to nobody else until all
    have voted."""
    found = (
        select(BallotMark)
        .join(Ballot, Ballot.id == BallotMark.ballot_id)
        .join(ReviewSeat, ReviewSeat.id == Ballot.seat_id)
        .join(Expert, Expert.id == ReviewSeat.expert_id)
        .where(
            Ballot.review_id == review.id,
            Ballot.round == review.ballot_round,
            Ballot.voided_at.is_(None),
            Expert.account_id == actor.user_id,
        )
        .order_by(BallotMark.id)
    )
    if actor.user_id is None:
        return []
    with system_scope("the own ballot"):
        return list(db.session.scalars(found))


def dissent_rows(review: Review) -> list[dict[str, Any]]:
    """Every dissenting voice, as it was kept with the opinion."""
    return json.loads(review.dissent) if review.dissent else []


def opinion_beside(review: Review) -> dict[str, Any]:
    """What the opinion rests on: the count, the outcome, the dissent, and the text so far."""
    return {
        "matrix": matrix_of(review),
        "outcome": review.outcome,
        "changed": bool((review.tally or {}).get("changed")),
        "opinion": review.opinion,
        "dissent": dissent_rows(review),
    }
