"""Withdrawals: the petitioners take a matter back in writing; the head of the centre lets it end or go on."""

from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.models.calendar import Nature
from app.models.case import Case, CaseState
from app.models.deadline import DeadlineState
from app.models.hearing import Hearing, HearingState
from app.models.mediation import Mediation, MediationState
from app.models.party import ClaimResult
from app.models.signature import SignaturePurpose
from app.services import deadline, joint
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take, told_after
from app.services.notice import deciders, holders, tell
from app.services.queries.speakers import speakers_of
from app.services.suspension import end_suspension


@unit_of_work
def withdraw(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Take the signed withdrawal down; the head of the centre decides."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "withdraw", reason)
    with system_scope("who speaks for the petitioners"):
        speakers = speakers_of(case)
    more = {"speakers": [party.id for party in speakers]}
    step = carry_out(actor, case, facts, "withdraw", {**data, **more}, reason=reason)
    with told_after(step) as told:
        rows, paper = data.get("signatures") or (), data.get("paper") or ()
        kept = joint.keep_all(actor, case.id, speakers, rows, paper, SignaturePurpose.withdrawal)
        told["signed"] = joint.said_of(speakers, kept)
    tell(actor, case, "withdraw", deciders("approve_withdrawal", case))
    return keep(case)


@unit_of_work
def approve_withdrawal(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let the matter end as withdrawn: no claim counts as resolved, and no day of the offices runs on."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "approve_withdrawal", note)
    step = carry_out(actor, case, facts, "approve_withdrawal", data, reason=note)
    with told_after(step) as told, system_scope("a matter that ends"):
        told |= end_suspension(case)
        _end_what_is_open(case)
        for claim in case.claims:
            claim.result, claim.resolved = ClaimResult.withdrawn, False
        case.resolved = False
        for row in deadline.open_of(case):
            if not (row.party_id is not None and row.rule.nature == Nature.law):  # a right by law stays its party's
                row.state = DeadlineState.cancelled
        deadline.show_nearest(case)
    proposal = facts.last("withdraw")
    people = [proposal.actor_id if proposal else None, *holders("log_work", [case.lead_organisation_id])]
    tell(actor, case, "approve_withdrawal", people)
    return keep(case)


def _end_what_is_open(case: Case) -> None:
    """A hearing that is called is not held any more, a mediation under way ends without an agreement."""
    called = select(Hearing).where(Hearing.case_id == case.id, Hearing.state == HearingState.called)
    for hearing in db.session.scalars(called):
        _close(hearing, HearingState.cancelled)
    under_way = select(Mediation).where(Mediation.case_id == case.id, Mediation.state == MediationState.open)
    for mediation in db.session.scalars(under_way):
        mediation.ended_at = case.changed_at
        _close(mediation, MediationState.failed)


def _close(row: Any, state: Any) -> None:
    row.state = state


@unit_of_work
def refuse_withdrawal(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let the matter go on where it stood."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "refuse_withdrawal", reason)
    proposal = facts.last("withdraw")
    before = CaseState.of(proposal.from_state) if proposal is not None else None
    carry_out(actor, case, facts, "refuse_withdrawal", data, reason=reason, to=before or CaseState.registered)
    people = [proposal.actor_id if proposal else None, *holders("log_work", [case.lead_organisation_id])]
    tell(actor, case, "refuse_withdrawal", people)
    return keep(case)
