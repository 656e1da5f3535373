"""What the forms of handling hand over, for the matters of seed/handled.py; who is on duty when a leader receives."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.access.load import account_row, actor_of
from app.core import clock, workdays
from app.core.db import db
from app.models.case import Case
from app.models.code_table import CodeItem, CodeTable
from app.models.mediation import Confirmation
from app.models.organisation import Organisation
from app.models.roster import DutyKind, Shift
from app.models.service import ServiceWay
from app.services import conference, extension, hearing, mediation, reception, settlement, suspension, withdrawal
from app.services.queries.case_facts import facts_of
from app.services.queries.speakers import speakers_of
from app.services.signature import Signing
from app.services.split import split
from app.services.working_calendar import calendar

HANDLING_VERBS: dict[str, Callable[..., Case]] = {
    "present_to_leader": reception.present_to_leader,
    "receive_by_leader": reception.receive_by_leader,
    "confer": conference.confer,
    "escalate": conference.escalate,
    "mediate": mediation.mediate,
    "conclude_mediation": mediation.conclude_mediation,
    "confirm_agreement": mediation.confirm_agreement,
    "call_hearing": hearing.call_hearing,
    "request_extension": extension.request_extension,
    "approve_extension": extension.approve_extension,
    "suspend": suspension.suspend,
    "settle_on_spot": settlement.settle_on_spot,
    "withdraw": withdrawal.withdraw,
    "approve_withdrawal": withdrawal.approve_withdrawal,
    "split": split,
}
GROUNDS = {"suspend": "suspend_reason", "request_extension": "extension_reason"}
RECEPTION = ("present_to_leader", "receive_by_leader")


def shift_before(moment: datetime) -> Shift:
    """The last reception shift of a leader on or before a day."""
    with system_scope("demo: the leader on duty"):
        day = clock.local(moment).date()
        mine = select(Shift).where(Shift.kind == DutyKind.leader, Shift.on <= day)
        return db.session.scalars(mine.order_by(Shift.on.desc()).limit(1)).one()


def reception_hour(step: str, shift: Shift) -> datetime:
    """The clerk brings the matter when the shift begins; an hour later the parties are received."""
    hour = time(9, 10) if step == "present_to_leader" else time(10, 30)
    return datetime.combine(shift.on, hour, clock.LOCAL)


def leader_of(shift: Shift) -> Actor:
    """Who receives."""
    with system_scope("demo: the leader on duty"):
        return actor_of(account_row(shift.account_id))


def _item(table: str, code: str) -> CodeItem:
    return db.session.scalars(
        select(CodeItem).join(CodeTable).where(CodeTable.code == table, CodeItem.code == code)
    ).one()


def of_the_handling(case_id: int, step: str, said: dict[str, Any], signing: Signing) -> dict[str, Any]:
    """What the form of a step of handling hands over."""
    meant, now = dict(said), clock.now()
    with system_scope("demo: what a form of handling offers"):
        case = db.session.get_one(Case, case_id)
        if step in GROUNDS:
            meant["ground"] = _item(GROUNDS[step], said["ground"])
        if "organisations" in said:
            found = select(Organisation).where(Organisation.code.in_(said["organisations"]))
            meant["organisations"] = list(db.session.scalars(found))
        if "claims" in said:
            meant["claims"] = [claim for claim in case.claims if claim.number in said["claims"]]
        if step in ("withdraw", "settle_on_spot"):
            rows = [{"party": p.id, "satisfied": True, "signature": signing} for p in speakers_of(case)]
            meant["signatures"] = meant["signers"] = rows
        late = facts_of(case).late
        if step == "mediate":
            last = late.parties[-1].id
            meant["consents"] = [{"party": p.id, "consents": said["consents"] or p.id != last} for p in late.parties]
        if step == "conclude_mediation":
            meant["signatures"] = [{"party": p.id, "signature": signing} for p in late.parties]
            meant["effective_on"] = now.date()
        if step == "call_hearing":
            meant["told"] = [{"party": p.id, "way": ServiceWay(said["way"])} for p in late.parties]
            meant["held_at"] = _in_days(said["in_days"])
    meant |= _moments(step, now)
    if "for_days" in said:
        meant["until_on"] = now.date() + timedelta(days=said["for_days"])
    if "confirmation" in said:
        meant |= {"confirmation": Confirmation(said["confirmation"]), "on": now.date()}
    if "camera" in said:
        meant |= {"recorded_from": now - timedelta(minutes=50), "recorded_until": now, "checksum": "9f2c1e77d0a34b58"}
    return meant


def _moments(step: str, now: datetime) -> dict[str, Any]:
    if step in ("receive_by_leader", "confer"):
        return {"at": now}
    return {"began_at": now} if step == "mediate" else {}


def _in_days(days: int) -> datetime:
    """So many days after the call, or as soon as there is time for the notice."""
    day, known = clock.today() + timedelta(days=days), calendar()
    while workdays.days_before(day, 7, workdays.CALENDAR, known) < clock.today():
        day += timedelta(days=1)
    return datetime.combine(day, time(9, 30), clock.LOCAL)
