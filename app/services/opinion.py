"""The opinion of the panel: assembled from the count, signed by the experts, served; then the case goes on."""

import json
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.document import DocumentKind
from app.models.review import PANEL_LEAST, Review, ReviewApplicant, ReviewOutcome, ReviewState, SeatState
from app.models.service import Served
from app.models.signature import SignaturePurpose
from app.services import deadline, document
from app.services.case import Data, text_of
from app.services.notice import holders, tell
from app.services.queries.tally import dissent_of, outcome_of
from app.services.review_course import (
    carry_out,
    conclude,
    keep,
    release_seats,
    seat_row,
    sign,
    take,
    take_with_case,
    tell_desk,
    tell_panel,
    tell_secretaries,
    text_applicants,
)
from app.services.review_paper import opinion_paper
from app.services.rights import follow_up_begins
from app.services.service import enter, proof, told_of


@unit_of_work
def assemble_opinion(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The count decides, the secretary gives the reasons; every dissenting voice is kept as it was written."""
    text = text_of(data, "text")
    review, facts = take(actor, review_id, version, "assemble_opinion")
    tally: Any = review.tally
    outcome = outcome_of(tally) if tally is not None else None
    told = {"outcome": outcome.value} if outcome is not None else None
    carry_out(actor, review, facts, "assemble_opinion", data, told=told)
    review.outcome, review.opinion = outcome, text
    review.dissent = json.dumps(dissent_of(review, tally), ensure_ascii=False)
    tell_panel(actor, review, "review_sign", facts.seated)
    return keep(review)


@unit_of_work
def sign_opinion(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """An expert signs; with the fifth signature the opinion stands."""
    review, facts = take(actor, review_id, None, "sign_opinion")
    have = sum(seat.signed for seat in facts.seated) + 1
    whole = have >= PANEL_LEAST
    carry_out(actor, review, facts, "sign_opinion", data, to=ReviewState.signed if whole else None)
    own = facts.seat_of(actor.user_id)
    assert own is not None  # the guard has seen to it
    signature = sign(actor, review, data, SignaturePurpose.opinion)
    seat = seat_row(own.id)
    seat.signed_at, seat.signature_id = clock.now(), signature.id if signature is not None else None
    keep(review)
    if whole:
        opinion_paper(actor, review)
        tell_secretaries(actor, review, "review_signed")
        tell_desk(actor, review, "review_signed")
        text_applicants(actor, review, "review_opinion")
    return keep(review)


@unit_of_work
def serve_opinion(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """A party receives the opinion and says how satisfied he or she is; when all have it, the case goes on."""
    party: Any = data.get("party")
    review, facts, case = take_with_case(actor, review_id, version, "serve_opinion")
    rest = [key for key in facts.not_served if party is None or key != party.id]
    to = None if rest else ReviewState.closed
    carry_out(actor, review, facts, "serve_opinion", data, to=to, told=told_of(data))
    with system_scope("service of an opinion to a party of the case"):
        row = enter(actor, case, Served.opinion, data, review_id=review.id)
        keep(review)
        paper = document.latest(case, DocumentKind.review_opinion, about=review)
        proof(actor, case, row, paper, DocumentKind.review_opinion)
    _rate(review, party.id, data.get("satisfied"))
    keep(review)
    if not rest:
        review.served_at = clock.now()
        release_seats(review, (SeatState.listed, SeatState.invited))
        _conclude(actor, review, case)
    return keep(review)


def _rate(review: Review, party_id: int, satisfied: Any) -> None:
    with system_scope("how satisfied an applicant is"):
        found = select(ReviewApplicant).where(
            ReviewApplicant.review_id == review.id, ReviewApplicant.party_id == party_id
        )
        applicant = db.session.scalar(found)
        if applicant is not None:
            applicant.satisfied = satisfied


def _conclude(actor: Actor, review: Review, case: Case) -> None:
    """Upheld: the follow-up is due. Changed: a new reply is due within its own days."""
    if review.outcome is ReviewOutcome.upheld:
        conclude(actor, review, case, CaseState.follow_up_due, "upheld")
        follow_up_begins(actor, case, clock.today())
        return
    conclude(actor, review, case, CaseState.handling, "changed")
    if case.state is CaseState.handling:
        deadline.start(case, deadline.NEW_REPLY, clock.today())
        deadline.show_nearest(case)
        tell(actor, case, "review_changed", holders("submit_reply", [case.lead_organisation_id]))
        keep(case)
