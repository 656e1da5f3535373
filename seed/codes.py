"""Code tables: short lists that administrators extend; `locked` ones the program itself relies on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeTableSeed:
    """A table with its items as (code, name), in the order they are offered."""

    code: str
    name: str
    items: tuple[tuple[str, str], ...]
    locked: bool = False


LEGAL_ROUTES = (
    ("litigation", "诉讼"),
    ("arbitration", "仲裁"),
    ("labour_arbitration", "劳动人事争议仲裁"),
    ("administrative_review", "行政复议"),
    ("state_compensation", "国家赔偿"),
    ("administrative_ruling", "行政裁决"),
    ("police_report", "公安机关报案"),
    ("discipline", "纪检监察举报"),
    ("election_committee", "村（居）民选举委员会"),
    ("other", "其他法定途径"),
)
DECLINE_REASONS = (
    ("in_litigation", "已经或者依法应当通过诉讼解决"),
    ("in_arbitration", "已经或者依法应当通过仲裁解决"),
    ("in_review", "已经或者依法应当通过行政复议解决"),
    ("being_handled", "已经受理且正在规定期限内办理"),
    ("reviewed", "已经复查复核且无新的事实和理由"),
    ("beyond_competence", "不属于本级职权范围"),
    ("no_facts", "经补正仍缺少基本事实或者联系方式"),
    ("other", "其他"),
)
SUPPLEMENT_ITEMS = (
    ("identity", "身份证明"),
    ("contact", "联系方式"),
    ("authority", "授权委托书"),
    ("representatives", "代表人名单及推选材料"),
    ("facts", "事实经过说明"),
    ("claims", "具体诉求"),
    ("evidence", "证据材料"),
    ("former_reply", "以往答复或者裁判文书"),
    ("property", "权属证明"),
    ("contract", "合同或者协议"),
)
SUSPEND_REASONS = (
    ("appraisal", "等待鉴定、评估"),
    ("court", "等待人民法院裁判"),
    ("policy", "等待上级政策答复"),
    ("petitioner_absent", "当事人暂时无法配合"),
    ("survey", "等待测绘、勘验"),
    ("force_majeure", "不可抗力"),
)
EXTENSION_REASONS = (
    ("complex", "情况复杂"),
    ("many_units", "涉及多个部门"),
    ("evidence", "需要调查取证"),
    ("appraisal", "需要鉴定、评估"),
    ("other", "其他"),
)
REOPEN_REASONS = (
    ("new_facts", "出现新的事实或者证据"),
    ("court", "人民法院裁判"),
    ("superior", "上级机关交办"),
    ("not_performed", "承诺事项未兑现"),
)
RETENTION = (("permanent", "永久"), ("y30", "30年"), ("y10", "10年"))
REFUSAL_REASONS = (
    ("not_party", "申请人不是当事人"),
    ("not_served", "答复意见尚未送达"),
    ("out_of_time", "超过申请期限"),
    ("already_reviewed", "该答复意见已经评审"),
)
CONSULTATION_TOPICS = (
    ("land", "土地承包与征收"),
    ("family", "婚姻家庭继承"),
    ("labour", "劳动争议"),
    ("debt", "借贷与合同"),
    ("neighbour", "相邻关系"),
    ("injury", "人身损害与交通事故"),
    ("property", "物业与房产"),
    ("consumer", "消费权益"),
    ("procedure", "诉讼与仲裁程序"),
    ("aid", "法律援助"),
    ("emotion", "情绪压力"),
    ("relations", "家庭与亲子关系"),
    ("bereavement", "丧亲与重大变故"),
    ("addiction", "睡眠与成瘾"),
    ("other", "其他"),
)
SPECIALTIES = (
    ("land", "土地与征收"),
    ("housing", "房产与物业"),
    ("labour", "劳动与社保"),
    ("enterprise", "企业改制"),
    ("civil", "民商事"),
    ("family", "婚姻家庭"),
    ("administrative", "行政法"),
    ("criminal", "刑事与治安"),
    ("environment", "环境保护"),
    ("education", "教育"),
    ("health", "医疗卫生"),
    ("village", "村务与三农"),
    ("finance", "财务审计"),
    ("construction", "工程造价与质量"),
    ("psychology", "心理疏导"),
)
EQUIPMENT = (
    ("recording", "录音录像"),
    ("video", "视频会议"),
    ("projector", "投影"),
    ("microphone", "话筒"),
    ("printer", "打印机"),
    ("queue", "排号机"),
    ("wheelchair", "无障碍通道"),
    ("sandplay", "沙盘"),
    ("soundproof", "隔音"),
    ("telephone", "录音电话"),
    ("tea", "茶台"),
)
BOOKING_PURPOSES = (
    ("legal_consultation", "法律咨询"),
    ("counselling", "心理咨询"),
    ("mediation", "调解"),
    ("leader_reception", "领导接访"),
    ("video_reception", "视频接访"),
    ("expert_review", "专家评审"),
    ("hearing", "听证"),
    ("conference", "会商"),
    ("other", "其他"),
)
RELATIONS = (
    ("spouse", "配偶"),
    ("parent", "父母"),
    ("child", "子女"),
    ("sibling", "兄弟姐妹"),
    ("grandparent", "祖父母、外祖父母"),
    ("grandchild", "孙子女、外孙子女"),
    ("in_law", "姻亲"),
    ("colleague", "同事"),
    ("neighbour", "邻居"),
    ("agent", "委托代理人"),
    ("other", "其他"),
)
_ETHNIC = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 "
    "佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 "
    "锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 "
    "赫哲 门巴 珞巴 基诺"
)
ETHNIC_GROUPS = tuple((f"{place:02}", f"{name}族") for place, name in enumerate(_ETHNIC.split(), 1))

DOCUMENT_WORDS = (
    ("intake_form", "登"),
    ("supplement_notice", "补"),
    ("acceptance_notice", "受"),
    ("decline_notice", "不受"),
    ("redirect_notice", "引"),
    ("assignment_order", "交"),
    ("co_order", "协"),
    ("objection_slip", "异"),
    ("extension_approval", "延"),
    ("extension_notice", "延告"),
    ("reception_record", "访"),
    ("conference_minutes", "会"),
    ("mediation_agreement", "调"),
    ("reply", "答"),
    ("service_return", "送"),
    ("review_application", "申"),
    ("expert_choice", "选"),
    ("review_opinion", "评"),
    ("hearing_record", "听"),
    ("supervision_letter", "督"),
    ("rectification_notice", "改"),
    ("follow_up_form", "回"),
    ("dossier_cover", "卷"),
    ("remedy_slip", "权"),
    ("proposal_letter", "建"),
)

TABLES = (
    CodeTableSeed("legal_route", "法定途径", LEGAL_ROUTES),
    CodeTableSeed("decline_reason", "不予受理理由", DECLINE_REASONS),
    CodeTableSeed("supplement_item", "补正内容", SUPPLEMENT_ITEMS),
    CodeTableSeed("suspend_reason", "中止理由", SUSPEND_REASONS),
    CodeTableSeed("extension_reason", "延期理由", EXTENSION_REASONS),
    CodeTableSeed("reopen_reason", "重办理由", REOPEN_REASONS),
    CodeTableSeed("retention", "档案保管期限", RETENTION, locked=True),
    CodeTableSeed("review_refusal_reason", "不予评审理由", REFUSAL_REASONS, locked=True),
    CodeTableSeed("specialty", "专业领域", SPECIALTIES),
    CodeTableSeed("consultation_topic", "咨询事项", CONSULTATION_TOPICS),
    CodeTableSeed("equipment", "室内设备", EQUIPMENT),
    CodeTableSeed("booking_purpose", "功能室用途", BOOKING_PURPOSES, locked=True),
    CodeTableSeed("relation", "与当事人关系", RELATIONS),
    CodeTableSeed("ethnic_group", "民族", ETHNIC_GROUPS, locked=True),
    CodeTableSeed("document_word", "文书字号", DOCUMENT_WORDS, locked=True),
)


def tables() -> list[CodeTableSeed]:
    """Every shipped code table."""
    return list(TABLES)
