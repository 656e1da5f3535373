"""The material of a review: the matter, the reply and the applications, with the people taken out of it (domain §4)."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access.actor import system_scope
from app.core.db import db
from app.core.veil import Veil, veil_of
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.party import Claim, ClaimResult, Party, Side
from app.models.referral import Referral
from app.models.reply import Reply
from app.models.review import Review, ReviewApplicant, ReviewObjection
from app.services.queries.conflicts import people_of


def veil_for(case: Case, words: str | None = None) -> Veil:
    """What the texts of a case are freed of: everybody who stands in it or speaks for somebody there."""
    people = people_of([case.id])
    concerned = select(Referral.organisation_id).where(Referral.case_id == case.id)
    public = list(db.session.scalars(select(Organisation.name).where(Organisation.id.in_(concerned))))
    return veil_of(
        [person.name for person in people],
        [person.address or "" for person in people],
        (words or "").splitlines(),
        [*public, case.category.name],
    )


def with_labels(told: dict[str, Any]) -> dict[str, Any]:
    """The material with its codes said in words."""
    for party in told["parties"]:
        side = Side.of(party["side"])
        party["side_label"] = side.label if side is not None else party["side"]
    for point in told.get("points", ()):
        result = ClaimResult.of(point["result"])
        point["result_label"] = result.label if result is not None else point["result"]
    return told


def brief_of(review: Review) -> dict[str, Any]:
    """What an expert is told with the invitation, to know whether he or she is free: what it is about, and whom it
    concerns, without their names."""
    return with_labels(_brief(review))


def _brief(review: Review) -> dict[str, Any]:
    with system_scope("what a review is about, for those who see the review"):
        case = db.session.get_one(Case, review.case_id)
        veil = veil_for(case, review.hidden_words)
        parties = db.session.scalars(
            select(Party)
            .where(Party.case_id == case.id)
            .options(selectinload(Party.person), selectinload(Party.respondent_organisation))
            .order_by(Party.id)
        ).all()
        concerned = select(Organisation.name).join(Referral, Referral.organisation_id == Organisation.id)
        concerned = concerned.where(Referral.case_id == case.id).order_by(Referral.id)
        return {
            "title": veil.over(case.title),
            "category": case.category.name,
            "town": case.town.name if case.town is not None else "",
            "parties": [
                {"side": p.side.value, "name": veil.name(p.person.name) if p.person is not None else p.name}
                for p in parties
            ],
            "organisations": list(dict.fromkeys(db.session.scalars(concerned))),
        }


def material_of(review: Review, words: str | None = None) -> dict[str, Any]:
    """The material as it would be handed out now, with further `words` hidden."""
    return with_labels(plain_material(review, words))


def plain_material(review: Review, words: str | None = None) -> dict[str, Any]:
    """The material as plain data, to be kept as it is handed out."""
    with system_scope("the material of a review that the actor has found"):
        case = db.session.get_one(Case, review.case_id)
        veil = veil_for(case, words if words is not None else review.hidden_words)
        reply = db.session.get_one(Reply, review.reply_id)
        claims = db.session.scalars(select(Claim).where(Claim.case_id == case.id).order_by(Claim.number)).all()
        return {
            **_brief(review),
            "number": review.number,
            "occurred_on": case.occurred_on.isoformat() if case.occurred_on else None,
            "facts": veil.over(case.facts),
            "claims": [{"id": claim.id, "number": claim.number, "text": veil.over(claim.text)} for claim in claims],
            "reply": {
                "version": reply.number,
                "organisation": reply.organisation.name,
                "findings": veil.over(reply.findings),
                "basis": veil.over(reply.basis),
            },
            "points": [
                {
                    "id": point.id,
                    "claim": point.claim_id,
                    "number": point.number,
                    "result": point.result.value,
                    "resolved": point.resolved,
                    "text": veil.over(point.text),
                }
                for point in reply.points
            ],
            "applications": _applications(review, veil),
        }


def _applications(review: Review, veil: Veil) -> list[dict[str, Any]]:
    rows = (
        select(ReviewApplicant, Claim.number)
        .outerjoin(ReviewObjection, ReviewObjection.applicant_id == ReviewApplicant.id)
        .outerjoin(Claim, Claim.id == ReviewObjection.claim_id)
        .where(ReviewApplicant.review_id == review.id)
        .order_by(ReviewApplicant.id, Claim.number)
    )
    found: dict[int, dict[str, Any]] = {}
    for applicant, number in db.session.execute(rows):
        told = found.setdefault(applicant.id, {"reason": veil.over(applicant.reason), "claims": []})
        if number is not None:
            told["claims"].append(number)
    return list(found.values())


def handed_out(review: Review) -> dict[str, Any] | None:
    """The material as it was handed out; None before."""
    return with_labels(json.loads(review.material)) if review.material else None
