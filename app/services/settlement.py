"""Settlement on the spot 当场化解: claim by claim, signed by who speaks for the petitioners, received at once."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.party import Party
from app.models.reply import Acknowledgement, Reply, ReplyPoint, ReplyState
from app.models.service import Served, Service, ServiceWay
from app.models.signature import Signature, SignaturePurpose
from app.services import deadline, document, joint, reception, rights
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take, told_after
from app.services.notice import deciders, tell
from app.services.numbering import centre_of
from app.services.queries.shifts import next_shift, shift_at
from app.services.queries.speakers import petitioners_of, speakers_of
from app.services.queries.superiors import authority_over
from app.services.reply import take_results
from app.services.service import answered
from app.workflow.facts import CaseFacts


@unit_of_work
def settle_on_spot(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Settle the matter with the petitioners at once: their signatures make it a reply that they have received."""
    case, facts = take(actor, case_id, version, "settle_on_spot")
    now = clock.now()
    with system_scope("who speaks for the petitioners"):
        speakers = speakers_of(case)
    shift = shift_at(actor.user_id, now)
    more = {
        "speakers": [party.id for party in speakers],
        "own_shift": shift,
        "next_shift": next_shift(actor.user_id, now),
    }
    told = {"claims": _said_of_claims(data)}
    step = carry_out(
        actor, case, facts, "settle_on_spot", {**data, **more}, reason=text_of(data, "findings"), told=told
    )
    with told_after(step) as said, system_scope("the petitioners of a matter settled on the spot"):
        if shift is not None and actor.may("receive_by_leader", "Case"):
            received = {"said": text_of(data, "findings"), "instruction": text_of(data, "basis")}
            reception.record(actor, case, received, shift, now, settled=True)
        reply = _reply(actor, case, facts, data)
        paper = data.get("paper") or ()
        signed = joint.keep_all(actor, case.id, speakers, data.get("signers") or (), paper, SignaturePurpose.settlement)
        said["signed"] = joint.said_of(speakers, signed)
        take_results(case, reply.points)
        said["document"] = _paper(actor, case, reply).number
        _hand_over(actor, case, reply, speakers, signed, data)
        deadline.meet(case, deadline.HANDLE, now.date())
        answered(case, now)
    rights.close_if_settled(actor, case)
    tell(actor, case, "settle_on_spot", deciders("approve_extension", case))
    return keep(case)


def _said_of_claims(data: Data) -> list[dict[str, Any]]:
    return [
        {"number": row["claim"], "result": row["result"].value, "resolved": bool(row["resolved"])}
        for row in data.get("answers") or ()
        if row.get("result") is not None
    ]


def _reply(actor: Actor, case: Case, facts: CaseFacts, data: Data) -> Reply:
    """The reply that the settlement is: it stands by the petitioners' signatures, not by an approval."""
    claims = {claim.number: claim.id for claim in facts.late.claims}
    reply: Any = Reply(
        case_id=case.id,
        number=max((row.number for row in facts.late.replies), default=0) + 1,
        round=case.round,
        organisation_id=actor.organisation_id,
        state=ReplyState.approved,
        on_spot=True,
        findings=text_of(data, "findings"),
        basis=text_of(data, "basis"),
        drafted_by_id=actor.user_id,
    )
    db.session.add(reply)
    for row in data.get("answers") or ():
        point: Any = ReplyPoint(
            case_id=case.id,
            reply=reply,
            claim_id=claims[row["claim"]],
            number=row["claim"],
            result=row["result"],
            resolved=row["resolved"],
            text=row["text"].strip(),
        )
        db.session.add(point)
    db.session.flush()
    return reply  # type: ignore[no-any-return]


def _hand_over(
    actor: Actor, case: Case, reply: Reply, speakers: list[Party], signed: dict[int, Signature], data: Data
) -> None:
    """Those who sign have it in their hands; for a group its representatives receive it for the others, too."""
    satisfied = {row["party"]: row.get("satisfied") for row in data.get("signers") or ()}
    receiver = speakers[0]
    for party in petitioners_of(case):
        own = signed.get(party.id)
        service: Any = Service(
            case_id=case.id,
            what=Served.reply,
            reply_id=reply.id,
            party_id=party.id,
            way=ServiceWay.handed if own is not None else ServiceWay.proxy,
            served_at=clock.now(),
            served_by_id=actor.user_id,
            receiver=None if own is not None else receiver.name,
            signature_id=(own or signed[receiver.id]).id,
        )
        db.session.add(service)
        db.session.flush()
        rights.begin(case, party.id, clock.today())
        if own is not None:
            word: Any = Acknowledgement(
                case_id=case.id,
                reply_id=reply.id,
                party_id=party.id,
                satisfied=bool(satisfied.get(party.id)),
                signature_id=own.id,
            )
            db.session.add(word)
            rights.settle(case, party.id)
    db.session.flush()


def _paper(actor: Actor, case: Case, reply: Reply) -> Any:
    centre = centre_of(case.organisation)
    name = _l("%(city)s Public-Appeals Reception Centre", city=centre.name)
    fields = {
        "organisation": name,
        "found": reply.findings,
        "basis": reply.basis,
        "contact": name,
        "contact_phone": centre.phone,
        "recheck_at": authority_over(centre.path),
        "review_days": deadline.rule_of(rights.REVIEW_DAYS).length,
        "recheck_days": deadline.rule_of(rights.RECHECK_DAYS).length,
        "answers": [{"claim": point.claim.text, "result": point.result, "text": point.text} for point in reply.points],
    }
    return document.issue(actor, case, DocumentKind.reply, fields, about=reply)
