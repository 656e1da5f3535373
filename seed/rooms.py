"""The 18 function rooms of the city centre: eight named by the article, ten an administrator may rename."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class RoomSeed:
    """A room; `purposes` are booking purposes, `equipment` codes of the code table of that name."""

    code: str
    name: str
    kind: str
    purposes: tuple[str, ...]
    purpose: str
    place: str
    capacity: int
    equipment: tuple[str, ...] = ()
    buffer_before: int = 0
    buffer_after: int = 10
    opens_at: time = time(8, 30)
    closes_at: time = time(17, 30)
    sort: int = 0
    public_service: str | None = None
    public_minutes: int = 30


# what the public books by itself, and for how many minutes
PUBLIC = {"R07": ("legal_consultation", 30), "R08": ("counselling", 60), "R02": ("visit", 30)}
_BASE = ("recording", "wheelchair")
_MEETING = (*_BASE, "projector", "microphone")
_ROOMS = (
    ("R01", "群众接待大厅", "private", (), "登记、引导、等候", "一楼大厅", 60, ("queue", *_BASE, "printer"), 0, 0),
    ("R02", "矛盾纠纷调处室", "open", ("mediation", "other"), "矛盾纠纷调处", "一楼 101", 12, _BASE, 0, 10),
    ("R03", "领导接访室", "approval", ("leader_reception",), "领导接访", "一楼 102", 10, _BASE, 10, 10),
    (
        "R04",
        "视频接访室",
        "approval",
        ("video_reception",),
        "视频接访、远程会商",
        "一楼 103",
        8,
        ("video", *_BASE),
        15,
        10,
    ),
    ("R05", "和合会客厅", "open", ("mediation", "other"), "和解会客", "一楼 104", 8, ("tea", *_BASE), 0, 10),
    ("R06", "专家评审室", "approval", ("expert_review", "conference"), "专家评审", "二楼 201", 20, _MEETING, 15, 15),
    ("R07", "法律服务室", "open", ("legal_consultation",), "法律咨询", "一楼 105", 6, ("printer", *_BASE), 0, 5),
    ("R08", "心理咨询室", "open", ("counselling",), "心理咨询", "二楼 202", 4, ("sandplay", "soundproof"), 10, 20),
    ("R09", "民事调解室", "open", ("mediation",), "民事调解", "一楼 106", 10, _BASE, 0, 10),
    ("R10", "听证室", "approval", ("hearing", "conference"), "听证", "二楼 203", 40, _MEETING, 20, 20),
    ("R11", "联合会商室", "approval", ("conference", "expert_review"), "多部门会商", "二楼 204", 24, _MEETING, 10, 10),
    ("R12", "人民调解委员会", "open", ("mediation",), "人民调解", "一楼 107", 10, _BASE, 0, 10),
    (
        "R13",
        "诉讼服务室",
        "open",
        ("legal_consultation", "other"),
        "诉讼引导、司法确认",
        "一楼 108",
        6,
        ("printer",),
        0,
        5,
    ),
    ("R14", "劳动仲裁室", "approval", ("hearing", "mediation"), "劳动争议仲裁", "二楼 205", 16, _BASE, 10, 10),
    ("R15", "警民联调室", "open", ("mediation",), "警民联合调解", "一楼 109", 8, _BASE, 0, 10),
    ("R16", "回访室", "open", ("other",), "电话与当面回访", "二楼 206", 4, ("recording", "telephone"), 0, 0),
    ("R17", "档案室", "private", (), "卷宗保管与查阅", "三楼 301", 4, ("printer",), 0, 0),
    ("R18", "视频监控室", "private", (), "全程录像", "三楼 302", 4, ("video", "recording"), 0, 0),
)


def rooms() -> list[RoomSeed]:
    """The rooms in the order of the calendar."""
    return [
        RoomSeed(
            code,
            name,
            kind,
            purposes,
            purpose,
            place,
            capacity,
            equipment,
            before,
            after,
            time(8, 30),
            time(17, 30),
            sort,
            *PUBLIC.get(code, (None, 30)),
        )
        for sort, (code, name, kind, purposes, purpose, place, capacity, equipment, before, after) in enumerate(
            _ROOMS, 1
        )
    ]
