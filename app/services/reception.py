"""Leader receptions: a matter is brought to the leader on duty, who hears the parties and keeps it until it ends."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.dossier import Recording
from app.models.member import Capacity, CaseMember
from app.models.reception import LeaderReception
from app.models.roster import Shift
from app.services import document
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.duty_notice import hours_of
from app.services.notice import holders, tell
from app.services.queries.shifts import next_shift, shift_at


def bind(case: Case, leader_id: int) -> None:
    """Name a leader on a case: from now on it exists for him or her, until it ends."""
    mine = select(CaseMember.id).where(
        CaseMember.case_id == case.id, CaseMember.user_id == leader_id, CaseMember.capacity == Capacity.leader
    )
    with system_scope("leaders named on a case"):
        if db.session.scalar(mine) is None:
            member: Any = CaseMember(case_id=case.id, user_id=leader_id, capacity=Capacity.leader)
            db.session.add(member)


def _release_others(case: Case, leader_id: int) -> None:
    """Leaders to whom the matter was brought and who did not receive it are named no longer."""
    received = select(LeaderReception.leader_id).where(LeaderReception.case_id == case.id)
    with system_scope("leaders named on a case"):
        for row in db.session.scalars(
            select(CaseMember).where(
                CaseMember.case_id == case.id,
                CaseMember.capacity == Capacity.leader,
                CaseMember.user_id != leader_id,
                CaseMember.user_id.not_in(received),
            )
        ).all():
            db.session.delete(row)


@unit_of_work
def present_to_leader(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Bring the matter to a leader on the roster; it is in his or her sight from now on."""
    note, shift = text_of(data, "note"), data.get("shift")
    case, facts = take(actor, case_id, version, "present_to_leader", note)
    told = {}
    if shift is not None:
        with system_scope("the leader on duty"):
            leader = db.session.get_one(Account, shift.account_id)
        told = {"leader": leader.first_name, "leader_id": leader.id, "shift": hours_of(shift)}
    carry_out(actor, case, facts, "present_to_leader", data, reason=note, told=told)
    _release_others(case, told["leader_id"])
    bind(case, told["leader_id"])
    tell(actor, case, "present_to_leader", [told["leader_id"]], shift=told["shift"])
    return keep(case)


def record(actor: Actor, case: Case, data: Data, shift: Shift, at: datetime, *, settled: bool) -> LeaderReception:
    """The row of a reception, with the reference to its recording, and the leader bound to the matter."""
    bind(case, shift.account_id)
    reception: Any = LeaderReception(
        case_id=case.id,
        leader_id=shift.account_id,
        shift_id=shift.id,
        at=at,
        video=bool(data.get("video")),
        head_count=data.get("head_count") or 1,
        said=text_of(data, "said") or "",
        instruction=text_of(data, "instruction") or "",
        settled=settled,
        recording=_recording(case, data),
    )
    db.session.add(reception)
    return reception


def _recording(case: Case, data: Data) -> str | None:
    """Keep where the recording is found; the reception bears it in words."""
    camera, first, last = text_of(data, "camera"), data.get("recorded_from"), data.get("recorded_until")
    if not camera or first is None or last is None:
        return None
    db.session.add(
        Recording(case_id=case.id, camera=camera, from_at=first, until_at=last, checksum=text_of(data, "checksum"))
    )
    return f"{camera} {clock.local(first):%Y-%m-%d %H:%M}–{clock.local(last):%H:%M}"


@unit_of_work
def receive_by_leader(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """A leader on the roster hears the parties; he or she is bound to the matter until it ends (一站到底)."""
    case, facts = take(actor, case_id, version, "receive_by_leader")
    at = data.get("at")
    found = {
        "own_shift": shift_at(actor.user_id, at) if at is not None else None,
        "next_shift": next_shift(actor.user_id, clock.now()),
    }
    told = {
        "at": at.isoformat() if at is not None else None,
        "video": bool(data.get("video")),
        "head_count": data.get("head_count"),
        "said": text_of(data, "said"),
        "settled": bool(data.get("settled")),
    }
    carry_out(
        actor, case, facts, "receive_by_leader", {**data, **found}, reason=text_of(data, "instruction"), told=told
    )
    shift: Any = found["own_shift"]
    reception = record(actor, case, data, shift, at, settled=bool(data.get("settled")))  # type: ignore[arg-type]
    _paper(actor, case, reception, shift)
    tell(actor, case, "receive_by_leader", holders("log_work", [case.lead_organisation_id]))
    return keep(case)


def _paper(actor: Actor, case: Case, reception: LeaderReception, shift: Shift) -> None:
    """The record of the reception."""
    with system_scope("the room of a shift"):
        venue = shift.room.name if shift.room is not None else None
    fields = {
        "leader": actor.name,
        "leader_post": actor.post,
        "head_count": reception.head_count,
        "received_at": reception.at,
        "venue": venue,
        "told": reception.said,
        "instructions": reception.instruction,
        "mode": _lp("paper", "By video") if reception.video else _lp("paper", "Face to face"),
        "result": _lp("paper", "Settled on the spot") if reception.settled else _lp("paper", "To be handled further"),
    }
    document.issue(actor, case, DocumentKind.reception_record, fields, about=reception)
