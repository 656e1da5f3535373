"""Intake steps of a case: supplement, merge, decline and redirect, accept. One verb, one transaction each."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.models.case import Case
from app.services import case_papers, deadline, sms
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell

Data = Mapping[str, Any]


def text_of(data: Data, name: str) -> str | None:
    """What was typed into a field, or None."""
    return (data.get(name) or "").strip() or None


def merged_into(case: Case) -> list[int]:
    """The matters that go on within this one."""
    return list(db.session.scalars(select(Case.id).where(Case.merged_into_id == case.id)))


def _names(items: Any) -> list[str]:
    return [str(item.name) for item in items or ()]


@unit_of_work
def request_supplement(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Tell the petitioner, once, what is missing."""
    reason, missing = text_of(data, "reason"), _names(data.get("missing"))
    case, facts = take(actor, case_id, version, "request_supplement", reason)
    carry_out(
        actor,
        case,
        facts,
        "request_supplement",
        data,
        reason=reason,
        told={"missing": missing, "document": "supplement_notice"},
    )
    case.supplements += 1
    case_papers.supplement_notice(actor, case, missing, reason)
    sms.text_petitioners(actor, case, "supplement_asked")
    registered = facts.last("register")
    tell(actor, case, "request_supplement", [registered.actor_id if registered else None])
    return keep(case)


@unit_of_work
def supplement(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Take in what was brought; further facts are added below those that stand, never over them."""
    note, more = text_of(data, "note"), text_of(data, "facts")
    case, facts = take(actor, case_id, version, "supplement", note)
    carry_out(actor, case, facts, "supplement", data, reason=note, told={"facts": more} if more else None)
    if more:
        case.facts = f"{case.facts}\n\n{more}"
    asked = facts.last("request_supplement")
    tell(actor, case, "supplement", [asked.actor_id if asked else None])
    return keep(case)


@unit_of_work
def merge(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let this matter go on within another; its parties keep their own days."""
    reason, parent = text_of(data, "reason"), data.get("parent")
    case, facts = take(actor, case_id, version, "merge", reason)
    if parent is not None:
        parent = db.session.scalar(
            select(Case).where(Case.id == parent.id).with_for_update().execution_options(populate_existing=True)
        )
    carry_out(
        actor,
        case,
        facts,
        "merge",
        {**data, "parent": parent},
        reason=reason,
        told={"parent": parent.number, "parent_id": parent.id} if parent is not None else None,
    )
    case.merged_into_id = parent.id if parent is not None else None
    if parent is not None:
        lead = holders("sign_for", [parent.lead_organisation_id])
        tell(actor, parent, "merge", lead or holders("assign", [parent.organisation_id]))
    return keep(case)


@unit_of_work
def unmerge(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let this matter stand on its own again."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "unmerge", reason)
    parent = case.merged_into.number if case.merged_into is not None else ""
    carry_out(actor, case, facts, "unmerge", data, reason=reason, told={"parent": parent})
    case.merged_into_id = None
    return keep(case)


def _propose(actor: Actor, name: str, case_id: int, data: Data, version: int | None) -> Case:
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, name, reason)
    ground, route = data.get("ground"), data.get("route")
    told = {
        "ground": ground.name if ground else None,
        "ground_code": ground.code if ground else None,
        "route": route.name if route else None,
        "route_code": route.code if route else None,
        "where": text_of(data, "where"),
    }
    carry_out(actor, case, facts, name, data, reason=reason, told={k: v for k, v in told.items() if v})
    tell(actor, case, "decline_proposed", holders("approve_decline", [case.organisation_id]))
    return keep(case)


@unit_of_work
def decline(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Propose not to accept the matter; the head of the centre decides."""
    return _propose(actor, "decline", case_id, data, version)


@unit_of_work
def redirect(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Propose to show the petitioner the legal route; the head of the centre decides."""
    return _propose(actor, "redirect", case_id, data, version)


@unit_of_work
def approve_decline(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Approve the proposal: the matter ends, and its notice is marked as to be served."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "approve_decline", note)
    proposal = facts.last("decline", "redirect")
    document = "redirect_notice" if proposal and proposal.step == "redirect" else "decline_notice"
    carry_out(actor, case, facts, "approve_decline", data, reason=note, told={"document": document, "to_serve": True})
    deadline.meet(case, deadline.ACK)
    deadline.cancel(case, [deadline.REPLY])
    deadline.show_nearest(case)
    case_papers.decline_notice(actor, case)
    sms.text_petitioners(actor, case, "redirected" if document == "redirect_notice" else "declined")
    registered = facts.last("register")
    tell(
        actor,
        case,
        "approve_decline",
        [proposal.actor_id if proposal else None, registered.actor_id if registered else None],
    )
    return keep(case)


@unit_of_work
def refuse_decline(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Refuse the proposal: the dispatcher goes on with the matter."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "refuse_decline", reason)
    carry_out(actor, case, facts, "refuse_decline", data, reason=reason)
    proposal = facts.last("decline", "redirect")
    tell(actor, case, "refuse_decline", [proposal.actor_id if proposal else None])
    return keep(case)


@unit_of_work
def accept(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Accept the matter, with its kind and category as the dispatcher sees them; the days for handling begin."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "accept", note)
    category, kind = data.get("category"), data.get("kind") or case.kind
    told: dict[str, Any] = {}
    if category is not None and category.id != case.category_id:
        told["category"] = [case.category.name, category.name]
    if kind != case.kind:
        told["kind"] = [case.kind.value, kind.value]
    row = carry_out(actor, case, facts, "accept", {**data, "kind": kind}, reason=note, told=told)
    if category is not None:
        case.category_id = category.id
    case.kind = kind
    on = row.at.date()
    deadline.meet(case, deadline.ACK, on, also=merged_into(case))
    handle = deadline.start(case, deadline.HANDLE, on)
    deadline.show_nearest(case)
    case_papers.acceptance_notice(actor, case, handle, note)
    sms.text_petitioners(actor, case, "accepted", until=handle.due_on)
    return keep(case)
