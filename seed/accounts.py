"""The demo accounts of the contract: user name, role, whole name, post, organisation code."""

from dataclasses import dataclass

from seed.organisation import CITY, CITY_DEPARTMENTS, TOWNS, villages


@dataclass(frozen=True)
class AccountSeed:
    """One demo account; its password is PORTAL_DEMO_PASSWORD."""

    username: str
    role: str
    name: str
    post: str
    organisation: str


TOWN = tuple(code for code, *_ in TOWNS[:2])
DEPARTMENT = tuple(f"{CITY}-{code}" for code, *_ in CITY_DEPARTMENTS[:2])

_CENTRE = (
    ("sysadmin", "程志远", "系统管理员"),
    ("security_auditor", "马文静", "安全审计员"),
    ("business_admin", "周雅琴", "业务管理员"),
    ("clerk", "王敏", "接待员"),
    ("dispatcher", "陈静", "分流员"),
    ("centre_head", "赵立新", "中心主任"),
    ("review_secretary", "宋佳", "评审秘书"),
    ("follow_up_clerk", "刘芳", "回访员"),
    ("supervisor", "高建军", "督查员"),
    ("archivist", "孟凡英", "档案员"),
    ("statistician", "冯涛", "统计员"),
    ("handler", "谭俊杰", "承办人"),
    ("unit_head", "姜海涛", "承办负责人"),
    ("leader", "李建国", "市委常委"),
    ("expert", "于德水", "评审专家"),
    ("adviser", "孙律明", "法律顾问"),
    ("counsellor", "周晓岚", "心理咨询师"),
    ("village_officer", "西付军", "村网格员"),
)
_TOWN = {
    "clerk": ("张丽丽", "王晓燕"),
    "dispatcher": ("李国强", "刘洪涛"),
    "centre_head": ("孙卫东", "韩立民"),
    "review_secretary": ("杨雪", "曲晓梅"),
    "follow_up_clerk": ("徐静", "邵春华"),
    "supervisor": ("郭建设", "丁志刚"),
}
_POSTS = {role: post for role, _, post in _CENTRE}
_DEPARTMENT = {"handler": ("吕志强", "栾𠮷明"), "unit_head": ("魏长青", "傅永强")}
_EXPERTS = (
    *("王守业", "李树林", "张凤英", "刘玉梅", "陈德福", "赵秀荣"),
    *("孙家兴", "韩永昌", "徐明远", "曾繁华", "解振华", "单国栋"),
)


def accounts() -> list[AccountSeed]:
    """Every demo account of contract.md."""
    found = [AccountSeed(role, role, name, post, CITY) for role, name, post in _CENTRE]
    for role, names in _TOWN.items():
        found += [
            AccountSeed(f"{role}.t{place}", role, name, _POSTS[role], town)
            for place, (name, town) in enumerate(zip(names, TOWN, strict=True), 1)
        ]
    for role, names in _DEPARTMENT.items():
        found += [
            AccountSeed(f"{role}.d{place}", role, name, _POSTS[role], department)
            for place, (name, department) in enumerate(zip(names, DEPARTMENT, strict=True), 1)
        ]
    pools = (*[TOWN[0]] * 4, *[TOWN[1]] * 4, *[CITY] * 4)
    found += [
        AccountSeed(f"expert.{place}", "expert", name, "评审专家", pool)
        for place, (name, pool) in enumerate(zip(_EXPERTS, pools, strict=True), 1)
    ]
    others = (
        ("sysadmin.2", "sysadmin", "程远航", "系统管理员"),  # confirms what the first one asks for
        ("leader.1", "leader", "李国华", "市委副书记"),
        ("leader.2", "leader", "孟庆波", "副市长"),
        ("adviser.1", "adviser", "孙明律", "律师"),
        ("adviser.2", "adviser", "胡正义", "律师"),
        ("adviser.3", "adviser", "曹文博", "法律工作者"),
        ("counsellor.1", "counsellor", "周悦", "心理咨询师"),
        ("counsellor.2", "counsellor", "林静怡", "心理咨询师"),
    )
    found += [AccountSeed(username, role, name, post, CITY) for username, role, name, post in others]
    first_village = next(village.code for village in villages() if village.parent == TOWN[0])
    return [*found, AccountSeed("village_officer.1", "village_officer", "付德军", "村网格员", first_village)]
