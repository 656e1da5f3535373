"""The demo: the year of the article, and a working set of the last 60 days through the same verbs the desk uses."""

import io
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import click
from sqlalchemy import insert, select

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.case import Case
from app.models.code_table import CodeItem, CodeTable
from app.models.organisation import Level, Organisation
from app.models.party import ClaimResult, Side
from app.models.room import Room
from app.models.roster import Shift
from app.models.roster_rule import DutyDays, OnRestDay, Roster, RosterRule, roster_turn
from app.models.service import ServiceWay
from app.models.signature import SignatureKind
from app.services import acknowledgement, attachment, referral, reply, service
from app.services import case as intake
from app.services.registration import register_case
from app.services.roster_plan import days_between, month_of, next_month
from app.services.signature import Signing, drawn
from app.services.working_calendar import calendar
from seed import year
from seed.bookings import load_bookings
from seed.cases import CASES, Act, CaseSeed
from seed.demo_handling import (
    GROUNDS,
    HANDLING_VERBS,
    RECEPTION,
    leader_of,
    of_the_handling,
    reception_hour,
    shift_before,
)
from seed.demo_review import REVIEW_VERBS, objected, of_the_review, review_of
from seed.demo_supervision import load_supervision
from seed.handled import HANDLED
from seed.load_registers import load_registers
from seed.people import person
from seed.portraits import load_portraits
from seed.replied import REPLIED
from seed.reviewed import REVIEWED, ReviewSeed
from seed.service import load_service

VERBS: dict[str, Callable[..., Case]] = {
    "accept": intake.accept,
    "request_supplement": intake.request_supplement,
    "decline": intake.decline,
    "redirect": intake.redirect,
    "approve_decline": intake.approve_decline,
    "merge": intake.merge,
    "assign": referral.assign,
    "sign_for": referral.sign_for,
    "object": referral.object_to,
    "uphold": referral.uphold,
    "log_work": referral.log_work,
    "submit_reply": reply.submit_reply,
    "return_reply": reply.return_reply,
    "approve_reply": reply.approve_reply,
    "serve_reply": service.serve_reply,
    "acknowledge": acknowledgement.acknowledge,
    "apply_review": acknowledgement.apply_review,
    **HANDLING_VERBS,
}
ROSTER = (
    ("leader", ("leader", "leader.1", "leader.2"), time(9), time(12), "领导接访室"),
    ("adviser", ("adviser.1", "adviser.2", "adviser.3", "adviser"), time(8, 30), time(17, 30), "法律服务室"),
    ("counsellor", ("counsellor.1", "counsellor.2", "counsellor"), time(14), time(17), "心理咨询室"),
)
RULE_NAMES = {"leader": "领导接访", "adviser": "法律顾问坐班", "counsellor": "心理咨询师坐班"}
TABLE_OF = {"route": "legal_route", "ground": "decline_reason", "missing": "supplement_item"}


def _actor(username: str) -> Actor:
    with system_scope("demo accounts"):
        return actor_of(account_row(db.session.scalars(select(Account.id).where(Account.username == username)).one()))


def _organisation(code: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.code == code)).one()


def _item(field: str, code: str) -> CodeItem:
    statement = select(CodeItem).join(CodeTable).where(CodeTable.code == TABLE_OF[field], CodeItem.code == code)
    return db.session.scalars(statement).one()


def _stroke(rise: float) -> list[list[float]]:
    return [[x, 60 + rise * math.sin(x / 9), x * 12, 0.5] for x in range(10, 180, 4)]


def _signing(how: str) -> Signing:
    """A signature of the demo: a scribble on the pad, or the word of a witness."""
    if how == "witness":
        return Signing(SignatureKind.witness, witness="王建国")
    strokes = [_stroke(rise) for rise in (30, -18, 44)]
    return Signing(SignatureKind.touch, strokes, drawn(strokes), device="touch")


def _of_the_reply(actor: Actor, case_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """What the forms of a reply hand over."""
    meant = dict(said)
    with system_scope("demo: the case of a reply"):
        case = db.session.get_one(Case, case_id)
        if "answers" in said:
            keys = ("result", "resolved", "text")
            given = [dict(zip(keys, row, strict=True)) for row in said["answers"]]
            meant["answers"] = [
                {**row, "claim": n, "result": ClaimResult(row["result"])} for n, row in enumerate(given, 1)
            ]
        if "objects" in said:
            meant["claims"] = objected(case_id, meant.pop("objects"))
        if "party" in said:
            meant["party"] = [party for party in case.parties if party.side == Side.petitioner][said["party"]]
    if "evidence" in said:
        content = io.BytesIO(said["evidence"].encode())
        meant["evidence"] = [attachment.attach(actor, case, "核查记录.txt", content)]
    if "way" in said:
        meant |= {"way": ServiceWay(said["way"]), "served_at": clock.now()}
    if said.get("signature"):
        meant["signature"] = _signing(said["signature"])
    return meant


def _meant(said: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    """What a form would hand over: records instead of codes."""
    with system_scope("demo: what a form offers"):
        meant: dict[str, Any] = {}
        for field, value in said.items():
            if field in ("lead", "proposed"):
                meant[field] = _organisation(value)
            elif field == "co":
                meant[field] = [_organisation(code) for code in value]
            elif field == "missing":
                meant[field] = [_item(field, code) for code in value]
            elif field in TABLE_OF:
                meant[field] = _item(field, value)
            elif field == "parent":
                meant[field] = db.session.scalars(select(Case).where(Case.id == numbers[value])).one()
            else:
                meant[field] = value
        return meant


def _party(index: int, first: bool, representative: bool) -> dict[str, Any]:
    who = person(index)
    return {
        "side": "petitioner",
        "name": who.name,
        "id_type": "id_card",
        "id_number": who.id_number,
        "phone": who.phone,
        "address": f"山东省昌邑市第{index}户" if first else "",
        "representative": representative,
    }


def _place(code: str) -> str:
    """A village of that town, or the town itself."""
    with system_scope("demo places"):
        town = _organisation(code)
        village = db.session.scalars(
            select(Organisation.code)
            .where(Organisation.parent_id == town.id, Organisation.level == Level.village)
            .order_by(Organisation.sort)
            .limit(1)
        ).first()
    return village or code


def _register(seed: CaseSeed, index: int) -> Case:
    parties = [_party(index + place, place == 0, seed.head_count >= 5 and place < 2) for place in range(seed.people)]
    if seed.respondent:
        parties.append({"side": "respondent", "organisation_name": seed.respondent})
    actor = _actor(seed.who)
    with acting(actor):
        village = _place(seed.place)
        with system_scope("demo: the officer's own village"):
            if actor.level == Level.village:
                village = db.session.scalars(
                    select(Organisation.code).where(Organisation.id == actor.organisation_id)
                ).one()
        return register_case(
            actor,
            {
                "title": seed.title,
                "facts": seed.facts,
                "claims": [{"text": text} for text in seed.claims],
                "category": seed.category,
                "kind": seed.kind,
                "channel": seed.channel,
                "village": village,
                "head_count": str(seed.head_count),
                "parties": parties,
                "occurred_on": (clock.today() - timedelta(days=20)).isoformat(),
            },
        ).case


def _moment(start: datetime, days_ago: int, hour: int) -> datetime:
    day = start.date() - timedelta(days=max(days_ago, 0))
    return min(datetime.combine(day, time(hour, 5), clock.LOCAL), start)


def load_cases() -> None:
    """Every matter of seed/cases.py with its course, each step at its own hour."""
    start = clock.now()
    numbers: dict[str, int] = {}
    with click.progressbar((*CASES, *REPLIED, *HANDLED), label="60 days", show_pos=True) as bar:
        for index, seed in enumerate(bar):
            with clock.standing_at(_moment(start, seed.ago, 9)):
                numbers[seed.title] = _register(seed, 100 + index * 4).id
            for place, act in enumerate(seed.course, 10):
                _carry_out(act, _moment(start, seed.ago - act.after, place), numbers[seed.title], numbers)
    load_reviews(start, 100 + 4 * len((*CASES, *REPLIED, *HANDLED)))


def load_reviews(start: datetime, index: int) -> None:
    """Every matter of seed/reviewed.py with the course of its review."""
    taken: list[Any] = []
    with click.progressbar(REVIEWED, label="reviews", show_pos=True) as bar:
        for place, seed in enumerate(bar):
            _review(seed, start, index + place * 4, taken)


def _review(seed: ReviewSeed, start: datetime, index: int, taken: list[Any]) -> None:
    case_seed = seed.case
    with clock.standing_at(_moment(start, case_seed.ago, 9)):
        key = _register(case_seed, index).id
    for hour, act in enumerate(case_seed.course, 10):
        _carry_out(act, _moment(start, case_seed.ago - act.after, hour), key, {})
    record = review_of(key)
    for act in seed.course:
        with clock.standing_at(_moment(start, case_seed.ago - act.after, 15)):
            actor = _actor(act.who)
            with acting(actor):
                said = of_the_review(record, dict(act.said), _signing, taken)
                REVIEW_VERBS[act.step](actor, record, said)


def _carry_out(act: Act, moment: datetime, case_id: int, numbers: dict[str, int]) -> None:
    """One step at its hour; leaders receive on their own shifts."""
    shift = shift_before(moment) if act.step in RECEPTION else None
    with clock.standing_at(reception_hour(act.step, shift) if shift is not None else moment):
        actor = leader_of(shift) if shift is not None and act.who == "@leader" else _actor(act.who)
        with acting(actor):
            said = dict(act.said)
            if act.step in HANDLING_VERBS:
                said = of_the_handling(case_id, act.step, said, _signing("drawn")) | {"shift": shift}
            if act.step not in GROUNDS:
                said = _meant(said, numbers)
            VERBS[act.step](actor, case_id, _of_the_reply(actor, case_id, said))


@unit_of_work
def load_shifts() -> None:
    """The published rosters of the city centre, with their rules: two weeks back, this month, all of the next."""
    with system_scope("demo roster"):
        if db.session.scalar(select(Shift.id).where(Shift.on >= year.ENDS.date()).limit(1)) is not None:
            return
        city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        people = {row.username: row.id for row in db.session.scalars(select(Account).where(Account.demo))}
        rooms = {row.name: row.id for row in db.session.scalars(select(Room))}
        today = clock.today()
        first = today - timedelta(days=14)
        last = next_month(next_month(month_of(today))) - timedelta(days=1)
        by = people["business_admin"]
        for kind, names, starts, ends, room in ROSTER:
            rule: Any = RosterRule(name=RULE_NAMES[kind], kind=kind, since=first, starts_at=starts, ends_at=ends)
            rule.days, rule.on_rest_day = DutyDays.workdays, OnRestDay.move
            rule.organisation_id, rule.room_id = city.id, rooms.get(room)
            db.session.add(rule)
            db.session.flush()
            turns = [{"rule_id": rule.id, "account_id": people[name]} for name in names]
            db.session.execute(insert(roster_turn), turns)
            rosters: dict[date, Any] = {}
            for turn, day in enumerate(day for day in days_between(first, last) if calendar().is_workday(day)):
                month = month_of(day)
                if month not in rosters:
                    out: Any = Roster(organisation_id=city.id, kind=kind, month=month, published_at=clock.now())
                    out.published_by_id = by
                    db.session.add(out)
                    db.session.flush()
                    rosters[month] = out.id
                db.session.add(
                    Shift(
                        kind=kind,
                        roster_id=rosters[month],
                        rule_id=rule.id,
                        on=day,
                        starts_at=starts,
                        ends_at=ends,
                        organisation_id=city.id,
                        account_id=people[names[turn % len(names)]],
                        room_id=rooms.get(room),
                    )
                )


def load() -> None:
    """The registers, the year of the article, the roster, the working set and the bookings, once."""
    load_registers()
    year.load()
    load_shifts()
    if db.session.scalar(select(Case.id).where(Case.registered_at >= year.ENDS).limit(1)) is None:
        load_portraits(_actor("business_admin"))
        load_cases()
        load_supervision(_actor("supervisor"))
    load_bookings()
    load_service()
