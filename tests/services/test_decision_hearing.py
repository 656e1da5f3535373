"""Hearings before decisions: called in time, held, signed, every opinion answered, concluded; and counted as held."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.models.audit import AuditEntry
from app.models.calendar import DeadlineRule
from app.models.hearing import Hearing, HearingState, HowChosen, MinutesSigned
from app.models.signature import SignatureKind
from app.services import decision_hearing as service
from app.services.queries.indicators import HEARINGS
from app.services.queries.statistics import Asked, figures
from app.services.signature import Signing
from tests.case_factory import organisation_of

STROKES = [[[10.0, 20.0, 0.0, 0.5], [60.0, 40.0, 30.0, 0.5], [90.0, 15.0, 60.0, 0.5]]]
PEOPLE = [
    {"name": "徐传亮", "capacity": "村民代表", "chosen": HowChosen.drawn},
    {"name": "迟明义", "capacity": "利害关系人", "chosen": HowChosen.concerned},
]


@pytest.fixture
def desk(actor, session):
    class Desk:
        def call(self, days=9, who="centre_head", **more):
            person = actor(who)
            given = {"subject": "供水价格调整", "place": "村委会", "held_at": clock.now() + timedelta(days=days)}
            with acting(person):
                return service.call(person, {"organisation": organisation_of("clerk"), **given, **more})

        def do(self, verb, hearing, who="centre_head", version=None, **data):
            person = actor(who)
            with acting(person):
                return verb(person, hearing.id, data, version)

        def held(self, **more):
            hearing = self.call()
            said = {"participants": PEOPLE, "minutes": "逐条发言", "opinions": [{"text": "应减免"}, {"text": "应缓行"}]}
            with clock.standing_at(hearing.held_at + timedelta(hours=2)):
                return self.do(service.hold, hearing, **{**said, **more})

        def signed(self):
            hearing = self.held()
            with clock.standing_at(hearing.held_at + timedelta(hours=2)):
                return self.do(service.sign, hearing, signatures=sign_rows(hearing))

    return Desk()


def sign_rows(hearing, *ways):
    ways = ways or (MinutesSigned.screen, MinutesSigned.paper)
    drawn = Signing(SignatureKind.touch, STROKES, b"x")
    return [
        {"participant": one.id, "name": one.name, "signed": way, "signature": drawn}
        for one, way in zip(people(hearing), ways, strict=True)
    ]


def people(hearing):
    with system_scope("test"):
        return list(hearing.participants)


def opinions(hearing):
    with system_scope("test"):
        return list(hearing.opinions)


def answers(hearing, *said):
    return [
        {"opinion": one.id, "adopted": adopted, "reason": reason}
        for one, (adopted, reason) in zip(opinions(hearing), said, strict=True)
    ]


def test_a_hearing_is_announced_at_least_seven_days_before(desk):
    with pytest.raises(Invalid) as refusal:
        desk.call(days=6)
    assert "7" in str(refusal.value.errors["held_at"][0])
    assert desk.call(days=9).noticed_on == clock.today()
    for more, field in (({"subject": ""}, "subject"), ({"place": ""}, "place"), ({"held_at": None}, "held_at")):
        with pytest.raises(Invalid) as refusal:
            desk.call(**more)
        assert field in refusal.value.errors


def test_a_stricter_rule_holds_at_once(desk, session):
    with system_scope("test"):
        session.scalars(select(DeadlineRule).where(DeadlineRule.code == "D-HEAR7")).one().length = 15
        session.flush()
    with pytest.raises(Invalid):
        desk.call(days=12)


def test_the_whole_course(desk, session):
    hearing = desk.held()
    assert hearing.state is HearingState.held and hearing.attendance == 2 and hearing.chaired_by_id is not None
    with clock.standing_at(hearing.held_at + timedelta(hours=3)):
        said = answers(hearing, (True, None), (False, "资金须在本年度内使用"))
        with pytest.raises(WrongState, match=r"签字|signed"):
            desk.do(service.conclude, hearing, opinions=said, conclusion="通过")
        desk.do(service.sign, hearing, signatures=sign_rows(hearing)[:1])
        desk.do(service.sign, hearing, who="clerk", signatures=sign_rows(hearing)[1:])
        assert people(hearing)[0].strokes and people(hearing)[1].signed is MinutesSigned.paper
        for wrong in (((None, None), (True, None)), ((False, ""), (True, None))):
            with pytest.raises(Invalid) as refusal:
                desk.do(service.conclude, hearing, opinions=answers(hearing, *wrong), conclusion="通过")
            assert "opinions" in refusal.value.errors
        with pytest.raises(Invalid):
            desk.do(service.conclude, hearing, opinions=said, conclusion=" ")
        desk.do(service.conclude, hearing, opinions=said, conclusion="通过")
    assert hearing.state is HearingState.concluded and hearing.concluded_at is not None
    assert [(one.adopted, one.reason) for one in opinions(hearing)] == [(True, None), (False, "资金须在本年度内使用")]
    with system_scope("test"):
        codes = session.scalars(select(AuditEntry.code).where(AuditEntry.subject_id == hearing.id)).all()
    assert {"step:hold_decision", "step:sign_decision", "step:conclude_decision"} <= set(codes)


def test_whoever_signs_twice_or_not_at_all(desk):
    hearing = desk.held()
    with clock.standing_at(hearing.held_at + timedelta(hours=3)):
        with pytest.raises(Invalid) as refusal:
            desk.do(service.sign, hearing, signatures=sign_rows(hearing, MinutesSigned.refused, MinutesSigned.paper))
        assert "signatures" in refusal.value.errors
        unsigned = [{**row, "signature": None} for row in sign_rows(hearing)]
        with pytest.raises(Invalid):
            desk.do(service.sign, hearing, signatures=unsigned)
        desk.do(service.sign, hearing, signatures=sign_rows(hearing))
        before = people(hearing)[0].strokes
        with pytest.raises(WrongState):
            desk.do(service.sign, hearing, signatures=sign_rows(hearing, MinutesSigned.paper, MinutesSigned.paper))
        assert people(hearing)[0].strokes == before


def test_it_is_held_on_its_day_with_people_chosen_and_minutes(desk):
    hearing = desk.call()
    with pytest.raises(WrongState):
        desk.do(service.hold, hearing, participants=PEOPLE, minutes="x")
    with clock.standing_at(hearing.held_at + timedelta(hours=2)):
        for more, field in (
            ({"participants": []}, "participants"),
            ({"participants": [{"name": "甲", "chosen": None}]}, "participants"),
            ({"minutes": ""}, "minutes"),
        ):
            with pytest.raises(Invalid) as refusal:
                desk.do(service.hold, hearing, **{"participants": PEOPLE, "minutes": "x", **more})
            assert field in refusal.value.errors


def test_a_cancelled_one_does_not_count(desk, actor):
    asked = Asked(clock.today(), clock.today() + timedelta(days=40))
    head = actor("centre_head")

    def counted():
        with acting(head):
            return figures(head, asked, ["hearings"])["hearings"].numerator

    assert HEARINGS.only is not None and counted() == 0
    desk.signed()
    assert counted() == 1
    hearing = desk.signed()
    with clock.standing_at(hearing.held_at + timedelta(hours=3)):
        said = answers(hearing, (True, None), (True, None))
        desk.do(service.conclude, hearing, opinions=said, conclusion="通过")
    assert counted() == 2
    with pytest.raises(Invalid):
        desk.do(service.cancel, desk.call(), reason="")
    desk.do(service.cancel, desk.call(), reason="方案调整")
    assert counted() == 2


def test_who_may_and_a_stale_page(desk):
    for who in ("supervisor", "dispatcher", "leader.1", "statistician"):
        with pytest.raises(NotAllowed):
            desk.call(who=who)
    with pytest.raises(NotAllowed):
        desk.call(who="centre_head.t1")  # the city's hearing is not a town's to call
    hearing = desk.call()
    with pytest.raises(NotFound):
        desk.do(service.cancel, hearing, who="centre_head.t1", reason="x")
    with pytest.raises(Conflict):
        desk.do(service.cancel, hearing, version=hearing.version - 1, reason="x")


def test_pages_forms_and_paper(desk, login):
    browser, hearing = login("centre_head"), desk.signed()
    page = browser.get(f"/hearing/show/{hearing.id}").get_data(as_text=True)
    assert "徐传亮" in page and "<svg" in page and f"/hearing/{hearing.id}/do/conclude_decision" in page
    paper = browser.get(f"/hearing/minutes/{hearing.id}").get_data(as_text=True)
    assert "听证笔录" in paper and "逐条发言" in paper
    with clock.standing_at(hearing.held_at + timedelta(hours=4)):
        form = login("centre_head").get(f"/hearing/{hearing.id}/do/conclude_decision").get_data(as_text=True)
        assert "应减免" in form and "逐条发言" in form
    assert browser.get(f"/hearing/minutes/{desk.call().id}").status_code == 404
    answer = browser.post(
        "/hearing/add",
        data={
            "csrf_token": browser.token,
            "organisation": str(organisation_of("clerk").id),
            "subject": "路灯改造",
            "held_at": f"{clock.now() + timedelta(days=3):%Y-%m-%d %H:%M}",
            "place": "会议室",
        },
    )
    assert answer.status_code == 422 and "路灯改造" in answer.get_data(as_text=True)
    assert login("clerk").get("/hearing/add").status_code in (302, 403)


def test_a_program_takes_the_same_steps(desk, app, bound, login):
    hearing = desk.call()
    browser = login("centre_head")
    told = browser.get(f"/api/v1/hearing/{hearing.id}/steps").get_json()
    assert {step["name"] for step in told["result"]} == {
        "hold_decision",
        "sign_decision",
        "conclude_decision",
        "cancel_decision",
    }
    done = browser.post(
        f"/api/v1/hearing/{hearing.id}/steps/cancel_decision",
        json={"reason": "方案调整", "version": told["version"]},
        headers={"X-CSRFToken": browser.token, "Referer": "https://localhost/"},
    )
    assert done.status_code == 200 and done.get_json()["state"] == "cancelled"
    db.session.expire_all()
    with system_scope("test"):
        assert db.session.get_one(Hearing, hearing.id).reason == "方案调整"
