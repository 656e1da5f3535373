"""Conferences: several organisations meet on one matter; one that finds no solution may bring it to the other level."""

from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.models.case import Case
from app.models.conference import Conference
from app.models.document import DocumentKind
from app.models.organisation import Level, Organisation
from app.services import document, parameter
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell

TO_TOWN = "escalate_to_town"


@unit_of_work
def confer(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Several organisations met on the matter; minutes, conclusion, and whether a solution was found are kept."""
    conclusion, organisations = text_of(data, "conclusion"), list(data.get("organisations") or ())
    case, facts = take(actor, case_id, version, "confer", conclusion)
    at = data.get("at")
    told = {
        "at": at.isoformat() if at is not None else None,
        "organisations": [organisation.name for organisation in organisations],
        "organisation_ids": [organisation.id for organisation in organisations],
        "solved": data.get("solved"),
    }
    carry_out(actor, case, facts, "confer", data, reason=conclusion, told=told)
    conference: Any = Conference(
        case_id=case.id,
        at=at,
        level=actor.level or Level.city,
        place=text_of(data, "place"),
        chaired_by_id=actor.user_id,
        minutes=text_of(data, "minutes"),
        conclusion=conclusion,
        solved=bool(data.get("solved")),
        organisations=organisations,
    )
    db.session.add(conference)
    _paper(actor, case, conference)
    others = [organisation.id for organisation in organisations if organisation.id != actor.organisation_id]
    tell(actor, case, "confer", [*holders("log_work", [case.lead_organisation_id]), *holders("log_work", others)])
    return keep(case)


def _paper(actor: Actor, case: Case, conference: Conference) -> None:
    fields = {
        "topic": case.title,
        "held_at": conference.at,
        "venue": conference.place,
        "host": actor.name,
        "summary": conference.minutes,
        "result": conference.conclusion,
        "recorder": actor.name,
        "attendees": [{"organisation": organisation.name} for organisation in conference.organisations],
    }
    document.issue(actor, case, DocumentKind.conference_minutes, fields, about=conference)


def other_centre(case: Case, was_escalated: bool) -> Organisation | None:
    """The centre of the other level, in the direction the house has chosen; None where the matter stands there."""
    to_town = bool(parameter.value(TO_TOWN))
    with system_scope("the centre of the other level"):
        if to_town:
            of_city = case.owner_town_id is None
            of_village = case.organisation.level == Level.village and not was_escalated
            key = case.town_id if of_city else case.owner_town_id if of_village else None
            return db.session.get(Organisation, key) if key is not None else None
        if was_escalated or case.organisation.level == Level.city:
            return None
        return db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()


@unit_of_work
def escalate(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Bring the matter to the other level after a conference without a solution; the centre there has it, too."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "escalate", reason)
    centre = other_centre(case, facts.last("escalate") is not None)
    told = {"centre": centre.name, "centre_id": centre.id} if centre is not None else None
    carry_out(actor, case, facts, "escalate", {**data, "centre": centre}, reason=reason, told=told)
    assert centre is not None  # the guard has seen to it
    if centre.level == Level.township:
        case.owner_town_id = centre.id
    people = [*holders("confer", [centre.id]), *holders("log_work", [case.lead_organisation_id])]
    tell(actor, case, "escalate", people, centre=centre.name)
    return keep(case)
