"""More time for handling: asked for by the organisation, granted by the centre, once in a round; parties are told."""

from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.paper import PAPER
from app.models.account import Account
from app.models.case import Case
from app.models.deadline import Deadline
from app.models.document import Document, DocumentKind
from app.models.extension import Extension, ExtensionState
from app.models.recount import RecountCause
from app.models.referral import Referral, ReferralKind, ReferralState
from app.services import deadline, document
from app.services.case import Data, text_of
from app.services.case_papers import PROVISIONAL
from app.services.course import carry_out, keep, take, told_after
from app.services.notice import deciders, holders, tell
from app.services.recount import recount_case, words_of
from app.workflow.facts import CaseFacts


@unit_of_work
def request_extension(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Ask for more days before the day for handling has passed."""
    reason, days, ground = text_of(data, "reason"), data.get("days"), data.get("ground")
    case, facts = take(actor, case_id, version, "request_extension", reason)
    most = deadline.rule_of(deadline.EXTENSION).length
    told = {"days": days, "ground": ground.name if ground is not None else None, "due_on": _iso(facts.handle_due_on)}
    carry_out(actor, case, facts, "request_extension", {**data, "days_most": most}, reason=reason, told=told)
    row: Any = Extension(
        case_id=case.id,
        round=case.round,
        days=days,
        reason=PAPER["because"].format(ground=ground.name, reason=reason)[:2000] if ground is not None else reason,
        state=ExtensionState.asked,
        asked_by_id=actor.user_id,
        old_due_on=facts.handle_due_on,
    )
    db.session.add(row)
    tell(actor, case, "request_extension", deciders("approve_extension", case), days=days)
    return keep(case)


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None


def _asked(facts: CaseFacts) -> Any:
    found = facts.late.extension_of(facts.round)
    return db.session.scalars(select(Extension).where(Extension.id == found.id)).one()


@unit_of_work
def approve_extension(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Grant the days: the day for handling moves with its proof, and every petitioner is to be served a notice."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "approve_extension", note)
    asked = facts.late.extension_of(facts.round)
    told = {"days": asked.days, "before": _iso(asked.old_due_on)} if asked is not None else {}
    step = carry_out(actor, case, facts, "approve_extension", data, reason=note, told=told)
    with told_after(step) as more:
        row = _asked(facts)
        handle = deadline.running([case.id], [deadline.HANDLE])[-1]
        row.new_due_on = deadline.with_days_on_top(handle, row.days)
        row.state, row.decided_by_id, row.decided_at = ExtensionState.approved, actor.user_id, step.at
        moves = recount_case(case, RecountCause.extension, case.number)
        _move_referral(case, row)
        more |= {"after": row.new_due_on.isoformat(), "moved": words_of(moves)}
        _form(actor, case, row, handle, note)
        paper = _notice(actor, case, row, handle)
        more |= {"document": paper.kind.value, "document_number": paper.number, "to_serve": True}
    desk = holders("serve_notice", [case.organisation_id])
    people = [row.asked_by_id, *holders("log_work", [case.lead_organisation_id]), *desk]
    tell(actor, case, "approve_extension", people, day=row.new_due_on.isoformat())
    return keep(case)


def _move_referral(case: Case, row: Extension) -> None:
    """The lead organisation has the new day, too."""
    lead = select(Referral).where(
        Referral.case_id == case.id, Referral.kind == ReferralKind.lead, Referral.state != ReferralState.ended
    )
    for referral in db.session.scalars(lead):
        if row.new_due_on is not None and referral.due_on < row.new_due_on:
            referral.due_on = row.new_due_on


def _form(actor: Actor, case: Case, row: Extension, handle: Deadline, note: str | None) -> None:
    """The approval, which stays in the house."""
    with system_scope("who asked for an extension"):
        asker = db.session.get_one(Account, row.asked_by_id)
    fields = {
        "organisation": case.lead_organisation.name if case.lead_organisation is not None else None,
        "asked_by": asker.first_name,
        "asked_on": row.asked_at.date(),
        "reason": row.reason,
        "old_due_on": row.old_due_on,
        "new_due_on": handle.due_on,
        "days": row.days,
        "decision": row.state,
        "opinion": note,
        "decided_by": actor.name,
        "decided_on": row.decided_at.date() if row.decided_at is not None else None,
    }
    document.issue(actor, case, DocumentKind.extension_approval, fields, about=row)


def _notice(actor: Actor, case: Case, row: Extension, handle: Deadline) -> Document:
    """What every petitioner is served: why, until when, and what he or she may do about it."""
    fields = {
        "organisation": case.lead_organisation.name if case.lead_organisation is not None else None,
        "reason": row.reason,
        "days": row.days,
        "old_due_on": row.old_due_on,
        "new_due_on": handle.due_on,
        "due_note": PROVISIONAL if handle.provisional else None,
    }
    return document.issue(actor, case, DocumentKind.extension_notice, fields, about=row)


@unit_of_work
def refuse_extension(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Refuse the days: the day for handling stays."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "refuse_extension", reason)
    asked = facts.late.extension_of(facts.round)
    step = carry_out(
        actor, case, facts, "refuse_extension", data, reason=reason, told={"days": asked.days} if asked else None
    )
    row = _asked(facts)
    row.state, row.decided_by_id, row.decided_at = ExtensionState.refused, actor.user_id, step.at
    tell(actor, case, "refuse_extension", [row.asked_by_id, *holders("log_work", [case.lead_organisation_id])])
    return keep(case)
