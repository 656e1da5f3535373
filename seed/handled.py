"""Matters of the demo in the middle of handling: leader reception, conference, mediation, hearing, time, endings."""

from seed.cases import Act, CaseSeed

_ZJ, _ZR, _RS, _GX = "370786-ZJ", "370786-ZR", "370786-RS", "370786-GX"


def _course(lead: str, handler: str, *more: Act, co: tuple[str, ...] = ()) -> tuple[Act, ...]:
    return (
        Act(0, "accept", "dispatcher"),
        Act(1, "assign", "dispatcher", {"lead": lead, "co": co, "note": "请按期办理，并把进展告诉当事人。"}),
        Act(2, "sign_for", handler),
        Act(2, "log_work", handler, {"text": "电话联系诉求人，约定现场查看时间。"}),
        *more,
    )


HANDLED: tuple[CaseSeed, ...] = (
    CaseSeed(13, "clerk", "企业改制职工安置补偿标准争议", "原机械厂改制时部分职工安置补偿按工龄计算，内退人员认为标准偏低，多年信访未果。",
             ("按改制文件重新核算安置补偿", "说明内退人员标准的依据"), "C0304", people=2, head_count=5, place="370786001",
             course=_course(
                 _ZR, "handler.d2",
                 Act(7, "present_to_leader", "clerk", {"note": "集体访，请领导接访。"}),
                 Act(7, "receive_by_leader", "@leader", {
                     "said": "改制文件只公布了在岗职工标准，内退人员标准从未公示，要求逐人核算。",
                     "instruction": "由主办单位牵头，三日内会同工信、人社部门调取改制档案，逐人核算后面复。",
                     "head_count": 5, "camera": "领导接访室1号摄像机"}),
                 Act(10, "confer", "centre_head", {
                     "organisations": (_ZR, _GX, _RS), "place": "联合会商室",
                     "minutes": "工信部门：改制方案经职工代表大会通过。人社部门：内退人员标准应参照当年文件。主办单位：档案不全，难以逐人核算。",
                     "conclusion": "对内退人员标准意见不一，本次会商未形成方案。", "solved": False}),
                 Act(11, "escalate", "centre_head", {"reason": "市级会商未形成方案，原厂区所在镇街掌握职工名册，提级会商研判。"}),
                 co=(_GX,))),
    CaseSeed(12, "clerk", "相邻建房影响采光要求赔偿", "邻户翻建房屋增高一层，诉求人家北屋冬季整日无日照，双方多次争吵。",
             ("降低增建高度或给予补偿",), "C0501", people=1, head_count=2, place="370786101", respondent="邻户付某",
             course=_course(
                 _ZJ, "handler.d1",
                 Act(5, "mediate", "handler.d1", {"consents": True, "place": "矛盾纠纷调处室"}),
                 Act(8, "conclude_mediation", "handler.d1", {
                     "agreed": True, "minutes": "双方到场，查看日照测量结果，经释法明理自愿达成协议。",
                     "agreement": "一、邻户于三十日内拆除北侧挑檐。\n二、邻户一次性补偿采光损失六千元。\n三、双方今后互不追究。"}),
                 Act(10, "confirm_agreement", "handler.d1", {"confirmation": "applied", "note": "双方共同向人民法院提出申请。"}))),
    CaseSeed(8, "clerk", "合伙经营退伙款争议", "诉求人与他人合伙经营苗木，退伙结算后余款三万元拖欠一年。", ("支付退伙余款三万元",), "C0504", people=1,
             place="370786002", respondent="合伙人李某",
             course=_course(_ZJ, "handler.d1",
                            Act(4, "mediate", "handler.d1", {"consents": False, "note": "对方表示愿意走诉讼程序，不同意调解。"}))),
    CaseSeed(10, "clerk", "旧村改造安置方案要求听证", "部分村民认为旧村改造安置方案面积认定不公平，要求公开听证。",
             ("就安置方案举行听证", "公开面积认定结果"), "C0101", people=2, head_count=9, place="370786103",
             course=_course(_ZR, "handler.d2",
                            Act(4, "call_hearing", "centre_head", {"subject": "旧村改造安置面积认定", "place": "听证室",
                                                                   "in_days": 9, "way": "handed"}))),
    CaseSeed(7, "clerk", "危旧房屋需安全鉴定后处理", "连排平房墙体开裂，住户要求鉴定并加固或者搬迁。", ("进行房屋安全鉴定", "按鉴定结果加固或搬迁"), "C0201",
             people=1, head_count=3, place="370786001",
             course=_course(_ZJ, "handler.d1",
                            Act(5, "suspend", "centre_head", {"ground": "appraisal", "for_days": 12,
                                                              "reason": "已委托具备资质的鉴定机构，等待出具鉴定报告。"}))),
    CaseSeed(21, "clerk", "征地青苗补偿面积核定有误", "征地青苗补偿公示面积比实际种植面积少一亩二分，要求复核。", ("复核并补足青苗补偿",), "C0101", people=1,
             head_count=2, place="370786106",
             course=_course(_ZR, "handler.d2",
                            Act(12, "request_extension", "unit_head.d2", {"days": 30, "ground": "evidence",
                                                                          "reason": "需调取航测影像并组织复测，作业队排期在下月。"}),
                            Act(13, "approve_extension", "centre_head", {"note": "同意延期，抓紧组织复测并告知当事人。"}))),
    CaseSeed(9, "clerk", "老旧小区排水管网改造后仍不畅", "管网改造后两次大雨仍积水，一楼住户家中进水。", ("查明原因并整改", "赔偿进水损失"), "C0202", people=2,
             head_count=4, place="370786002",
             course=_course(_ZJ, "handler.d1",
                            Act(7, "request_extension", "unit_head.d1", {"days": 20, "ground": "appraisal",
                                                                         "reason": "需对管道做内窥检测，检测报告约需两周。"}))),
    CaseSeed(3, "clerk", "路口信号灯配时过短老人过街困难", "学校旁路口绿灯只有十五秒，老人过不去马路。", ("延长行人绿灯时间",), "C1004", people=1,
             place="370786001",
             course=(Act(0, "accept", "dispatcher"),
                     Act(0, "settle_on_spot", "clerk", {
                         "findings": "当场联系交警部门，远程调取配时方案，行人绿灯由十五秒调整为二十八秒，诉求人现场确认。",
                         "basis": "《城市道路交通信号控制方式适用规范》；交警部门现场答复。",
                         "answers": (("supported", True, "行人绿灯已调整为二十八秒，今日起执行。"),)}))),
    CaseSeed(6, "clerk", "楼道堆放杂物影响通行", "同楼住户在楼道堆放杂物，影响通行和消防安全。", ("清理楼道杂物",), "C0203", people=1, place="370786002",
             course=_course(_ZJ, "handler.d1",
                            Act(4, "withdraw", "clerk", {"reason": "对方已自行清理，诉求人表示不再要求处理。"}),
                            Act(5, "approve_withdrawal", "centre_head", {"note": "已核实，同意撤回。"}))),
    CaseSeed(4, "clerk", "装修材料款尾款纠纷", "装修材料款尾款八千元，双方对材料数量有争议。", ("支付材料款尾款八千元",), "C0301", people=1,
             place="370786001",
             course=(Act(0, "accept", "dispatcher"),
                     Act(3, "withdraw", "clerk", {"reason": "双方已达成还款计划，诉求人申请撤回。"}))),
    CaseSeed(5, "clerk", "小区电梯停用且绿化带被占", "三号楼电梯停用一个月未修；楼前绿化带被改成停车位。", ("修复三号楼电梯", "恢复被占绿化带"), "C0203",
             people=1, head_count=2, place="370786001",
             course=(Act(0, "accept", "dispatcher"),
                     Act(1, "split", "dispatcher", {"claims": (2,), "title": "小区绿化带被改成停车位",
                                                    "reason": "两项诉求分属市场监管和住建部门，分开办理。"}))),
)  # fmt: skip
