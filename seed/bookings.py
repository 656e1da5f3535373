"""The bookings of the demo: the last and the next weeks of the city centre, through the same verbs the desk uses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.booking import Booking, Purpose
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.room import Room
from app.models.roster import DutyKind, Shift
from app.services import booking_jobs, closure, series, waiting
from app.services import booking_steps as steps
from app.services.booking import book
from app.services.booking_rules import Wish
from app.services.room_hours import at
from app.services.working_calendar import calendar

# who looks after a room; rooms without an entry are decided on by the head of the centre
MANAGERS = {
    "领导接访室": "leader",
    "法律服务室": "adviser",
    "心理咨询室": "counsellor",
    "听证室": "clerk",
    "矛盾纠纷调处室": "clerk",
}


@dataclass(frozen=True)
class BookingSeed:
    """One booking; `day` counts working days from today, `duty` adds who is on duty that day, `then` are its steps."""

    day: int
    start: float
    end: float
    room: str
    purpose: Purpose
    title: str | None = None
    who: str = "clerk"
    people: tuple[str, ...] = ()
    duty: DutyKind | None = None
    then: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


P = Purpose
CAME: tuple[tuple[str, str, dict[str, Any]], ...] = (("clerk", "check_in", {}), ("clerk", "finish", {}))
YES: tuple[tuple[str, str, dict[str, Any]], ...] = (("centre_head", "confirm", {}),)
BOOKINGS = (
    BookingSeed(-6, 9, 10, "法律服务室", P.legal_consultation, "土地承包合同咨询", duty=DutyKind.adviser, then=CAME),
    BookingSeed(-5, 14.5, 15.5, "心理咨询室", P.counselling, duty=DutyKind.counsellor, then=CAME,
                more={"contact_name": "曲晓芳", "contact_phone": "15800001234"}),
    BookingSeed(-4, 9.5, 11, "矛盾纠纷调处室", P.mediation, "邻里排水调解", then=CAME),
    BookingSeed(-3, 10, 11, "法律服务室", P.legal_consultation, "劳动报酬咨询", duty=DutyKind.adviser),
    BookingSeed(-2, 14, 16, "联合会商室", P.conference, "养老机构收费会商", then=YES + CAME),
    BookingSeed(-1, 9, 11, "民事调解室", P.mediation, "物业费调解",
                then=(("clerk", "cancel", {"reason": "一方当事人临时外出"}),)),
    BookingSeed(0, 9, 10, "法律服务室", P.legal_consultation, "征地补偿咨询", duty=DutyKind.adviser),
    BookingSeed(0, 14.5, 15.5, "心理咨询室", P.counselling, duty=DutyKind.counsellor,
                more={"contact_name": "单秀梅", "contact_phone": "15800005678"}),
    BookingSeed(0, 9.5, 11.5, "矛盾纠纷调处室", P.mediation, "承包地边界调解"),
    BookingSeed(0, 15, 16, "和合会客厅", P.mediation, "家庭赡养调解"),
    BookingSeed(0, 13.5, 15.5, "专家评审室", P.conference, "评审材料准备", who="review_secretary"),
    BookingSeed(1, 9, 12, "领导接访室", P.leader_reception, "领导接访日", duty=DutyKind.leader, then=YES),
    BookingSeed(1, 10, 11, "法律服务室", P.legal_consultation, "借款合同咨询", duty=DutyKind.adviser),
    BookingSeed(1, 14, 16, "听证室", P.hearing, "拆迁补偿听证", who="dispatcher"),
    BookingSeed(1, 14.5, 15.5, "视频接访室", P.video_reception, "上级视频接访"),
    BookingSeed(2, 9, 11, "联合会商室", P.conference, "小区供暖会商", who="centre_head"),
    BookingSeed(2, 14, 15, "心理咨询室", P.counselling, who="counsellor", people=("counsellor",)),
    BookingSeed(3, 9.5, 10.5, "诉讼服务室", P.legal_consultation, "立案引导"),
    BookingSeed(4, 9, 11, "劳动仲裁室", P.hearing, "工伤待遇仲裁",
                then=(("centre_head", "reject", {"reason": "当日仲裁庭另有安排，请改约下周"}),)),
    BookingSeed(5, 10, 11.5, "警民联调室", P.mediation, "交通事故调解"),
)  # fmt: skip
VERBS: dict[str, Callable[..., Booking]] = {
    "confirm": steps.confirm,
    "reject": steps.reject,
    "check_in": steps.check_in,
    "finish": steps.finish,
    "cancel": steps.cancel,
}


def _actor(username: str) -> Actor:
    with system_scope("demo accounts"):
        return actor_of(account_row(_account(username)))


def _account(username: str) -> int:
    return db.session.scalars(select(Account.id).where(Account.username == username)).one()


def _working_day(count: int) -> date:
    """The day that many working days from today; today itself, or the next working day, is 0."""
    known, day = calendar(), clock.today()
    while not known.is_workday(day):
        day += timedelta(days=1)
    step = timedelta(days=1 if count > 0 else -1)
    for _turn in range(abs(count)):
        day += step
        while not known.is_workday(day):
            day += step
    return day


def _moment(day: date, hour: float) -> datetime:
    return at(day, time(0)) + timedelta(minutes=round(hour * 60))


def _rooms() -> dict[str, int]:
    with system_scope("demo rooms"):
        city = select(Organisation.id).where(Organisation.parent_id.is_(None)).scalar_subquery()
        return {row.name: row.id for row in db.session.scalars(select(Room).where(Room.organisation_id == city))}


def _people(seed: BookingSeed, day: date) -> list[int]:
    with system_scope("demo duty"):
        named = [_account(name) for name in seed.people]
        if seed.duty is None:
            return named
        found = select(Shift.account_id).where(Shift.published, Shift.on == day, Shift.kind == seed.duty).limit(1)
        return [*named, *db.session.scalars(found)]


@unit_of_work
def managers() -> None:
    """Who looks after which room."""
    with system_scope("demo rooms"):
        for name, username in MANAGERS.items():
            for room in db.session.scalars(select(Room).where(Room.name == name)):
                room.manager_id = _account(username)


def _one(seed: BookingSeed, rooms: dict[str, int]) -> None:
    day = _working_day(seed.day)
    start, end = _moment(day, seed.start), _moment(day, seed.end)
    with clock.standing_at(min(start - timedelta(days=2), clock.now())):
        actor = _actor(seed.who)
        with acting(actor):
            booking = book(
                actor, rooms[seed.room], start, end, seed.purpose, _people(seed, day), title=seed.title, **seed.more
            )
            key = booking.id
    moments = {"check_in": start - timedelta(minutes=5), "finish": end - timedelta(minutes=5)}
    for who, name, said in seed.then:
        with clock.standing_at(min(moments.get(name, start - timedelta(days=1)), clock.now())):
            actor = _actor(who)
            with acting(actor):
                VERBS[name](actor, key, said)


def _weekly(rooms: dict[str, int]) -> None:
    """A case conference every week, a closure in its way, and somebody who waits."""
    head, day = _actor("centre_head"), _working_day(3)
    with acting(head):
        with system_scope("demo rooms"):
            room = db.session.scalars(select(Room).where(Room.id == rooms["回访室"])).one()
            city = db.session.scalars(select(Organisation).where(Organisation.id == room.organisation_id)).one()
        far = _working_day(8)
        closure.add_closure(
            head,
            {"organisation": city, "room": room, "reason": "设备检修", "starts_at": at(far, time(0)),
             "ends_at": at(far + timedelta(days=1), time(0))},
        )  # fmt: skip
    clerk = _actor("clerk")
    with acting(clerk):
        room = db.session.scalars(select(Room).where(Room.id == rooms["回访室"])).one()
        wish = Wish(room, _moment(day, 15), _moment(day, 16), Purpose.other, title="每周电话回访")
        series.book_series(clerk, wish, 1, 6, skip=True)
    other = _actor("dispatcher")
    with acting(other):
        room = db.session.scalars(select(Room).where(Room.id == rooms["警民联调室"])).one()
        start, end = _moment(_working_day(5), 10), _moment(_working_day(5), 11)
        waiting.join(other, {"room": room, "starts_at": start, "ends_at": end, "purpose": Purpose.mediation})


def load_bookings() -> None:
    """All of them, once."""
    with system_scope("demo bookings"):
        others = select(Booking.id).where(Booking.purpose != Purpose.expert_review)  # reviews have booked before
        if db.session.scalar(others.limit(1)) is not None:
            return
    managers()
    rooms = _rooms()
    for seed in BOOKINGS:
        _one(seed, rooms)
    _weekly(rooms)
    with system_scope("demo bookings"):
        booking_jobs.settle_due()
        case = db.session.scalar(select(Case.id).order_by(Case.id).limit(1))
    if case is not None:
        _about(case, rooms)


def _about(case_id: int, rooms: dict[str, int]) -> None:
    """A mediation about a case of the working set."""
    clerk, day = _actor("clerk"), _working_day(2)
    with acting(clerk):
        book(clerk, rooms["人民调解委员会"], _moment(day, 15), _moment(day, 16.5), Purpose.mediation, case_id=case_id)
