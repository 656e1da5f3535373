"""The shipped roles as people read them: Chinese name, English name, and what the role is for."""

NAMES: dict[str, dict[str, str]] = {
    code: {"name": name, "name_en": english, "description": description}
    for code, name, english, description in (
        ("sysadmin", "系统管理员", "System administrator", "管理账号、角色、机构和系统设置；看不到诉求内容和个人信息"),
        ("security_auditor", "安全审计员", "Security auditor", "查阅并校验审计日志；不修改任何数据，不管理账号"),
        ("business_admin", "业务管理员", "Business administrator", "维护评审人员库、法律顾问、功能室、类别和时限规则"),
        ("clerk", "接待员", "Reception clerk", "接待来访群众，登记和补正诉求，送达文书，打印回执"),
        ("dispatcher", "分流员", "Dispatcher", "受理、不予受理、引导、并案、分流交办，处理异议退回"),
        ("handler", "承办人", "Case handler", "签收交办本单位的诉求，记录办理过程，组织调解，起草答复"),
        ("unit_head", "承办单位负责人", "Head of unit", "审核本单位答复，申请延期，提出异议退回"),
        ("centre_head", "中心负责人", "Head of centre", "批准答复、延期和不予受理，主持会商与听证，督导本中心工作"),
        ("leader", "接访领导", "Receiving leader", "按排班接访，当场化解或包案到底，参加会商"),
        ("review_secretary", "评审秘书", "Review secretary", "组织专家评审，送达材料，汇总评审意见"),
        ("expert", "评审专家", "Review expert", "只能看到本人参加评审的诉求，填写自己的评审表"),
        ("adviser", "法律顾问", "Legal adviser", "本人值班与咨询；只能看到向其咨询的诉求"),
        ("counsellor", "心理咨询师", "Counsellor", "本人预约的心理咨询；咨询记录只有本人能看"),
        ("follow_up_clerk", "回访员", "Follow-up clerk", "回访非本人、非本单位办理的诉求，记录群众评价"),
        ("supervisor", "督查员", "Supervisor", "查看本级及下级诉求，催办督办，责令整改并验收"),
        ("archivist", "档案员", "Archivist", "办结诉求归档，管理保管期限"),
        ("village_officer", "村网格员", "Village officer", "为本村群众登记诉求，只能看到本村的诉求"),
        ("statistician", "统计员", "Statistician", "只看统计报表，不看姓名"),
    )
}
