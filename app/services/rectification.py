"""Rectification 整改: ordered after a low score, reported with evidence, accepted by a supervisor, then asked again."""

from typing import Any

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case
from app.models.follow_up import FollowUp
from app.models.rectification import Rectification, RectificationState
from app.services import deadline, document, numbering, sms
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell
from app.services.queries.superiors import office_name
from app.workflow.facts import CaseFacts

PREFIX = "ZG"


def order(actor: Actor, case: Case, facts: CaseFacts, asked: FollowUp, cause: str) -> Rectification:
    """A rectification begins: its number, its owner (the lead organisation, else the centre), its day and its paper."""
    owner = facts.lead.organisation_id if facts.lead is not None else case.organisation_id
    moment = clock.now()
    deadline.cancel(case, deadline.FOLLOW_UPS)  # they begin anew when it is accepted
    due = deadline.start(case, deadline.RECTIFY, moment.date())
    row: Any = Rectification(
        case_id=case.id,
        number=numbering.next_number(f"{PREFIX}{numbering.prefix_of(actor)}", moment.year),
        round=case.round,
        follow_up_id=asked.id,
        organisation_id=owner,
        state=RectificationState.ordered,
        cause=cause,
        ordered_at=moment,
        due_on=due.due_on,
    )
    db.session.add(row)
    db.session.flush()
    deadline.show_nearest(case)
    paper = {
        "problems": [{"text": cause}],
        "due_on": row.due_on,
        "ordered_by": actor.name,
        "organisation": office_name(row.organisation),
    }
    document.issue(actor, case, document.DocumentKind.rectification_notice, paper, about=row)
    people = [*holders("report_rectification", [owner]), *holders("accept_rectification", [case.organisation_id])]
    tell(actor, case, "rectification_ordered", people, day=row.due_on.isoformat())
    return row


def _open(case: Case) -> Any:
    """The rectification of the case that is not accepted yet; the guards have seen to it that there is one."""
    statement = db.select(Rectification).where(
        Rectification.case_id == case.id, Rectification.state != RectificationState.accepted
    )
    return db.session.scalars(statement.with_for_update()).one()


@unit_of_work
def report(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The organisation reports what it mended, with its evidence."""
    text = text_of(data, "report")
    case, facts = take(actor, case_id, version, "report_rectification", text)
    carry_out(actor, case, facts, "report_rectification", data, reason=text)
    rectification = _open(case)
    rectification.state, rectification.report = RectificationState.reported, text
    rectification.reported_by_id, rectification.reported_at = actor.user_id, clock.now()
    rectification.evidence = list(data.get("evidence") or ())
    tell(actor, case, "rectification_reported", holders("accept_rectification", [case.organisation_id]))
    return keep(case)


@unit_of_work
def send_back(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The supervisor finds that it does not do yet; the day stays."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "return_rectification", reason)
    carry_out(actor, case, facts, "return_rectification", data, reason=reason)
    rectification = _open(case)
    rectification.state = RectificationState.ordered
    tell(actor, case, "rectification_returned", holders("report_rectification", [rectification.organisation_id]))
    return keep(case)


@unit_of_work
def accept(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The supervisor accepts what was mended; the party is asked again."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "accept_rectification", note)
    carry_out(actor, case, facts, "accept_rectification", data, reason=note)
    rectification = _open(case)
    rectification.state = RectificationState.accepted
    rectification.accepted_by_id, rectification.accepted_at = actor.user_id, clock.now()
    deadline.meet(case, deadline.RECTIFY)
    for code in deadline.FOLLOW_UPS:
        deadline.start(case, code, clock.today())
    deadline.show_nearest(case)
    sms.text_petitioners(actor, case, "rectified")
    tell(actor, case, "rectification_accepted", holders("follow_up", [case.organisation_id]))
    return keep(case)
