"""Handling: receptions, conferences, escalation, mediations, hearings, settlement on the spot."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, WrongState
from app.models.audit import Notice
from app.models.case import Case, CaseState
from app.models.conference import Conference
from app.models.deadline import Deadline, DeadlineState
from app.models.document import Document, DocumentKind
from app.models.dossier import Recording
from app.models.hearing import Hearing, HearingOpinion, HearingState
from app.models.mediation import Confirmation, Mediation, MediationConsent, MediationState
from app.models.member import Capacity, CaseMember
from app.models.parameter import Parameter
from app.models.party import ClaimResult, Party, Side
from app.models.reception import LeaderReception
from app.models.reply import Acknowledgement, Reply
from app.models.roster import DutyKind, Shift
from app.models.service import Service, ServiceWay
from app.models.signature import Signature, SignaturePurpose
from app.services import conference, hearing, mediation, reception, referral, reply, settlement
from app.services.document import values_of
from app.services.notice import sentence
from app.services.queries.case_facts import facts_of
from tests.case_factory import WITNESSED, Cases, organisation_of
from tests.services.test_reply import TWO, petitioner


@pytest.fixture
def cases(actor, session, app):
    with app.test_request_context("/"):
        yield Cases(actor)


def rows(model, case, order=None):
    with system_scope("test"):
        return list(db.session.scalars(select(model).where(model.case_id == case.id).order_by(model.id)))


def on_duty(actor, who="leader.1", centre="clerk", day=None, starts=time(0), ends=time(23, 59)):
    """A reception shift of a leader."""
    shift = Shift(
        kind=DutyKind.leader,
        on=day or clock.today(),
        starts_at=starts,
        ends_at=ends,
        organisation_id=organisation_of(centre).id,
        account_id=actor(who).user_id,
    )
    with system_scope("test"), acting(actor("clerk")):
        db.session.add(shift)
        db.session.commit()
    return shift


def present(cases, case, shift, who="clerk"):
    return cases.do(who, reception.present_to_leader, case, shift=shift)


def receive(cases, case, who="leader.1", **more):
    given = {"at": clock.now(), "head_count": 2, "said": "要求尽快支付补偿。", "instruction": "自然资源局三日内复测。"}
    return cases.do(who, reception.receive_by_leader, case, **{**given, **more})


def seen(actor, case, who):
    with acting(actor(who)):
        return db.session.scalar(select(Case.id).where(Case.id == case.id)) is not None


# ---- reception


def test_a_leader_finds_what_was_brought_before_him_and_keeps_it(cases, actor):
    case, shift = cases.handling(), on_duty(actor)
    assert not seen(actor, case, "leader.1")
    with pytest.raises(NotFound):
        receive(cases, case)
    present(cases, case, shift)
    assert seen(actor, case, "leader.1") and not seen(actor, case, "leader.2")
    receive(
        cases,
        case,
        camera="领导接访室1号",
        recorded_from=clock.now() - timedelta(hours=1),
        recorded_until=clock.now(),
        checksum="ab12",
    )
    (row,) = rows(LeaderReception, case)
    assert (row.leader_id, row.shift_id, row.head_count) == (actor("leader.1").user_id, shift.id, 2)
    assert "领导接访室1号" in row.recording and rows(Recording, case)[0].checksum == "ab12"
    assert [m.capacity for m in rows(CaseMember, case)] == [Capacity.leader]
    assert [d.kind for d in rows(Document, case)][-1] is DocumentKind.reception_record
    assert case.state is CaseState.handling
    cases.do("handler.d1", referral.log_work, case, text="已复测", done_at=clock.now())
    with acting(actor("leader.1")):
        told = db.session.scalars(select(Notice).where(Notice.code == "leader_step")).all()
        assert case.number in sentence(told[-1]) and "办理记录" in sentence(told[-1])


def test_the_leader_sees_the_matter_until_it_ends_whoever_else_has_it(cases, actor):
    case = cases.handling()
    present(cases, case, on_duty(actor))
    receive(cases, case)
    present(cases, case, on_duty(actor, "leader.2"))
    assert seen(actor, case, "leader.1") and seen(actor, case, "leader.2")
    cases.approve(cases.submit(case))
    assert seen(actor, case, "leader.1")


def test_a_leader_who_did_not_receive_it_is_named_no_longer(cases, actor):
    case = cases.handling()
    present(cases, case, on_duty(actor))
    present(cases, case, on_duty(actor, "leader.2"))
    assert not seen(actor, case, "leader.1") and seen(actor, case, "leader.2")


def test_outside_the_shift_the_next_one_is_named(cases, actor):
    case = cases.handling()
    tomorrow = clock.today() + timedelta(days=1)
    present(cases, case, on_duty(actor, day=tomorrow, starts=time(9), ends=time(12)))
    with pytest.raises(Invalid) as refusal:
        receive(cases, case)
    assert str(tomorrow) in str(refusal.value.errors["at"]) and "09:00" in str(refusal.value.errors["at"])
    assert rows(LeaderReception, case) == []


def test_without_any_shift_it_says_so_and_times_must_be_right(cases, actor):
    case = cases.handling()
    shift = on_duty(actor)
    present(cases, case, shift)
    with system_scope("test"), acting(actor("clerk")):
        db.session.delete(shift)
        db.session.commit()
    with pytest.raises(Invalid) as refusal:
        receive(cases, case)
    assert "没有" in str(refusal.value.errors["at"][0])
    on_duty(actor)
    now = clock.now()
    for more, field in (
        ({"at": clock.now() + timedelta(hours=2)}, "at"),
        ({"at": clock.now() - timedelta(days=3)}, "at"),
        ({"said": " "}, "said"),
        ({"instruction": ""}, "instruction"),
        ({"head_count": 0}, "head_count"),
        ({"camera": "1号"}, "recorded_from"),
        ({"recorded_from": now, "recorded_until": now}, "camera"),
        ({"camera": "1号", "recorded_from": now, "recorded_until": now}, "recorded_until"),
    ):
        with pytest.raises(Invalid) as refusal:
            receive(cases, case, **more)
        assert field in refusal.value.errors, more


# ---- conference and escalation


def confer(cases, case, who="centre_head", solved=False, names=("handler.d1", "handler.d2"), **more):
    given = {
        "at": clock.now(),
        "place": "联合会商室",
        "organisations": [organisation_of(name) for name in names],
        "minutes": "住建局、自然资源局到会。",
        "conclusion": "意见不一，未形成方案。",
        "solved": solved,
    }
    return cases.do(who, conference.confer, case, **{**given, **more})


def test_a_conference_of_two_organisations_keeps_its_minutes(cases, actor):
    case = cases.handling()
    confer(cases, case)
    (row,) = rows(Conference, case)
    with system_scope("test"):
        assert {o.id for o in row.organisations} == {organisation_of("handler.d1").id, organisation_of("handler.d2").id}
    assert row.level == "city" and row.chaired_by_id == actor("centre_head").user_id and not row.solved
    assert rows(Document, case)[-1].kind is DocumentKind.conference_minutes
    for more, field in (
        ({"names": ("handler.d1",)}, "organisations"),
        ({"names": ("handler.d1", "unit_head.d1")}, "organisations"),
        ({"minutes": ""}, "minutes"),
        ({"solved": None}, "solved"),
        ({"at": clock.now() + timedelta(days=1)}, "at"),
    ):
        with pytest.raises(Invalid) as refusal:
            confer(cases, case, **more)
        assert field in refusal.value.errors


def test_only_a_failed_conference_brings_it_to_the_town(cases, actor):
    case = cases.handling()
    with system_scope("test"):
        town = case.town
    with pytest.raises(WrongState):
        cases.do("centre_head", conference.escalate, case, reason="会商未果")
    confer(cases, case, solved=True)
    with pytest.raises(WrongState):
        cases.do("centre_head", conference.escalate, case, reason="会商未果")
    confer(cases, case)
    head = "centre_head.t1" if organisation_of("centre_head.t1").id == town.id else "centre_head.t2"
    other = {"centre_head.t1": "centre_head.t2", "centre_head.t2": "centre_head.t1"}[head]
    assert not seen(actor, case, head)
    cases.do("centre_head", conference.escalate, case, reason="会商未果")
    assert case.state is CaseState.handling and seen(actor, case, head) and not seen(actor, case, other)
    assert seen(actor, case, "centre_head")
    with acting(actor(head)):
        told = db.session.scalars(select(Notice).where(Notice.case_id == case.id)).all()
        assert [n.code for n in told] == ["escalate"] and town.name in sentence(told[0])
    with pytest.raises(WrongState):
        cases.do("centre_head", conference.escalate, case, reason="再提一次")
    confer(cases, case, who=head, names=("handler.d1", head))
    assert rows(Conference, case)[-1].level == "township"
    with pytest.raises(Invalid) as refusal:
        cases.do("centre_head", conference.escalate, case, reason="再提一次")
    assert "reason" in refusal.value.errors


def test_the_direction_is_set_by_a_parameter(cases, actor):
    with system_scope("test"), acting(actor("sysadmin")):
        db.session.scalars(select(Parameter).where(Parameter.code == "escalate_to_town")).one().value = "no"
        db.session.commit()
    case = cases.handling()
    confer(cases, case)
    with pytest.raises(Invalid):  # it stands at the city already
        cases.do("centre_head", conference.escalate, case, reason="会商未果")


# ---- mediation


def mediate(cases, case, agree=True, who="handler.d1", others=None, **more):
    with system_scope("test"):
        parties = facts_of(case).late.parties
    given = {
        "began_at": clock.now(),
        "place": "矛盾纠纷调处室",
        "consents": [{"party": p.id, "consents": agree} for p in parties],
        "others": [{"name": "付德柱", "side": Side.respondent, "consents": True}] if others is None else others,
    }
    return cases.do(who, mediation.mediate, case, **{**given, **more})


def conclude(cases, case, who="handler.d1", agreed=True, **more):
    with system_scope("test"):
        consents = rows(MediationConsent, case)
    given = {
        "agreed": agreed,
        "minutes": "双方到场，经释法明理。",
        "agreement": "一、对方三日内恢复地界。\n二、赔偿青苗损失三百元。",
        "effective_on": clock.today(),
        "signatures": [{"party": c.party_id, "signature": WITNESSED} for c in consents],
    }
    return cases.do(who, mediation.conclude_mediation, case, **{**given, **more})


def test_every_side_consents_signs_and_the_court_is_asked(cases, actor):
    case = cases.handling()
    mediate(cases, case)
    with pytest.raises(WrongState):
        mediate(cases, case)
    (row,) = rows(Mediation, case)
    assert row.state is MediationState.open and row.mediator_id == actor("handler.d1").user_id
    assert [c.consents for c in rows(MediationConsent, case)] == [True, True]
    assert [p.side for p in rows(Party, case)] == [Side.petitioner, Side.respondent]
    assert Capacity.mediator in {m.capacity for m in rows(CaseMember, case)}
    for more, field in (
        ({"agreement": ""}, "agreement"),
        ({"minutes": ""}, "minutes"),
        ({"effective_on": clock.today() + timedelta(days=1)}, "effective_on"),
        ({"effective_on": clock.today() - timedelta(days=1)}, "effective_on"),
        ({"signatures": []}, "signatures"),
        ({"agreed": None}, "agreed"),
    ):
        with pytest.raises(Invalid) as refusal:
            conclude(cases, case, **more)
        assert field in refusal.value.errors, more
    conclude(cases, case)
    row = rows(Mediation, case)[0]
    assert row.state is MediationState.agreed and all(c.signature_id for c in rows(MediationConsent, case))
    assert {s.purpose for s in rows(Signature, case)} == {SignaturePurpose.mediation}
    clock_row = next(d for d in rows(Deadline, case) if d.code == "D-CONF30")
    assert clock_row.starts_on == clock.today() and clock_row.state is DeadlineState.running
    paper = rows(Document, case)[-1]
    assert paper.kind is DocumentKind.mediation_agreement
    terms = [{"number": "1", "text": "对方三日内恢复地界。"}, {"number": "2", "text": "赔偿青苗损失三百元。"}]
    assert values_of(paper)["terms"] == terms
    cases.do("handler.d1", mediation.confirm_agreement, case, confirmation=Confirmation.applied, on=clock.today())
    assert [d.state for d in rows(Deadline, case) if d.code == "D-CONF30"] == [DeadlineState.met]
    with pytest.raises(Invalid):
        cases.do("handler.d1", mediation.confirm_agreement, case, confirmation=Confirmation.applied, on=clock.today())
    cases.do("handler.d1", mediation.confirm_agreement, case, confirmation=Confirmation.confirmed, on=clock.today())
    assert rows(Mediation, case)[0].confirmed_on == clock.today()
    with pytest.raises(WrongState):
        cases.do("handler.d1", mediation.confirm_agreement, case, confirmation=Confirmation.rejected, on=clock.today())


def test_one_refusal_ends_it_at_once_and_the_days_go_on(cases):
    case = cases.handling()
    mediate(cases, case, agree=False)
    (row,) = rows(Mediation, case)
    assert row.state is MediationState.refused and row.ended_at is not None
    assert {d.state for d in rows(Deadline, case) if d.code == "D-HANDLE60"} == {DeadlineState.running}
    assert case.state is CaseState.handling and not case.paused
    mediate(cases, case, others=[])
    conclude(cases, case, agreed=False, agreement="", signatures=[])
    assert [m.state for m in rows(Mediation, case)] == [MediationState.refused, MediationState.failed]
    assert not [d for d in rows(Deadline, case) if d.code == "D-CONF30"]


def test_a_mediation_needs_another_side_and_every_word(cases):
    case = cases.handling()
    for more, field in (
        ({"others": []}, "others"),
        ({"others": [{"name": " ", "side": Side.respondent, "consents": True}]}, "others"),
        ({"consents": []}, "consents"),
        ({"began_at": clock.now() + timedelta(hours=1)}, "began_at"),
    ):
        with pytest.raises(Invalid) as refusal:
            mediate(cases, case, **more)
        assert field in refusal.value.errors, more


def test_an_adviser_mediates_only_what_he_is_named_on(cases, actor):
    case = cases.handling()
    with pytest.raises(NotFound):
        mediate(cases, case, who="adviser.1")
    with system_scope("test"), acting(actor("clerk")):
        db.session.add(CaseMember(case_id=case.id, user_id=actor("adviser.1").user_id, capacity=Capacity.adviser))
        db.session.commit()
    mediate(cases, case, who="adviser.1")
    conclude(cases, case, who="adviser.1")
    assert rows(Mediation, case)[0].state is MediationState.agreed


def test_a_signed_paper_stands_for_the_screen(cases):
    case = cases.handling()
    mediate(cases, case)
    conclude(cases, case, signatures=[], paper=[cases.evidence(case, name="调解协议签字页.pdf")])
    assert {s.kind for s in rows(Signature, case)} == {"paper"}


# ---- hearing


def call(cases, case, days=10, **more):
    with system_scope("test"):
        parties = facts_of(case).late.parties
    given = {
        "subject": "围墙外空地权属",
        "place": "听证室",
        "held_at": clock.now() + timedelta(days=days),
        "told": [{"party": p.id, "way": ServiceWay.handed} for p in parties],
    }
    return cases.do("centre_head", hearing.call_hearing, case, **{**given, **more})


HELD = {
    "chosen_how": "随机抽取",
    "participants": [{"name": "王守业", "capacity": "听证员"}, {"name": "于秀兰", "capacity": "当事人"}],
    "minutes": "双方陈述，听证员评议。",
    "attendance": 12,
    "opinions": [
        {"text": "按实测面积补偿", "adopted": True, "reason": None},
        {"text": "另行安置宅基地", "adopted": False, "reason": "不符合一户一宅规定"},
    ],
}


def test_a_hearing_is_called_seven_days_before_and_held(cases, actor):
    case = cases.handling()
    with pytest.raises(Invalid) as early:
        call(cases, case, days=6)
    assert "7" in str(early.value.errors["held_at"][0])
    with pytest.raises(Invalid) as untold:
        call(cases, case, told=[])
    assert "told" in untold.value.errors
    call(cases, case)
    with pytest.raises(WrongState):
        cases.do("centre_head", hearing.hold_hearing, case, **HELD)
    with clock.standing_at(clock.now() + timedelta(days=11)):
        for more, field in (
            ({"participants": []}, "participants"),
            ({"chosen_how": ""}, "chosen_how"),
            ({"opinions": [{"text": "x", "adopted": False, "reason": ""}]}, "opinions"),
        ):
            with pytest.raises(Invalid) as refusal:
                cases.do("centre_head", hearing.hold_hearing, case, **{**HELD, **more})
            assert field in refusal.value.errors
        cases.do("centre_head", hearing.hold_hearing, case, **HELD)
    (row,) = rows(Hearing, case)
    assert row.state is HearingState.held and row.attendance == 12 and row.chosen_how == "随机抽取"
    with system_scope("test"):
        said = select(HearingOpinion).where(HearingOpinion.hearing_id == row.id).order_by(HearingOpinion.id)
        opinions = db.session.scalars(said).all()
        assert [(o.adopted, o.reason) for o in opinions] == [(True, None), (False, "不符合一户一宅规定")]
    paper = rows(Document, case)[-1]
    assert paper.kind is DocumentKind.hearing_record
    assert values_of(paper)["statements"] == [
        {"speaker": "", "text": "双方陈述，听证员评议。"},
        {"speaker": "意见（已采纳）", "text": "按实测面积补偿"},
        {"speaker": "意见（未采纳）", "text": "另行安置宅基地（不符合一户一宅规定）"},
    ]


def test_a_hearing_called_anew_puts_the_first_off(cases):
    case = cases.handling()
    call(cases, case)
    call(cases, case, days=14)
    assert [h.state for h in rows(Hearing, case)] == [HearingState.cancelled, HearingState.called]


# ---- settlement on the spot


def settle(cases, case, who="clerk", **more):
    with system_scope("test"):
        numbers = [claim.number for claim in case.claims]
    given = {
        "findings": "村委会到场承诺三日内清理。",
        "basis": "《村民委员会组织法》",
        "answers": [
            {"claim": n, "result": ClaimResult.supported, "resolved": True, "text": "已清理。"} for n in numbers
        ],
        "signers": [{"party": p.id, "satisfied": True, "signature": WITNESSED} for p in cases.petitioners(case)],
    }
    return cases.do(who, settlement.settle_on_spot, case, **{**given, **more})


def test_a_matter_is_settled_served_and_signed_at_once(cases, actor):
    case = cases.accepted(**TWO)
    settle(cases, case)
    assert case.state is CaseState.follow_up_due and case.resolved is True and case.replied_at is not None
    (made,) = rows(Reply, case)
    assert made.on_spot and made.approved_by_id is None and made.drafted_by_id == actor("clerk").user_id
    assert {s.way for s in rows(Service, case)} == {ServiceWay.handed} and len(rows(Service, case)) == 2
    assert [a.satisfied for a in rows(Acknowledgement, case)] == [True, True]
    states = {d.code: d.state for d in rows(Deadline, case)}
    assert states["D-REPLY15"] is DeadlineState.met and states["D-HANDLE60"] is DeadlineState.met
    assert states["D-REV5"] is DeadlineState.cancelled and states["D-FC30"] is DeadlineState.running
    paper = rows(Document, case)[-1]
    said = values_of(paper)
    assert paper.kind is DocumentKind.reply and said["recheck_at"] == "昌邑市人民政府"
    assert said["organisation"] == said["contact"] == "昌邑市群众诉求接待服务中心"
    with system_scope("test"):
        assert {(c.result, c.resolved) for c in case.claims} == {(ClaimResult.supported, True)}
    with pytest.raises(WrongState):
        settle(cases, case)


def test_of_a_group_the_representatives_sign_and_receive_for_the_others(cases):
    people = [petitioner(81 + n, name) for n, name in enumerate(("于秀兰", "王建国", "李爱华"))]
    people[1]["representative"] = True
    case = cases.accepted(parties=people, head_count=3)
    first, speaker, _third = cases.petitioners(case)
    row = {"satisfied": True, "signature": WITNESSED}
    with pytest.raises(Invalid) as refusal:
        settle(cases, case, signers=[{"party": first.id, **row}])
    assert "signers" in refusal.value.errors
    settle(cases, case, signers=[{"party": speaker.id, **row}])
    assert sorted(s.way for s in rows(Service, case)) == ["handed", "proxy", "proxy"]
    assert case.state is CaseState.replied  # the others still have their days


def test_a_leader_settles_on_duty_and_that_is_a_reception(cases, actor):
    case = cases.accepted()
    shift = on_duty(actor, ends=time(0, 1))
    present(cases, case, shift)
    with clock.standing_at(clock.now().replace(hour=10)), pytest.raises(Invalid) as refusal:
        settle(cases, case, who="leader.1")
    assert "findings" in refusal.value.errors
    on_duty(actor, starts=time(0, 2))
    with clock.standing_at(clock.now().replace(hour=23, minute=58)):
        settle(cases, case, who="leader.1")
    (row,) = rows(LeaderReception, case)
    assert row.settled and row.leader_id == actor("leader.1").user_id


def test_what_is_missing_in_a_settlement_is_said(cases):
    case = cases.accepted()
    for more, field in (
        ({"answers": []}, "answers"),
        ({"signers": []}, "signers"),
        ({"findings": ""}, "findings"),
        ({"basis": ""}, "basis"),
        ({"signers": [{"party": cases.petitioners(case)[0].id, "satisfied": True}]}, "signers"),
    ):
        with pytest.raises(Invalid) as refusal:
            settle(cases, case, **more)
        assert field in refusal.value.errors, more
    assert case.state is CaseState.accepted and rows(Reply, case) == []


def test_no_default_of_satisfaction(cases):
    case = cases.accepted()
    party = cases.petitioners(case)[0]
    with pytest.raises(Invalid):
        settle(cases, case, signers=[{"party": party.id, "satisfied": None, "signature": WITNESSED}])
    settle(cases, case, signers=[{"party": party.id, "satisfied": False, "signature": WITNESSED}])
    assert [a.satisfied for a in rows(Acknowledgement, case)] == [False]


def test_a_settlement_is_no_reply_to_be_approved(cases):
    case = cases.accepted()
    settle(cases, case)
    with pytest.raises(WrongState):
        cases.do("centre_head", reply.approve_reply, case)
