"""The parameters of the house as shipped; an administrator turns them between their bounds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ParameterSeed:
    """One parameter; a whole number with its bounds."""

    code: str
    name: str
    value: str
    unit: str
    least: int
    most: int
    note: str
    source: str


PARAMETERS = (
    ParameterSeed(
        "group_size",
        "集体访人数",
        "5",
        "人",
        2,
        50,
        "来访人数达到此数的，按集体访登记和统计。",
        "《信访工作条例》第二十条",
    ),
    ParameterSeed(
        "draft_days", "登记草稿保留天数", "30", "天", 1, 180, "超过天数未提交的草稿连同其附件自动清除。", "本中心规定"
    ),
    ParameterSeed(
        "keep_attempts_days",
        "登录尝试记录保留天数",
        "184",
        "天",
        184,
        1825,
        "不得少于六个月。",
        "《网络安全法》第二十三条",
    ),
    ParameterSeed(
        "mass_reading",
        "十分钟内大量查阅告警数",
        "200",
        "件",
        50,
        2000,
        "一人十分钟内查阅的档案超过此数的，记入安全告警。",
        "本中心规定",
    ),
    ParameterSeed(
        "attachment_max_mb", "单个附件大小上限", "20", "MB", 1, 20, "上限不超过服务器接收请求的限额。", "本中心规定"
    ),
)


def parameters() -> list[ParameterSeed]:
    """Every shipped parameter."""
    return list(PARAMETERS)
