"""The working set of the demo: matters of the last 60 days, each with its course. All people and events are invented."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Act:
    """One step: days after registration, step, who, and what is said."""

    after: int
    step: str
    who: str
    said: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseSeed:
    """One matter: days ago, registering account, what, about which place, how many came, and its course."""

    ago: int
    who: str
    title: str
    facts: str
    claims: tuple[str, ...]
    category: str
    people: int = 1
    head_count: int = 1
    channel: str = "visit"
    kind: str = "appeal"
    respondent: str | None = None
    place: str = "370786001"
    course: tuple[Act, ...] = ()


def _assigned(lead: str, *co: str, by: str = "dispatcher", sign: str | None = None) -> tuple[Act, ...]:
    course = (
        Act(1, "accept", by),
        Act(2, "assign", by, {"lead": lead, "co": co, "note": "请按期办理，并把进展告诉当事人。"}),
    )
    return (*course, Act(3, "sign_for", sign)) if sign else course


_ZJ, _ZR = "370786-ZJ", "370786-ZR"

CASES: tuple[CaseSeed, ...] = (
    CaseSeed(22, "clerk", "村道拓宽占用围墙外空地未补偿",
             "2026年春村里拓宽道路，占用诉求人家围墙外空地约四十平方米，至今没有测量，也没有支付补偿。多次找村委会，答复均为再等等。",
             ("按实测面积支付围墙外空地补偿款", "书面说明至今未支付的原因"), "C0101", people=2, head_count=3,
             respondent="村民委员会", place="370786101",
             course=(*_assigned(_ZR, "370786101", sign="handler.d2"),
                     Act(5, "log_work", "handler.d2", {"text": "与村委会、诉求人到现场丈量，占用面积38.6平方米，双方签字确认。"}),
                     Act(12, "log_work", "handler.d2", {"text": "区片价补偿标准已向诉求人说明，等待镇财政审核。"}))),
    CaseSeed(17, "clerk", "小区交房三年未办不动产权证",
             "诉求人等购买某小区住房，2023年交房入住后一直无法办理不动产权证，影响子女入学和房屋过户。开发企业称验收手续不全。",
             ("督促开发企业完善验收手续", "明确办理不动产权证的时间"), "C0201", people=3, head_count=8, place="370786002",
             course=(*_assigned(_ZJ, _ZR, sign="handler.d1"),
                     Act(8, "log_work", "handler.d1", {"text": "约谈开发企业负责人，要求十日内补齐竣工验收备案资料。"}))),
    CaseSeed(14, "clerk", "工地拖欠装修工程款四万元", "诉求人带领六名工人为某工地装修，2026年6月完工，尾款四万元拖欠至今。",
             ("支付拖欠的装修工程款四万元",), "C0301", people=1, head_count=6, place="370786001",
             course=(Act(1, "accept", "dispatcher"), Act(2, "assign", "dispatcher", {"lead": _ZJ, "co": ()}),
                     Act(4, "object", "unit_head.d1", {"reason": "欠薪属于人力资源和社会保障部门职责。", "proposed": "370786-RS"}),
                     Act(5, "uphold", "dispatcher", {"reason": "同意改派。"}),
                     Act(6, "assign", "dispatcher", {"lead": "370786-RS", "co": (_ZJ,), "note": "改派人社部门主办。"}))),
    CaseSeed(13, "clerk", "改制企业职工养老保险断缴", "原纺织厂2008年改制后，部分职工2009年至2011年养老保险断缴，影响退休待遇核定。",
             ("补缴断缴期间的养老保险", "核定退休待遇"), "C0304", people=3, head_count=26, place="370786003",
             course=_assigned("370786-RS", "370786-GX")),
    CaseSeed(12, "clerk.t1", "楼上住户长期夜间噪声", "楼上住户夜间在家中加工木器，声响大，持续半年，社区调解两次无效。",
             ("停止夜间加工", "恢复安静的居住环境"), "C0504", people=1, head_count=1, place="370786001",
             course=(Act(1, "accept", "dispatcher.t1"),)),
    CaseSeed(24, "clerk", "对征地款分配方案有异议要求撤销", "诉求人认为村集体征地款分配方案未经村民会议表决，已向人民法院提起诉讼。",
             ("撤销分配方案",), "C1101", people=1, place="370786104",
             course=(Act(1, "redirect", "dispatcher",
                         {"reason": "该事项已由人民法院受理。", "route": "litigation", "where": "昌邑市人民法院立案庭"}),
                     Act(2, "approve_decline", "centre_head", {"note": "同意。"}))),
    CaseSeed(11, "clerk", "承包地边界被邻户机耕越界", "秋收后邻户机耕时越过地界约一米，地界石被移动。", ("恢复承包地地界", "赔偿青苗损失三百元"),
             "C1102", people=1, head_count=2, place="370786103",
             course=(Act(1, "request_supplement", "clerk",
                         {"missing": ("facts",), "reason": "请补充土地承包经营权证和地块示意图。"}),)),
    CaseSeed(10, "clerk", "小区供暖温度不达标", "入冬供暖后室内温度长期十五六度，多户老人和孩子受冻，物业和供热企业互相推诿。",
             ("保证室内温度达标", "退还不达标期间的采暖费"), "C0206", people=3, head_count=12, place="370786002",
             course=_assigned(_ZJ, "370786-SJ", sign="handler.d1")),
    CaseSeed(9, "clerk.t2", "村内排水沟堵塞雨后积水进院", "村东排水沟淤堵两年，雨后积水倒灌进院，房屋墙体受潮。", ("清理排水沟", "修复受潮墙体或给予补助"),
             "C0502", people=1, head_count=1, place="370786002",
             course=(Act(1, "accept", "dispatcher.t2"),)),
    CaseSeed(8, "clerk", "养老机构收费与合同不符", "家中老人入住养老机构，合同约定每月一千八百元，自九月起按二千三百元收取。", ("按合同收费并退还多收部分",),
             "C1303", people=1, place="370786001", channel="phone",
             course=(Act(2, "decline", "dispatcher", {"reason": "双方已就同一事项签订仲裁协议并申请仲裁。",
                                                      "ground": "in_arbitration", "where": "潍坊仲裁委员会"}),)),
    CaseSeed(6, "clerk", "老旧小区加装电梯补贴迟迟未发放", "2025年加装电梯验收后，政府补贴至今未到账，施工单位已多次催款。",
             ("发放加装电梯补贴",), "C0205", people=2, head_count=4, place="370786001",
             course=(Act(1, "accept", "dispatcher"), Act(2, "assign", "dispatcher", {"lead": _ZJ, "co": ()}),
                     Act(3, "object", "unit_head.d1", {"reason": "补贴资金由财政部门拨付。", "proposed": "370786-CZ"}))),
    CaseSeed(7, "clerk", "村干部违规领取农机补贴", "诉求人反映村干部以他人名义申领农机购置补贴，农机并未在村内使用。", ("核查补贴申领情况并公开结果",),
             "C1202", people=1, kind="accusation", place="370786106", respondent="村干部",
             course=(Act(1, "accept", "dispatcher"), Act(2, "assign", "dispatcher", {"lead": "370786-NY", "co": ()}))),
    CaseSeed(5, "clerk", "小区供暖温度不达标（同一楼栋其他住户）", "与前一批来访群众同住一楼栋，供暖温度同样不达标。", ("保证室内温度达标",),
             "C0206", people=1, head_count=2, place="370786002",
             course=(Act(1, "merge", "dispatcher", {"reason": "与在办事项诉求相同。", "parent": "小区供暖温度不达标"}),)),
    CaseSeed(4, "clerk", "建议在学校门口增设减速带和护学岗", "小学门口车流量大，上下学时段险情多。", ("增设减速带", "安排护学岗"), "C1004", people=1,
             kind="suggestion", channel="letter", place="370786001", course=(Act(1, "accept", "dispatcher"),)),
    CaseSeed(3, "village_officer.1", "宅基地与邻户界墙倒塌责任不清", "暴雨后界墙倒塌，双方对责任和重砌费用有争议。", ("明确界墙责任并重砌",),
             "C0501", people=1, head_count=1, place="370786001"),
    CaseSeed(2, "clerk", "物业公共收益账目不公开", "小区电梯广告和停车收益多年没有公示。", ("公开公共收益账目",), "C0203", people=2, head_count=5,
             place="370786002"),
    CaseSeed(1, "clerk.t1", "家庭赡养费纠纷", "三个子女对赡养费分担意见不一，老人生活困难。", ("由三个子女按月支付赡养费",), "C0602", people=1,
             place="370786001"),
    CaseSeed(0, "clerk", "退役军人社保接续年限认定", "退役后在两地参保，军龄视同缴费年限未被认定。", ("认定军龄视同缴费年限",), "C1403", people=1,
             place="370786400"),
)  # fmt: skip
