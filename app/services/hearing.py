"""Hearings on a matter: called at least seven days before, every side told; held with participants and opinions."""

from typing import Any

from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock, workdays
from app.core.db import db, unit_of_work
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.hearing import Hearing, HearingKind, HearingOpinion, HearingParticipant, HearingState
from app.services import deadline, document
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell
from app.services.working_calendar import calendar

OPINION: dict[bool | None, Any] = {
    True: _lp("paper", "Opinion, adopted"),
    False: _lp("paper", "Opinion, not adopted"),
    None: _lp("paper", "Opinion"),
}


def _hearing(facts: Any) -> Any:
    called = facts.late.called_hearing
    return db.session.scalars(select(Hearing).where(Hearing.id == called.id)).one() if called is not None else None


@unit_of_work
def call_hearing(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Call a hearing and keep how every side was told; one called before is put off by it."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "call_hearing", note)
    held, rule = data.get("held_at"), deadline.rule_of(deadline.HEARING_NOTICE)
    until = None
    if held is not None:
        day = clock.local(held).date()
        until = workdays.days_before(day, rule.length, rule.unit.value, calendar())
    told = {
        "subject": text_of(data, "subject"),
        "place": text_of(data, "place"),
        "held_at": held.isoformat() if held is not None else None,
        "told": [
            {"party": facts.late.name_of(row["party"]), "way": row["way"].value}
            for row in data.get("told") or ()
            if row.get("way") is not None
        ],
        "put_off": facts.late.called_hearing is not None or None,
    }
    more = {"notice_until": until, "notice_days": rule.length}
    carry_out(actor, case, facts, "call_hearing", {**data, **more}, reason=note, told=told)
    before = _hearing(facts)
    if before is not None:
        _cancel(before)
    hearing: Any = Hearing(
        organisation_id=case.organisation_id,
        kind=HearingKind.case,
        state=HearingState.called,
        case_id=case.id,
        subject=told["subject"],
        noticed_on=clock.today(),
        held_at=held,
        place=told["place"],
    )
    db.session.add(hearing)
    tell(actor, case, "call_hearing", holders("log_work", [case.lead_organisation_id]), day=_said(held))
    return keep(case)


def _said(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _cancel(hearing: Any) -> None:
    hearing.state = HearingState.cancelled


@unit_of_work
def hold_hearing(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The sides were heard: who took part, how they were chosen, the minutes, the opinions and what became of them."""
    case, facts = take(actor, case_id, version, "hold_hearing")
    participants = [row for row in data.get("participants") or () if (row.get("name") or "").strip()]
    opinions = [row for row in data.get("opinions") or () if (row.get("text") or "").strip()]
    told = {
        "participants": len(participants),
        "opinions": len(opinions),
        "adopted": sum(row.get("adopted") is True for row in opinions),
        "chosen_how": text_of(data, "chosen_how"),
    }
    note = text_of(data, "conclusion")
    carry_out(actor, case, facts, "hold_hearing", data, reason=note, told=told)
    hearing = _hearing(facts)
    hearing.state, hearing.chaired_by_id = HearingState.held, actor.user_id
    hearing.chosen_how, hearing.minutes = text_of(data, "chosen_how"), text_of(data, "minutes")
    hearing.attendance = data.get("attendance") or len(participants)
    hearing.participants = [
        HearingParticipant(name=row["name"].strip(), capacity=text_of(row, "capacity")) for row in participants
    ]
    hearing.opinions = [
        HearingOpinion(text=row["text"].strip(), adopted=row.get("adopted"), reason=text_of(row, "reason"))
        for row in opinions
    ]
    _paper(actor, case, hearing, note)
    tell(actor, case, "hold_hearing", holders("log_work", [case.lead_organisation_id]))
    return keep(case)


def _with_reason(row: HearingOpinion) -> Any:
    return _lp("paper", "%(said)s (%(why)s)", said=row.text, why=row.reason) if row.reason else row.text


def _paper(actor: Actor, case: Case, hearing: Hearing, conclusion: str | None) -> None:
    """The minutes as they were written down, then each opinion and what became of it."""
    said = [{"text": line} for line in (hearing.minutes or "").splitlines() if line.strip()]
    said += [{"speaker": OPINION[row.adopted], "text": _with_reason(row)} for row in hearing.opinions]
    fields = {
        "hearing_kind": hearing.kind,
        "held_at": hearing.held_at,
        "venue": hearing.place,
        "host": actor.name,
        "noticed_on": hearing.noticed_on,
        "topic": hearing.subject,
        "conclusion": conclusion,
        "attendees": [{"role": row.capacity, "name": row.name} for row in hearing.participants],
        "statements": said,
    }
    document.issue(actor, case, DocumentKind.hearing_record, fields, about=hearing)
