"""The legal service of the demo year: consultations of the advisers, counselling, and events out in the villages."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from app.core.db import db
from app.models.account import Account
from app.models.adviser import LegalAdviser
from app.models.consultation import Consultation, ConsultationKind, ConsultationResult, consultation_topic
from app.models.outreach import OutreachEvent, OutreachState, OutreachStep, outreach_adviser, outreach_topic
from seed.organisation import CITY
from seed.year_cast import Who
from seed.year_ledger import Row
from seed.year_plan import FIRST, LAST, MONTHS, SEED, hour
from seed.year_world import Place, World

LEGAL, TOGETHER, COUNSELLING = 506, 40, 64  # consultations; of the legal ones so many with two people
EVENTS_A_MONTH = 2
R = ConsultationResult


class Asked(NamedTuple):
    """What people ask about: topic, question, advice, what became of it."""

    topic: str
    summary: str
    advice: str
    result: ConsultationResult


QUESTIONS = (
    Asked("land", "承包地边界与邻户有争议，没有书面凭证。", "先由村委会丈量确认，再到镇农经站申请调解。", R.answered),
    Asked("land", "征地补偿款分配到户的标准怎样查询。", "可以书面申请公开，村民会议应当公示分配方案。", R.answered),
    Asked("labour", "离开工地后工资一直没有结清。", "收集考勤和转账记录，向劳动监察部门投诉。", R.redirected),
    Asked("labour", "没有签合同，单位不缴社会保险。", "可以申请劳动仲裁，时效一年，材料清单已告知。", R.redirected),
    Asked("family", "老人去世后房屋怎样继承。", "先协商，意见不一的可以到调解室或公证处办理。", R.answered),
    Asked("debt", "借条只写了名字，对方拖着不还。", "先书面催告，再申请支付令，保留转账记录。", R.answered),
    Asked("injury", "交通事故后保险公司只认部分费用。", "伤残鉴定后再谈总额，必要时起诉。", R.continuing),
    Asked("property", "物业服务不到位，能不能少交费。", "保留照片和报修记录，建议先到物业调解室。", R.referred),
    Asked("neighbour", "邻居建房影响采光和排水。", "相邻关系有法定义务，建议现场勘查后调解。", R.registered),
    Asked("consumer", "买到的农资质量有问题。", "保留样品和票据，向市场监管部门投诉。", R.redirected),
    Asked("aid", "想打官司但请不起律师。", "符合法律援助条件的，当场填写申请表。", R.answered),
    Asked("procedure", "不服处理决定，可以走什么程序。", "可以申请行政复议或者提起诉讼，期限已告知。", R.redirected),
)  # fmt: skip
TALKS = (
    ("土地承包政策进村", "村民活动室", ("land",), "逐条解读承包和流转政策，现场解答。"),
    ("婚姻家庭普法讲座", "村民活动室", ("family",), "讲解婚姻、继承和赡养，现场解答。"),
    ("农民工欠薪维权日", "镇文化广场", ("labour",), "发放维权手册，登记欠薪线索。"),
    ("防范诈骗宣传", "老年活动中心", ("consumer",), "结合案例讲解，发放提示卡。"),
    ("邻里纠纷怎么办", "村民委员会会议室", ("neighbour", "property"), "以案说法，演示调解程序。"),
    ("法律援助便民咨询", "镇便民服务中心", ("aid", "procedure"), "现场受理援助申请，解答程序问题。"),
)


class Adviser(NamedTuple):
    """A legal adviser of that year."""

    id: int
    organisation_id: int
    account_id: int | None
    firm_id: int | None
    since: date


def _advisers() -> list[Adviser]:
    one = LegalAdviser.__table__
    columns = (one.c.id, one.c.organisation_id, one.c.account_id, one.c.firm_id, one.c.appointed_from)
    found = db.session.connection().execute(select(*columns).where(one.c.active).order_by(one.c.id))
    return [Adviser(*row) for row in found if row.appointed_from <= LAST]


def _counsellors() -> Sequence[int]:
    one = Account.__table__
    names = ("counsellor.1", "counsellor.2")
    return (
        db.session.connection()
        .execute(select(one.c.id).where(one.c.username.in_(names)).order_by(one.c.id))
        .scalars()
        .all()
    )


def _days(world: World, draw: random.Random, many: int) -> list[date]:
    """So many working days, more of them in the busy months, in the order of time."""
    span = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
    days = [day for day in span if world.calendar.is_workday(day)]
    return sorted(draw.choices(days, weights=[MONTHS[day.month] for day in days], k=many))


def load_service(world: World) -> None:
    """All of it."""
    draw = random.Random(SEED + 2)
    _consultations(world, draw)
    _counselling(world, draw)
    _events(world, draw)


def _said(at: datetime, draw: random.Random, organisation_id: int) -> Row:
    minutes = draw.choice((15, 20, 30, 30, 40, 60))
    month = at.date().replace(day=1)
    return {"organisation_id": organisation_id, "at": at, "month": month, "minutes": minutes}


def _consultations(world: World, draw: random.Random) -> None:
    code_of = {place.id: code for code, place in world.places.items()}
    advisers, pairs = _advisers(), set(draw.sample(range(LEGAL), TOGETHER))
    for nth, day in enumerate(_days(world, draw, LEGAL)):
        adviser = draw.choice([one for one in advisers if one.since <= day] or advisers)
        clerk = world.cast.one("clerk", code_of[adviser.organisation_id])
        asked, at = draw.choice(QUESTIONS), hour(day, draw.randrange(30, 500, 5))
        row = world.ledger.enter(
            Consultation,
            at + timedelta(hours=1),
            clerk,
            **_said(at, draw, adviser.organisation_id),
            kind=ConsultationKind.legal,
            adviser_id=adviser.id,
            consultant_id=adviser.account_id,
            head_count=2 if nth in pairs else 1,
            summary=asked.summary,
            advice=asked.advice,
            result=asked.result,
        )
        topic, _name = world.items["consultation_topic", asked.topic]
        world.ledger.link(consultation_topic, consultation_id=row["id"], item_id=topic)


def _counselling(world: World, draw: random.Random) -> None:
    """Counselling: that it was given, by whom and how long; nothing was written down of it."""
    counsellors = _counsellors()
    for day in _days(world, draw, COUNSELLING):
        at, writer = hour(day, draw.randrange(360, 480, 15)), draw.choice(counsellors)
        row = world.ledger.enter(
            Consultation,
            at + timedelta(hours=1),
            **_said(at, draw, world.places[CITY].id),
            kind=ConsultationKind.psychological,
            consultant_id=writer,
            head_count=1,
            secret=True,
        )
        row["created_by_id"] = row["changed_by_id"] = writer


def _events(world: World, draw: random.Random) -> None:
    """At least two each month, each in a village with the lawyers of one firm."""
    head, advisers = world.cast.one("centre_head", CITY), [one for one in _advisers() if one.firm_id is not None]
    villages = [village for town in sorted(world.villages) for village in world.villages[town]]
    for month in range(FIRST.month, LAST.month + 1):
        last = LAST.day if month == LAST.month else 28
        days = [day for day in (date(2019, month, n) for n in range(2, last)) if world.calendar.is_workday(day)]
        for day in sorted(draw.sample(days, EVENTS_A_MONTH + (month % 3 == 0))):
            _event(world, draw, hour(day, 60), head, draw.choice(villages), draw.choice(advisers))


def _event(world: World, draw: random.Random, at: datetime, head: Who, village: Place, adviser: Adviser) -> None:
    title, place, topics, summary = draw.choice(TALKS)
    planned, written = at - timedelta(days=draw.randrange(3, 12)), at + timedelta(hours=3)
    row = world.ledger.enter(
        OutreachEvent,
        planned,
        head,
        organisation_id=world.places[CITY].id,
        title=title,
        state=OutreachState.held,
        starts_at=at,
        minutes=120,
        place=f"{village.name}{place}" if place.startswith("村") else place,
        community_id=village.id,
        firm_id=adviser.firm_id,
        attendance=draw.randrange(18, 90),
        summary=summary,
        version=2,
        changed_at=written,
    )
    world.ledger.link(outreach_adviser, event_id=row["id"], adviser_id=adviser.id)
    for code in topics:
        topic, _name = world.items["consultation_topic", code]
        world.ledger.link(outreach_topic, event_id=row["id"], item_id=topic)
    course: tuple[tuple[str, datetime, Any, str], ...] = (
        ("plan_outreach", planned, None, "planned"),
        ("hold_outreach", written, "planned", "held"),
    )
    told = {"attendance": row["attendance"]}
    world.walk(OutreachStep, {"event_id": row["id"]}, ("outreach_event", title), head, course, told)
