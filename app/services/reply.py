"""The reply: drafted by the lead organisation, checked by its head, approved by the centre's head, never edited."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.document import Document, DocumentKind
from app.models.party import Claim
from app.models.reply import Reply, ReplyPoint, ReplyState
from app.services import deadline, document, sms
from app.services.case import Data, merged_into, text_of
from app.services.course import carry_out, keep, take, told_after
from app.services.notice import holders, tell
from app.services.queries.superiors import authority_over, office_name
from app.workflow.facts import CaseFacts
from app.workflow.types import SAME
from app.workflow.windows import RECHECK_DAYS, REVIEW_DAYS


def _points(case: Case, reply: Reply, answers: Iterable[Any], facts: CaseFacts) -> list[ReplyPoint]:
    claims = {claim.number: claim.id for claim in facts.late.claims}
    return [
        ReplyPoint(
            case_id=case.id,
            reply=reply,
            claim_id=claims[row["claim"]],
            number=row["claim"],
            result=row["result"],
            resolved=row["resolved"],
            text=row["text"].strip(),
        )
        for row in answers
    ]


def _newest(facts: CaseFacts) -> Reply:
    """The row of the newest version."""
    return db.session.scalars(select(Reply).where(Reply.id == facts.late.reply.id)).one()


@unit_of_work
def submit_reply(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Hand a draft in that answers every claim; each hand-in is a version of its own."""
    case, facts = take(actor, case_id, version, "submit_reply")
    number = max((row.number for row in facts.late.replies), default=0) + 1
    row = carry_out(actor, case, facts, "submit_reply", data, told={"reply": number})
    reply: Any = Reply(
        case_id=case.id,
        number=number,
        round=case.round,
        organisation_id=case.lead_organisation_id,
        state=ReplyState.checking,
        findings=text_of(data, "findings"),
        basis=text_of(data, "basis"),
        drafted_by_id=actor.user_id,
        drafted_at=row.at,
        evidence=list(data.get("evidence") or ()),
    )
    db.session.add_all([reply, *_points(case, reply, data.get("answers") or (), facts)])
    tell(actor, case, "submit_reply", holders("approve_reply", [case.lead_organisation_id]))
    return keep(case)


@unit_of_work
def return_reply(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Give the draft back with the reason; the drafter hands a new version in."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "return_reply", reason)
    number = facts.late.reply.number if facts.late.reply is not None else 0
    carry_out(actor, case, facts, "return_reply", data, reason=reason, told={"reply": number})
    reply: Any = _newest(facts)
    reply.state = ReplyState.returned
    tell(actor, case, "return_reply", [reply.drafted_by_id, reply.checked_by_id])
    return keep(case)


@unit_of_work
def approve_reply(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Check the draft for its organisation, or approve what was checked: it gets its number and is fixed."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "approve_reply", note)
    pending = facts.late.reply
    final = pending is not None and pending.state == ReplyState.checked
    told = {"reply": pending.number if pending is not None else 0, "final": final}
    to = CaseState.reply_approved if final else SAME
    row = carry_out(actor, case, facts, "approve_reply", data, reason=note, to=to, told=told)
    if not final:
        reply: Any = _newest(facts)
        reply.state, reply.checked_by_id, reply.checked_at = ReplyState.checked, actor.user_id, row.at
        tell(actor, case, "check_reply", holders("approve_extension", [case.organisation_id]))
        return keep(case)
    with told_after(row) as more:
        more["document"] = _approve(actor, case, facts, row.at).number
    sms.text_petitioners(actor, case, "reply_ready")
    drafter = pending.drafted_by_id
    tell(actor, case, "approve_reply", [drafter, *holders("serve_reply", [case.organisation_id])])
    return keep(case)


def _approve(actor: Actor, case: Case, facts: CaseFacts, at: datetime) -> Document:
    """From now on the newest version stands, no earlier one; the claims have its results; its paper is fixed."""
    reply: Any = _newest(facts)
    earlier = select(Reply).where(Reply.case_id == case.id, Reply.state == ReplyState.approved)
    for before in db.session.scalars(earlier).all():
        _replace(before)
    reply.state, reply.approved_by_id, reply.approved_at = ReplyState.approved, actor.user_id, at
    take_results(case, facts.late.points_of(facts.late.reply))
    # The law counts until the decision; the promise to answer the party is kept when the party has it.
    deadline.meet(case, deadline.HANDLE, at.date())
    deadline.show_nearest(case)
    return document.issue(actor, case, DocumentKind.reply, _paper_fields(reply, facts), about=reply)


def _replace(reply: Any) -> None:
    reply.state = ReplyState.replaced


def take_results(case: Case, points: Iterable[Any]) -> None:
    """The claims carry the results of the reply that stands; the matter is resolved when all its claims are."""
    said = {point.claim_id: point for point in points}
    with system_scope("claims of a case whose reply is approved"):
        claims = db.session.scalars(select(Claim).where(Claim.case_id == case.id)).all()
        for claim in claims:
            if (point := said.get(claim.id)) is not None:
                claim.result, claim.resolved = point.result, point.resolved
        case.resolved = bool(claims) and all(claim.resolved for claim in claims)
        for child in db.session.scalars(select(Case).where(Case.id.in_(merged_into(case)))):
            child.resolved = case.resolved


def _paper_fields(reply: Reply, facts: CaseFacts) -> dict[str, Any]:
    with system_scope("the organisations on a reply"):
        organisation = reply.organisation
        claims = {claim.id: claim.text for claim in facts.late.claims}
        return {
            "organisation": office_name(organisation),
            "found": reply.findings,
            "basis": reply.basis,
            "contact": office_name(organisation),
            "contact_phone": organisation.phone,
            "review_days": deadline.rule_of(REVIEW_DAYS).length,
            "recheck_days": deadline.rule_of(RECHECK_DAYS).length,
            "recheck_at": authority_over(organisation.path),
            "answers": [
                {"claim": claims.get(point.claim_id, ""), "result": point.result, "text": point.text}
                for point in reply.points
            ],
        }
