"""One matter of each way of the demo year, carried through the services themselves, to compare its rows with."""

import io
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.access.actor import Actor, acting, system_scope
from app.core import clock
from app.core.db import db, work
from app.models.account import Account
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.document import DocumentKind
from app.models.follow_up import FollowUpMode, Satisfaction
from app.models.party import Side
from app.models.service import PaperDue, ServiceWay
from app.services import archive, attachment, rectification, service
from app.services.follow_up import follow_up
from app.services.reception import present_to_leader
from app.services.rights import close_lapsed
from seed import demo
from seed.cases import Act, CaseSeed
from seed.demo_handling import leader_of, shift_before
from seed.demo_review import REVIEW_VERBS, of_the_review, review_of
from seed.replied import REPLIED, served
from seed.reviewed import REVIEWED
from seed.year_plan import DESK, LEADER, REDIRECTED, REFERRED

RECTIFIED, REVIEWED_WAY = "rectified", "reviewed"
FINDINGS = {
    "findings": "当场联系有关单位核实，问题属实。",
    "basis": "现场核实记录。",
    "answers": (("supported", True, "已经办理。"),),
}
GOOD = {"reached": True, "solved": True, "satisfied": Satisfaction.satisfied, "quality": 5, "conduct": 5, "centre": 5}
LOW = {"solved": False, "satisfied": Satisfaction.dissatisfied, "quality": 2, "cause": "没有按时兑现。"}


def _as(name: str, verb: Callable[..., Any], case_id: int, **said: Any) -> None:
    who: Actor = demo._actor(name)
    with acting(who):
        verb(who, case_id, said)


def _petitioners(case_id: int) -> list[Any]:
    with system_scope("exemplars"):
        return [party for party in db.session.get_one(Case, case_id).parties if party.side == Side.petitioner]


def _ask(case_id: int, **said: Any) -> None:
    for party in _petitioners(case_id):
        _as(
            "follow_up_clerk", follow_up, case_id, party=party, mode=FollowUpMode.phone, opinion="很好。", **GOOD | said
        )


def _archive(case_id: int) -> None:
    with system_scope("exemplars"), work():  # the year is written without its notices and their service
        db.session.execute(delete(PaperDue).where(PaperDue.case_id == case_id))
    with system_scope("exemplars"):
        kept = db.session.scalars(select(CodeItem).where(CodeItem.code == "y30")).one()
    _as("archivist", archive.archive, case_id, retention=kept, pages=12)


def _case(ago: int, number: int, course: tuple[Act, ...], **more: Any) -> tuple[CaseSeed, int]:
    seed = CaseSeed(ago, "clerk", f"示例事项{number}", "示例事实经过。", ("示例诉求",), "C0205", course=course, **more)
    start = clock.now()
    with clock.standing_at(demo._moment(start, ago, 9)):
        key = demo._register(seed, 41_000 + number * 5).id
    for hour, act in enumerate(course, 10):
        demo._carry_out(act, demo._moment(start, ago - act.after, hour), key, {})
    return seed, key


def settled(by_leader: bool) -> int:
    """Settled on the spot, by a leader on duty or at the desk, and closed."""
    shift = shift_before(clock.now() - timedelta(days=1))
    with clock.standing_at(datetime.combine(shift.on, time(10), clock.LOCAL)):
        _seed, key = _case(0, 1 + by_leader, (Act(0, "accept", "dispatcher"),), people=3, head_count=6)
        if by_leader:
            _as("clerk", present_to_leader, key, shift=shift)
        act = Act(0, "settle_on_spot", leader_username(shift) if by_leader else "clerk", dict(FINDINGS))
        demo._carry_out(act, clock.now(), key, {})
    with clock.standing_at(clock.now() + timedelta(days=9)):
        close_lapsed()
        _ask(key)
        _archive(key)
    return key


def leader_username(shift: Any) -> str:
    """The account of the leader on duty."""
    with system_scope("exemplars"):
        return db.session.get_one(Account, leader_of(shift).user_id).username


def redirected() -> int:
    """Shown the legal route; the notice is served."""
    said = {"reason": "应当起诉。", "route": "litigation", "where": "人民法院立案庭"}
    course = (Act(1, "redirect", "dispatcher", said), Act(2, "approve_decline", "centre_head", {"note": "同意。"}))
    _seed, key = _case(9, 3, course)
    for party in _petitioners(key):
        more = {"served_at": clock.now(), "way": ServiceWay.handed, "signature": demo._signing("drawn")}
        _as("clerk", service.serve_notice, key, party=party, paper=DocumentKind.redirect_notice, **more)
    return key


def handled(rectified: bool) -> int:
    """Handled by a department, received by a leader, replied to and closed; or rectified before."""
    draft = {**FINDINGS, "evidence": "核查记录。"}
    said = {"said": "请尽快办理。", "instruction": "限期答复。", "head_count": 3, "camera": "1号摄像机"}
    seed = REPLIED[0].course
    course = (
        *(act for act in seed if act.step not in ("submit_reply",)),
        Act(5, "present_to_leader", "clerk", {"note": "请接访。"}),
        Act(5, "receive_by_leader", "@leader", said),
        Act(7, "submit_reply", "handler.d1", draft),
        Act(8, "approve_reply", "unit_head.d1", {"note": "同意。"}),
        Act(8, "approve_reply", "centre_head", {"note": "同意。"}),
        served(9, 0),
        Act(10, "acknowledge", "clerk", {"party": 0, "satisfied": True, "signature": "drawn"}),
    )
    _seed, key = _case(11, 5 + rectified, course, head_count=3, respondent="物业公司")
    if rectified:
        _ask(key, **LOW)
        with system_scope("exemplars"):
            case = db.session.get_one(Case, key)
        who = demo._actor("unit_head.d1")
        with acting(who):
            page = attachment.attach(who, case, "整改.txt", io.BytesIO("已整改。".encode()))
        _as("unit_head.d1", rectification.report, key, report="已整改。", evidence=[page])
        _as("supervisor", rectification.accept, key, note="同意。")
    with clock.standing_at(clock.now() + timedelta(days=1)):
        _ask(key)
        _archive(key)
    return key


def reviewed() -> int:
    """Reviewed by experts, who uphold the reply."""
    seed, start, taken = REVIEWED[1], clock.now(), list[Any]()
    with clock.standing_at(demo._moment(start, seed.case.ago, 9)):
        key = demo._register(seed.case, 42_000).id
    for hour, act in enumerate(seed.case.course, 10):
        demo._carry_out(act, demo._moment(start, seed.case.ago - act.after, hour), key, {})
    record = review_of(key)
    for act in seed.course:
        with clock.standing_at(demo._moment(start, seed.case.ago - act.after, 15)):
            actor = demo._actor(act.who)
            with acting(actor):
                REVIEW_VERBS[act.step](actor, record, of_the_review(record, dict(act.said), demo._signing, taken))
    _ask(key)
    _archive(key)
    return key


WAYS: dict[str, Callable[[], int]] = {
    LEADER: lambda: settled(True),
    DESK: lambda: settled(False),
    REDIRECTED: redirected,
    REFERRED: lambda: handled(False),
    RECTIFIED: lambda: handled(True),
    REVIEWED_WAY: reviewed,
}
