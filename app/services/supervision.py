"""Urges, supervision letters, their answers: one verb, one transaction each (the rules: supervision_rule.py)."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import NotFound
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.supervision import Supervision, SupervisionCause, SupervisionState
from app.services import document, numbering, parameter
from app.services.case import Data, text_of
from app.services.course import CASES, Course, announce_step, by_program, keep, told_after
from app.services.movers import Movers
from app.services.notice import tell, tell_people
from app.services.queries.case_facts import accused_paths
from app.services.queries.superiors import office_name
from app.services.queries.supervision_facts import facts_of, order_steps
from app.services.record import register_sentences
from app.workflow.engine import perform
from app.workflow.supervision_facts import DeskFacts
from app.workflow.supervision_flow import SUPERVISION_FLOW

PREFIX = "DB"
ORDERS: Course[Supervision, DeskFacts] = Course(SUPERVISION_FLOW, Supervision, facts_of, order_steps)
register_sentences(
    {"uq_supervision_letter": ("organisation", _l("A letter on this matter to this office is not closed yet."))}
)


def _number(case: Case) -> str:
    prefix = numbering.centre_of(case.organisation).number_prefix or ""
    return numbering.next_number(f"{PREFIX}{prefix}", clock.today().year)


def office_of(case: Case) -> Organisation:
    """Whose the matter is now: the lead organisation, else the centre."""
    return case.lead_organisation or numbering.centre_of(case.organisation)


def answer_day() -> Any:
    """The day that is proposed for an answer."""
    return clock.today() + timedelta(days=parameter.number("supervision_days"))


def address_of(order: Supervision) -> str:
    """Where a message about an order leads."""
    return f"/supervision/show/{order.id}"


def _tell(actor: Actor, case: Case, order: Supervision, code: str, action: str, organisation_id: int | None) -> None:
    people = Movers().nearest(action, organisation_id, case.id, "Supervision")
    said = {"number": case.number, "order": order.number, "by": actor.name, "organisation": order.organisation.name}
    if order.due_on is not None:
        said["day"] = order.due_on.isoformat()
    tell_people(actor, code, people, said, case_id=case.id, link=address_of(order))


@unit_of_work
def urge(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Tell those whose move it is that it is time; not again before the days set by the house are over."""
    words = text_of(data, "text")
    case, facts = CASES.take(actor, case_id, version, "urge", words)
    given = {**data, "every_days": parameter.number("urge_every_days")}
    CASES.carry_out(actor, case, facts, "urge", given, reason=words, told={"office": office_of(case).name})
    with system_scope("those whose move it is"):
        unit = facts.lead.organisation_id if facts.lead is not None else case.lead_organisation_id
        people = Movers().movers(case.state, case.id, case.organisation_id, unit)
    tell(actor, case, "urged", people, text=words)
    return keep(case)


def raise_order(
    actor: Actor, case: Case, cause: SupervisionCause, occasion: int, office: Organisation, why: str | None = None
) -> Supervision:
    """An order comes up; within the transaction of whoever has a reason."""
    order: Any = Supervision(
        case_id=case.id, cause=cause, occasion=occasion, organisation_id=office.id, why=why, raised_at=clock.now()
    )
    row = perform(SUPERVISION_FLOW, order, "raise_supervision", by_program(actor), DeskFacts(clock.today()))
    order.number = _number(case)
    db.session.add(order)
    keep(order)
    row.supervision_id, row.case_id, row.data = order.id, case.id, {**row.data, "cause": cause.value}
    db.session.add(row)
    announce_step(order, row)
    keep(row)
    return order  # type: ignore[no-any-return]


def _send(actor: Actor, case: Case, order: Supervision, data: Data) -> None:
    """The letter: what it says, its paper, who hears of it; what the rules raised on the matter is taken up by it."""
    facts = facts_of(order)
    given = {**data, "accused_paths": accused_paths(case)}
    office, due = given.get("organisation"), given.get("due_on")
    order.why, order.requirement, order.due_on = text_of(data, "why"), text_of(data, "requirement"), due
    if office is not None:
        order.organisation_id = office.id
    step = ORDERS.carry_out(
        actor,
        order,
        facts,
        "issue_letter",
        given,
        told={"office": office.name if office is not None else "", "day": due.isoformat() if due else ""},
    )
    order.ordered_at = step.at
    keep(order)
    db.session.refresh(order, ["organisation"])
    paper = {
        "organisation": office_name(office),  # type: ignore[arg-type]
        "cause": order.why,
        "requirement": order.requirement,
        "due_on": due,
        "supervisor": actor.name,
    }
    document.issue(actor, case, document.DocumentKind.supervision_letter, paper, about=order)
    others = select(Supervision).where(
        Supervision.case_id == case.id, Supervision.state == SupervisionState.raised, Supervision.id != order.id
    )
    for other in db.session.scalars(others.with_for_update()).all():
        told = {"by": order.number}
        ORDERS.carry_out(by_program(actor), other, facts_of(other), "lapse_supervision", told=told)
    _tell(actor, case, order, "supervision_letter", "answer_supervision", order.organisation_id)


@unit_of_work
def supervise(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Order supervision of a case on one's own judgement: a letter with a number goes to the office."""
    why = text_of(data, "why")
    case, facts = CASES.take(actor, case_id, version, "supervise", why)
    given, office = {**data, "accused_paths": accused_paths(case)}, data.get("organisation")
    step = CASES.carry_out(actor, case, facts, "supervise", given, reason=why)
    assert office is not None  # the guard has seen to it
    with told_after(step) as told:
        order = raise_order(actor, case, SupervisionCause.judgement, step.seq, office)
        _send(actor, case, order, data)
        told |= {"order": order.number, "order_id": order.id, "office": office.name, "day": str(order.due_on)}
    return keep(case)


def _take(
    actor: Actor, key: int, version: int | None, name: str, reason: str | None = None
) -> tuple[Supervision, DeskFacts, Case]:
    """The order and its case, the case locked first, as the steps of the case do."""
    case_id = db.session.scalar(select(Supervision.case_id).where(Supervision.id == key))
    if case_id is None:
        raise NotFound()
    with system_scope("the case of an order that the actor has found"):
        locked = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
        case = db.session.scalars(locked).one()
    order, facts = ORDERS.take(actor, key, version, name, reason)
    return order, facts, case


@unit_of_work
def issue_letter(actor: Actor, order_id: int, data: Data, version: int | None = None) -> Supervision:
    """A supervisor puts what a rule has raised into a letter."""
    order, _facts, case = _take(actor, order_id, version, "issue_letter")
    _send(actor, case, order, data)
    return keep(order)


@unit_of_work
def answer(actor: Actor, order_id: int, data: Data, version: int | None = None) -> Supervision:
    """The office answers the letter."""
    words = text_of(data, "answer")
    order, facts, case = _take(actor, order_id, version, "answer_supervision", words)
    order.answer = words
    step = ORDERS.carry_out(actor, order, facts, "answer_supervision", data, reason=(words or "")[:2000])
    order.answered_by_id, order.answered_at = actor.user_id, step.at
    with system_scope("the supervisors of a case"):
        _tell(actor, case, order, "supervision_answered", "close_supervision", case.organisation_id)
    return keep(order)


@unit_of_work
def return_answer(actor: Actor, order_id: int, data: Data, version: int | None = None) -> Supervision:
    """The answer does not do yet; the office answers anew until a new day."""
    reason, due = text_of(data, "reason"), data.get("due_on")
    order, facts, case = _take(actor, order_id, version, "return_answer", reason)
    told = {"day": due.isoformat() if due is not None else ""}
    ORDERS.carry_out(actor, order, facts, "return_answer", data, reason=reason, told=told)
    order.due_on = due
    _tell(actor, case, order, "supervision_returned", "answer_supervision", order.organisation_id)
    return keep(order)


@unit_of_work
def close(actor: Actor, order_id: int, data: Data, version: int | None = None) -> Supervision:
    """The order has done its work."""
    note = text_of(data, "note")
    order, facts, case = _take(actor, order_id, version, "close_supervision", note)
    step = ORDERS.carry_out(actor, order, facts, "close_supervision", data, reason=note)
    order.closed_by_id, order.closed_at = actor.user_id, step.at
    _tell(actor, case, order, "supervision_closed", "answer_supervision", order.organisation_id)
    return keep(order)


@unit_of_work
def drop(actor: Actor, order_id: int, data: Data, version: int | None = None) -> Supervision:
    """There is nothing to supervise any more."""
    reason = text_of(data, "reason")
    order, facts, case = _take(actor, order_id, version, "drop_supervision", reason)
    was_out = order.state is SupervisionState.ordered
    ORDERS.carry_out(actor, order, facts, "drop_supervision", data, reason=reason)
    if was_out:
        _tell(actor, case, order, "supervision_dropped", "answer_supervision", order.organisation_id)
    return keep(order)
