"""What the guards need to know about hearings before decisions and legal service events; their courses."""

from typing import Any

from sqlalchemy import func, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.hearing import Hearing, HearingOpinion, HearingParticipant, HearingStep
from app.models.outreach import OutreachEvent, OutreachStep
from app.workflow.facts import Event
from app.workflow.plain_facts import PlainFacts

_participant, _opinion = HearingParticipant.__table__, HearingOpinion.__table__


def _course(model: Any, owner: Any, key: int) -> list[Any]:
    with system_scope("the course of a record taken up already"):
        return list(db.session.scalars(select(model).where(owner == key).order_by(model.seq)))


def hearing_steps(hearing_id: int) -> list[Any]:
    """The steps of a hearing before a decision, first to last."""
    return _course(HearingStep, HearingStep.hearing_id, hearing_id)


def outreach_steps(event_id: int) -> list[Any]:
    """The steps of a legal service event, first to last."""
    return _course(OutreachStep, OutreachStep.event_id, event_id)


def _facts(steps: list[Any], **more: int) -> PlainFacts:
    course = tuple(Event(row.step, row.actor_id, row.from_state, row.to_state) for row in steps)
    seq = max((row.seq for row in steps), default=0) + 1
    return PlainFacts(clock.now(), clock.today(), seq, course, **more)


def _how_many(table: Any, hearing_id: int, *clauses: Any) -> int:
    found = select(func.count()).select_from(table).where(table.c.hearing_id == hearing_id, *clauses)
    return int(db.session.connection().execute(found).scalar_one())


def hearing_facts(hearing: Hearing) -> PlainFacts:
    """The facts of a hearing, from the database."""
    if hearing.id is None:
        return _facts([])
    return _facts(
        hearing_steps(hearing.id),
        unsigned=_how_many(_participant, hearing.id, _participant.c.signed.is_(None)),
        undecided=_how_many(_opinion, hearing.id, _opinion.c.adopted.is_(None)),
    )


def outreach_facts(event: OutreachEvent) -> PlainFacts:
    """The facts of a legal service event, from the database."""
    return _facts(outreach_steps(event.id) if event.id is not None else [])
