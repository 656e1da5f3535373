"""An application for expert review: filed, joined by another party, accepted, refused, taken back (domain §4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, WrongState
from app.models.case import Case, CaseState
from app.models.organisation import Organisation
from app.models.party import Claim, Party
from app.models.review import (
    PANEL_LEAST,
    Door,
    Review,
    ReviewApplicant,
    ReviewObjection,
    ReviewState,
    SeatState,
)
from app.models.signature import Signature, SignaturePurpose
from app.services import deadline, numbering
from app.services.case import Data, text_of
from app.services.course import announce_step
from app.services.queries.case_facts import facts_of as case_facts_of
from app.services.record import register_sentences
from app.services.review_course import (
    by_program,
    carry_out,
    case_of,
    conclude,
    keep,
    release_seats,
    sign,
    take,
    take_with_case,
    tell_desk,
    tell_panel,
    tell_secretaries,
    text_applicants,
)
from app.services.review_paper import application_paper
from app.services.review_session import free_session
from app.services.rights import close_if_settled, give_back
from app.workflow.engine import perform
from app.workflow.guards_reply import STILL_CHOOSING
from app.workflow.review_facts import ReviewFacts
from app.workflow.review_flow import REVIEW_FLOW

register_sentences(
    {
        "uq_review_reply": (None, _l("This version of the reply is reviewed already.")),
        "uq_review_applicant_party": ("party", _l("This party has applied already.")),
        "uq_ballot_seat_round": (None, _l("You have voted; a ballot cannot be changed.")),
        "ballot_open": (None, _l("Ballots are not open.")),
        "ballot_sealed": (None, _l("A ballot is never changed.")),
    }
)


def _number(case: Case) -> str:
    """The next number of the centre that numbered the case."""
    with system_scope("number prefix of the centre of a case"):
        node: Any = db.session.get(Organisation, case.organisation_id)
        while node.number_prefix is None and node.parent is not None:
            node = node.parent
    return numbering.next_number(f"PS-{node.number_prefix}" if node.number_prefix else "PS", clock.today().year)


@dataclass(frozen=True, slots=True)
class Application:
    """What a party says who asks for a review."""

    party: Party
    claims: Sequence[Claim]
    reason: str
    door: Door
    signed: Signature | None


def _enter(actor: Actor, review: Review, said: Application) -> None:
    applicant = ReviewApplicant(
        case_id=review.case_id,
        review_id=review.id,
        party_id=said.party.id,
        door=said.door,
        filed_at=clock.now(),
        reason=said.reason,
    )
    db.session.add(applicant)
    keep(applicant)
    for claim in said.claims:
        db.session.add(ReviewObjection(case_id=review.case_id, applicant_id=applicant.id, claim_id=claim.id))
    keep(review)
    application_paper(actor, review, said.party, said.claims, said.reason, said.signed)


@unit_of_work
def file_review(
    actor: Actor,
    case: Case,
    party: Party,
    claims: Sequence[Claim],
    reason: str,
    door: Door = Door.desk,
    signed: Signature | None = None,
) -> Review:
    """A party asks for a review of the reply that stands, or joins the one another party asked for.

    Called by the step of the case; the guards of that step have seen to the party's own window."""
    said = Application(party, claims, reason, door, signed)
    with system_scope("a review of a case whose step is carried out"):
        known = case_facts_of(case)
        reply = known.late.standing_reply
        if reply is None:
            raise WrongState(_l("There is no reply to review."))
        present = db.session.scalar(
            select(Review)
            .where(Review.reply_id == reply.id, Review.state.not_in((ReviewState.refused, ReviewState.withdrawn)))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        review = _file(actor, case, reply.id, known, said) if present is None else _join(actor, present, said)
        tell_secretaries(actor, review, "review_filed" if present is None else "review_joined")
        return keep(review)


def _file(actor: Actor, case: Case, reply_id: int, known: Any, said: Application) -> Review:
    review: Any = Review(case_id=case.id, reply_id=reply_id, filed_at=clock.now(), size=PANEL_LEAST, ballot_round=1)
    row = perform(REVIEW_FLOW, review, "file_review", by_program(actor), ReviewFacts(clock.today(), 1, known))
    review.number = _number(case)
    db.session.add(review)
    keep(review)
    row.review_id, row.case_id, row.data = review.id, case.id, {**row.data, "door": said.door.value}
    db.session.add(row)
    announce_step(review, row)
    _enter(actor, review, said)
    deadline.start(case, deadline.REVIEW_ACCEPT, clock.today())
    return keep(review)


def _join(actor: Actor, review: Review, said: Application) -> Review:
    if review.state is ReviewState.closed:
        raise WrongState(_l("This version of the reply is reviewed already."))
    if review.state not in STILL_CHOOSING:
        raise WrongState(
            _l(
                "The review %(number)s of this reply has its experts already; its opinion will be served to this "
                "party, too.",
                number=review.number,
            )
        )
    if any(row.party_id == said.party.id for row in review.applicants):
        raise Conflict(_l("This party has applied already."))
    _enter(actor, review, said)
    facts = take(actor, review.id, None, "join_review")[1]
    carry_out(by_program(actor), review, facts, "join_review", told={"door": said.door.value})
    db.session.expire(review, ["applicants"])
    return review


@unit_of_work
def accept_review(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The application holds: the party may pick the experts."""
    note = text_of(data, "note")
    review, facts = take(actor, review_id, version, "accept_review", note)
    carry_out(actor, review, facts, "accept_review", data, reason=note)
    review.accepted_at = clock.now()
    deadline.meet(case_of(review), deadline.REVIEW_ACCEPT)
    tell_desk(actor, review, "review_accepted")
    text_applicants(actor, review, "review_accepted")
    return keep(review)


def _back(actor: Actor, review: Review, case: Case, outcome: str) -> None:
    """The reply stands, and the case goes back to its parties' windows; to follow-up when all of them are closed."""
    with system_scope("those who applied"):
        for applicant in review.applicants:
            give_back(case, applicant.party_id)
    conclude(actor, review, case, CaseState.replied, outcome)
    close_if_settled(actor, case)


@unit_of_work
def refuse_review(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The application does not hold; the reply stands, and the party is told why."""
    reason = text_of(data, "reason")
    review, facts, case = take_with_case(actor, review_id, version, "refuse_review", reason)
    carry_out(actor, review, facts, "refuse_review", data, reason=reason)
    deadline.meet(case, deadline.REVIEW_ACCEPT)
    keep(review)
    text_applicants(actor, review, "review_refused")
    tell_desk(actor, review, "review_refused")
    _back(actor, review, case, "refused")
    return keep(review)


@unit_of_work
def withdraw_review(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The party takes the application back before ballots are open; the reply stands."""
    reason, party = text_of(data, "reason"), data.get("party")
    review, facts, case = take_with_case(actor, review_id, version, "withdraw_review", reason)
    told = {"party": party.name} if party is not None else None
    carry_out(actor, review, facts, "withdraw_review", data, reason=reason, told=told)
    sign(actor, review, data, SignaturePurpose.withdrawal, party)
    tell_panel(actor, review, "review_withdrawn", facts.sitting)
    release_seats(review, (SeatState.listed, SeatState.invited, SeatState.seated))
    free_session(actor, review)
    deadline.cancel(case, [deadline.REVIEW_ACCEPT])
    keep(review)
    _back(actor, review, case, "withdrawn")
    return keep(review)
