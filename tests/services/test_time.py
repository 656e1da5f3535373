"""Time and endings: extensions, suspensions, withdrawals, splits; what moves and what runs on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, WrongState
from app.models.audit import Notice
from app.models.case import CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.document import Document, DocumentKind
from app.models.extension import Extension, ExtensionState, Suspension
from app.models.hearing import Hearing
from app.models.party import Claim, ClaimResult, Party, Representative
from app.models.recount import DeadlineMove
from app.models.referral import Referral
from app.models.service import PaperDue
from app.models.signature import Signature
from app.models.step import CaseStep
from app.services import calendar, deadline, extension, job, referral, suspension, withdrawal
from app.services import case as intake
from app.services.document import values_of
from app.services.queries import search, work
from app.services.queries.why import sentences
from app.services.queries.work import Asking, Tab
from app.services.queries.work_sources import SOURCES
from app.services.split import split
from app.views.work import BUILT
from tests.case_factory import WITNESSED, Cases, code_item, organisation_of
from tests.services.test_deadline import at
from tests.services.test_handling import call, on_duty, present, receive, rows
from tests.services.test_reply import TWO

FIRST = date(2026, 3, 2)


@pytest.fixture
def cases(actor, session, app):
    with app.test_request_context("/"):
        yield Cases(actor)


def one(case, code):
    return [row for row in rows(Deadline, case) if row.code == code][-1]


def last_step(case):
    return rows(CaseStep, case)[-1]


# ---- extension


def ask(cases, case, days=30, who="unit_head.d1", **more):
    given = {"days": days, "reason": "需委托测绘机构复测。", "ground": code_item("extension_reason")}
    return cases.do(who, extension.request_extension, case, **{**given, **more})


def handled_from(cases, day=FIRST, **more):
    with at(day):
        return cases.handling(occurred_on="2025-01-01", **more)


def test_an_extension_moves_the_day_with_its_proof_and_every_petitioner_is_told(cases, actor):
    case = handled_from(cases, **TWO)
    before = one(case, "D-HANDLE60").due_on
    assert before == date(2026, 5, 6)  # 1 May is a holiday, until the 5th
    with at(date(2026, 4, 20)):
        ask(cases, case)
        with pytest.raises(WrongState):
            ask(cases, case)
        with pytest.raises(NotAllowed):
            cases.do("unit_head.d1", extension.approve_extension, case)
        cases.do("centre_head", extension.approve_extension, case, note="同意。")
    row = one(case, "D-HANDLE60")
    assert row.due_on == date(2026, 6, 5) and row.state is DeadlineState.running
    assert any("2026-06-05" in str(said) for said in sentences(row.why))
    (asked,) = rows(Extension, case)
    assert asked.state is ExtensionState.approved and (asked.old_due_on, asked.new_due_on) == (before, row.due_on)
    assert [(m.before_on, m.after_on) for m in rows(DeadlineMove, case)] == [(before, row.due_on)]
    assert last_step(case).data["after"] == "2026-06-05" and last_step(case).data["to_serve"]
    waiting = [p for p in rows(PaperDue, case) if p.paper == "extension_notice"]
    assert len(waiting) == 2 and all(p.service_id is None for p in waiting)
    form, notice = rows(Document, case)[-2:]
    assert (form.kind, notice.kind) == (DocumentKind.extension_approval, DocumentKind.extension_notice)
    told = values_of(notice)
    assert (told["reason"], told["new_due_on"], told["days"]) == (asked.reason, "2026年6月5日", "30")
    assert "：" in asked.reason and ": " not in asked.reason and "opinion" not in told
    assert {r.due_on for r in rows(Referral, case)} == {row.due_on}
    with at(date(2026, 5, 20)), pytest.raises(WrongState) as second:
        ask(cases, case)
    assert "不得再次" in str(second.value)


def test_a_refused_extension_moves_nothing_and_may_be_asked_for_again(cases):
    case = handled_from(cases)
    with at(date(2026, 4, 20)):
        ask(cases, case)
        with pytest.raises(Invalid):
            cases.do("centre_head", extension.refuse_extension, case)
        cases.do("centre_head", extension.refuse_extension, case, reason="可以按期办结。")
        assert one(case, "D-HANDLE60").due_on == date(2026, 5, 6) and rows(DeadlineMove, case) == []
        with pytest.raises(WrongState):
            cases.do("centre_head", extension.approve_extension, case)
        ask(cases, case, days=10)
        assert [e.state for e in rows(Extension, case)] == [ExtensionState.refused, ExtensionState.asked]


def test_too_late_too_long_and_not_the_lead(cases):
    case = handled_from(cases, co=("handler.d2",))
    with at(date(2026, 4, 20)):
        for days in (0, 31, None):
            with pytest.raises(Invalid) as refusal:
                ask(cases, case, days=days)
            assert "days" in refusal.value.errors
        with pytest.raises(NotAllowed):
            ask(cases, case, who="unit_head.d2")
    with at(date(2026, 5, 6)):
        ask(cases, case, days=1)
        cases.do("centre_head", extension.refuse_extension, case, reason="请按期办结。")
    with at(date(2026, 5, 7)), pytest.raises(WrongState) as late:
        ask(cases, case)
    assert "2026-05-06" in str(late.value)


def test_an_extended_day_still_follows_the_calendar(cases, actor):
    case = handled_from(cases)
    with at(date(2026, 4, 20)):
        ask(cases, case)
        cases.do("centre_head", extension.approve_extension, case)
    admin = actor("business_admin")
    with acting(admin):
        calendar.add_day(admin, {"on": date(2026, 6, 5), "workday": False, "name": "临时放假"})
    assert one(case, "D-HANDLE60").due_on == date(2026, 6, 8)
    assert [m.after_on for m in rows(DeadlineMove, case)] == [date(2026, 6, 5), date(2026, 6, 8)]


# ---- suspension


def stop(cases, case, until, who="centre_head", **more):
    given = {"ground": code_item("suspend_reason"), "reason": "等待测绘机构出具报告。", "until_on": until}
    return cases.do(who, suspension.suspend, case, **{**given, **more})


def test_local_days_stand_still_and_the_law_runs_on(cases, actor):
    case = handled_from(cases)
    with at(date(2026, 3, 9)):
        stop(cases, case, date(2026, 3, 19))
    assert case.state is CaseState.suspended and case.paused
    local, law = one(case, "D-REPLY15"), one(case, "D-HANDLE60")
    assert (local.state, local.due_on) == (DeadlineState.paused, date(2026, 3, 27))
    assert (law.state, law.due_on) == (DeadlineState.running, date(2026, 5, 6))
    assert [step["days"] for step in local.why if step["step"] == "pause"] == [10]
    assert last_step(case).data["moved"] == [
        {
            "number": case.number,
            "code": "D-REPLY15",
            "name": "答复当事人",
            "before": "2026-03-17",
            "after": "2026-03-27",
        }
    ]
    with at(date(2026, 3, 12)):
        cases.do("centre_head", suspension.resume, case, note="报告已出。")
    local = one(case, "D-REPLY15")
    assert (local.state, local.due_on) == (DeadlineState.running, date(2026, 3, 20)) and not case.paused
    assert case.state is CaseState.handling and rows(Suspension, case)[0].resumed_on == date(2026, 3, 12)
    with at(date(2026, 3, 13)):
        stop(cases, case, date(2026, 3, 16))
    assert one(case, "D-REPLY15").due_on == date(2026, 3, 23)  # both pauses, and a weekend


def test_it_resumes_by_itself_on_its_day(cases, actor):
    case, other = handled_from(cases), handled_from(cases)
    with at(date(2026, 3, 9)):
        stop(cases, case, date(2026, 3, 19))
        stop(cases, other, date(2026, 3, 25))
    with at(date(2026, 3, 18)):
        suspension.resume_due()
    assert case.state is CaseState.suspended
    with at(date(2026, 3, 22)):  # the job was down for three days
        suspension.resume_due()
        suspension.resume_due()
    assert case.state is CaseState.handling and other.state is CaseState.suspended
    assert rows(Suspension, case)[0].resumed_on == date(2026, 3, 19)
    assert one(case, "D-REPLY15").due_on == date(2026, 3, 27)
    assert last_step(case).data["by_itself"] and last_step(case).actor_id is None
    with system_scope("test"):
        told = db.session.scalars(select(Notice).where(Notice.case_id == case.id, Notice.code == "resume")).all()
    assert {n.user_id for n in told} == {actor("handler.d1").user_id, actor("unit_head.d1").user_id}
    assert "resume" in job.TASKS


def test_a_suspension_has_a_ground_and_an_end(cases):
    case = handled_from(cases)
    with at(date(2026, 3, 9)):
        for more, field in (
            ({"until": date(2026, 3, 9)}, "until_on"),
            ({"until": date(2026, 5, 9)}, "until_on"),
            ({"until": None}, "until_on"),
            ({"until": date(2026, 3, 19), "ground": None}, "ground"),
            ({"until": date(2026, 3, 19), "reason": ""}, "reason"),
        ):
            with pytest.raises(Invalid) as refusal:
                stop(cases, case, more.pop("until"), **more)
            assert field in refusal.value.errors, field


def test_the_light_of_a_suspended_matter_is_grey(cases, login):
    case = cases.handling()
    stop(cases, case, clock.today() + timedelta(days=5))
    page = login("centre_head").get(f"/case/show/{case.id}").get_data(as_text=True)
    assert "tag hold" in page and "中止" in page


# ---- withdrawal


def take_back(cases, case, who="clerk", **more):
    signed = [{"party": p.id, "signature": WITNESSED} for p in cases.petitioners(case)]
    return cases.do(who, withdrawal.withdraw, case, **{"reason": "问题已自行解决。", "signatures": signed, **more})


def test_a_withdrawal_is_signed_and_decided_by_another(cases):
    case = cases.handling(**TWO)
    with pytest.raises(Invalid) as refusal:
        take_back(cases, case, signatures=[{"party": cases.petitioners(case)[0].id, "signature": WITNESSED}])
    assert "signatures" in refusal.value.errors
    take_back(cases, case)
    assert case.state is CaseState.withdrawal_proposed and len(rows(Signature, case)) == 2
    cases.do("centre_head", withdrawal.approve_withdrawal, case)
    assert case.state is CaseState.withdrawn and case.resolved is False and case.due_on is None
    assert {(c.result, c.resolved) for c in rows(Claim, case)} == {(ClaimResult.withdrawn, False)}
    assert not [d for d in rows(Deadline, case) if d.state in deadline.OPEN]
    with pytest.raises(WrongState):
        cases.do("handler.d1", referral.log_work, case, text="x", done_at=clock.now())


@pytest.mark.parametrize("state", ["registered", "accepted", "assigned", "handling", "suspended"])
def test_a_refused_withdrawal_goes_back_to_where_it_came_from(cases, state):
    made = {
        "registered": cases.register,
        "accepted": cases.accepted,
        "assigned": cases.assigned,
        "handling": cases.handling,
        "suspended": cases.handling,
    }
    case = made[state]()
    if state == "suspended":
        stop(cases, case, clock.today() + timedelta(days=5))
    take_back(cases, case, signatures=[], paper=[cases.evidence(case, who="clerk")])
    cases.do("centre_head", withdrawal.refuse_withdrawal, case, reason="涉及他人利益，继续办理。")
    assert case.state is CaseState(state)
    assert case.paused is (state == "suspended")


def test_what_was_open_ends_with_the_withdrawal(cases):
    case = cases.handling()
    call(cases, case)
    stop(cases, case, clock.today() + timedelta(days=5))
    take_back(cases, case)
    cases.do("centre_head", withdrawal.approve_withdrawal, case)
    assert [h.state.value for h in rows(Hearing, case)] == ["cancelled"]
    assert rows(Suspension, case)[0].resumed_on is not None and not case.paused


def test_a_matter_into_which_others_are_merged_is_not_withdrawn(cases):
    parent, child = cases.register(), cases.register()
    cases.do("dispatcher", intake.merge, child, parent=parent, reason="诉求相同")
    with pytest.raises(WrongState) as refusal:
        take_back(cases, parent)
    assert "并入" in str(refusal.value)
    cases.do("dispatcher", intake.unmerge, child, reason="分开办理")
    take_back(cases, parent)
    assert parent.state is CaseState.withdrawal_proposed


def test_what_was_merged_into_a_matter_that_ended_without_reply_stands_on_its_own_again(cases):
    parent, child = cases.register(), cases.register()
    cases.do("dispatcher", intake.merge, child, parent=parent, reason="诉求相同")
    cases.do("dispatcher", intake.decline, parent, reason="已经起诉", ground=code_item("decline_reason"))
    cases.do("centre_head", intake.approve_decline, parent)
    cases.do("dispatcher", intake.unmerge, child, reason="原事项不予受理，本事项单独办理")
    assert child.state is CaseState.registered and child.merged_into_id is None


# ---- split


def part(cases, case, going, **more):
    with system_scope("test"):
        claims = [c for c in case.claims if c.number in going]
    given = {"claims": claims, "title": "书面说明未补偿原因", "reason": "两项诉求分属不同部门。"}
    return cases.do("dispatcher", split, case, **{**given, **more})


def test_chosen_claims_go_on_as_a_matter_of_their_own(cases, session):
    with at(FIRST):
        case = cases.register(occurred_on="2025-01-01", **TWO)
    with at(date(2026, 3, 4)):
        part(cases, case, {2})
    told = last_step(case)
    assert told.step == "split" and told.data["claims"] == ["书面说明原因"]
    with system_scope("test"):
        new = session.get(type(case), told.data["case_id"])
        assert (new.number, new.split_from_id, new.state) == (told.data["number"], case.id, CaseState.registered)
        assert [c.text for c in new.claims] == ["书面说明原因"] and [c.number for c in new.claims] == [1]
        session.refresh(case)
        assert [c.text for c in case.claims] == ["支付补偿款"]
        assert [p.person_id for p in new.parties] == [p.person_id for p in case.parties]
    assert [s.step for s in rows(CaseStep, new)] == ["split_off"] and rows(CaseStep, new)[0].actor_name == "陈静"
    assert {d.code: d.due_on for d in rows(Deadline, new)} == {
        "D-ACK15": date(2026, 3, 17),
        "D-REPLY15": date(2026, 3, 17),
    }
    assert new.number != case.number and new.registered_at == case.registered_at


def test_after_acceptance_the_acceptance_holds_for_both(cases, session):
    with at(FIRST):
        case = cases.register(occurred_on="2025-01-01")
    with at(date(2026, 3, 5)):
        cases.do("dispatcher", intake.accept, case)
    with at(date(2026, 3, 9)):
        part(cases, case, {1})
    with system_scope("test"):
        new = session.get(type(case), last_step(case).data["case_id"])
    assert new.state is CaseState.accepted and [s.step for s in rows(CaseStep, new)] == ["split_off", "accept"]
    assert one(new, "D-HANDLE60").due_on == one(case, "D-HANDLE60").due_on
    assert (one(new, "D-ACK15").state, one(new, "D-ACK15").met_on) == (DeadlineState.met, date(2026, 3, 5))
    cases.do("dispatcher", referral.assign, new, lead=organisation_of("handler.d2"))
    assert new.state is CaseState.assigned


def test_at_least_one_goes_and_one_stays(cases):
    case = cases.register()
    for going in (set(), {1, 2}):
        with pytest.raises(Invalid) as refusal:
            part(cases, case, going)
        assert "claims" in refusal.value.errors
    with pytest.raises(Invalid):
        part(cases, case, {1}, title=" ")
    single = cases.register(claims=[{"text": "清理排水沟"}])
    with pytest.raises(WrongState):
        part(cases, single, {1})


def test_both_matters_are_found(cases, actor):
    case = cases.register()
    part(cases, case, {2}, title="涵管改造说明")
    clerk = actor("clerk")
    with acting(clerk):
        assert search.case_ids(clerk, "涵管改造") == [last_step(case).data["case_id"]]
        assert case.id in search.case_ids(clerk, case.title)


def test_representatives_speak_in_both(cases, session):
    people = [dict(party) for party in TWO["parties"]]
    people[0]["representative"] = True
    case = cases.register(parties=people, head_count=2)
    part(cases, case, {2})
    with system_scope("test"):
        new = session.get(type(case), last_step(case).data["case_id"])
    assert len(rows(Representative, new)) == 1 and len(rows(Party, new)) == 2


def test_the_job_acts_as_the_program(cases):
    with acting(SYSTEM):
        suspension.resume_due()


# ---- one's own work


def waits(actor, who):
    person = actor(who)
    with acting(person):
        found = work.items(SOURCES, Asking(person, BUILT), Tab.todo)
        assert work.counts(SOURCES, Asking(person, BUILT))[Tab.todo] == len(found)
    return [(one.id, str(one.move)) for one in found]


def test_what_waits_in_handling_stands_on_the_list(cases, actor):
    case = cases.handling()
    assert waits(actor, "leader.1") == [] and waits(actor, "centre_head") == []
    present(cases, case, on_duty(actor))
    assert waits(actor, "leader.1") == [(case.id, "领导接访")]
    receive(cases, case)
    assert waits(actor, "leader.1") == []
    ask(cases, case, days=5)
    assert waits(actor, "centre_head") == [(case.id, "批准延期")] and waits(actor, "centre_head.t1") == []
    cases.do("centre_head", extension.refuse_extension, case, reason="可以按期办结。")
    assert waits(actor, "centre_head") == []
    call(cases, case)
    assert waits(actor, "centre_head") == []
    with clock.standing_at(clock.now() + timedelta(days=11)):
        assert waits(actor, "centre_head") == [(case.id, "听证")]
