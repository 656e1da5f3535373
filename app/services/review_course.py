"""What all verbs of a review share: its course, who is told, and what the program does in somebody's name."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.errors import NotFound
from app.models.case import Case, CaseState
from app.models.expert import Expert
from app.models.organisation import Organisation
from app.models.party import Party
from app.models.review import Review, ReviewSeat, SeatState
from app.models.signature import Signature, SignaturePurpose
from app.services import signature, sms
from app.services.case import Data
from app.services.course import CASES, Course, by_program, keep
from app.services.notice import holders, tell_people
from app.services.queries.review_facts import course_of, facts_of
from app.workflow.review_facts import ReviewFacts
from app.workflow.review_flow import REVIEW_FLOW

REVIEWS: Course[Review, ReviewFacts] = Course(REVIEW_FLOW, Review, facts_of, course_of)
take, carry_out = REVIEWS.take, REVIEWS.carry_out


def take_with_case(
    actor: Actor, key: int, version: int | None, name: str, reason: str | None = None
) -> tuple[Review, ReviewFacts, Case]:
    """As `take`, with the case locked before the review, as the steps of the case do; for what moves the case on."""
    case_id = db.session.scalar(select(Review.case_id).where(Review.id == key))
    if case_id is None:
        raise NotFound()
    with system_scope("the case of a review that the actor has found"):
        locked = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
        case = db.session.scalars(locked).one()
    review, facts = take(actor, key, version, name, reason)
    return review, facts, case


def case_of(review: Review) -> Case:
    """The case of a review that the actor has found; experts never see it themselves."""
    with system_scope("the case of a review that the actor has found"):
        return db.session.get_one(Case, review.case_id)


def sign(
    actor: Actor, review: Review, data: Data, purpose: SignaturePurpose, party: Party | None = None
) -> Signature | None:
    """Keep the signature that came with a form, of a party or of the actor."""
    given = data.get("signature")
    return signature.keep(actor, review.case_id, given, purpose, party=party) if given is not None else None


def seat_row(seat_id: int) -> ReviewSeat:
    """The row of a seat of the review at hand."""
    with system_scope("a seat of a review that the actor has found"):
        return db.session.get_one(ReviewSeat, seat_id)


def release_seats(review: Review, states: Iterable[SeatState]) -> None:
    """Seats of these states are not needed any more."""
    with system_scope("the seats of a review"):
        found = select(ReviewSeat).where(ReviewSeat.review_id == review.id, ReviewSeat.state.in_(list(states)))
        for seat in db.session.scalars(found):
            seat.state = SeatState.released


OVER = frozenset({"review_released", "review_withdrawn"})  # whoever is told so no longer sees the review


def address_of(review: Review) -> str:
    """Where a message about a review leads."""
    return f"/review/show/{review.id}"


def tell_secretaries(actor: Actor, review: Review, code: str, **more: Any) -> None:
    """One message to the review secretaries of the case's centre, or of the next centre above that has any."""
    case = case_of(review)
    with system_scope("review secretaries of the centre of a case"):
        path = db.session.get_one(Organisation, case.organisation_id).path
        nodes = [int(node) for node in path.strip("/").split("/")]
        people = next((found for node in reversed(nodes) if (found := holders("accept_review", [node], "Review"))), [])
    _tell(actor, review, code, people, **more)


def tell_desk(actor: Actor, review: Review, code: str, **more: Any) -> None:
    """One message to those of the case's centre who speak with the party."""
    _tell(actor, review, code, holders("pick_experts", [case_of(review).organisation_id], "Review"), **more)


def _tell(actor: Actor, review: Review, code: str, people: Iterable[int | None], **more: Any) -> None:
    data = {"number": review.number, "by": actor.name, **more}
    tell_people(actor, code, people, data, link=None if code in OVER else address_of(review))


def tell_expert(actor: Actor, review: Review, code: str, user_id: int | None, **more: Any) -> None:
    """One message to an expert; nothing of the case is in it."""
    _tell(actor, review, code, [user_id], **more)


def tell_panel(actor: Actor, review: Review, code: str, seats: Iterable[Any], **more: Any) -> None:
    """One message to each of these experts."""
    _tell(actor, review, code, [seat.user_id for seat in seats], **more)


def text_applicants(actor: Actor, review: Review, code: str, **variables: Any) -> None:
    """An approved text to every party who applied."""
    case = case_of(review)
    with system_scope("parties who applied for a review"):
        parties = [db.session.get_one(Party, row.party_id) for row in review.applicants]
    for party in parties:
        sms.text_party(actor, case, party, code, **variables)


def text_expert(actor: Actor, review: Review, expert_id: int, code: str, **variables: Any) -> None:
    """An approved text to an expert."""
    case = case_of(review)
    with system_scope("telephone of an expert"):
        phone = db.session.get_one(Expert, expert_id).phone
    given = {"number": review.number, **variables}
    sms.text_mobile(actor, case.organisation_id, phone, code, case_id=case.id, **given)


def conclude(actor: Actor, review: Review, case: Case, to: CaseState, outcome: str) -> None:
    """The case goes on, if it waited for this review."""
    if case.state is CaseState.reviewing:
        with system_scope("the case goes on after its review"):
            facts = CASES.facts(case)
            told = {"review": review.number, "review_id": review.id, "outcome": outcome}
            CASES.carry_out(by_program(actor), case, facts, "conclude_review", to=to, told=told)
            keep(case)
