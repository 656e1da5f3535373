"""The parameters of the house as shipped; an administrator turns them between their bounds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ParameterSeed:
    """One parameter: a whole number with its bounds, or a yes or no."""

    code: str
    name: str
    value: str
    unit: str | None
    least: int | None
    most: int | None
    note: str
    source: str
    kind: str = "integer"


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
        "offer_minutes",
        "候补保留时间",
        "60",
        "分钟",
        5,
        1440,
        "候补到的时段为本人保留这么久，逾期转给下一位。",
        "本中心规定",
    ),
    ParameterSeed(
        "public_hold_minutes",
        "公众预约填写时间",
        "10",
        "分钟",
        3,
        60,
        "公众选定时段后为其保留这么久，逾期未提交即放开。",
        "本中心规定",
    ),
    ParameterSeed(
        "public_days", "公众可预约天数", "14", "天", 1, 60, "公众网页列出今后这么多天的空闲时段。", "本中心规定"
    ),
    ParameterSeed(
        "public_holds",
        "同一网络地址同时保留时段数",
        "5",
        "个",
        1,
        100,
        "超过此数须先提交或等待保留到期，以防占满时段。",
        "本中心规定",
    ),
    ParameterSeed(
        "public_bookings",
        "同一网络地址每日公众预约数",
        "10",
        "次",
        1,
        500,
        "二十四小时内同一网络地址的预约超过此数即暂停受理。大厅自助机可调高。",
        "本中心规定",
    ),
    ParameterSeed(
        "outreach_least",
        "每月法律服务活动最少次数",
        "2",
        "次",
        2,
        31,
        "全市一个月的法律服务活动少于此数的，提醒中心负责人和业务管理员。",
        "每月至少两次开展法律服务活动",
    ),
    ParameterSeed(
        "mass_listing",
        "十分钟内大量翻阅告警数",
        "2000",
        "行",
        500,
        20_000,
        "一人十分钟内翻阅的列表行数超过此数的，记入安全告警。",
        "本中心规定",
    ),
    ParameterSeed(
        "export_most",
        "一次导出行数上限",
        "10000",
        "行",
        100,
        10_000,
        "超过此数不得一次导出；每次拒绝都记入安全告警。",
        "本中心规定",
    ),
    ParameterSeed(
        "export_days",
        "大批量导出下载期限",
        "3",
        "天",
        1,
        30,
        "大批量导出经他人批准后，须在此期限内下载，只能下载一次。",
        "本中心规定",
    ),
    ParameterSeed(
        "one_time_hours",
        "一次性密码有效时间",
        "72",
        "小时",
        1,
        720,
        "超过时间未使用的一次性密码自动失效，须由系统管理员重新生成。",
        "本中心规定",
    ),
    ParameterSeed(
        "attachment_max_mb", "单个附件大小上限", "20", "MB", 1, 20, "上限不超过服务器接收请求的限额。", "本中心规定"
    ),
    ParameterSeed(
        "low_score",
        "低分标准",
        "2",
        "分",
        1,
        3,
        "回访任一项评分不高于此数的，视为满意度较低，应下达整改。",
        "本中心规定",
    ),
    ParameterSeed(
        "sms_quiet_from",
        "短信静默开始",
        "21",
        "点",
        0,
        23,
        "自此时起不发短信，留待次日早晨；与结束时间相同即不设静默。",
        "本中心规定",
    ),
    ParameterSeed("sms_quiet_until", "短信静默结束", "8", "点", 0, 23, "静默期间产生的短信在此时发出。", "本中心规定"),
    ParameterSeed(
        "outbox_tries",
        "消息发送尝试次数",
        "8",
        "次",
        1,
        30,
        "达到次数仍未送出的消息停止发送，并通知系统管理员。",
        "本中心规定",
    ),
    ParameterSeed(
        "webhook_failures",
        "对接地址连续失败暂停数",
        "20",
        "次",
        3,
        500,
        "连续失败达到此数的对接地址自动暂停，待业务管理员恢复。",
        "本中心规定",
    ),
    ParameterSeed(
        "keep_messages_days",
        "已发消息保留天数",
        "184",
        "天",
        30,
        1825,
        "超过天数的已发或作废消息自动清除。",
        "本中心规定",
    ),
    ParameterSeed(
        "keep_notices_days", "站内消息保留天数", "184", "天", 30, 1825, "超过天数的已读站内消息自动清除。", "本中心规定"
    ),
    ParameterSeed(
        "remind_every_days", "超期后提醒间隔", "3", "天", 1, 30, "超期事项每隔此天数再提醒一次。", "本中心规定"
    ),
    ParameterSeed("suspend_days", "中止办理最长天数", "60", "天", 1, 365, "一次中止办理不得超过此天数。", "本中心规定"),
    ParameterSeed(
        "escalate_to_town",
        "会商未果提级到镇级",
        "yes",
        None,
        None,
        None,
        "会商未能解决的事项提级到镇街会商研判；选“否”则提级到市级。",
        "《群众诉求接待服务中心标准化建设规范》",
        kind="flag",
    ),
    ParameterSeed(
        "recheck_place",
        "复查申请接收地点",
        "",
        None,
        None,
        None,
        "本级人民政府受理复查申请的办公室、电话和地址，写在权利告知中；不填则只写机关名称。",
        "《信访工作条例》第三十五条",
        kind="text",
    ),
    ParameterSeed(
        "small_cell",
        "统计小数隐藏",
        "5",
        "件",
        3,
        50,
        "对不能查阅事项的人员和公众，分项统计少于此数的不显示，以免推知个人。",
        "本中心规定",
    ),
    ParameterSeed(
        "town_map",
        "统计示意图镇街位置",
        "370786 370786106 . / 370786102 370786101 370786103 / 370786001 370786002 . / . 370786003 370786400 "
        "/ . 370786104 370786105",
        None,
        None,
        None,
        "统计页示意图按方位摆放镇街：上北下南，左西右东。",
        "本中心规定",
        kind="text",
    ),
    ParameterSeed(
        "public_board",
        "公示栏指标",
        "cases persons resolution_rate answer_rate satisfaction response_rate hearings",
        None,
        None,
        None,
        "公众网页公示的指标；一项也不选则不公示。",
        "本中心规定",
        kind="text",
    ),
    ParameterSeed(
        "urge_every_days", "催办最短间隔", "3", "天", 1, 30, "同一事项两次催办之间至少相隔这么多天。", "本中心规定"
    ),
    ParameterSeed(
        "supervision_days", "督办回复期限", "7", "天", 1, 30, "督办函默认的回复天数，发函时可改。", "本中心规定"
    ),
    ParameterSeed(
        "supervise_returned_days",
        "退回答复未处理天数",
        "5",
        "天",
        1,
        5,
        "退回的答复超过此天数未处理，自动列入督办；只可从严。",
        "本中心规定",
    ),
    ParameterSeed(
        "supervise_co_days",
        "协办未响应天数",
        "3",
        "天",
        1,
        3,
        "协办单位超过此天数未签收，自动列入督办；只可从严。",
        "本中心规定",
    ),
    ParameterSeed(
        "gaming_days",
        "办结后再访观察天数",
        "7",
        "天",
        1,
        60,
        "办结后这么多天内再来的事项，列入防虚办检查。",
        "本中心规定",
    ),
    ParameterSeed(
        "cluster_days", "重复成因观察期", "90", "天", 30, 366, "同一地点同一类别在此天数内的事项合并看。", "本中心规定"
    ),
    ParameterSeed("cluster_least", "重复成因最少件数", "3", "件", 2, 100, "观察期内达到此数才列出。", "本中心规定"),
)


def parameters() -> list[ParameterSeed]:
    """Every shipped parameter."""
    return list(PARAMETERS)
