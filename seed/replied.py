"""Matters of the demo whose reply is being checked, waits to be served, or has reached the parties. All invented."""

from typing import Any

from seed.cases import Act, CaseSeed

_ZJ, _ZR = "370786-ZJ", "370786-ZR"
_DRAFT_1: dict[str, Any] = {
    "findings": "经现场查勘，路灯线路因施工挖断，涉及路灯十一盏，影响两条巷道夜间照明。施工单位已确认责任。",
    "basis": "《城市道路管理条例》第三十条、第三十三条；现场查勘记录。",
    "answers": (
        ("supported", True, "施工单位已于本月修复全部十一盏路灯，并通过夜间验收。"),
        ("explained", True, "今后道路施工须先报送管线保护方案，已对施工单位约谈。"),
    ),
    "evidence": "现场查勘记录：路灯十一盏，修复后夜间照度符合要求，诉求人在场。",
}
_DRAFT_2: dict[str, Any] = {
    "findings": "经核对村级土地台账和现场丈量，争议地块面积1.2亩，登记在诉求人承包合同内，现由邻户代种。",
    "basis": "《中华人民共和国农村土地承包法》第五十五条；村级土地承包台账。",
    "answers": (
        ("partly_supported", False, "确认承包权归属诉求人；代种期间的收益由双方另行协商，协商不成可申请仲裁。"),
    ),
    "evidence": "丈量记录：地块面积1.2亩，四至清楚，双方到场。",
}
_DRAFT_3: dict[str, Any] = {
    "findings": "经调取物业服务合同和收费台账，电梯维保费用已包含在物业费中，另行分摊没有合同依据。",
    "basis": "《物业管理条例》第四十条；物业服务合同第六条。",
    "answers": (
        ("supported", True, "物业公司已退还分摊的电梯维保费用，每户二百四十元。"),
        ("rejected", False, "物业费标准经业主大会表决，本次不予调整；可依法向业主委员会提出。"),
    ),
    "evidence": "退费清单及收费台账复印件。",
}
_DRAFT_4: dict[str, Any] = {
    "findings": "经核查，宅基地确权资料齐全，证书因档案移交迟延未发放。",
    "basis": "《不动产登记暂行条例》第十九条。",
    "answers": (("supported", True, "不动产权证书已制作完成，请携带身份证到不动产登记中心领取。"),),
    "evidence": "不动产登记中心办理回执。",
}


def course_to_reply(lead: str, handler: str, draft: dict[str, Any], *more: Act, day: int = 5) -> tuple[Act, ...]:
    """From acceptance to the draft of the reply, handed in on `day`."""
    return (
        Act(1, "accept", "dispatcher"),
        Act(1, "assign", "dispatcher", {"lead": lead, "co": (), "note": "请按期办理，并把进展告诉当事人。"}),
        Act(2, "sign_for", handler),
        Act(3, "log_work", handler, {"text": "到现场查勘并与诉求人见面。"}),
        Act(day, "submit_reply", handler, draft),
        *more,
    )


def served(after: int, place: int, **how: Any) -> Act:
    """The reply reaches a petitioner, by its place among them."""
    return Act(after, "serve_reply", "clerk", {"party": place, "way": "handed", "signature": "drawn", **how})


REPLIED: tuple[CaseSeed, ...] = (
    CaseSeed(9, "clerk", "道路施工挖断路灯线路两个月未修复", "道路施工挖断路灯线路，两条巷道夜间无照明，多位老人摔倒。",
             ("尽快修复路灯", "说明今后如何防止再发生"), "C0205", people=1, head_count=3, place="370786001",
             course=course_to_reply(_ZJ, "handler.d1", _DRAFT_1)),
    CaseSeed(16, "clerk", "承包地被邻户代种多年要求返还", "外出务工期间承包地由邻户代种，现要求返还，邻户拒绝。",
             ("确认并返还承包地",), "C0101", people=2, head_count=2, place="370786101",
             course=course_to_reply(_ZR, "handler.d2", {**_DRAFT_2, "findings": "争议地块由邻户代种。"},
                            Act(6, "return_reply", "unit_head.d2", {"reason": "请补充丈量记录和台账核对情况。"}),
                            Act(8, "submit_reply", "handler.d2", _DRAFT_2),
                            Act(9, "approve_reply", "unit_head.d2", {"note": "同意。"}),
                            Act(10, "approve_reply", "centre_head", {"note": "同意，请及时送达。"}),
                            served(12, 0))),
    CaseSeed(12, "clerk", "物业重复收取电梯维保费用", "物业公司在物业费之外按户分摊电梯维保费用，业主认为没有依据。",
             ("退还重复收取的费用", "降低物业费标准"), "C0203", people=3, head_count=6, place="370786002",
             course=course_to_reply(_ZJ, "handler.d1", _DRAFT_3,
                            Act(6, "approve_reply", "unit_head.d1", {}),
                            Act(7, "approve_reply", "centre_head", {}),
                            served(8, 0), served(9, 1, signature=None, refused=True, refusal="对第二项答复不认可",
                                                   witness_one="王建国", witness_two="李素珍"),
                            served(10, 2, way="post", signature=None, tracking="EMS1092837465CN"),
                            Act(10, "acknowledge", "clerk", {"party": 0, "satisfied": True, "signature": "drawn"}))),
    CaseSeed(18, "clerk", "宅基地不动产权证书迟迟未发放", "2024年完成宅基地测量确权，证书至今未发放，影响翻建审批。",
             ("发放不动产权证书",), "C0201", people=1, place="370786103",
             course=course_to_reply(_ZR, "handler.d2", _DRAFT_4,
                            Act(6, "approve_reply", "unit_head.d2", {}),
                            Act(7, "approve_reply", "centre_head", {}),
                            served(8, 0),
                            Act(9, "acknowledge", "clerk", {"party": 0, "satisfied": True, "signature": "witness"}))),
)  # fmt: skip
