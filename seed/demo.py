"""The working set of the demo: the last 60 days, through the same verbs the desk uses."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.case import Case
from app.models.code_table import CodeItem, CodeTable
from app.models.organisation import Level, Organisation
from app.models.room import Room
from app.models.roster import Shift
from app.services import case as intake
from app.services import referral
from app.services.registration import register_case
from seed.cases import CASES, CaseSeed
from seed.load_registers import load_registers
from seed.people import person

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
}
ROSTER = (
    ("leader", ("leader", "leader.1", "leader.2"), time(9), time(12), "领导接访室"),
    ("adviser", ("adviser.1", "adviser.2", "adviser.3", "adviser"), time(8, 30), time(17, 30), "法律服务室"),
    ("counsellor", ("counsellor.1", "counsellor.2", "counsellor"), time(14), time(17), "心理咨询室"),
)
TABLE_OF = {"route": "legal_route", "ground": "decline_reason", "missing": "supplement_item"}


def _actor(username: str) -> Actor:
    with system_scope("demo accounts"):
        return actor_of(account_row(db.session.scalars(select(Account.id).where(Account.username == username)).one()))


def _organisation(code: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.code == code)).one()


def _item(field: str, code: str) -> CodeItem:
    statement = select(CodeItem).join(CodeTable).where(CodeTable.code == TABLE_OF[field], CodeItem.code == code)
    return db.session.scalars(statement).one()


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
    for index, seed in enumerate(CASES):
        with clock.standing_at(_moment(start, seed.ago, 9)):
            numbers[seed.title] = _register(seed, 100 + index * 4).id
        for place, act in enumerate(seed.course, 10):
            with clock.standing_at(_moment(start, seed.ago - act.after, place)):
                actor = _actor(act.who)
                with acting(actor):
                    VERBS[act.step](actor, numbers[seed.title], _meant(dict(act.said), numbers))


@unit_of_work
def load_shifts() -> None:
    """A roster of the city centre for the four weeks around today: leaders, advisers and counsellors in turn."""
    with system_scope("demo roster"):
        if db.session.scalar(select(Shift.id).limit(1)) is not None:
            return
        city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        people = {row.username: row.id for row in db.session.scalars(select(Account).where(Account.demo))}
        rooms = {row.name: row.id for row in db.session.scalars(select(Room))}
        days = [clock.today() + timedelta(days=offset) for offset in range(-14, 15)]
        for turn, day in enumerate(day for day in days if day.weekday() < 5):
            for kind, names, starts, ends, room in ROSTER:
                db.session.add(
                    Shift(
                        kind=kind,
                        on=day,
                        starts_at=starts,
                        ends_at=ends,
                        organisation_id=city.id,
                        account_id=people[names[turn % len(names)]],
                        room_id=rooms.get(room),
                    )
                )


def load() -> None:
    """The registers, the roster, then the working set, once."""
    load_registers()
    load_shifts()
    if db.session.scalar(select(Case.id).limit(1)) is None:
        load_cases()
