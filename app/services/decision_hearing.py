"""Hearings before decisions (事前听证): called in time, held, minutes signed, every opinion answered, concluded."""

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock, workdays
from app.core.db import db, unit_of_work
from app.core.errors import NotAllowed
from app.models.hearing import (
    Hearing,
    HearingKind,
    HearingOpinion,
    HearingParticipant,
    MinutesSigned,
)
from app.services import deadline
from app.services.case import Data, text_of
from app.services.course import Course, announce_step, keep
from app.services.queries.service_facts import hearing_facts, hearing_steps
from app.services.record import register_sentences
from app.services.register import must_own
from app.services.working_calendar import calendar
from app.workflow.engine import perform
from app.workflow.hearing_flow import HEARING_FLOW
from app.workflow.plain_facts import PlainFacts

COURSE: Course[Hearing, PlainFacts] = Course(HEARING_FLOW, Hearing, hearing_facts, hearing_steps)

register_sentences(
    {
        "ck_hearing_participant_refusal_has_reason": ("signatures", _l("Of whoever did not sign, please say why.")),
        "ck_hearing_opinion_rejection_has_reason": (
            "opinions",
            _l("Of an opinion that was not adopted, please say why not."),
        ),
    }
)


def _notice(data: Mapping[str, Any]) -> dict[str, Any]:
    """The last day on which the hearing could be announced, by the rule of now."""
    held, rule = data.get("held_at"), deadline.rule_of(deadline.HEARING_NOTICE)
    day = clock.local(held).date() if held is not None else None
    until = workdays.days_before(day, rule.length, rule.unit.value, calendar()) if day is not None else None
    return {"notice_until": until, "notice_days": rule.length}


@unit_of_work
def call(actor: Actor, given: Mapping[str, Any]) -> Hearing:
    """Announce a hearing before a decision; not later than the rule of days before it."""
    if not actor.may("call_decision", "Hearing"):
        raise NotAllowed()
    must_own(actor, given["organisation"].id)
    hearing = Hearing(kind=HearingKind.decision, noticed_on=clock.today())
    row = perform(HEARING_FLOW, hearing, "call_decision", actor, hearing_facts(hearing), {**given, **_notice(given)})
    for name in ("organisation", "subject", "held_at", "place", "chosen_how"):
        setattr(hearing, name, given.get(name))
    db.session.add(hearing)
    keep(hearing)
    row.hearing_id = hearing.id
    db.session.add(row)
    announce_step(hearing, row)
    return keep(hearing)


def _named(rows: Any, name: str) -> list[Mapping[str, Any]]:
    return [row for row in rows or () if (row.get(name) or "").strip()]


@unit_of_work
def hold(actor: Actor, hearing_id: int, data: Data, version: int | None = None) -> Hearing:
    """The hearing was held: who took part and how each was chosen, the minutes, the opinions that were voiced."""
    hearing, facts = COURSE.take(actor, hearing_id, version, "hold_decision")
    people, opinions = _named(data.get("participants"), "name"), _named(data.get("opinions"), "text")
    told = {"participants": len(people), "opinions": len(opinions)}
    COURSE.carry_out(actor, hearing, facts, "hold_decision", data, told=told)
    chair = data.get("chaired_by")
    hearing.chaired_by_id = chair.id if chair is not None else actor.user_id
    hearing.chosen_how = text_of(data, "chosen_how") or hearing.chosen_how
    hearing.minutes = text_of(data, "minutes")
    hearing.attendance = data.get("attendance") or len(people)
    hearing.participants = [
        HearingParticipant(name=row["name"].strip(), capacity=text_of(row, "capacity"), chosen=row["chosen"])
        for row in people
    ]
    hearing.opinions = [HearingOpinion(text=row["text"].strip()) for row in opinions]
    return keep(hearing)


@unit_of_work
def sign(actor: Actor, hearing_id: int, data: Data, version: int | None = None) -> Hearing:
    """The participants sign the minutes, on the screen or on paper; whoever does not has a reason."""
    hearing, facts = COURSE.take(actor, hearing_id, version, "sign_decision")
    rows = [row for row in data.get("signatures") or () if row.get("signed") is not None]
    signed = [row for row in rows if row["signed"] is not MinutesSigned.refused]
    told = {"signed": len(signed), "refused": len(rows) - len(signed)}
    COURSE.carry_out(actor, hearing, facts, "sign_decision", {**data, "signatures": rows}, told=told)
    waiting = {row.id: row for row in hearing.participants if row.signed is None}
    for row in rows:
        one = waiting.get(row["participant"])
        if one is not None:
            _sign(one, row)
    return keep(hearing)


def _sign(participant: HearingParticipant, row: Mapping[str, Any]) -> None:
    signing = row.get("signature")
    if row["signed"] is MinutesSigned.screen and signing is not None:
        participant.strokes = json.dumps(signing.strokes, separators=(",", ":"))
    participant.signed, participant.signed_at = row["signed"], clock.now()
    participant.sign_note = text_of(row, "note")


@unit_of_work
def conclude(actor: Actor, hearing_id: int, data: Data, version: int | None = None) -> Hearing:
    """Every opinion is adopted, or not adopted with the reason; what follows is written down."""
    hearing, facts = COURSE.take(actor, hearing_id, version, "conclude_decision")
    answers = {row["opinion"]: row for row in data.get("opinions") or ()}
    told = {"opinions": len(answers), "adopted": sum(row.get("adopted") is True for row in answers.values())}
    COURSE.carry_out(actor, hearing, facts, "conclude_decision", data, told=told)
    hearing.conclusion, hearing.concluded_at = text_of(data, "conclusion"), clock.now()
    for opinion in hearing.opinions:
        row = answers[opinion.id]
        opinion.adopted, opinion.reason = row["adopted"], text_of(row, "reason")
    return keep(hearing)


@unit_of_work
def cancel(actor: Actor, hearing_id: int, data: Data, version: int | None = None) -> Hearing:
    """The hearing is not held, and why."""
    reason = text_of(data, "reason")
    hearing, facts = COURSE.take(actor, hearing_id, version, "cancel_decision", reason)
    COURSE.carry_out(actor, hearing, facts, "cancel_decision", data, reason=reason)
    hearing.reason = (reason or "")[:500]
    return keep(hearing)
