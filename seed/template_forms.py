"""Forms: tables that are filled in and signed."""

from seed.template_sheet import ALIGN, CLAIMS, HEI, MATTER, PARTY, QUARTER, SONG, Sheet, given


def intake_form(s: Sheet) -> None:
    """来访登记表"""
    s.form("来访登记表")
    s.table(
        QUARTER,
        (
            ("受理编号", "{{ case_number }}", "登记日期", "{{ registered_on }}"),
            ("诉求事项", "{{ case_title }}"),
            ("信访方式", "{{ channel }}", "来访人数", "{{ head_count }}人"),
            ("诉求类别", "{{ category }}", "诉求性质", "{{ case_kind }}"),
            ("问题属地", "{{ place }}", "发生日期", "{{ occurred_on }}"),
            (20, "当事人", PARTY),
            (36, "事实经过", "{{ facts }}"),
            (20, "主要诉求", CLAIMS),
            *given("remarks", "备注", "{{ remarks }}"),
        ),
    )
    s.note("以上登记内容已向本人宣读，与本人陈述一致。")
    s.hands(
        "诉求人（签名、捺印）：{{ signature }}",
        "接待员：{{ clerk }}　　　　　　登记日期：{{ date }}",
    )
    s.checked()


def assignment_order(s: Sheet) -> None:
    """交办单"""
    s.form("交　办　单")
    s.table(
        QUARTER,
        (
            ("主办单位", "{{ organisation }}"),
            ("协办单位", "{% if co_organisations %}{{ co_organisations }}{% else %}无{% endif %}"),
            *MATTER,
            (26, "事实经过", "{{ facts }}"),
            (20, "主要诉求", CLAIMS),
            ("办结期限", "{{ due_on }}", "异议期限", "{{ objection_due_on }}"),
            *given("note", 12, "交办意见", "{{ note }}"),
        ),
    )
    s.note(
        "请主办单位签收后依法办理，逐项答复诉求并附依据和证据，于办结期限前报送答复意见。认为不属于本单位职责范围的，"
        "应当在异议期限前书面提出并说明理由和建议的承办单位；逾期视为接受交办，不得再行退回。"
    )
    s.sign(size=14)
    s.hands("签收单位（盖章）：　　　　　签收人：　　　　签收时间：　　　　")
    s.checked()


def objection_slip(s: Sheet) -> None:
    """异议退回单"""
    s.form("异议退回单")
    s.table(
        QUARTER,
        (
            ("提出单位", "{{ organisation }}", "交办日期", "{{ sent_on }}"),
            ("交办单编号", "{{ order_number }}", "异议日期", "{{ objected_on }}"),
            *MATTER,
            (36, "异议理由", "{{ reason }}"),
            ("建议承办单位", "{{ proposed }}"),
            ("提出人", "{{ objected_by }}", "负责人签字", ""),
            (
                36,
                "分流处理意见",
                [
                    "　",
                    "□ 异议成立，重新分流　　　□ 异议不成立，由原单位继续承办",
                    "　",
                    "　　　　　　签字：　　　　　　　年　　月　　日",
                ],
            ),
        ),
    )
    s.sign("{{ organisation }}（盖章）", size=14)
    s.checked()


def extension_approval(s: Sheet) -> None:
    """延期审批表"""
    s.form("延长办理期限审批表")
    s.table(
        QUARTER,
        (
            ("申请单位", "{{ organisation }}"),
            *MATTER,
            ("原办结期限", "{{ old_due_on }}", "申请延长", "{{ days }}日"),
            ("申请人", "{{ asked_by }}", "申请日期", "{{ asked_on }}"),
            (24, "延期理由", "{{ reason }}"),
            ("审批结果", "{{ decision }}", "延　　至", "{{ new_due_on }}"),
            *given("opinion", 20, "审批意见", "{{ opinion }}"),
            ("审批人", "{{ decided_by }}", "审批日期", "{{ decided_on }}"),
        ),
    )
    s.note(
        "延长期限只能办理一次，最长不超过三十日。批准延期的，应当另以延期办理告知书将延期理由和新的办结期限告知每一名诉求人；"
        "本表供内部审批使用，不送达当事人。"
    )
    s.sign(size=14)
    s.checked()


def reception_record(s: Sheet) -> None:
    """领导接访记录"""
    s.form("领导接访记录")
    s.table(
        QUARTER,
        (
            ("接访领导", "{{ leader }}", "职　　务", "{{ leader_post }}"),
            ("接访时间", "{{ received_at }}", "接访方式", "{{ mode }}"),
            *given("venue", "接访地点", "{{ venue }}"),
            ("来访人数", "{{ head_count }}人"),
            *MATTER,
            *given(
                "attendees",
                "参加人员",
                ["{%p for r in attendees %}", "{{ r.organisation }}　{{ r.name }}　{{ r.post }}", "{%p endfor %}"],
            ),
            (22, "诉求人陈述", "{{ told }}"),
            (16, "领导意见", "{{ instructions }}"),
            ("接访结果", "{{ result }}"),
        ),
    )
    s.tag("{%p if commitments %}")
    s.gap()
    s.rows(
        (14, 64, 42, 36),
        ("序号", "承诺事项", "责任单位", "完成期限"),
        "commitments",
        ("{{ r.number }}", "{{ r.text }}", "{{ r.organisation }}", "{{ r.due_on }}"),
    )
    s.tag("{%p endif %}")
    s.note("接访领导对本事项包案到底，直至事项办结。")
    s.keep_last()
    s.hands(
        "诉求人（签名、捺印）：{{ signature }}",
        "接访领导（签名）：{{ leader_signature }}",
        "记录人{% if recorder %}：{{ recorder }}{% else %}（签名）：{% endif %}　　　　　　日期：{{ date }}",
    )
    s.checked()


def service_return(s: Sheet) -> None:
    """送达回证"""
    s.form("送　达　回　证")
    s.table(
        QUARTER,
        (
            ("送达文书", "{{ served_kind }}", "文书编号", "{{ served_number }}（第{{ served_version }}版）"),
            ("诉求事项", "{{ case_title }}"),
            ("受理编号", "{{ case_number }}", "受送达人", "{{ recipient }}"),
            ("送达方式", "{{ way }}", "送达时间", "{{ served_at }}"),
            *given("venue", "送达地点", "{{ venue }}"),
            (
                "送达人",
                "{{ server }}",
                "签收人",
                "{% if received_by %}{{ received_by }}{% elif refusal %}拒绝签收{% endif %}",
            ),
            (18, "受送达人签名或者捺印", "{{ signature }}"),
            *given("refusal", 12, "拒收事由", "{{ refusal }}"),
            *given(
                "witnesses",
                14,
                "见证人",
                [
                    "{%p for r in witnesses %}",
                    "{{ r.name }}{% if r.organisation %}（{{ r.organisation }}）{% endif %}　　签名：",
                    "{%p endfor %}",
                ],
            ),
            *given("evidence", "送达凭证", "{{ evidence }}"),
            *given("remarks", "备　　注", "{{ remarks }}"),
        ),
    )
    s.note(
        "注：1．受送达人拒绝签收的，由送达人记明拒收事由和日期，由两名以上见证人签名，将文书留在受送达人住所，即视为送达。"
        "2．留置、邮寄、公告送达的，应当附照片、回执或者公告文本。",
    )
    s.sign(size=14)
    s.checked()


def review_application(s: Sheet) -> None:
    """专家评审申请书"""
    s.form("专家评审申请书")
    s.table(
        QUARTER,
        (
            (20, "申请人", PARTY),
            ("诉求事项", "{{ case_title }}"),
            ("受理编号", "{{ case_number }}", "答复意见书", "{{ reply_number }}"),
            ("收到日期", "{{ reply_received_on }}", "申请期限", "{{ last_day }}"),
            ("申请日期", "{{ applied_on }}", "接收人", "{{ clerk }}"),
        ),
    )
    s.gap()
    s.text("对下列答复有不同意见，申请专家评审：", size=14, line=24)
    s.rows(
        (14, 62, 80),
        ("序号", "诉求", "答复意见"),
        "objected",
        ("{{ r.number }}", "{{ r.claim }}", "{{ r.answer }}"),
    )
    s.when("reason", "不同意的理由：{{ reason }}", size=14, line=24, before=4)
    s.text(
        "申请人知悉：可以从本镇（街道）、市级和其他镇（街道）的评审人员库中自主选择不少于五名专家并排定候补；与本事项有利害关系的专家应当回避；"
        "专家评审不影响申请复查的权利和期限。",
        size=12,
        line=20,
        before=6,
    )
    s.hands("申请人（签名、捺印）：{{ signature }}", "申请日期：{{ date }}")
    s.checked()


def expert_choice(s: Sheet) -> None:
    """专家选择单"""
    s.form("专　家　选　择　单")
    s.table(
        QUARTER,
        (
            ("诉求事项", "{{ case_title }}"),
            ("受理编号", "{{ case_number }}", "评审编号", "{{ review_number }}"),
            ("选择人", "{{ recipient }}", "选择日期", "{{ chosen_on }}"),
            ("产生方式", "{{ way }}{% if seed %}（抽取种子：{{ seed }}）{% endif %}"),
        ),
    )
    widths = (14, 22, 34, 30, 56)
    heads = ("序号", "姓名", "类别", "所在人员库", "专业")
    cells = ("{{ r.number }}", "{{ r.name }}", "{{ r.category }}", "{{ r.pool }}", "{{ r.field }}")
    s.gap()
    s.text("一、选定的评审专家（不少于五名）", size=14, font=HEI, indent=0, line=26)
    s.rows(widths, heads, "chosen", cells)
    s.gap()
    s.text("二、候补专家（按顺序递补）", size=14, font=HEI, indent=0, line=26)
    s.rows(widths, heads, "reserves", cells)
    s.together(
        "以上专家由本人在查看专家名册和利害关系提示后自主选定。专家因回避或者不能参加的，同意按候补顺序递补；候补不足的，"
        "同意随机抽取，抽取过程和种子予以公开。",
        size=12,
        line=20,
        before=6,
    )
    s.hands("选择人（签名、捺印）：{{ signature }}", "接收人：{{ clerk }}　　　　　　{{ date }}")
    s.checked()


def hearing_record(s: Sheet) -> None:
    """听证笔录"""
    s.form("听　证　笔　录")
    s.table(
        QUARTER,
        (
            ("听证事项", "{{ topic }}"),
            ("受理编号", "{{ case_number }}", "听证类型", "{{ hearing_kind }}"),
            ("听证时间", "{{ held_at }}", "听证地点", "{{ venue }}"),
            ("主持人", "{{ host }}", "告知日期", "{{ noticed_on }}"),
            ("诉求人", "{{ petitioners }}"),
            *given("recorder", "记录人", "{{ recorder }}"),
            *given(
                "attendees",
                "参加人员",
                [
                    "{%p for r in attendees %}",
                    "{{ r.role }}：{{ r.name }}{% if r.organisation %}（{{ r.organisation }}）{% endif %}",
                    "{%p endfor %}",
                ],
            ),
        ),
    )
    s.gap()
    s.text("听证过程：", font=HEI, size=14, indent=0, line=26)
    s.each("statements", "{% if r.speaker %}{{ r.speaker }}：{% endif %}{{ r.text }}")
    s.when("conclusion", "听证结论：{{ conclusion }}")
    s.hands(
        "以上笔录已经参加人核对无误。",
        "诉求人（签名）：　　　　　　　　　承办单位代表（签名）：",
        "听证员（签名）：　　　　　　　　　主持人（签名）：",
        "记录人（签名）：　　　　　　　　　{{ date }}",
    )
    s.checked()


def follow_up_form(s: Sheet) -> None:
    """回访记录表"""
    s.form("回　访　记　录　表")
    s.table(
        QUARTER,
        (
            *MATTER,
            ("回访对象", "{{ recipient }}", "回访方式", "{{ mode }}"),
            ("回访时间", "{{ followed_at }}", "是否联系上", "{{ reached }}"),
            (
                "联系经过",
                [
                    "{%p for r in tries %}",
                    "第{{ r.number }}次　{{ r.at }}　{{ r.mode }}　{{ r.result }}",
                    "{%p endfor %}",
                ],
            ),
            ("问题是否解决", "{{ solved }}", "办理质量评价", "{{ quality }}"),
            ("工作作风评价", "{{ conduct }}", "总体评价", "{{ overall }}"),
            (24, "当事人意见", "{% if opinion %}{{ opinion }}{% else %}无{% endif %}"),
            *given("remarks", 16, "备　　注", "{{ remarks }}"),
        ),
    )
    s.note(
        "注：回访由未参与办理的人员独立进行；“是否解决”与“是否满意”分别询问，未作评价的如实填写“未评价”。",
    )
    s.hands("当事人（签名）：{{ signature }}", "回访员：{{ follow_up_clerk }}　　　　　　{{ date }}")
    s.checked()


def dossier_cover(s: Sheet) -> None:
    """卷宗封面与目录"""
    s.text("", indent=0, line=40)
    s.text("{{ centre }}", size=22, font=SONG, align=ALIGN.CENTER, line=40)
    s.text("诉 求 事 项 卷 宗", size=30, font=SONG, align=ALIGN.CENTER, line=60, after=30)
    s.table(
        (29, 46, 29, 52),
        (
            (14, "案卷题名", "{{ case_title }}"),
            (14, "受理编号", "{{ case_number }}", "卷宗编号", "{{ volume }}"),
            (
                14,
                "诉求人",
                "{{ petitioners }}",
                "被诉求方",
                "{% if respondents %}{{ respondents }}{% else %}无{% endif %}",
            ),
            (14, "承办单位", "{{ lead_organisation }}", "办理轮次", "第{{ round }}轮"),
            (14, "立卷日期", "{{ opened_on }}", "结案日期", "{{ closed_on }}"),
            (14, "办理结果", "{{ result }}"),
            (14, "归档日期", "{{ archived_on }}", "归档人", "{{ archived_by }}"),
            (14, "保管期限", "{{ retention }}", "页　　数", "{% if pages %}共{{ pages }}页{% endif %}"),
        ),
        size=14,
    )
    s.checked()
    page = s.text("卷　内　目　录", size=22, font=SONG, align=ALIGN.CENTER, line=40, after=10)
    page.paragraph_format.page_break_before = True
    s.rows(
        (14, 37, 48, 32, 13, 12),
        ("序号", "文件题名", "文号", "日期", "页数", "备注"),
        "catalogue",
        ("{{ r.number }}", "{{ r.name }}", "{{ r.document_number }}", "{{ r.date }}", "{{ r.pages }}", "{{ r.note }}"),
        size=10.5,
    )
    s.text("立卷人：{{ archived_by }}　　{{ date }}", indent=0, before=12, size=12)


PAPERS = (
    intake_form,
    assignment_order,
    objection_slip,
    extension_approval,
    reception_record,
    service_return,
    review_application,
    expert_choice,
    hearing_record,
    follow_up_form,
    dossier_cover,
)
