"""Proposals to other bodies and their answers. One verb, one transaction each."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid
from app.core.paper import plain_day
from app.models.case import Kind
from app.models.document import DocumentKind
from app.models.proposal import Proposal, ProposalKind
from app.services import document, numbering, parameter
from app.services.case import Data, text_of
from app.services.course import Course, announce_step, by_program, keep
from app.services.queries import causes
from app.services.queries.supervision_facts import proposal_facts_of, proposal_steps
from app.workflow.engine import perform
from app.workflow.proposal_flow import PROPOSAL_FLOW
from app.workflow.supervision_facts import DeskFacts

PREFIX, LETTER = "JY", DocumentKind.proposal_letter
PROPOSALS: Course[Proposal, DeskFacts] = Course(PROPOSAL_FLOW, Proposal, proposal_facts_of, proposal_steps)


def _facts(row: Proposal) -> Any:
    """What the letter says happened, out of what is known: the matter, or how often the cause came up."""
    if row.case is not None:
        day = plain_day(clock.local(row.case.registered_at).date())
        if row.case.kind is Kind.accusation:  # what it says never reaches those complained of
            return _lp("paper", "Matter %(number)s, registered on %(day)s.", number=row.case.number, day=day)
        said = {"number": row.case.number, "day": day, "title": row.case.title}
        return _lp("paper", "“%(title)s” (matter %(number)s, registered on %(day)s).", **said)
    if row.category is None and row.place is not None:
        return _lp("paper", "What came up in dealing with the matters of %(place)s.", place=row.place.name)
    if row.category is None:
        return None
    days = timedelta(days=parameter.number("cluster_days"))
    since, until = row.sent_on - days + timedelta(days=1), row.sent_on + timedelta(days=1)
    return _lp(
        "paper",
        "From %(since)s to %(until)s, %(now)d matters of the category “%(category)s” were registered (%(place)s); "
        "%(before)d in as many days before.",
        since=plain_day(since),
        until=plain_day(row.sent_on),
        now=causes.intake(row.category.id, row.place_id, since, until),
        before=causes.intake(row.category.id, row.place_id, since - days, since),
        category=row.category.name,
        place=row.place.name if row.place is not None else _lp("paper", "no place named"),
    )


def _letter(row: Proposal) -> dict[str, Any]:
    """What stands on the letter beside the standard fields."""
    return {
        "proposal_kind": row.kind,
        "proposal_number": row.number,
        "addressee": row.addressee,
        "subject": row.subject,
        "facts": _facts(row),
        "proposal": row.text,
        "due_on": row.due_on,
    }


@unit_of_work
def propose(actor: Actor, data: Data) -> Proposal:
    """Send a proposal as a letter: about one matter, or about a cause that comes back at one place."""
    today, due = clock.today(), data.get("due_on")
    if due is None or due <= today:
        raise Invalid(errors={"due_on": [_l("The day for the answer lies in the future.")]})
    case = data.get("case")
    row: Any = Proposal(
        organisation_id=actor.organisation_id,
        kind=ProposalKind(data["kind"]),
        addressee=text_of(data, "addressee"),
        subject=text_of(data, "subject"),
        text=text_of(data, "text"),
        case_id=case.id if case is not None else None,
        category_id=data["category"].id if data.get("category") is not None else None,
        place_id=data["place"].id if data.get("place") is not None else None,
        sent_on=today,
        due_on=due,
    )
    step = perform(PROPOSAL_FLOW, row, "propose", by_program(actor), DeskFacts(today))
    row.number = numbering.next_number(f"{PREFIX}{numbering.prefix_of(actor)}", today.year)
    db.session.add(row)
    keep(row)
    document.issue(actor, row, LETTER, _letter(row))
    step.proposal_id, step.data = row.id, {**step.data, "body": row.addressee}
    db.session.add(step)
    announce_step(row, step)
    return keep(row)  # type: ignore[no-any-return]


@unit_of_work
def record_answer(actor: Actor, key: int, data: Data, version: int | None = None) -> Proposal:
    """Keep what the other body answered."""
    words, outcome = text_of(data, "answer"), data.get("outcome")
    row, facts = PROPOSALS.take(actor, key, version, "record_answer", words)
    told = {"outcome": outcome.value if outcome is not None else None}
    row.outcome, row.answer, row.answered_on = outcome, words, data.get("answered_on")
    PROPOSALS.carry_out(actor, row, facts, "record_answer", data, reason=(words or "")[:2000], told=told)
    return keep(row)


@unit_of_work
def close(actor: Actor, key: int, data: Data, version: int | None = None) -> Proposal:
    """Keep what became of it."""
    note = text_of(data, "note")
    row, facts = PROPOSALS.take(actor, key, version, "close_proposal", note)
    PROPOSALS.carry_out(actor, row, facts, "close_proposal", data, reason=note)
    return keep(row)


@unit_of_work
def withdraw(actor: Actor, key: int, data: Data, version: int | None = None) -> Proposal:
    """Take a proposal back; its letter holds no longer."""
    reason = text_of(data, "reason")
    row, facts = PROPOSALS.take(actor, key, version, "withdraw_proposal", reason)
    PROPOSALS.carry_out(actor, row, facts, "withdraw_proposal", data, reason=reason)
    with system_scope("the letter of the actor's proposal"):
        letter = document.latest(row, LETTER)
    if letter is not None:
        document.void(letter, (reason or "")[:500])
    return keep(row)
