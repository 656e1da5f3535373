"""The hearings before decisions of the demo year: called in time, held with participants, opinions adopted or not."""

import random
from datetime import date, timedelta

from app.core import workdays
from app.models.hearing import (
    Hearing,
    HearingKind,
    HearingOpinion,
    HearingParticipant,
    HearingState,
    HearingStep,
    HowChosen,
    MinutesSigned,
)
from seed.organisation import TOWNS
from seed.people import person
from seed.year_plan import FIRST, LAST, MONTHS, SEED, TOWN_WEIGHTS, hour
from seed.year_world import Place, World

HEARINGS = 1526
NOTICE = 7  # days, as the rule D-HEAR7 asks at least
SUBJECTS = (
    ("道路硬化线路与占地", "道路线路经过部分农户房前，方案公开征求意见。"),
    ("集体土地流转方案", "流转面积、租金和期限逐项说明，由村民代表评议。"),
    ("集体房屋对外租赁", "租赁底价和期限公开，听取村民意见。"),
    ("旧村改造安置方案", "安置面积认定和过渡办法逐条说明。"),
    ("自来水改造收费标准", "改造费用构成和户均分摊金额公开。"),
    ("征地补偿款分配方案", "分配范围、标准和时间公开征求意见。"),
    ("环境整治拆除违建顺序", "拆除顺序和补助办法公开说明。"),
    ("村级公益事业筹资筹劳", "筹资用途、标准和减免对象公开评议。"),
    ("污水管网进户施工安排", "施工路线、工期和恢复标准公开说明。"),
    ("村庄规划调整", "调整范围和理由公开说明，听取意见。"),
)
CAPACITIES = (
    ("村民代表", HowChosen.elected),
    ("党员代表", HowChosen.elected),
    ("利害关系人", HowChosen.concerned),
    ("人大代表", HowChosen.invited),
    ("妇女代表", HowChosen.registered),
    ("老年人代表", HowChosen.drawn),
)
CONCLUSIONS = ("按采纳的意见修改方案后实施，结果在村务公开栏公示。", "多数同意方案，由村民委员会组织实施并公示。")
VOICES = (
    ("施工尽量避开农忙。", True, None),
    ("费用明细应当张榜公布。", True, None),
    ("建议对困难户给予减免。", True, None),
    ("补偿标准应当再提高一成。", False, "标准由上级统一制定，村级无权调整，已作说明。"),
    ("请保留原有出入口。", True, None),
    ("建议推迟到明年实施。", False, "资金须在本年度内使用，推迟将影响项目。"),
    ("希望由村民代表全程监督。", True, None),
)
CHOSEN = ("各村民小组推选", "公开报名后抽签确定", "利害关系人全部参加，其他代表由村民会议推选")


def load_hearings(world: World) -> None:
    """All of them, in the order of time."""
    draw = random.Random(SEED + 1)
    first = FIRST + timedelta(days=18)
    span = [first + timedelta(days=n) for n in range((LAST - first).days)]
    days = [day for day in span if world.calendar.is_workday(day)]
    for nth, day in enumerate(sorted(draw.choices(days, weights=[MONTHS[d.month] for d in days], k=HEARINGS))):
        town = draw.choices(TOWNS, weights=TOWN_WEIGHTS)[0][0]
        _hearing(world, draw, nth, draw.choice(world.villages[town]), town, day)


def _hearing(world: World, draw: random.Random, nth: int, village: Place, town: str, day: date) -> None:
    leader, head = world.cast.one("leader", town), world.cast.one("centre_head", town)
    subject, minutes = draw.choice(SUBJECTS)
    notice = workdays.days_before(day, NOTICE + draw.randrange(0, 6), workdays.CALENDAR, world.calendar)
    held = hour(day, draw.choice((60, 90, 120, 390, 420)))
    people = draw.randrange(3, 6)
    over, called = held + timedelta(hours=2), hour(notice, 30)
    subject = f"{village.name}{subject}"
    row = world.ledger.enter(
        Hearing,
        called,
        head,
        organisation_id=village.id,
        kind=HearingKind.decision,
        state=HearingState.concluded,
        subject=subject,
        noticed_on=notice,
        held_at=held,
        place=f"{village.name}村民委员会会议室",
        chaired_by_id=leader.id,
        chosen_how=draw.choice(CHOSEN),
        attendance=people + draw.randrange(2, 24),
        minutes=f"{minutes}与会代表逐项发言，主持人归纳意见并当场说明采纳情况。",
        conclusion=draw.choice(CONCLUSIONS),
        concluded_at=over,
        version=4,
        changed_at=over,
    )
    for place in range(people):
        name = person(60_000 + nth * 6 + place).name
        capacity, chosen = CAPACITIES[(nth + place) % len(CAPACITIES)]
        signed = {"chosen": chosen, "signed": MinutesSigned.paper, "signed_at": over}
        key = row["id"]
        world.ledger.enter(HearingParticipant, over, head, hearing_id=key, name=name, capacity=capacity, **signed)
    for text, adopted, reason in draw.sample(VOICES, draw.choice((1, 2, 2, 3))):
        world.ledger.enter(HearingOpinion, over, head, hearing_id=row["id"], text=text, adopted=adopted, reason=reason)
    course = (
        ("call_decision", called, None, "called"),
        ("hold_decision", over, "called", "held"),
        ("sign_decision", over, "held", "held"),
        ("conclude_decision", over, "held", "concluded"),
    )
    world.walk(HearingStep, {"hearing_id": row["id"]}, ("hearing", subject), head, course)
