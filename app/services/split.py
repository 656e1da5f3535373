"""Splitting: some claims go on as a matter of their own, with its number, the same parties and the days they had."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.deadline import Deadline
from app.models.party import Claim, Party, Representative
from app.services import deadline, numbering, search_index, sms
from app.services.case import Data, text_of
from app.services.course import CASES, announce_step, carry_out, keep, take, told_after
from app.services.registration import hash_of_code, new_code
from app.workflow.case_flow import CASE_FLOW
from app.workflow.engine import perform
from app.workflow.facts import CaseFacts

COPIED = (
    *("facts", "channel", "kind", "organisation_id", "owner_town_id", "town_id", "village_id", "head_count"),
    *("occurred_on", "registered_at", "petitioner_name", "petitioner_phone"),
)


@unit_of_work
def split(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let the chosen claims go on as a new matter; both courses tell of it."""
    reason, title, going = text_of(data, "reason"), text_of(data, "title"), list(data.get("claims") or ())
    case, facts = take(actor, case_id, version, "split", reason)
    step = carry_out(actor, case, facts, "split", data, reason=reason, told={"claims": [c.text for c in going]})
    with told_after(step) as told, system_scope("the parties and claims of a matter that is split"):
        new = _new_case(actor, case, title or case.title, data)
        _course_of(actor, case, new, reason)
        told |= {"number": new.number, "case_id": new.id}
        _copy_parties(case, new)
        _move_claims(going, new)
        _clocks(actor, case, new)
        keep(new)
        search_index.index_cases([case.id, new.id])
    return keep(case)


def _new_case(actor: Actor, case: Case, title: str, data: Data) -> Case:
    category = data.get("category") or case.category
    number = numbering.next_number(numbering.prefix_of(actor), clock.today().year)
    new: Any = Case(
        number=number,
        receipt_hash=hash_of_code(number, new_code()),  # nobody knows it: the desk renews it for the party
        title=title,
        category_id=category.id,
        split_from_id=case.id,
        **{name: getattr(case, name) for name in COPIED},
    )
    return new  # type: ignore[no-any-return]


def _course_of(actor: Actor, case: Case, new: Case, reason: str | None) -> None:
    """The first row of the new course: split off, in the name of who did it."""
    told = {"number": case.number, "case_id": case.id}
    by_program = replace(actor, system=True)
    step = perform(CASE_FLOW, new, "split_off", by_program, CaseFacts(clock.today()), reason=reason, told=told)
    db.session.add(new)
    db.session.flush()
    step.case_id = new.id
    db.session.add(step)
    announce_step(new, step)


def _copy_parties(case: Case, new: Case) -> None:
    """The same parties stand in both, with those who speak for them."""
    parties = {}
    for party in db.session.scalars(select(Party).where(Party.case_id == case.id).order_by(Party.id)):
        copy: Any = Party(
            case_id=new.id,
            side=party.side,
            person_id=party.person_id,
            respondent_organisation_id=party.respondent_organisation_id,
            organisation_name=party.organisation_name,
        )
        db.session.add(copy)
        parties[party.id] = copy
    for speaker in db.session.scalars(
        select(Representative).where(Representative.case_id == case.id).order_by(Representative.id)
    ):
        again: Any = Representative(
            case_id=new.id,
            kind=speaker.kind,
            party=parties[speaker.party_id],
            agent_id=speaker.agent_id,
            authority=speaker.authority,
        )
        db.session.add(again)
    db.session.flush()


def _move_claims(going: Sequence[Claim], new: Case) -> None:
    keys = [claim.id for claim in going]
    for number, claim in enumerate(
        db.session.scalars(select(Claim).where(Claim.id.in_(keys)).order_by(Claim.number)).all(), 1
    ):
        claim.case_id, claim.number = new.id, number
    db.session.flush()


def _clocks(actor: Actor, case: Case, new: Case) -> None:
    """The days count from the registration of the matter it comes from; an acceptance there holds here, too."""
    acknowledge = deadline.start_clocks(new)
    if case.state is not CaseState.accepted:
        sms.text_petitioners(actor, new, "registered", until=acknowledge.due_on)
        return
    codes = (deadline.HANDLE, deadline.ACK)
    rows = db.session.scalars(select(Deadline).where(Deadline.case_id == case.id, Deadline.code.in_(codes)))
    known = {row.code: row for row in rows}
    accepted = known[deadline.HANDLE].starts_on
    data = {"kind": new.kind, "category": new.category}
    carry_out(actor, new, CASES.facts(new), "accept", data, told={"from": case.number})
    deadline.meet(new, deadline.ACK, known[deadline.ACK].met_on or accepted)
    handle = deadline.start(new, deadline.HANDLE, accepted)
    deadline.show_nearest(new)
    sms.text_petitioners(actor, new, "accepted", until=handle.due_on)
