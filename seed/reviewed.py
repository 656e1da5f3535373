"""Matters of the demo whose reply is reviewed by experts, each review in another state. All people are invented."""

from dataclasses import dataclass
from typing import Any

from seed.cases import Act, CaseSeed
from seed.replied import course_to_reply, served

_ZJ, _ZR = "370786-ZJ", "370786-ZR"


@dataclass(frozen=True)
class ReviewSeed:
    """A matter up to the application, and the course of its review; days count from registration."""

    case: CaseSeed
    course: tuple[Act, ...] = ()


def _draft(findings: str, basis: str, answer: str, evidence: str) -> dict[str, Any]:
    return {
        "findings": findings,
        "basis": basis,
        "answers": (("rejected", False, answer), ("explained", True, "已向诉求人书面说明计算依据。")),
        "evidence": evidence,
    }


def _applied(lead: str, handler: str, head: str, draft: dict[str, Any], reason: str) -> tuple[Act, ...]:
    """Accepted on the first day, replied on the sixth, and a review asked for on the eighth."""
    return course_to_reply(
        lead,
        handler,
        draft,
        Act(4, "approve_reply", head, {}),
        Act(5, "approve_reply", "centre_head", {}),
        served(6, 0),
        Act(8, "apply_review", "clerk", {"party": 0, "objects": (1,), "reason": reason, "signature": "drawn"}),
        day=3,
    )


def _panel(chosen: tuple[int, ...], reserves: tuple[int, ...]) -> tuple[Act, ...]:
    picked = {"party": 0, "experts": chosen, "reserves": reserves, "agreed": True, "signature": "drawn"}
    return (
        Act(9, "accept_review", "review_secretary", {"note": "申请人资格、期限均符合规定。"}),
        Act(10, "pick_experts", "clerk", picked),
        Act(10, "invite", "review_secretary"),
    )


def _accept(after: int, *numbers: int) -> tuple[Act, ...]:
    return tuple(Act(after, "accept_invitation", f"expert.{n}", {"declared": True}) for n in numbers)


def _session(after: int = 12) -> tuple[Act, ...]:
    return (
        Act(after, "serve_material", "review_secretary", {"read_through": True}),
        Act(after, "fix_session", "review_secretary", {"session": True}),
        Act(after + 3, "open_ballots", "review_secretary"),
    )


def _vote(after: int, votes: dict[int, str], comment: str = "") -> tuple[Act, ...]:
    return tuple(
        Act(after, "cast_ballot", f"expert.{n}", {"vote": vote, "comment": comment if vote != "sound" else ""})
        for n, vote in votes.items()
    )


def _opinion(after: int, text: str, *signers: int) -> tuple[Act, ...]:
    signs = tuple(Act(after, "sign_opinion", f"expert.{n}", {"signature": "drawn"}) for n in signers)
    return (Act(after, "assemble_opinion", "review_secretary", {"text": text}), *signs)


def _served(after: int, satisfied: str) -> tuple[Act, ...]:
    said = {"party": 0, "way": "handed", "signature": "drawn", "satisfied": satisfied}
    return (Act(after, "serve_opinion", "review_secretary", said),)


REVIEWED: tuple[ReviewSeed, ...] = (
    ReviewSeed(
        CaseSeed(27, "clerk", "征收附属物补偿漏登一口机井", "征收土地时漏登诉求人家机井一口，要求按标准补偿。",
                 ("补偿机井一口", "公开附属物登记表"), "C0101", place="370786104",
                 course=_applied(_ZR, "handler.d2", "unit_head.d2", _draft(
                     "经查附属物登记表有诉求人签字，机井未在册；现场机井已填埋，无法核实。",
                     "《土地管理法》第四十八条；征收土地附属物补偿标准。", "登记表已经签字确认，机井补偿请求不予支持。",
                     "附属物登记表复印件、现场照片。"), "登记时本人不在场，签字不是本人所写。")),
        (*_panel((1, 2, 5, 6, 11), (12, 3)), *_accept(11, 1, 2, 5, 11),
         Act(11, "decline_invitation", "expert.6", {"reason": "近期外出学习，不能参加评审。"}), *_accept(12, 12),
         *_session(), *_vote(15, {1: "unsound", 2: "unsound", 5: "sound", 11: "unsound", 12: "abstain"},
                             "登记表签字与当事人笔迹不符，应当重新核实。"),
         *_opinion(16, "登记表签字存疑，承办单位应当重新核实机井情况后另行答复；登记表公开一项维持原答复。",
                   1, 2, 5, 11, 12),
         *_served(17, "satisfied")),
    ),
    ReviewSeed(
        CaseSeed(20, "clerk", "危房改造补助等级认定偏低", "诉求人认为房屋应认定为D级危房，实际按C级发放补助。",
                 ("重新认定危房等级", "补发补助差额"), "C0201", place="370786105",
                 course=_applied(_ZJ, "handler.d1", "unit_head.d1", _draft(
                     "经第三方机构鉴定，房屋主体结构基本完好，局部构件损坏，符合C级标准。",
                     "《农村住房安全性鉴定技术导则》。", "鉴定结论程序合法，等级认定予以维持。", "房屋安全鉴定报告。"),
                                 "鉴定时没有查看东屋山墙裂缝。")),
        (*_panel((1, 3, 5, 7, 11), (12,)), *_accept(11, 1, 3, 5, 7, 11), *_session(),
         *_vote(15, {1: "sound", 3: "sound", 5: "unsound", 7: "sound", 11: "sound"}, "东屋山墙裂缝应当一并查看。"),
         *_opinion(16, "鉴定机构资质、程序符合规定，结论有依据，维持原答复。", 1, 3, 5, 7, 11),
         *_served(17, "fairly_satisfied")),
    ),
    ReviewSeed(
        CaseSeed(19, "clerk", "拆除违建围墙的费用承担有异议", "诉求人认为拆除围墙的费用不应由其承担。",
                 ("退还拆除费用", "说明费用计算依据"), "C0101", place="370786102",
                 course=_applied(_ZR, "handler.d2", "unit_head.d2", _draft(
                     "经核查，围墙未取得规划许可，责令限期自拆后逾期未拆，依法组织拆除。",
                     "《城乡规划法》第六十五条。", "拆除费用依法由违法建设当事人承担，退还请求不予支持。",
                     "责令限期拆除决定书及送达回证。"),
                                 "没有收到限期拆除的通知。")),
        (*_panel((1, 2, 5, 6, 11), (12, 3)), *_accept(11, 1, 2, 5, 6, 11), *_session(),
         *_vote(16, {2: "sound", 5: "unsound", 11: "sound"}, "送达程序存在瑕疵。")),
    ),
    ReviewSeed(
        CaseSeed(12, "clerk", "公租房退出时装修不予补偿有异议", "诉求人退出公租房，要求补偿自行装修费用。",
                 ("补偿装修费用", "说明不予补偿的依据"), "C0201", place="370786002",
                 course=_applied(_ZJ, "handler.d1", "unit_head.d1", _draft(
                     "租赁合同约定承租人不得擅自装修，退出时装修不予补偿。",
                     "《公共租赁住房管理办法》；租赁合同第九条。",
                     "合同有明确约定，补偿请求不予支持。", "租赁合同复印件。"), "装修时经过物业同意。")),
        (*_panel((2, 4, 6, 7, 12), (11, 3)), *_accept(11, 4, 7),
         Act(11, "decline_invitation", "expert.6", {"reason": "与物业公司有业务往来，应当回避。"})),
    ),
    ReviewSeed(
        CaseSeed(9, "clerk", "临时占地复垦费用未退还", "施工单位缴纳的复垦费用已到期，土地已复垦，要求退还。",
                 ("退还复垦费用", "说明不退还的原因"), "C0101", place="370786101",
                 course=_applied(_ZR, "handler.d2", "unit_head.d2", _draft(
                     "复垦验收未通过，存在表土厚度不足问题。", "《土地复垦条例》第二十八条。",
                     "验收合格前复垦费用不予退还。", "复垦验收记录。"), "表土已经补足，要求重新验收并退还。")),
        (Act(9, "accept_review", "review_secretary", {"note": "符合规定。"}),),
    ),
)  # fmt: skip
