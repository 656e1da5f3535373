"""Dispatch: a case is handed to organisations, which sign for it, object to it, and log their work."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.organisation import Organisation
from app.models.referral import Referral, ReferralKind, ReferralState
from app.services import case_papers, deadline
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell
from app.workflow.facts import CaseFacts
from app.workflow.types import SAME


def _send(case: Case, organisation: Organisation, kind: ReferralKind, due_on: date, note: str | None) -> Referral:
    referral: Any = Referral(
        case_id=case.id,
        organisation_id=organisation.id,
        kind=kind,
        state=ReferralState.sent,
        due_on=due_on,
        note=note,
    )
    db.session.add(referral)
    return referral


def _of_case(case: Case, facts: CaseFacts, referral_id: int | None = None) -> list[Referral]:
    """The open referrals of a case, or the one asked for."""
    wanted = [r.id for r in facts.referrals if referral_id in (None, r.id)]
    return [row for row in (db.session.get(Referral, key) for key in wanted) if row is not None]


@unit_of_work
def assign(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Hand the matter to one lead organisation and any co-organisations, each with its own due day."""
    note, lead, co = text_of(data, "note"), data.get("lead"), list(data.get("co") or ())
    case, facts = take(actor, case_id, version, "assign", note)
    lead_due = data.get("lead_due_on") or facts.proposed_due(case.due_on)
    co_due = data.get("co_due_on") or lead_due
    told = {"lead": lead.name, "lead_due_on": lead_due.isoformat()} if lead is not None else {}
    if co:
        told |= {"co": [org.name for org in co], "co_due_on": co_due.isoformat()}
    row = carry_out(actor, case, facts, "assign", data, reason=note, told=told)
    if lead is not None:  # the guards have seen to it
        case.lead_organisation_id = lead.id
        sent = _send(case, lead, ReferralKind.lead, lead_due, note)
        others = [_send(case, organisation, ReferralKind.co, co_due, note) for organisation in co]
        keep(case)
        clock = deadline.start(case, deadline.OBJECT, row.at.date(), referral=sent)
        sent.objection_due_on = clock.due_on
        case_papers.orders(actor, case, [sent, *others], note)
        tell(actor, case, "assign", holders("sign_for", [lead.id, *(org.id for org in co)]))
    return keep(case)


@unit_of_work
def sign_for(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The own organisation takes the matter over; with the lead's signature handling begins."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "sign_for", note)
    own = facts.referral_of(actor.organisation_id)
    leads = own is not None and own.kind == ReferralKind.lead
    row = carry_out(
        actor,
        case,
        facts,
        "sign_for",
        data,
        reason=note,
        to=CaseState.handling if leads else SAME,
        told={"kind": own.kind.value} if own is not None else None,
    )
    for referral in _of_case(case, facts, own.id if own is not None else 0):
        referral.state, referral.signed_at, referral.signed_by_id = ReferralState.signed, row.at, actor.user_id
        if leads:
            deadline.cancel(case, [deadline.OBJECT], [referral.id])
    return keep(case)


@unit_of_work
def object_to(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The lead organisation sends the matter back within its five working days, and says who should have it."""
    reason, proposed = text_of(data, "reason"), data.get("proposed")
    case, facts = take(actor, case_id, version, "object", reason)
    told = {"proposed": proposed.name, "proposed_id": proposed.id} if proposed is not None else None
    carry_out(actor, case, facts, "object", data, reason=reason, told=told)
    case.objections += 1
    deadline.meet(case, deadline.OBJECT)
    for referral in _of_case(case, facts):
        if referral.kind == ReferralKind.lead:
            referral.state = ReferralState.objected
            case_papers.objection_slip(actor, case, referral, reason, proposed)
    assigned = facts.last("assign", "insist")
    tell(actor, case, "object", [assigned.actor_id if assigned else None])
    return keep(case)


@unit_of_work
def uphold(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The objection holds: every referral ends, and the matter waits to be assigned anew."""
    note = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "uphold", note)
    carry_out(actor, case, facts, "uphold", data, reason=note)
    case.lead_organisation_id = None
    for referral in _of_case(case, facts):
        referral.state = ReferralState.ended
    deadline.cancel(case, [deadline.OBJECT])
    objection = facts.last("object")
    tell(actor, case, "uphold", [objection.actor_id if objection else None])
    return keep(case)


@unit_of_work
def insist(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The organisation keeps the matter and cannot object again."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "insist", reason)
    carry_out(actor, case, facts, "insist", data, reason=reason)
    for referral in _of_case(case, facts):
        if referral.kind == ReferralKind.lead:
            referral.state, referral.objection_due_on = ReferralState.sent, None
    objection = facts.last("object")
    tell(
        actor,
        case,
        "insist",
        [objection.actor_id if objection else None, *holders("sign_for", [case.lead_organisation_id])],
    )
    return keep(case)


@unit_of_work
def log_work(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Write into the course what was done; the entry stands for good."""
    text, done = text_of(data, "text"), data.get("done_at")
    case, facts = take(actor, case_id, version, "log_work", text)
    told: Mapping[str, Any] | None = {"done_at": done.isoformat()} if done is not None else None
    carry_out(actor, case, facts, "log_work", data, reason=text, told=told)
    return keep(case)
