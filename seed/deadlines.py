"""The deadline rules of domain §5. Law texts were read in third-party copies: sources are data to be corrected."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeadlineSeed:
    """A rule; `least` and `most` are what law leaves to the administrator (None: no limit on that side).

    A duty of an office may be made shorter, a right of a party or a notice longer, never the other way round."""

    code: str
    name: str
    starts_from: str
    length: int
    unit: str
    nature: str
    source: str
    least: int | None = None
    most: int | None = None


REGULATION = "《信访工作条例》（2022年）"
LOCAL = "《群众诉求接待服务中心标准化建设规范》"

RULES = (
    DeadlineSeed("D-ACK15", "受理告知", "登记", 15, "calendar", "law", f"{REGULATION}第二十三条", least=1, most=15),
    DeadlineSeed("D-OBJ5", "异议退回", "收到转送、交办", 5, "working", "law", REGULATION, least=5, most=5),
    DeadlineSeed("D-REPLY15", "答复当事人", "登记", 15, "calendar", "local", f"{LOCAL}：15天内答复当事人", most=60),
    DeadlineSeed("D-HANDLE60", "办结", "受理", 60, "calendar", "law", f"{REGULATION}第三十四条", least=1, most=60),
    DeadlineSeed(
        "D-EXTEND30", "延期上限", "原办结期限", 30, "calendar", "law", f"{REGULATION}第三十四条", least=1, most=30
    ),
    DeadlineSeed(
        "D-REV5", "申请专家评审", "当事人收到答复", 5, "calendar", "local", f"{LOCAL}：收到答复之日起5日内", least=5
    ),
    DeadlineSeed(
        "D-FC30", "申请复查", "当事人收到答复", 30, "calendar", "law", f"{REGULATION}第三十五条", least=30, most=30
    ),
    DeadlineSeed(
        "D-CONF30", "申请司法确认", "调解协议生效", 30, "calendar", "law", "《人民调解法》第三十三条", least=30, most=30
    ),
    DeadlineSeed(
        "D-HEAR7", "听证通知", "听证举行前", 7, "calendar", "law", "参照《行政处罚法》第六十四条", least=7, most=30
    ),
    DeadlineSeed("D-FUP3", "第一次回访", "答复办结", 3, "calendar", "local", LOCAL),
    DeadlineSeed("D-FUP10", "第二次回访", "答复办结", 10, "calendar", "local", LOCAL),
    DeadlineSeed("D-FUP30", "第三次回访", "答复办结", 30, "calendar", "local", LOCAL),
    DeadlineSeed("D-RECT", "整改", "下达整改通知", 15, "calendar", "local", LOCAL),
    DeadlineSeed("D-REVACC2", "评审申请审查", "提出评审申请", 2, "working", "local", LOCAL),
    DeadlineSeed("D-INVITE2", "专家应邀答复", "发出邀请", 2, "working", "local", LOCAL),
    DeadlineSeed(
        "D-NEWREP15", "重新答复", "评审改变意见送达", 15, "calendar", "local", f"{LOCAL}：15天内答复当事人", most=60
    ),
)


def rules() -> list[DeadlineSeed]:
    """Every shipped rule."""
    return list(RULES)
