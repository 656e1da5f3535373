"""The steps of a case as services: effects, refusals, clocks, notices, who comes second."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.models.audit import Notice
from app.models.case import CaseState, Kind
from app.models.deadline import Deadline, DeadlineState
from app.models.referral import Referral, ReferralState
from app.models.step import CaseStep
from app.services import case as intake
from app.services import referral
from app.services.notice import sentence
from tests.case_factory import Cases, category, code_item, organisation_of


@pytest.fixture
def cases(actor):
    return Cases(actor)


def told(case):
    with system_scope("test"):
        from_db = select(Notice).where(Notice.case_id == case.id).order_by(Notice.id)
        return [(n.code, n.user_id) for n in _session.scalars(from_db)]


@pytest.fixture(autouse=True)
def _keep_session(session):
    global _session
    _session = session


def course(case):
    with system_scope("test"):
        rows = _session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.seq)).all()
        return list(rows)


def clocks(case):
    with system_scope("test"):
        rows = _session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.id)).all()
        return {row.code: row for row in rows}


def referrals(case):
    with system_scope("test"):
        return list(_session.scalars(select(Referral).where(Referral.case_id == case.id).order_by(Referral.id)))


def test_from_registered_to_handling(cases, actor):
    case = cases.register()
    assert case.state is CaseState.registered and case.due_on is not None and case.due_code == "D-ACK15"
    cases.do("dispatcher", intake.accept, case, note="同意受理")
    assert case.state is CaseState.accepted
    assert clocks(case)["D-ACK15"].state is DeadlineState.met
    assert clocks(case)["D-HANDLE60"].state is DeadlineState.running
    assert case.due_code == "D-REPLY15"
    lead, co = organisation_of("handler.d1"), organisation_of("handler.d2")
    cases.do("dispatcher", referral.assign, case, lead=lead, co=[co], note="请按期办结")
    assert case.state is CaseState.assigned and case.lead_organisation_id == lead.id
    assert [(r.organisation_id, r.kind.value, r.state.value) for r in referrals(case)] == [
        (lead.id, "lead", "sent"),
        (co.id, "co", "sent"),
    ]
    assert clocks(case)["D-OBJ5"].due_on == referrals(case)[0].objection_due_on
    cases.do("handler.d1", referral.sign_for, case)
    assert case.state is CaseState.handling
    assert clocks(case)["D-OBJ5"].state is DeadlineState.cancelled
    cases.do("handler.d2", referral.sign_for, case)
    assert case.state is CaseState.handling and {r.state for r in referrals(case)} == {ReferralState.signed}
    cases.do(
        "handler.d1",
        referral.log_work,
        case,
        text="约见村委会，复测面积",
        done_at=clock.now().replace(second=0, microsecond=0),
    )
    rows = course(case)
    assert [row.step for row in rows] == ["register", "accept", "assign", "sign_for", "sign_for", "log_work"]
    assert [row.seq for row in rows] == list(range(1, 7))
    assert rows[2].data["lead"] == lead.name and rows[2].data["co"] == [co.name]
    assert rows[-1].reason == "约见村委会，复测面积" and rows[-1].actor_name and rows[-1].address == "127.0.0.1"


def test_the_receiving_people_are_told(cases, actor):
    case = cases.assigned(co=("handler.d2",))
    people = {user for code, user in told(case) if code == "assign"}
    assert {actor(name).user_id for name in ("handler.d1", "unit_head.d1", "handler.d2", "unit_head.d2")} <= people
    with acting(actor("handler.d1")):
        mine = _session.scalars(select(Notice).where(Notice.case_id == case.id)).one()
        assert case.number in sentence(mine)


def test_supplement_goes_there_and_back_once(cases):
    case = cases.register()
    facts = case.facts
    with pytest.raises(Invalid) as nothing:
        cases.do("clerk", intake.request_supplement, case)
    assert "missing" in nothing.value.errors
    cases.do("clerk", intake.request_supplement, case, missing=[code_item("supplement_item")], reason="缺身份证明")
    assert case.state is CaseState.supplement_pending and case.supplements == 1
    cases.do("clerk", intake.supplement, case, note="已提交身份证复印件", facts="另有两户同样情况。")
    assert case.state is CaseState.registered and case.facts == f"{facts}\n\n另有两户同样情况。"
    with pytest.raises(WrongState) as again:
        cases.do("clerk", intake.request_supplement, case, reason="再补")
    assert "一次" in str(again.value)


def test_decline_is_decided_by_somebody_else(cases):
    case = cases.declining()
    assert case.state is CaseState.decline_proposed
    with pytest.raises(NotAllowed):
        cases.do("dispatcher", intake.approve_decline, case)
    cases.do("centre_head", intake.approve_decline, case)
    assert case.state is CaseState.redirected and case.due_on is None
    assert course(case)[-1].data["document"] == "decline_notice" and course(case)[-1].data["to_serve"]
    assert clocks(case)["D-ACK15"].state is DeadlineState.met
    assert clocks(case)["D-REPLY15"].state is DeadlineState.cancelled


def test_a_refused_decline_goes_back(cases, actor):
    case = cases.declining()
    with pytest.raises(Invalid):
        cases.do("centre_head", intake.refuse_decline, case)
    cases.do("centre_head", intake.refuse_decline, case, reason="应当受理")
    assert case.state is CaseState.registered
    assert ("refuse_decline", actor("dispatcher").user_id) in told(case)


def test_redirect_names_route_and_place(cases):
    case = cases.register()
    with pytest.raises(Invalid) as refusal:
        cases.do("dispatcher", intake.redirect, case)
    assert set(refusal.value.errors) == {"reason", "route", "where"}
    cases.do(
        "dispatcher", intake.redirect, case, reason="属于劳动争议", route=code_item("legal_route"), where="市劳动仲裁院"
    )
    cases.do("centre_head", intake.approve_decline, case)
    assert course(case)[-1].data["document"] == "redirect_notice"


def test_merge_and_unmerge(cases):
    parent, child = cases.handling(), cases.register()
    due = child.due_on
    cases.do("dispatcher", intake.merge, child, parent=parent, reason="同一块地")
    assert child.state is CaseState.merged and child.merged_into_id == parent.id
    assert child.due_on == due and clocks(child)["D-ACK15"].state is DeadlineState.running
    cases.do("dispatcher", intake.unmerge, child, reason="不是同一块地")
    assert child.state is CaseState.registered and child.merged_into_id is None


def test_accepting_the_parent_meets_the_days_of_what_is_merged_into_it(cases):
    parent, child = cases.register(), cases.register()
    cases.do("dispatcher", intake.merge, child, parent=parent, reason="同一块地")
    cases.do("dispatcher", intake.accept, parent)
    assert clocks(child)["D-ACK15"].state is DeadlineState.met
    assert clocks(child)["D-REPLY15"].state is DeadlineState.running


def test_merge_refuses_itself_the_closed_and_the_different(cases):
    case, other, gone = cases.register(), cases.register(category=category(30).code), cases.declining()
    cases.do("centre_head", intake.approve_decline, gone)
    for parent in (case, other, gone):
        with pytest.raises(Invalid) as refusal:
            cases.do("dispatcher", intake.merge, case, parent=parent, reason="x")
        assert set(refusal.value.errors) == {"parent"}
    child = cases.register()
    cases.do("dispatcher", intake.merge, child, parent=case, reason="同")
    with pytest.raises(WrongState):
        cases.do("dispatcher", intake.merge, case, parent=cases.register(), reason="同")


def test_accept_takes_kind_and_category_of_the_dispatcher(cases):
    case = cases.register()
    wanted = category(3)
    cases.do("dispatcher", intake.accept, case, kind=Kind.suggestion, category=wanted)
    assert case.kind is Kind.suggestion and case.category_id == wanted.id
    assert course(case)[-1].data["kind"] == ["appeal", "suggestion"]


def test_a_retired_category_or_a_heading_is_refused(cases):
    case, heading = cases.register(), category().parent
    with pytest.raises(Invalid) as refusal:
        cases.do("dispatcher", intake.accept, case, category=heading)
    assert "category" in refusal.value.errors


def test_assign_checks_recipients_and_days(cases):
    case, lead = cases.accepted(), organisation_of("handler.d1")
    today = clock.today()
    bad = [
        ({}, "lead"),
        ({"lead": lead, "co": [lead]}, "co"),
        ({"lead": lead, "lead_due_on": today - timedelta(days=1)}, "lead_due_on"),
        ({"lead": lead, "lead_due_on": today + timedelta(days=365)}, "lead_due_on"),
        ({"lead": lead, "co_due_on": today + timedelta(days=365)}, "co_due_on"),
    ]
    for data, field in bad:
        with pytest.raises(Invalid) as refusal:
            cases.do("dispatcher", referral.assign, case, **data)
        assert set(refusal.value.errors) == {field}, data
    with system_scope("test"):
        lead.active = False
    with pytest.raises(Invalid) as refusal:
        cases.do("dispatcher", referral.assign, case, lead=lead)
    assert "lead" in refusal.value.errors


def test_an_accusation_never_reaches_the_accused(cases):
    accused = organisation_of("handler.d1")
    body = cases.body(kind="accusation")
    body["parties"].append({"side": "respondent", "organisation": accused.code})
    case = cases.accepted(kind="accusation", parties=body["parties"])
    for data in ({"lead": accused}, {"lead": organisation_of("handler.d2"), "co": [accused]}):
        with pytest.raises(Invalid) as refusal:
            cases.do("dispatcher", referral.assign, case, **data)
        assert set(refusal.value.errors) == {"lead" if data["lead"] is accused else "co"}
    cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d2"))
    with pytest.raises(NotFound):
        cases.do("handler.d1", referral.log_work, case, text="x")


def test_objection_upheld_then_another_organisation(cases, actor):
    case = cases.objected()
    assert case.state is CaseState.objected and clocks(case)["D-OBJ5"].state is DeadlineState.met
    assert ("object", actor("dispatcher").user_id) in told(case)
    cases.do("dispatcher", referral.uphold, case)
    assert case.state is CaseState.accepted and case.lead_organisation_id is None
    assert {r.state for r in referrals(case)} == {ReferralState.ended}
    cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d2"))
    with pytest.raises(NotFound):
        cases.do("handler.d1", referral.sign_for, case)
    cases.do("unit_head.d2", referral.object_to, case, reason="也不属于我们", proposed=organisation_of("handler.d1"))
    assert case.state is CaseState.objected


def test_no_second_objection_after_insisting(cases):
    case = cases.objected()
    cases.do("dispatcher", referral.insist, case, reason="属于你单位职权")
    assert case.state is CaseState.assigned
    with pytest.raises(WrongState) as refusal:
        cases.do("unit_head.d1", referral.object_to, case, reason="x", proposed=organisation_of("handler.d2"))
    assert "不得再次" in str(refusal.value)
    cases.do("handler.d1", referral.sign_for, case)
    assert case.state is CaseState.handling


def test_objection_only_within_five_working_days(cases, monkeypatch):
    case = cases.assigned()
    last = referrals(case)[0].objection_due_on
    monkeypatch.setattr(clock, "today", lambda: last)
    real = clock.today
    monkeypatch.setattr(clock, "today", lambda: last + timedelta(days=1))
    with pytest.raises(WrongState) as refusal:
        cases.do("unit_head.d1", referral.object_to, case, reason="x", proposed=organisation_of("handler.d2"))
    assert last.isoformat() in str(refusal.value)
    monkeypatch.setattr(clock, "today", real)
    cases.do("unit_head.d1", referral.object_to, case, reason="x", proposed=organisation_of("handler.d2"))


def test_only_the_organisations_concerned(cases):
    case = cases.assigned()
    with pytest.raises(NotFound):
        cases.do("handler.d2", referral.sign_for, case)
    with pytest.raises(NotFound):
        cases.do("clerk.t1", intake.request_supplement, case, reason="x")
    with pytest.raises(NotAllowed):
        cases.do("clerk", referral.assign, cases.accepted(), lead=organisation_of("handler.d2"))


def test_a_co_organisation_signs_before_it_logs(cases):
    case = cases.handling(co=("handler.d2",))
    with pytest.raises(WrongState):
        cases.do("handler.d2", referral.log_work, case, text="已到现场")
    cases.do("handler.d2", referral.sign_for, case)
    cases.do("handler.d2", referral.log_work, case, text="已到现场")
    with pytest.raises(WrongState):
        cases.do("handler.d2", referral.sign_for, case)


def test_work_is_not_logged_for_the_future_or_before_registration(cases):
    case = cases.handling()
    for moment in (clock.now() + timedelta(days=1), clock.now() - timedelta(days=3650)):
        with pytest.raises(Invalid) as refusal:
            cases.do("handler.d1", referral.log_work, case, text="到村", done_at=moment)
        assert set(refusal.value.errors) == {"done_at"}


def test_the_second_of_two_people_is_told_what_happened(cases):
    case = cases.register()
    seen = case.version
    cases.do("dispatcher", intake.accept, case, version=seen)
    with pytest.raises(Conflict) as late:
        cases.do("clerk", intake.request_supplement, case, version=seen, reason="缺材料")
    assert "陈静" in str(late.value) and not late.value.extra["twice"]
    assert late.value.extra["version"] == case.version and late.value.extra["state"] == "accepted"


def test_the_same_step_sent_twice_is_known_as_such(cases):
    case = cases.handling()
    seen = case.version
    cases.do("handler.d1", referral.log_work, case, version=seen, text="到村走访")
    with pytest.raises(Conflict) as twice:
        cases.do("handler.d1", referral.log_work, case, version=seen, text="到村走访")
    assert twice.value.extra["twice"]
    with pytest.raises(Conflict) as other:
        cases.do("handler.d1", referral.log_work, case, version=seen, text="另一件事")
    assert not other.value.extra["twice"]


def test_a_wrong_state_names_the_last_step(cases):
    case = cases.accepted()
    with pytest.raises(WrongState) as refusal:
        cases.do("dispatcher", intake.accept, case)
    assert "陈静" in str(refusal.value)
