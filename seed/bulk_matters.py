"""Generated matters for load tests: the same for the same count, spread as a real register is; all invented."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from operator import mul
from typing import NamedTuple

SEED = 20260101
FIRST, LAST = datetime(2023, 1, 1), datetime(2026, 1, 1)  # local time
AREA = "370700"  # not that of the demo people
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
FIRSTS = "伟志文玉秀丽海建春晓永德学新"
SECONDS = "芳娜敏静强磊军洋勇艳杰娟涛明"
RARE_GIVEN = "建国"  # the needle of the search tests: about 35 in 200,000
TOPICS = (
    ("小区供暖不足", "C0206"), ("拖欠农民工工资", "C0301"), ("宅基地界址纠纷", "C0501"), ("夜间施工噪音扰民", "C0803"),
    ("道路破损积水", "C1001"), ("征地补偿款未到位", "C0101"), ("物业收费不透明", "C0203"), ("饮用水浑浊", "C0801"),
    ("低保资格复核", "C1203"), ("学区划分疑问", "C0901"), ("医保报销比例", "C0305"), ("违章搭建", "C0503"),
    ("垃圾清运不及时", "C0805"), ("公交线路调整", "C1002"), ("养老金发放延迟", "C0304"), ("土地流转合同争议", "C1102"),
    ("工伤认定", "C0303"), ("路灯长期不亮", "C1004"), ("餐饮油烟排放", "C0802"), ("电梯故障频发", "C0203"),
    ("房产证办理拖延", "C0201"), ("邻里排水纠纷", "C0502"), ("广场舞噪音", "C0504"), ("河道污染", "C0801"),
    ("危房改造补助", "C1204"), ("停车位被占", "C1003"), ("村级账目不公开", "C1101"), ("农机补贴发放", "C1202"),
    ("幼儿园收费", "C1303"), ("退役军人优待", "C1401"),
)  # fmt: skip
WISHES = (
    ("问题", "appeal"), ("诉求", "appeal"), ("投诉", "appeal"), ("求助", "appeal"), ("建议", "suggestion"),
    ("咨询", "inquiry"),
)  # fmt: skip
SENTENCES = (
    "来访人反映其居住地长期存在{topic}的情况，已影响日常生活。",
    "自{year}年{month}月起，当事人先后{few}次向有关部门反映，未得到明确答复。",
    "经初步了解，涉及群众约{few}户，情绪总体平稳。",
    "当事人要求尽快核实情况并给出书面答复。",
    "现场工作人员已做好登记并耐心解释相关政策。",
    "该事项涉及历史遗留问题，需要会同相关部门共同研判。",
    "当事人提供了照片、合同复印件等材料共{few}份。",
    "建议由属地牵头，组织双方进行调解，明确责任与时限。",
    "承办单位应在规定期限内反馈办理情况。",
    "来访人表示愿意通过协商方式解决争议。",
    "涉及金额约{money}元，双方对数额存在分歧。",
    "此前曾于{year}年{month}月达成口头协议，但未履行。",
    "当事人家庭困难，请予以关注和帮扶。",
    "请相关单位做好政策解释和思想疏导工作，防止矛盾激化。",
    "如对办理结果不满意，可按规定申请评审。",
)
CHANNELS = ("visit", "visit", "visit", "online", "phone", "letter", "superior", "outreach")
OPEN_STATES = (
    "registered", "accepted", "assigned", "handling", "handling", "handling", "reply_checking", "replied",
    "follow_up_due", "supplement_pending", "redirected", "objected", "archived",
)  # fmt: skip
RECENT = 50  # petitioners among whom one comes again
DESKS = ("city", "city", "town", "town", "town", "town", "town", "village")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


class Person(NamedTuple):
    """An invented person."""

    name: str
    sex: str
    birth: str
    id_number: str
    phone: str


class Matter(NamedTuple):
    """One matter in plain words; `village` counts the villages, `desk` is the level that registered it."""

    title: str
    facts: str
    claims: tuple[str, ...]
    person: Person | None  # None: the petitioner of a matter shortly before comes again
    channel: str
    kind: str
    category: str
    village: int
    desk: str
    state: str
    at: datetime  # local, naive
    head_count: int
    number: str | None = None  # None: the next one of the centre


def id_number(birth: date, order: int) -> str:
    """A checksum-valid number that nobody has: order codes above 900 are not given out in this area."""
    body = f"{AREA}{birth:%Y%m%d}{order:03}"
    return body + _CHECK[sum(map(mul, map(int, body), _WEIGHTS)) % 11]


def person(index: int, draw: random.Random) -> Person:
    """The person of that index; the name is drawn."""
    man = draw.random() < 0.55
    surname = SURNAMES[int(draw.random() * len(SURNAMES))]
    second = SECONDS[int(draw.random() * len(SECONDS))]
    given = FIRSTS[int(draw.random() * len(FIRSTS))] + second if draw.random() < 0.8 else second
    if draw.random() < 0.00018:
        given = RARE_GIVEN
    birth = date(1945, 1, 1) + timedelta(days=index * 7919 % 20_000)
    order = 900 + index // 20_000 % 50 * 2 + (1 if man else 0)
    return Person(surname + given, "male" if man else "female", birth.isoformat(), id_number(birth, order),
                  f"154{20_000_000 + index:08}")  # fmt: skip


def matters(count: int, places: list[tuple[str, str]], first: int = 0, seed: int = SEED) -> Iterator[Matter]:
    """`count` matters in the order of time; `places` are (town, village) by name, the busiest first; people from
    index `first`. The later a matter came in, the likelier it is still open."""
    draw = random.Random(seed)
    some = draw.random
    step = (LAST - FIRST).total_seconds() / max(count, 1)
    for index in range(count):
        at = FIRST + timedelta(seconds=int((index + some()) * step))
        village = int(some() * some() * len(places))
        topic, category = TOPICS[int(some() * len(TOPICS))]
        wish, kind = WISHES[int(some() * len(WISHES))]
        kind = "accusation" if some() < 0.02 else kind
        closed = some() < 0.75 + 0.2 * (count - index) / count
        state = "closed" if closed else OPEN_STATES[int(some() * len(OPEN_STATES))]
        said = {
            "topic": topic,
            "year": at.year,
            "month": at.month,
            "few": 2 + int(some() * 40),
            "money": 1000 + 100 * int(some() * 900),
        }
        start = int(some() * 15)
        facts = "".join([SENTENCES[(start + nth * 7) % 15] for nth in range(12)]).format_map(said)
        claims = ("请核实情况并给予书面答复。", "请明确办理时限并反馈结果。")[: 1 + (some() < 0.3)]
        again = index > RECENT and some() < 0.08
        town_name, village_name = places[village]
        yield Matter(
            f"关于{town_name}{village_name}{topic}的{wish}",
            facts,
            (f"解决{topic}的问题。", *claims[1:]),
            None if again else person(first + index, draw),
            CHANNELS[int(some() * len(CHANNELS))],
            kind,
            category,
            village,
            DESKS[int(some() * len(DESKS))],
            state,
            at,
            1 + int(some() ** 6 * 40),
        )
