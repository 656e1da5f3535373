"""What the guards of the review flow need to know about a review; whoever asks has found it within the row scope."""

from typing import Any

from sqlalchemy import exists, func, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.expert import Expert
from app.models.review import Ballot, Review, ReviewDraw, ReviewSeat
from app.models.service import Service
from app.models.step import ReviewStep
from app.services.queries.case_facts import facts_of as case_facts_of
from app.workflow.facts import CaseFacts
from app.workflow.review_facts import ApplicantFact, ReviewFacts, SeatFact

APPLY = "D-REV5"


def course_of(review_id: int) -> list[Any]:
    """The steps of a review, first to last."""
    statement = select(ReviewStep).where(ReviewStep.review_id == review_id).order_by(ReviewStep.seq)
    return list(db.session.scalars(statement))


def seats_of(review: Review) -> tuple[SeatFact, ...]:
    """The experts on the list of a review, in their order."""
    voted = exists().where(
        Ballot.seat_id == ReviewSeat.id, Ballot.round == review.ballot_round, Ballot.voided_at.is_(None)
    )
    found = (
        select(ReviewSeat, Expert.name, Expert.account_id, voted.label("voted"))
        .join(Expert, Expert.id == ReviewSeat.expert_id)
        .where(ReviewSeat.review_id == review.id)
        .order_by(ReviewSeat.place)
    )
    return tuple(
        SeatFact(
            seat.id,
            seat.expert_id,
            account_id,
            name,
            seat.place,
            seat.origin,
            seat.state,
            seat.answer_by,
            seat.replaces_id,
            bool(has_voted),
            seat.signed_at is not None,
        )
        for seat, name, account_id, has_voted in db.session.execute(found)
    )


def applicants_of(review: Review, case: CaseFacts) -> tuple[ApplicantFact, ...]:
    """The parties who apply, each with the day of receipt and the last day of the own window."""
    late = case.late
    names = {row.id: row.person_name or row.respondent_name or row.organisation_name or "" for row in late.parties}
    served = {row.party_id: row for row in late.services if row.reply_id == review.reply_id}
    found = []
    for row in late.applicants:
        if row.review_id != review.id:
            continue
        receipt, window = served.get(row.party_id), late.clock_of(APPLY, row.party_id, case.round)
        found.append(
            ApplicantFact(
                row.party_id,
                names.get(row.party_id, ""),
                clock.local(row.filed_at).date(),
                clock.local(receipt.served_at).date() if receipt is not None else None,
                window.due_on if window is not None else None,
            )
        )
    return tuple(found)


def facts_of(review: Review) -> ReviewFacts:
    """The facts of a review, from the database."""
    with system_scope("facts of a review that the actor has found"):
        case: Any = db.session.get(Case, review.case_id)
        known = case_facts_of(case)
        applicants = applicants_of(review, known)
        served = select(Service.party_id).where(Service.review_id == review.id)
        last = select(func.max(ReviewStep.seq)).where(ReviewStep.review_id == review.id)
        drawn = select(ReviewDraw.id).where(ReviewDraw.review_id == review.id).limit(1)
        to_serve = dict.fromkeys([*(row.party_id for row in applicants), *sorted(known.late.petitioners)])
        return ReviewFacts(
            clock.today(),
            (db.session.scalar(last) or 0) + 1,
            known,
            seats_of(review),
            applicants,
            frozenset(db.session.scalars(served)),
            tuple(to_serve),
            db.session.scalar(drawn) is not None,
            db.session.scalar(select(func.max(ReviewSeat.signed_at)).where(ReviewSeat.review_id == review.id)),
        )
