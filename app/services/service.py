"""Service: a reply or a written notice reaches one party, with way, time and proof; the party's own days begin."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.paper import PAPER
from app.models.case import Case, CaseState
from app.models.document import Document, DocumentKind
from app.models.party import Party
from app.models.service import PaperDue, Served, Service, ServiceWay
from app.models.signature import SignaturePurpose
from app.services import deadline, document, rights, signature, sms
from app.services.case import Data, merged_into, text_of
from app.services.course import CASES, carry_out, keep, take
from app.services.record import register_sentences
from app.workflow.facts import CaseFacts
from app.workflow.guards_reply import awaits_review
from app.workflow.types import SAME
from app.workflow.windows import unserved

register_sentences(
    {
        "uq_service_reply_party": ("party", _l("This party has received the reply already.")),
        "uq_service_review_party": ("party", _l("This party has received the opinion already.")),
    }
)


def enter(actor: Actor, case: Case, what: Served, data: Data, **subject: Any) -> Service:
    """The row of a service, with its signature and files."""
    party, signing = data["party"], data.get("signature")
    signed = signature.keep(actor, case.id, signing, SignaturePurpose.service, party=party) if signing else None
    refused = bool(data.get("refused"))
    witnessed = refused or data.get("way") is ServiceWay.left
    row: Any = Service(
        case_id=case.id,
        what=what,
        party_id=party.id,
        way=data.get("way") or ServiceWay.left,
        served_at=data["served_at"],
        served_by_id=actor.user_id,
        receiver=text_of(data, "receiver"),
        tracking=text_of(data, "tracking"),
        refused=refused,
        refusal=text_of(data, "refusal") if refused else None,
        witness_one=text_of(data, "witness_one") if witnessed else None,
        witness_two=text_of(data, "witness_two") if witnessed else None,
        signature_id=signed.id if signed is not None else None,
        note=text_of(data, "note"),
        evidence=list(data.get("evidence") or ()),
        **subject,
    )
    db.session.add(row)
    return row


def told_of(data: Data) -> dict[str, Any]:
    """What the course tells of a service; names of parties stand there as in the matter itself."""
    party, way, served = data.get("party"), data.get("way"), data.get("served_at")
    said = {
        "party": party.name if party is not None else None,
        "party_id": party.id if party is not None else None,
        "way": way.value if way is not None else None,
        "served_at": served.isoformat() if isinstance(served, datetime) else None,
        "refused": bool(data.get("refused")) or None,
        "witnesses": [data.get("witness_one"), data.get("witness_two")] if data.get("refused") else None,
        "receiver": text_of(data, "receiver"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _newest(case: Case, kind: DocumentKind) -> Document | None:
    rows = select(Document).where(Document.case_id == case.id, Document.kind == kind).order_by(Document.id.desc())
    return db.session.scalar(rows.limit(1))


def proof(actor: Actor, case: Case, row: Service, paper: Document | None, kind: DocumentKind) -> Document:
    """The proof of service as a paper."""
    signed = row.signature
    fields = {
        "served_kind": kind,
        "served_number": paper.number if paper is not None else None,
        "served_version": paper.edition if paper is not None else None,
        "way": row.way,
        "served_at": row.served_at,
        "server": actor.name,
        "received_by": row.receiver or (None if row.refused else row.party.name),
        "refusal": row.refusal,
        "evidence": row.tracking or PAPER["join"].join(file.name for file in row.evidence),
        "remarks": row.note,
        "witnesses": [{"name": name} for name in (row.witness_one, row.witness_two) if name],
        "signature": signature.picture_of(signed) if signed is not None else None,
    }
    return document.issue(actor, case, DocumentKind.service_return, fields, party_id=row.party_id, about=row)


def _target(case: Case, facts: CaseFacts, party: Party | None) -> Any:
    """Replied, or under review, once this was the last petitioner."""
    left = unserved(facts.late) - {party.id if party is not None else 0}
    if left:
        return SAME
    return CaseState.reviewing if awaits_review(facts.late) else CaseState.replied


@unit_of_work
def serve_reply(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """A party receives the reply: a petitioner's own days begin with that day."""
    case, facts = take(actor, case_id, version, "serve_reply")
    reply = facts.late.standing_reply
    party: Any = data.get("party")
    to = _target(case, facts, party)
    told = told_of(data) | ({"reply": reply.number} if reply is not None else {})
    carry_out(actor, case, facts, "serve_reply", data, to=to, told=told)
    with system_scope("a party of the matter, or of one merged into it"):
        row = enter(actor, case, Served.reply, data, reply_id=reply.id)
        keep(case)
        proof(actor, case, row, document.latest(case, DocumentKind.reply, about=row.reply), DocumentKind.reply)
        if party.id in facts.late.petitioners:
            review = rights.begin(case, party.id, clock.local(row.served_at).date())
            if review.due_on >= clock.today():
                sms.text_party(actor, case, party, "replied", until=review.due_on)
        if case.state is not CaseState.reply_approved:
            _all_have_it(actor, case)
    return keep(case)


def _all_have_it(actor: Actor, case: Case) -> None:
    """Every petitioner has received the reply: the matter is answered, on the day the last one received it."""
    facts = CASES.facts(case)
    mine = facts.late.served(facts.late.standing_reply)
    last = max(mine[key].served_at for key in facts.late.petitioners if key in mine)
    answered(case, last)
    rights.close_if_settled(actor, case)


def answered(case: Case, at: datetime) -> None:
    """The matter, and those merged into it, are answered: the days for replying are met, in time or late."""
    children = merged_into(case)
    with system_scope("matters answered together"):
        for row in (case, *db.session.scalars(select(Case).where(Case.id.in_(children)))):
            row.replied_at = at
        deadline.meet(case, deadline.REPLY, clock.local(at).date(), also=children)
        deadline.meet(case, deadline.NEW_REPLY, clock.local(at).date(), also=children)
        deadline.show_nearest(case)


@unit_of_work
def serve_notice(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """A party receives a written notice."""
    case, facts = take(actor, case_id, version, "serve_notice")
    kind: Any = data.get("paper")
    carry_out(actor, case, facts, "serve_notice", data, told={**told_of(data), "paper": kind.value if kind else None})
    with system_scope("a party of the matter, or of one merged into it"):
        row = enter(actor, case, Served.notice, data, paper=kind.value)
        keep(case)
        waiting = select(PaperDue).where(
            PaperDue.case_id == case.id,
            PaperDue.paper == kind.value,
            PaperDue.party_id == data["party"].id,
            PaperDue.service_id.is_(None),
        )
        db.session.scalars(waiting).one().service_id = row.id
        proof(actor, case, row, _newest(case, kind), kind)
    return keep(case)
