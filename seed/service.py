"""The legal service of the last weeks: consultations, counselling with sealed notes, events, pairs, hearings before
decisions; through the same verbs the desk uses."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.adviser import LawFirm, LegalAdviser
from app.models.booking import Booking, BookingState, Purpose
from app.models.code_table import CodeItem, CodeTable
from app.models.consultation import Consultation, ConsultationResult
from app.models.hearing import Hearing, HearingKind, HowChosen, MinutesSigned
from app.models.organisation import Level, Organisation
from app.models.outreach import FirmPair, OutreachEvent
from app.services import decision_hearing, outreach
from app.services.consultation import record_consultation
from app.services.consultation_rules import prefilled
from app.services.signature import Signing
from app.services.working_calendar import calendar

R = ConsultationResult


@dataclass(frozen=True)
class Said:
    """One consultation: so many days ago, who recorded it, what was asked and advised."""

    ago: int
    hour: float
    who: str
    topics: tuple[str, ...]
    summary: str = ""
    advice: str = ""
    result: ConsultationResult | None = None
    more: dict[str, Any] = field(default_factory=dict)


CONSULTATIONS = (
    Said(58, 9, "adviser.1", ("land",), "承包地被邻户占种两垄，村里测过但没有书面结果。",
         "先申请村委会出具测量记录，再向镇农经站申请调解；保留四至照片。", R.answered, {"visitor_name": "宋桂芬"}),
    Said(51, 10, "adviser.2", ("labour",), "工地干了四个月，只发了两个月工资，没有合同。",
         "收集考勤、转账和工友证言，向劳动监察投诉，同时可申请劳动仲裁，时效一年。", R.redirected,
         {"head_count": 3, "minutes": 45}),
    Said(44, 14, "clerk", ("family",), "老人去世后兄弟三人对宅基地房屋怎么分有分歧。",
         "房屋属遗产可以继承，宅基地使用权随房屋；建议先到公证处或调解室协商。", R.answered, {"adviser": "adviser.3"}),
    Said(37, 9.5, "adviser.1", ("debt",), "借给同乡两万元，只有微信记录，对方拖着不还。",
         "微信实名、转账记录可以作证据，先发书面催告，再申请支付令。", R.answered, {"visitor_name": "辛志刚"}),
    Said(30, 15, "adviser.2", ("injury", "procedure"), "交通事故对方全责，保险公司只认部分医疗费。",
         "伤残鉴定后再谈总额，必要时起诉，可申请法律援助。", R.continuing, {"minutes": 60}),
    Said(23, 9, "adviser.3", ("property",), "物业费三年没交，被起诉，认为服务不到位。",
         "服务瑕疵可以主张减免，要有照片和报修记录；建议先到物业调解室。", R.referred),
    Said(16, 10.5, "adviser.1", ("neighbour",), "邻居新建厢房，雨水排到自家院墙。",
         "相邻排水有法定义务，建议由村调解员现场勘查，需要时申请测绘。", R.registered,
         {"visitor_name": "孙家顺", "head_count": 2}),
    Said(9, 14.5, "adviser.2", ("aid",), "低保户想打官司但请不起律师。",
         "符合法律援助条件，当场填写申请表，材料清单已交本人。", R.answered, {"minutes": 25}),
    Said(5, 9, "clerk", ("consumer",), "买的种子发芽率低，经销商不认账。",
         "保留包装和样本，向市场监管部门投诉并申请检测。", R.redirected, {"adviser": "adviser.1"}),
    Said(2, 16, "adviser.3", ("land",), "征地补偿款分配方案怎样公开、能不能查账。",
         "村民会议讨论并公示，可以书面申请公开，镇农经站受理。", R.answered,
         {"notes": "当事人提到村会计与其有旧怨，后续接待注意方式。"}),
    Said(12, 11, "adviser.1", ("family",), "婚内财产约定是否需要公证。", "书面即可，公证更稳妥。", R.answered,
         {"secret": True, "notes": "当事人不愿家人知道来过。"}),
)  # fmt: skip
COUNSELLING = (
    Said(47, 14, "counsellor.1", ("emotion",), more={"notes": "初次来谈，睡眠差，先做放松训练；两周后再约。"}),
    Said(33, 15, "counsellor.1", ("emotion",), more={"notes": "睡眠改善，家人开始陪同，约定下次谈工作压力。"}),
    Said(26, 14.5, "counsellor.2", ("relations",),
         more={"head_count": 2, "notes": "母子同来，各自陈述，约定沟通规则。"}),
    Said(8, 15.5, "counsellor.2", ("bereavement",),
         more={"minutes": 60, "notes": "丧亲三月，情绪稳定，建议参加互助小组。"}),
)  # fmt: skip


@dataclass(frozen=True)
class EventSeed:
    """One event: months back, day of the month, where; how many came, or nothing while it is planned."""

    back: int
    day: int
    title: str
    place: str
    topics: tuple[str, ...]
    came: int | None = None
    summary: str = ""
    cancelled: str = ""


EVENTS = (
    EventSeed(2, 8, "民法典进村讲座", "村民活动室", ("family", "neighbour"), 46,
              "讲解婚姻、继承和相邻关系，现场解答 11 人次。"),
    EventSeed(2, 21, "农民工欠薪维权日", "建筑工地项目部", ("labour",), 63, "发放维权手册 80 份，登记欠薪线索 2 条。"),
    EventSeed(1, 6, "土地承包政策解答", "镇文化广场", ("land",), 38, "逐条解读延包政策，收集意见 9 条。"),
    EventSeed(1, 13, "防范养老诈骗宣传", "老年活动中心", ("consumer",), 71, "案例讲解，发放提示卡，现场咨询 14 人次。"),
    EventSeed(1, 24, "青少年法治课", "中心小学", ("other",), cancelled="学校临时调整课程"),
    EventSeed(0, 4, "法律援助便民咨询", "社区服务站", ("aid", "procedure"), 29, "现场受理援助申请 3 件。"),
    EventSeed(0, 26, "物业纠纷专题咨询", "小区党群服务中心", ("property",)),
)  # fmt: skip


@dataclass(frozen=True)
class HearingSeed:
    """One hearing before a decision: so many days ago it was held (below zero: it lies ahead), and how far it came."""

    ago: int
    subject: str
    far: str  # called, held, concluded, cancelled
    minutes: str = ""
    opinions: tuple[tuple[str, bool, str], ...] = ()
    conclusion: str = ""


HEARINGS = (
    HearingSeed(40, "镇区主干道路灯改造方案", "concluded", "镇建设办说明方案，参加人逐一发言。",
                (("灯杆避开果园出入口。", True, ""), ("改造期间夜间留出通行道。", True, ""),
                 ("建议改用单臂灯节省费用。", False, "单臂灯照度达不到规范要求，已当场说明。")),
                "方案调整灯杆位置后实施，由镇建设办公示。"),
    HearingSeed(19, "集中供水水价调整", "concluded", "水务站公开成本构成，村民代表质询。",
                (("困难户应当减免。", True, ""), ("计量误差如何核对要写进公告。", True, "")),
                "采纳减免意见，水价方案修改后再公示七日。"),
    HearingSeed(3, "村内文化广场选址", "held", "两处选址各自说明，代表就噪声和停车发言。",
                (("选址离学校近，晚上要限时。", True, ""), ("停车位不够。", True, ""))),
    HearingSeed(-12, "旧村改造安置方案", "called"),
    HearingSeed(-15, "养殖场搬迁补偿办法", "cancelled"),
)  # fmt: skip
PEOPLE = (
    ("徐传亮", "村民代表", HowChosen.drawn, MinutesSigned.screen),
    ("姜玉兰", "村民代表", HowChosen.registered, MinutesSigned.paper),
    ("迟明义", "利害关系人", HowChosen.concerned, MinutesSigned.paper),
    ("邵立新", "人大代表", HowChosen.invited, MinutesSigned.paper),
)


def _actor(username: str) -> Actor:
    with system_scope("demo accounts"):
        return actor_of(account_row(db.session.scalars(select(Account.id).where(Account.username == username)).one()))


def _topics(codes: tuple[str, ...]) -> list[CodeItem]:
    found = select(CodeItem).join(CodeTable).where(CodeTable.code == "consultation_topic", CodeItem.code.in_(codes))
    return list(db.session.scalars(found.order_by(CodeItem.sort)))


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL) + timedelta(minutes=round(hour * 60))


def _working_day(ago: int) -> date:
    """So many days ago, or the next working day before that."""
    known, day = calendar(), clock.today() - timedelta(days=ago)
    while not known.is_workday(day):
        day -= timedelta(days=1)
    return day


def _adviser(username: str) -> LegalAdviser:
    with system_scope("demo advisers"):
        account = select(Account.id).where(Account.username == username).scalar_subquery()
        return db.session.scalars(select(LegalAdviser).where(LegalAdviser.account_id == account)).one()


def _consult(seed: Said, summary: bool) -> None:
    began = _at(_working_day(seed.ago), seed.hour)
    with clock.standing_at(min(began + timedelta(hours=2), clock.now())):
        actor = _actor(seed.who)
        with acting(actor):
            given: dict[str, Any] = {"at": began, "minutes": 30, "head_count": 1, "topics": _topics(seed.topics)}
            if summary:
                given |= {"summary": seed.summary, "advice": seed.advice, "result": seed.result}
            more = dict(seed.more)
            if "adviser" in more:
                more["adviser"] = _adviser(more["adviser"])
            record_consultation(actor, {**given, **more})


def _from_booking() -> None:
    """The adviser on duty has recorded the consultation of the last finished booking."""
    with system_scope("demo bookings"):
        found = select(Booking).where(
            Booking.purpose == Purpose.legal_consultation, Booking.state == BookingState.finished
        )
        booking = db.session.scalars(found.order_by(Booking.starts_at.desc()).limit(1)).first()
        people = [person.username for person in booking.people] if booking is not None else []
    if booking is None or not people:
        return
    actor = _actor(people[0])
    with acting(actor):
        said = {"advice": "合同约定的流转期限不得超过承包剩余期限，已核对文本。", "result": R.answered}
        record_consultation(actor, {**prefilled(actor, booking), **said, "topics": _topics(("land",))})


def load_consultations() -> None:
    """Consultations in the open and in confidence."""
    for seed in CONSULTATIONS:
        _consult(seed, True)
    for seed in COUNSELLING:
        _consult(seed, False)
    _from_booking()


def _places() -> list[Organisation]:
    with system_scope("demo communities"):
        found = select(Organisation).where(Organisation.level == Level.village).order_by(Organisation.id).limit(8)
        return list(db.session.scalars(found))


def _city() -> Organisation:
    with system_scope("the demo city"):
        return db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()


def load_pairs() -> None:
    """Law firms and the communities they help."""
    admin = _actor("business_admin")
    firms = list(db.session.scalars(select(LawFirm).where(LawFirm.active.is_(True)).order_by(LawFirm.id)))
    since = clock.today().replace(month=1, day=1)
    with acting(admin):
        for place, community in enumerate(_places()[:6]):
            outreach.add_pair(
                admin,
                {"organisation": community, "firm": firms[place % len(firms)], "since": since, "active": True,
                 "until": since.replace(year=since.year + 1) - timedelta(days=1)},
            )  # fmt: skip


def _month_day(back: int, day: int) -> date:
    first = clock.today().replace(day=1)
    for _turn in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first.replace(day=day)


def load_events() -> None:
    """Two months of legal service events and the present one."""
    head, city, places = _actor("centre_head"), _city(), _places()
    firms = list(db.session.scalars(select(LawFirm).where(LawFirm.active.is_(True)).order_by(LawFirm.id)))
    for place, seed in enumerate(EVENTS):
        began = _at(_month_day(seed.back, seed.day), 9)
        with clock.standing_at(min(began - timedelta(days=5), clock.now())), acting(head):
            event = outreach.plan(
                head,
                {
                    "organisation": city,
                    "title": seed.title,
                    "starts_at": began,
                    "minutes": 120,
                    "place": f"{places[place].name}{seed.place}" if place < 2 else seed.place,
                    "community": places[place],
                    "firm": firms[place % len(firms)],
                    "topics": _topics(seed.topics),
                },
            )
            if seed.cancelled:
                outreach.cancel(head, event.id, {"reason": seed.cancelled})
        if seed.came and began < clock.now():
            with clock.standing_at(min(began + timedelta(hours=3), clock.now())), acting(head):
                outreach.hold(head, event.id, {"attendance": seed.came, "summary": seed.summary})


def _stroke(rise: int) -> list[list[float]]:
    return [[float(x), 60 + rise * ((x // 10) % 2 * 2 - 1), x * 12.0, 0.5] for x in range(10, 160, 10)]


def _hearing(seed: HearingSeed, place: Organisation) -> None:
    head = _actor("centre_head")
    held = _at(_working_day(seed.ago), 9.5)
    with clock.standing_at(min(held - timedelta(days=11), clock.now())), acting(head):
        given = {"organisation": place, "subject": f"{place.name}{seed.subject}", "held_at": held}
        how = "各村民小组推选报名后随机抽取，利害关系人全部参加"
        hearing = decision_hearing.call(head, {**given, "place": f"{place.name}会议室", "chosen_how": how})
        if seed.far == "cancelled":
            decision_hearing.cancel(head, hearing.id, {"reason": "上级方案调整，另行召集"})
    if seed.far not in ("held", "concluded"):
        return
    with clock.standing_at(min(held + timedelta(hours=3), clock.now())), acting(head):
        people = [{"name": name, "capacity": part, "chosen": chosen} for name, part, chosen, _signed in PEOPLE]
        said: dict[str, Any] = {"participants": people, "minutes": seed.minutes, "attendance": 18}
        decision_hearing.hold(head, hearing.id, {**said, "opinions": [{"text": row[0]} for row in seed.opinions]})
        if seed.far == "concluded":
            _conclude(head, hearing, seed)


def _conclude(head: Actor, hearing: Any, seed: HearingSeed) -> None:
    drawn = Signing("touch", [_stroke(18), _stroke(-14)])
    rows = [
        {"participant": one.id, "name": one.name, "signed": row[3], "signature": drawn}
        for one, row in zip(hearing.participants, PEOPLE, strict=True)
    ]
    decision_hearing.sign(head, hearing.id, {"signatures": rows})
    answers = [
        {"opinion": one.id, "adopted": row[1], "reason": row[2] or None}
        for one, row in zip(hearing.opinions, seed.opinions, strict=True)
    ]
    decision_hearing.conclude(head, hearing.id, {"opinions": answers, "conclusion": seed.conclusion})


def load_hearings() -> None:
    """Hearings before decisions, from called to concluded."""
    for seed, place in zip(HEARINGS, _places(), strict=False):
        _hearing(seed, place)


def _missing(model: Any, *clauses: Any) -> bool:
    with system_scope("what the demo has already"):
        return db.session.scalar(select(model.id).where(*clauses).limit(1)) is None


def load_service() -> None:
    """All of it, once; the year of the article has consultations, events and hearings of its own."""
    lately = clock.now() - timedelta(days=90)
    if _missing(Consultation, Consultation.at >= lately):
        load_consultations()
    if _missing(FirmPair):
        load_pairs()
    if _missing(OutreachEvent, OutreachEvent.starts_at >= lately):
        load_events()
    if _missing(Hearing, Hearing.kind == HearingKind.decision, Hearing.held_at >= lately):
        load_hearings()
