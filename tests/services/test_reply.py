"""The reply: versions, three persons, results on the claims, service, windows, signatures, follow-up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.models.case import CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.document import Document, DocumentKind
from app.models.party import Claim, ClaimResult
from app.models.reply import Acknowledgement, Reply, ReplyState
from app.models.service import PaperDue, Service, ServiceWay
from app.models.step import CaseStep
from app.services import acknowledgement, reply, rights, service
from app.services import case as intake
from app.services.queries.case_facts import facts_of
from app.workflow.windows import windows
from tests.case_factory import WITNESSED, Cases, code_item, id_number


@pytest.fixture
def cases(actor, session):
    return Cases(actor)


@pytest.fixture(autouse=True)
def _keep_session(session, app):
    global _session
    _session = session
    with app.test_request_context("/"):
        yield


def rows(model, case):
    with system_scope("test"):
        return list(_session.scalars(select(model).where(model.case_id == case.id).order_by(model.id)))


def clocks(case, code):
    return [row for row in rows(Deadline, case) if row.code == code]


def petitioner(place, name):
    return {
        "side": "petitioner",
        "name": name,
        "id_type": "id_card",
        "id_number": id_number(place),
        "phone": f"1580002{place:04d}",
        "address": "山东省昌邑市柳疃镇西付村12号",
    }


TWO = {"parties": [petitioner(71, "于秀兰"), petitioner(72, "栾𠮷明")], "head_count": 2}


def late(case):
    with system_scope("test"):
        return facts_of(case).late


def sign(cases, case, party, who="clerk", satisfied=True, **more):
    given = {"party": party, "satisfied": satisfied, "signature": WITNESSED, **more}
    return cases.do(who, acknowledgement.acknowledge, case, **given)


# ---- draft, check, approval


def test_a_draft_is_checked_and_approved_by_others(cases, actor):
    case = cases.submit(cases.handling())
    assert case.state is CaseState.reply_checking
    with pytest.raises(NotAllowed):
        cases.do("handler.d1", reply.approve_reply, case)
    with pytest.raises(NotAllowed) as early:
        cases.do("centre_head", reply.approve_reply, case)
    assert "主办单位" in str(early.value)
    cases.do("unit_head.d1", reply.approve_reply, case, note="同意")
    assert case.state is CaseState.reply_checking and rows(Reply, case)[0].state is ReplyState.checked
    with pytest.raises(NotAllowed):
        cases.do("unit_head.d1", reply.approve_reply, case)
    cases.do("centre_head", reply.approve_reply, case)
    [version] = rows(Reply, case)
    assert case.state is CaseState.reply_approved and version.state is ReplyState.approved
    people = (version.drafted_by_id, version.checked_by_id, version.approved_by_id)
    assert people == tuple(actor(name).user_id for name in ("handler.d1", "unit_head.d1", "centre_head"))
    assert [(c.result, c.resolved) for c in rows(Claim, case)] == [(ClaimResult.supported, True)] * 2
    assert case.resolved is True and case.replied_at is None
    [paper] = [d for d in rows(Document, case) if d.kind is DocumentKind.reply]
    assert rows(CaseStep, case)[-1].data["document"] == paper.number
    assert clocks(case, "D-HANDLE60")[0].state is DeadlineState.met
    assert clocks(case, "D-REPLY15")[0].state is DeadlineState.running


def test_a_returned_draft_stays_beside_its_next_version(cases):
    case = cases.submit(cases.handling(), findings="初稿")
    with pytest.raises(Invalid) as silent:
        cases.do("unit_head.d1", reply.return_reply, case)
    assert set(silent.value.errors) == {"reason"}
    cases.do("unit_head.d1", reply.return_reply, case, reason="依据不足")
    assert case.state is CaseState.handling
    cases.submit(case, findings="第二稿")
    cases.do("unit_head.d1", reply.approve_reply, case)
    cases.do("centre_head", reply.return_reply, case, reason="请补充测量记录")
    cases.submit(case, findings="第三稿")
    cases.approve(case)
    assert [(r.number, r.state.value, r.findings) for r in rows(Reply, case)] == [
        (1, "returned", "初稿"),
        (2, "returned", "第二稿"),
        (3, "approved", "第三稿"),
    ]


def test_a_half_resolved_matter_is_answered_and_not_resolved(cases):
    case = cases.handling()
    draft = cases.draft(case)
    draft["answers"][1] |= {"result": ClaimResult.rejected, "resolved": False}
    cases.do("handler.d1", reply.submit_reply, case, **draft)
    cases.approve(case)
    assert case.resolved is False and [c.resolved for c in rows(Claim, case)] == [True, False]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"findings": " "}, "findings"),
        ({"basis": ""}, "basis"),
        ({"evidence": []}, "evidence"),
        ({"answers": []}, "answers"),
        ({"answers": [{"claim": 1, "result": ClaimResult.supported, "resolved": True, "text": "好"}]}, "answers"),
        (
            {
                "answers": [
                    {"claim": 1, "result": ClaimResult.supported, "resolved": True, "text": "好"},
                    {"claim": 2, "result": ClaimResult.supported, "resolved": None, "text": "好"},
                ]
            },
            "answers",
        ),
    ],
)
def test_every_claim_basis_and_evidence(cases, more, field):
    case = cases.handling()
    with pytest.raises(Invalid) as refusal:
        cases.submit(case, **more)
    assert set(refusal.value.errors) == {field} and case.state is CaseState.handling


def test_evidence_of_another_matter_is_refused(cases):
    case, other = cases.handling(), cases.handling()
    with pytest.raises(Invalid) as refusal:
        cases.submit(case, evidence=[cases.evidence(other)])
    assert set(refusal.value.errors) == {"evidence"}


def test_no_reply_before_acceptance_nor_by_another_organisation(cases):
    case = cases.assigned(co=("handler.d2",))
    with pytest.raises(WrongState):
        cases.submit(case)
    with pytest.raises(NotFound):
        cases.do("handler.d1", reply.submit_reply, cases.accepted())
    handled = cases.handling(co=("handler.d2",))
    with pytest.raises(NotAllowed):
        cases.do("handler.d2", reply.submit_reply, handled, **cases.draft(handled))


# ---- service


def test_each_petitioner_has_own_days_from_own_receipt(cases):
    with clock.standing_at(clock.now() - timedelta(days=3)):
        case = cases.approved(**TWO)
    first, second = cases.petitioners(case)
    yesterday = clock.now() - timedelta(days=1)
    cases.serve(case, first, served_at=yesterday)
    assert case.state is CaseState.reply_approved and case.replied_at is None
    cases.serve(case, second)
    assert case.state is CaseState.replied and case.replied_at.date() == clock.today()
    for code in ("D-REV5", "D-FC30"):
        assert [(c.party_id, c.starts_on) for c in clocks(case, code)] == [
            (first.id, yesterday.date()),
            (second.id, clock.today()),
        ]
    assert clocks(case, "D-REPLY15")[0].state is DeadlineState.met
    assert sum(d.kind is DocumentKind.service_return for d in rows(Document, case)) == 2


def test_a_late_last_service_is_a_late_answer(cases):
    start = clock.now() - timedelta(days=20)
    with clock.standing_at(start):
        case = cases.approved()
    cases.serve(case, cases.petitioners(case)[0])
    assert clocks(case, "D-REPLY15")[0].state is DeadlineState.late
    assert clocks(case, "D-HANDLE60")[0].state is DeadlineState.met


def refused(**more):
    return {
        "signature": None,
        "refused": True,
        "refusal": "不同意答复",
        "witness_one": "王建国",
        "witness_two": "李素珍",
        **more,
    }


def test_a_refusal_before_two_witnesses_counts(cases):
    case = cases.approved()
    cases.serve(case, cases.petitioners(case)[0], **refused())
    [row] = rows(Service, case)
    assert case.state is CaseState.replied and row.refused and row.signature_id is None
    assert (row.witness_one, row.witness_two) == ("王建国", "李素珍")
    assert len(clocks(case, "D-REV5")) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (refused(witness_two=""), "witness_two"),
        (refused(witness_one="", witness_two=""), "witness_one"),
        (refused(witness_two="王建国"), "witness_two"),
        (refused(witness_one="于秀兰"), "witness_one"),
        (refused(refusal=""), "refusal"),
        (refused(signature=WITNESSED), "signature"),
        ({"signature": None}, "signature"),
        ({"way": ServiceWay.post, "signature": None}, "tracking"),
        ({"way": ServiceWay.electronic, "signature": None}, "evidence"),
        ({"way": ServiceWay.proxy}, "receiver"),
        ({"way": ServiceWay.left, "signature": None}, "witness_one"),
        ({"served_at": None}, "served_at"),
    ],
)
def test_service_needs_its_proof(cases, more, field):
    case = cases.approved()
    with pytest.raises(Invalid) as refusal:
        cases.serve(case, cases.petitioners(case)[0], **more)
    assert set(refusal.value.errors) == {field} and not rows(Service, case)


def test_service_lies_between_approval_and_now(cases):
    case = cases.submit(cases.handling())
    party = cases.petitioners(case)[0]
    with pytest.raises(WrongState):
        cases.serve(case, party)
    cases.approve(case)
    for moment in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=1)):
        with pytest.raises(Invalid) as refusal:
            cases.serve(case, party, served_at=moment)
        assert set(refusal.value.errors) == {"served_at"}


def test_a_party_of_another_matter_or_served_twice_is_refused(cases):
    case, other = cases.approved(**TWO), cases.approved()
    first, _second = cases.petitioners(case)
    cases.serve(case, first)
    for party in (first, cases.petitioners(other)[0], None):
        with pytest.raises(Invalid) as refusal:
            cases.serve(case, party)
        assert set(refusal.value.errors) == {"party"}


def test_a_respondent_receives_it_without_days_of_its_own(cases):
    parties = [petitioner(81, "于秀兰"), {"side": "respondent", "organisation_name": "西付村村民委员会"}]
    case = cases.approved(parties=parties)
    with system_scope("test"):
        village = next(party for party in case.parties if party.side == "respondent")
    cases.serve(case, village)
    assert case.state is CaseState.reply_approved and not clocks(case, "D-REV5")


def test_parties_of_merged_matters_are_served_too(cases):
    parent, child = cases.handling(), cases.register()
    cases.do("dispatcher", intake.merge, child, parent=parent, reason="同一块地")
    cases.approve(cases.submit(parent))
    own, other = cases.petitioners(parent)[0], cases.petitioners(child)[0]
    cases.serve(parent, own)
    assert parent.state is CaseState.reply_approved
    cases.serve(parent, other)
    assert parent.state is CaseState.replied and child.replied_at == parent.replied_at and child.resolved is True
    assert clocks(child, "D-REPLY15")[0].state is DeadlineState.met
    assert {c.party_id for c in clocks(parent, "D-REV5")} == {own.id, other.id}


# ---- what the party does


def test_when_the_last_one_signs_the_follow_up_begins(cases):
    case = cases.replied(**TWO)
    first, second = cases.petitioners(case)
    sign(cases, case, first, satisfied=False)
    assert case.state is CaseState.replied
    sign(cases, case, second)
    assert case.state is CaseState.follow_up_due
    assert [(a.party_id, a.satisfied) for a in rows(Acknowledgement, case)] == [(first.id, False), (second.id, True)]
    assert rows(CaseStep, case)[-1].step == "close_window" and "lapsed" not in rows(CaseStep, case)[-1].data
    assert {c.state for c in clocks(case, "D-REV5")} == {DeadlineState.cancelled}
    assert {c.state for c in clocks(case, "D-FC30")} == {DeadlineState.running}
    assert [len(clocks(case, code)) for code in ("D-FUP3", "D-FUP10", "D-FUP30")] == [1, 1, 1]


def test_who_signed_before_the_last_was_served_is_settled_with_him(cases):
    case = cases.approved(**TWO)
    first, second = cases.petitioners(case)
    cases.serve(case, first)
    sign(cases, case, first)
    assert case.state is CaseState.reply_approved
    with pytest.raises(WrongState):
        sign(cases, case, second)
    cases.serve(case, second)
    assert case.state is CaseState.replied
    sign(cases, case, second)
    assert case.state is CaseState.follow_up_due


@pytest.mark.parametrize(
    ("more", "field"),
    [({"satisfied": None}, "satisfied"), ({"signature": None}, "signature"), ({"party": None}, "party")],
)
def test_satisfaction_is_asked_and_signed_for(cases, more, field):
    case = cases.replied(**TWO)
    with pytest.raises(Invalid) as refusal:
        sign(cases, case, more.pop("party", cases.petitioners(case)[0]), **more)
    assert set(refusal.value.errors) == {field}


def test_nobody_signs_twice(cases):
    case = cases.replied(**TWO)
    first, _second = cases.petitioners(case)
    sign(cases, case, first)
    with pytest.raises(Invalid) as twice:
        sign(cases, case, first)
    assert set(twice.value.errors) == {"party"} and len(rows(Acknowledgement, case)) == 1


def test_silence_closes_the_day_after_and_is_no_satisfaction(cases):
    case = cases.replied(**TWO)
    first, _second = cases.petitioners(case)
    sign(cases, case, first)
    last = max(c.due_on for c in clocks(case, "D-REV5"))
    noon = clock.now().replace(hour=12)
    with clock.standing_at(noon + (last - clock.today())):
        rights.close_lapsed()
        assert case.state is CaseState.replied
    with clock.standing_at(noon + (last - clock.today()) + timedelta(days=1)):
        rights.close_lapsed()
        assert case.state is CaseState.follow_up_due
        [step] = [row for row in rows(CaseStep, case) if row.step == "close_window"]
        assert step.data["lapsed"] == ["栾𠮷明"] and len(rows(Acknowledgement, case)) == 1
        rights.close_lapsed()
        assert len([row for row in rows(CaseStep, case) if row.step == "close_window"]) == 1


def test_the_window_is_the_partys_own(cases):
    with clock.standing_at(clock.now() - timedelta(days=6)):
        case = cases.approved(**TWO)
        first, second = cases.petitioners(case)
        cases.serve(case, first)
    cases.serve(case, second)
    own = windows(late(case))
    assert own[first.id].last_day < clock.today() <= own[second.id].last_day or own[first.id].last_day == clock.today()
    day = own[first.id].last_day
    assert own[first.id].is_open(day) and not own[first.id].is_open(day + timedelta(days=1))
    assert own[first.id].has_lapsed(day + timedelta(days=1)) and not own[first.id].has_lapsed(day)


# ---- notices


def test_notices_wait_for_each_petitioner_until_served(cases):
    case = cases.accepted(**TWO)
    waiting = rows(PaperDue, case)
    assert [(w.paper, w.service_id) for w in waiting] == [("acceptance_notice", None)] * 2
    first, second = cases.petitioners(case)
    given = {"paper": DocumentKind.acceptance_notice, "way": ServiceWay.handed, "served_at": clock.now()}
    cases.do("clerk", service.serve_notice, case, party=first, signature=WITNESSED, **given)
    assert case.state is CaseState.accepted and [w.service_id is None for w in rows(PaperDue, case)] == [False, True]
    for party, paper in ((first, given["paper"]), (second, DocumentKind.decline_notice)):
        with pytest.raises(Invalid) as refusal:
            again = {**given, "paper": paper, "party": party, "signature": WITNESSED}
            cases.do("clerk", service.serve_notice, case, **again)
        assert "paper" in refusal.value.errors
    cases.do("clerk", service.serve_notice, case, party=second, signature=WITNESSED, **given)
    with pytest.raises(WrongState):
        cases.do("clerk", service.serve_notice, case, party=second, signature=WITNESSED, **given)


def test_a_declined_matter_has_its_notice_served_after_its_end(cases):
    case = cases.declining()
    cases.do("centre_head", intake.approve_decline, case)
    party = cases.petitioners(case)[0]
    given = {"paper": DocumentKind.decline_notice, "party": party, "way": ServiceWay.handed, "signature": WITNESSED}
    with pytest.raises(Invalid) as early:
        cases.do("clerk", service.serve_notice, case, served_at=clock.now() - timedelta(days=2), **given)
    assert set(early.value.errors) == {"served_at"}
    cases.do("clerk", service.serve_notice, case, served_at=clock.now(), **given)
    assert case.state is CaseState.redirected and rows(Service, case)[0].paper == "decline_notice"


def test_what_is_missing_is_served(cases, actor):
    case = cases.register()
    cases.do("clerk", intake.request_supplement, case, missing=[code_item("supplement_item")], reason="缺身份证明")
    assert [w.paper for w in rows(PaperDue, case)] == ["supplement_notice"]
    with acting(actor("clerk.t2")), pytest.raises(NotFound):
        service.serve_notice(actor("clerk.t2"), case.id, {}, None)
