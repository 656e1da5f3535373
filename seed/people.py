"""Invented people for the demo: every name, number and phone is made up, checksum-valid, and the same each time.

Numbers use order codes above 900 and phones the prefix 154, which no operator hands out.
"""

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from stdnum.iso7064 import mod_11_2

from seed.accounts import accounts
from seed.organisation import CITY

DATA = Path(__file__).parent / "data"
AREA = "370786"
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎姜崔逄单解"
)
MALE = "建国 志强 海涛 永刚 文杰 立新 德胜 玉山 明远 振华 光辉 春生 学军 兆祥 洪波 景阳 庆林 国栋 少峰 维民 家兴 云龙"
FEMALE = "秀英 桂兰 淑芬 丽华 玉梅 春燕 晓红 爱玲 雪梅 凤霞 美娟 佳慧 文静 海燕 素珍 婷婷 慧敏 月娥 金凤 瑞芝 新荣 艳丽"
APPOINTED = (date(2019, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True)
class PersonSeed:
    """Somebody invented, with a valid number and phone."""

    name: str
    sex: str
    birth: date
    id_number: str
    phone: str


@dataclass(frozen=True)
class LawFirmSeed:
    """A law firm or legal service office."""

    code: str
    name: str
    licence: str
    contact: str
    phone: str
    address: str


@dataclass(frozen=True)
class AdviserSeed:
    """A legal adviser of one centre; `firm` is None for scholars."""

    name: str
    sex: str
    kind: str
    firm: str | None
    licence: str
    specialty: str
    phone: str
    organisation: str
    appointed_from: date
    appointed_until: date


@dataclass(frozen=True)
class ExpertSeed:
    """A member of the expert pool; `organisation` is the pool, `account` the demo user name."""

    account: str
    person: PersonSeed
    category: str
    title: str
    organisation: str
    specialties: tuple[str, ...]
    employer: str
    employer_code: str | None
    village: str | None
    appointed_from: date
    appointed_until: date


def id_number(birth: date, order: int, area: str = AREA) -> str:
    """A checksum-valid number; an odd order is a man's."""
    body = f"{area}{birth:%Y%m%d}{order:03}"
    return body + str(mod_11_2.calc_check_digit(body))


def phone(number: int) -> str:
    """A mobile number that rings nowhere."""
    return f"154{number:08}"


def person(index: int, name: str | None = None, sex: str | None = None) -> PersonSeed:
    """The same invented person for the same index; different indexes have different numbers and phones."""
    draw = random.Random(f"person {index}")
    chosen = sex or ("male" if draw.random() < 0.55 else "female")
    given = draw.choice((MALE if chosen == "male" else FEMALE).split())
    birth = date(1945, 1, 1) + timedelta(days=index * 7919 % 20_000)
    order = 900 + index // 20_000 % 50 * 2 + (1 if chosen == "male" else 0)
    return PersonSeed(name or draw.choice(SURNAMES) + given, chosen, birth, id_number(birth, order), phone(index))


def law_firms() -> list[LawFirmSeed]:
    """Seven law firms and three legal service offices."""
    names = (
        ("F01", "山东昌达律师事务所", "利民街"),
        ("F02", "山东潍邑律师事务所", "平安街"),
        ("F03", "山东鸢都律师事务所", "天水路"),
        ("F04", "山东北海明律师事务所", "交通街"),
        ("F05", "山东正衡律师事务所", "富昌街"),
        ("F06", "山东诚久律师事务所", "文昌路"),
        ("F07", "山东渤海湾律师事务所", "新城街"),
        ("F08", "昌邑城区法律服务所", "都昌路"),
        ("F09", "昌邑柳疃法律服务所", "柳疃镇丝绸路"),
        ("F10", "昌邑饮马法律服务所", "饮马镇驻地"),
    )
    return [
        LawFirmSeed(
            code, name, f"3137072019{sort:07}", person(9_000 + sort).name, f"0536-72{sort:05}", f"昌邑市{street}"
        )
        for sort, (code, name, street) in enumerate(names, 1)
    ]


def advisers() -> list[AdviserSeed]:
    """The 90 legal advisers of the article; the first three have the accounts adviser.1 to adviser.3."""
    with (DATA / "advisers.csv").open(encoding="utf-8", newline="") as lines:
        return [
            AdviserSeed(
                row["name"],
                row["sex"],
                row["kind"],
                row["firm"] or None,
                row["licence"],
                row["specialty"],
                row["phone"],
                row["organisation"],
                *APPOINTED,
            )
            for row in csv.DictReader(lines)
        ]


_T1, _T2 = "370786001", "370786002"
_EXPERTS = (
    # category, title, pool, specialties, employer, its code, home village
    ("congress_deputy", "市人大代表", _T1, ("land", "village"), "奎聚街道商会", None, f"{_T1}203"),
    ("party_delegate", "街道党代表", _T1, ("village", "civil"), "奎聚街道中心小学", None, f"{_T1}208"),
    ("legal_adviser", "律师", _T1, ("civil", "housing"), "山东昌达律师事务所", None, None),
    ("cppcc_member", "市政协委员", _T1, ("enterprise", "labour"), "昌邑市纺织行业协会", None, None),
    ("congress_deputy", "街道人大代表", _T2, ("village", "land"), "都昌街道农机合作社", None, f"{_T2}205"),
    ("party_delegate", "市党代表", _T2, ("family", "civil"), "都昌街道妇女联合会", None, f"{_T2}211"),
    ("legal_adviser", "法律工作者", _T2, ("land", "civil"), "昌邑城区法律服务所", None, None),
    ("department_head", "社会事务办公室主任", _T2, ("labour", "health"), "都昌街道社会事务办公室", f"{_T2}-SS", None),
    ("scholar", "法学副教授", CITY, ("administrative", "land"), "潍坊学院法学院", None, None),
    ("department_head", "司法局副局长", CITY, ("administrative", "criminal"), "昌邑市司法局", f"{CITY}-SF", None),
    ("cppcc_member", "市政协委员、造价工程师", CITY, ("construction", "housing"), "昌邑市建筑业协会", None, None),
    ("other", "心理咨询师协会会长", CITY, ("psychology", "family"), "昌邑市心理咨询师协会", None, None),
)


_WOMEN = (3, 4, 6)


def experts() -> list[ExpertSeed]:
    """Twelve experts: four of the first town's team, four of the second's, four of the city pool."""
    names = {account.username: account.name for account in accounts()}
    return [
        ExpertSeed(
            f"expert.{number}",
            person(9_100 + number, names[f"expert.{number}"], "female" if number in _WOMEN else "male"),
            category,
            title,
            pool,
            fields,
            employer,
            employer_code,
            village,
            *APPOINTED,
        )
        for number, (category, title, pool, fields, employer, employer_code, village) in enumerate(_EXPERTS, 1)
    ]
