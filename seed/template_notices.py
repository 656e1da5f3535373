"""Notices, letters and opinions: texts with a heading, an addressee, a signature."""

from seed.template_sheet import PARTY, Sheet

WHERE = (
    "{% if centre_address %}（地址：{{ centre_address }}{% if centre_phone %}；电话：{{ centre_phone }}{% endif %}）"
    "{% elif centre_phone %}（电话：{{ centre_phone }}）{% endif %}"
)


def ask(s: Sheet) -> None:
    """Where to ask: what of it the centre has."""
    s.when(
        "centre_phone or centre_address",
        "{% if centre_phone %}咨询电话：{{ centre_phone }}{% if centre_address %}　　{% endif %}{% endif %}"
        "{% if centre_address %}地址：{{ centre_address }}{% endif %}",
    )


def supplement_notice(s: Sheet) -> None:
    """补正通知书"""
    s.head("补正通知书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}向本中心提出的“{{ case_title }}”（受理编号：{{ case_number }}）诉求事项收悉。经审查，材料尚不齐全，"
        "请补正下列内容："
    )
    s.each("missing", "{{ r.number }}．{{ r.name }}")
    s.when("reason", "具体说明：{{ reason }}")
    s.body(
        "请你（你们）{% if due_on %}于{{ due_on }}前{% else %}尽快{% endif %}将上述材料送交或者邮寄至本中心"
        + WHERE
        + "。补正材料一次性告知，补正期间不计入受理期限；自收到补正材料之日起，本中心继续审查并依法答复是否受理。",
        "确有困难不能自行提供的，可以口头说明，由本中心工作人员代为记录，经你（你们）核对后签名确认。",
    )
    s.sign()
    s.checked()


def acceptance_notice(s: Sheet) -> None:
    """受理告知书"""
    s.head("受理告知书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}提出的“{{ case_title }}”诉求事项（受理编号：{{ case_number }}），经审查符合受理条件，"
        "本中心决定自{{ accepted_on }}起予以受理。受理的诉求如下："
    )
    s.each("claims", "{{ r.number }}．{{ r.text }}")
    s.heading("一、办理期限")
    s.body(
        "根据《信访工作条例》的规定，本事项应当自受理之日起六十日内办结，即至{{ due_on }}止{% if due_note %}（{{ due_note }}）{% endif %}；"
        "情况复杂的，经批准可以适当延长，延长期限不超过三十日，并书面告知你（你们）延期理由。"
    )
    s.heading("二、你（你们）的权利")
    s.body(
        "办理期间，你（你们）可以查询办理进度，补充事实和证据，申请有利害关系的工作人员回避，参加调解、听证，撤回诉求。",
        "收到答复意见后，如有不同意见，可以在答复意见书载明的期限内申请专家评审或者申请复查。",
    )
    s.heading("三、你（你们）的义务")
    s.body("请如实提供情况，依法逐级表达诉求，不得损害国家、社会、集体的利益和其他公民的合法权利。")
    s.when("note", "其他事项：{{ note }}")
    s.body("联系人：{{ clerk }}{% if centre_phone %}　　联系电话：{{ centre_phone }}{% endif %}")
    s.sign()
    s.checked()


def decline_notice(s: Sheet) -> None:
    """不予受理告知书"""
    s.head("不予受理告知书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}提出的“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）收悉。经审查，"
        "该事项{{ ground }}。根据《信访工作条例》的有关规定，本中心决定不予受理。"
    )
    s.when("reason", "理由：{{ reason }}")
    s.when("route", "你（你们）可以通过{{ route }}途径解决。{% if where %}受理机关：{{ where }}。{% endif %}")
    s.body(
        "如有新的事实或者理由，你（你们）可以携带有关材料重新向本中心提出，也可以向上一级信访工作机构反映。",
    )
    ask(s)
    s.sign()
    s.checked()


def redirect_notice(s: Sheet) -> None:
    """引导法定途径告知书"""
    s.head("引导法定途径告知书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}提出的“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）收悉。经审查，该事项依法应当通过"
        "{{ route }}途径解决，不属于本中心直接办理的范围。现依法予以引导："
    )
    s.heading("一、解决途径")
    s.body("{{ route }}")
    s.heading("二、受理机关及地址")
    s.body("{{ where }}")
    s.heading("三、引导理由")
    s.body("{% if ground %}{{ ground }}。{% endif %}{{ reason }}")
    s.body(
        "请注意：诉讼、仲裁、行政复议等均有法定期限，请及时向上述机关提出，以免超过期限。需要法律咨询或者法律援助的，"
        "可以到本中心法律服务室，由值班法律顾问免费为你（你们）解答。",
    )
    ask(s)
    s.sign()
    s.checked()


def extension_notice(s: Sheet) -> None:
    """延期办理告知书"""
    s.head("延期办理告知书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}提出的“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）正在办理。因情况复杂，"
        "在原办结期限{{ old_due_on }}前难以办结。根据《信访工作条例》的有关规定，经批准，决定延长办理期限{{ days }}日。现告知如下："
    )
    s.heading("一、延期理由")
    s.body("{{ reason }}")
    s.heading("二、新的办结期限")
    s.body(
        "本事项应当于{{ new_due_on }}前（含当日）办结并书面答复你（你们）{% if due_note %}（{{ due_note }}）{% endif %}。"
        "办理期限只能延长一次。{% if organisation %}承办单位：{{ organisation }}。{% endif %}"
    )
    s.heading("三、你（你们）的权利")
    s.body(
        "延期期间，你（你们）仍可以查询办理进度，补充事实和证据，参加调解、听证，撤回诉求。",
        "认为延期理由不成立，或者期限届满仍未收到答复的，可以向本中心反映，由本中心督办，也可以向上一级信访工作机构反映。"
        "收到答复意见后，可以在答复意见书载明的期限内申请专家评审或者申请复查。",
    )
    ask(s)
    s.sign()
    s.checked()


def co_order(s: Sheet) -> None:
    """协办函"""
    s.head("协　办　函")
    s.to("{{ organisation }}：")
    s.body(
        "“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）已交由{{ lead_organisation }}主办。因该事项涉及你单位职责，"
        "现商请你单位协助办理，并于{{ due_on }}前将协办意见书面送达主办单位，同时抄送本中心。"
    )
    s.body("诉求人：{{ petitioners }}　　问题属地：{{ place }}", "主要诉求：")
    s.each("claims", "{{ r.number }}．{{ r.text }}")
    s.when("note", "协办要求：{{ note }}")
    s.body(
        "请明确一名联系人，配合主办单位调查核实、参加会商。联系人：{{ clerk }}{% if centre_phone %}，电话：{{ centre_phone }}{% endif %}。"
    )
    s.sign()
    s.hands("签收单位（盖章）：　　　　　签收人：　　　　签收时间：　　　　")
    s.checked()


def conference_minutes(s: Sheet) -> None:
    """会商纪要"""
    s.head("会　商　纪　要")
    s.body(
        "{{ held_at }}，{{ host }}{% if venue %}在{{ venue }}{% endif %}主持召开会商会议，就“{{ case_title }}”诉求事项"
        "（受理编号：{{ case_number }}）进行专题会商。现将会商情况纪要如下："
    )
    s.heading("一、会商议题")
    s.body("{{ topic }}")
    s.heading("二、基本情况")
    s.body("{{ summary }}")
    s.tag("{%p if opinions %}")
    s.heading("三、各单位意见")
    s.each("opinions", "{{ r.organisation }}：{{ r.text }}")
    s.tag("{%p endif %}")
    s.heading("{% if opinions %}四{% else %}三{% endif %}、会商结论")
    s.body("{{ result }}")
    s.tag("{%p if decisions %}")
    s.heading("{% if opinions %}五{% else %}四{% endif %}、任务分工")
    s.rows(
        (14, 64, 42, 36),
        ("序号", "事　项", "责任单位", "完成期限"),
        "decisions",
        ("{{ r.number }}", "{{ r.text }}", "{{ r.organisation }}", "{{ r.due_on }}"),
    )
    s.gap(12)
    s.tag("{%p endif %}")
    s.body(
        "参加会商：{% for r in attendees %}{{ r.organisation }}{% if r.name %}　{{ r.name }}{% endif %}"
        "{% if r.post %}　{{ r.post }}{% endif %}{% if not loop.last %}；{% endif %}{% endfor %}。"
    )
    s.when("recorder", "记录：{{ recorder }}")
    s.sign()
    s.checked()


def mediation_agreement(s: Sheet) -> None:
    """调解协议书"""
    s.head("调　解　协　议　书")
    s.body("诉求事项：{{ case_title }}（受理编号：{{ case_number }}）")
    s.heading("一、当事人基本情况")
    for text in PARTY:
        s.tag(text) if text.startswith("{%p") else s.text(text)
    s.heading("二、纠纷主要事实和争议事项")
    s.body("{% if dispute %}{{ dispute }}{% else %}{{ facts }}{% endif %}")
    s.heading("三、协议内容")
    s.body(
        "经{{ mediators }}于{{ mediated_at }}{% if venue %}在{{ venue }}{% endif %}主持调解，各方当事人自愿达成如下协议："
    )
    s.each("terms", "{{ r.number }}．{{ r.text }}")
    s.when("performance", "履行方式、地点和期限：{{ performance }}")
    s.heading("四、效力与司法确认")
    s.body(
        "本协议自各方当事人签名、盖章或者捺指印，调解员签名并加盖调解组织印章之日（{{ effective_on }}）起生效，具有法律约束力，"
        "各方当事人应当按照约定履行。",
        "各方当事人认为有必要的，可以自本协议生效之日起三十日内（至{{ confirm_by }}止）共同向"
        "{% if court %}{{ court }}{% else %}有管辖权的人民法院{% endif %}申请司法确认；经确认有效的，一方拒绝履行或者未全部履行的，"
        "对方当事人可以向人民法院申请强制执行。",
        "本协议由各方当事人各执一份，调解组织和本中心各存一份，具有同等效力。",
    )
    s.text("", indent=0, line=14)
    s.each("signatures", "{{ r.side }}（签名、捺印）　{{ r.name }}：{{ r.picture }}")
    s.keep_last()
    s.hands("调解员（签名）：{{ mediators }}", "")
    s.sign("{{ centre }}（调解组织印章）")
    s.checked()


def reply(s: Sheet) -> None:
    """答复意见书"""
    s.head("答　复　意　见　书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）于{{ registered_on }}提出的“{{ case_title }}”诉求事项（受理编号：{{ case_number }}），由{{ organisation }}调查办理。"
        "现答复如下："
    )
    s.heading("一、你（你们）的诉求")
    s.each("claims", "{{ r.number }}．{{ r.text }}")
    s.heading("二、调查核实的情况")
    s.body("{{ found }}")
    s.when("measures", "办理措施：{{ measures }}")
    s.heading("三、逐项答复意见")
    s.each("answers", "{{ r.number }}．关于“{{ r.claim }}”：{{ r.result }}。{{ r.text }}")
    s.heading("四、依据")
    s.body("{{ basis }}")
    s.heading("五、你（你们）的权利和期限")
    s.body(
        "（一）专家评审。如不同意本答复意见，可以自收到本答复意见书之日起{% if review_days %}{{ review_days }}{% else %}五{% endif %}日内，"
        "向{{ centre }}申请专家评审，并自主选择不少于五名评审专家。",
        "（二）复查。也可以自收到本答复意见书之日起{% if recheck_days %}{{ recheck_days }}{% else %}三十{% endif %}日内，"
        "向{% if recheck_at %}{{ recheck_at }}{% else %}原办理机关的上一级机关{% endif %}申请复查，由其自收到申请之日起三十日内"
        "提出复查意见。专家评审不影响申请复查的权利和期限。",
        "逾期未申请的，视为放弃相应权利。期间的最后一日是法定休假日的，顺延至休假日后的第一个工作日。",
    )
    s.body("联系单位：{{ contact }}{% if contact_phone %}　　联系电话：{{ contact_phone }}{% endif %}")
    s.sign()
    s.checked()


def review_opinion(s: Sheet) -> None:
    """专家评审意见书"""
    s.head("专家评审意见书")
    s.to("{{ recipient }}：")
    s.body(
        "你（你们）不服“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）的《答复意见书》{% if reply_number %}（{{ reply_number }}）{% endif %}，申请专家评审（评审编号：{{ review_number }}）。由你（你们）选择的专家组成评审团，于"
        "{{ held_at }}{% if venue %}在{{ venue }}{% endif %}进行评审。现出具评审意见如下："
    )
    s.heading("一、评审团组成")
    s.rows(
        (14, 22, 34, 30, 56),
        ("序号", "姓名", "类别", "所在人员库", "专业"),
        "panel",
        ("{{ r.number }}", "{{ r.name }}", "{{ r.category }}", "{{ r.pool }}", "{{ r.field }}"),
    )
    s.heading("二、评审材料")
    s.body("{{ materials }}")
    s.heading("三、逐项评审意见")
    s.rows(
        (12, 60, 54, 30),
        ("序号", "评审事项", "表决情况", "结论"),
        "points",
        ("{{ r.number }}", "{{ r.claim }}", "{{ r.votes }}", "{{ r.result }}"),
        size=10.5,
    )
    s.tag("{%p for r in points %}")
    s.tag("{%p if r.text %}")
    s.body("对第{{ r.number }}项的意见：{{ r.text }}")
    s.tag("{%p endif %}")
    s.tag("{%p endfor %}")
    s.when("dissent", "不同意见：", "{{ dissent }}")
    s.heading("四、评审结论")
    s.body("{{ conclusion }}", "{{ effect }}")
    s.body(
        "本评审意见按照多数票形成，票数相同的维持原答复意见；少数意见如实记录。专家评审不影响你（你们）依法申请复查的权利。"
    )
    s.keep_last()
    s.together("评审专家签名：", indent=0, before=8)
    s.each("signatures", "{{ r.name }}：{{ r.picture }}")
    s.sign()
    s.checked()


def supervision_letter(s: Sheet) -> None:
    """督办函"""
    s.head("督　办　函")
    s.to("{{ organisation }}：")
    s.body(
        "“{{ case_title }}”诉求事项（受理编号：{{ case_number }}，诉求人：{{ petitioners }}）由你单位承办。经督查发现：{{ cause }}",
        "现予督办，要求如下：",
        "{{ requirement }}",
        "请于{{ due_on }}前办理完毕，并将办理情况书面报送本中心。无正当理由逾期不办或者敷衍塞责的，将按照有关规定通报并提出改进工作、"
        "追究责任的建议。",
    )
    s.body("督查人员：{{ supervisor }}{% if centre_phone %}　　联系电话：{{ centre_phone }}{% endif %}")
    s.sign()
    s.hands("签收人：　　　　　　　　签收时间：　　年　　月　　日")
    s.checked()


def proposal_letter(s: Sheet) -> None:
    """建议书"""
    s.head("{{ proposal_kind }}建议书")
    s.to("{{ addressee }}：")
    s.body(
        "为推动信访突出问题从源头上解决，依照《信访工作条例》关于提出改进工作、完善政策、追究责任建议的规定，现就“{{ subject }}”向你单位提出"
        "{{ proposal_kind }}建议（建议编号：{{ proposal_number }}）。"
    )
    s.when("facts", "有关情况：{{ facts }}")
    s.body("建议如下：", "{{ proposal }}")
    s.body("请研究办理，并于{{ due_on }}前将采纳情况书面反馈本中心；未采纳或者部分采纳的，请说明理由。")
    s.body("联系人：{{ clerk }}{% if centre_phone %}　　联系电话：{{ centre_phone }}{% endif %}")
    s.sign()
    s.checked()


def rectification_notice(s: Sheet) -> None:
    """整改通知书"""
    s.head("整　改　通　知　书")
    s.to("{{ organisation }}：")
    s.body("在“{{ case_title }}”诉求事项（受理编号：{{ case_number }}）的办理和回访中，发现下列问题：")
    s.each("problems", "{{ r.number }}．{{ r.text }}")
    s.when("cause", "{{ cause }}")
    s.when("requirement", "整改要求：{{ requirement }}")
    s.when("owner", "整改责任人：{{ owner }}")
    s.body(
        "请于{{ due_on }}前完成整改，并提交整改报告和证明材料，由督查人员验收；验收合格后，由回访员再次回访当事人。",
    )
    s.body("下达人：{{ ordered_by }}{% if centre_phone %}　　联系电话：{{ centre_phone }}{% endif %}")
    s.sign()
    s.hands("签收人：　　　　　　　　签收时间：　　年　　月　　日")
    s.checked()


def remedy_slip(s: Sheet) -> None:
    """救济权利告知单"""
    s.head("救济权利告知单")
    s.to("{{ recipient }}：")
    s.body(
        "你于{{ received_on }}收到《答复意见书》{% if reply_number %}（{{ reply_number }}）{% endif %}，诉求事项“{{ case_title }}”（受理编号：{{ case_number }}）。"
        "你现在享有下列权利，请注意各自的最后日期："
    )
    s.rows(
        (12, 30, 22, 34, 58),
        ("序号", "权利", "期限", "最后日期", "向谁提出、为什么是这一天"),
        "rights",
        (
            "{{ r.number }}",
            "{{ r.name }}",
            "{{ r.days }}",
            "{{ r.last_day }}",
            [
                "{{ r.where }}",
                "{%p if r.why %}",
                "{{ r.why }}",
                "{%p endif %}",
                "{%p if r.source %}",
                "依据：{{ r.source }}",
                "{%p endif %}",
            ],
        ),
        size=11,
    )
    s.gap(12)
    s.body(
        "上述权利互不影响，可以分别行使。申请时请携带本单、答复意见书和身份证明；行动不便的，可以委托他人代为办理。",
        "标注“暂估”的日期，以次年放假安排公布后重新计算的日期为准，届时另行告知。",
    )
    ask(s)
    s.sign()
    s.checked()


PAPERS = (
    supplement_notice,
    acceptance_notice,
    decline_notice,
    redirect_notice,
    extension_notice,
    co_order,
    conference_minutes,
    mediation_agreement,
    reply,
    review_opinion,
    supervision_letter,
    proposal_letter,
    rectification_notice,
    remedy_slip,
)
