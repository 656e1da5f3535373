"""Legal service events: planned, held, cancelled, and the warning of a thin month; firms and communities in pairs."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.models.adviser import LawFirm
from app.models.audit import Notice
from app.models.outreach import FirmPair, OutreachState
from app.services import outreach as service
from app.services import outreach_warning
from app.services.notice import sentence
from app.services.queries.outreach_month import lacking, warned
from tests.booking_factory import user_id
from tests.case_factory import organisation_of

NOVEMBER = datetime(2026, 11, 20, 9, 0, tzinfo=clock.LOCAL)


@pytest.fixture
def desk(actor, session):
    class Desk:
        def plan(self, day, month=11, who="centre_head", place="clerk", **more):
            person = actor(who)
            began = datetime(2026, month, day, 9, 0, tzinfo=clock.LOCAL)
            given = {"organisation": organisation_of(place), "title": "普法", "place": "广场", "minutes": 90}
            with acting(person):
                return service.plan(person, {**given, "starts_at": began, **more})

        def do(self, verb, event, who="centre_head", version=None, **data):
            person = actor(who)
            with acting(person):
                return verb(person, event.id, data, version)

        def held(self, day, **more):
            return self.do(service.hold, self.plan(day, **more), attendance=30, summary="讲解")

    with clock.standing_at(NOVEMBER):
        yield Desk()


@pytest.fixture
def firm(session):
    with system_scope("test"):
        row = LawFirm(name="正衡律师事务所", licence="TEST-1")
        session.add(row)
        session.commit()
    return row


def test_planned_held_cancelled(desk):
    event = desk.plan(10)
    with pytest.raises(Invalid) as refusal:
        desk.do(service.hold, event, attendance=None, summary="")
    assert {"attendance", "summary"} <= set(refusal.value.errors)
    desk.do(service.hold, event, attendance=30, summary="讲解")
    assert (event.state, event.attendance) == (OutreachState.held, 30)
    with pytest.raises(WrongState):
        desk.do(service.cancel, event, reason="x")
    ahead = desk.plan(28)
    with pytest.raises(WrongState):
        desk.do(service.hold, ahead, attendance=3, summary="x")
    with pytest.raises(Invalid):
        desk.do(service.cancel, ahead, reason="")
    desk.do(service.cancel, ahead, reason="天气")
    assert ahead.state is OutreachState.cancelled and ahead.reason == "天气"


def test_what_is_over_is_not_changed_and_not_by_others(desk, actor):
    event = desk.held(10)
    head = actor("centre_head")
    with acting(head), pytest.raises(Conflict):
        service.change(head, event, {"title": "别的"})
    for who in ("clerk", "adviser.1", "supervisor"):
        with pytest.raises(NotAllowed):
            desk.plan(21, who=who)
    town = desk.plan(21, who="centre_head.t1", place="clerk.t1")
    with pytest.raises(NotFound):
        desk.do(service.cancel, town, who="centre_head.t2", reason="x")
    with pytest.raises(NotAllowed):  # what the city plans is seen in the towns, and not theirs to cancel
        desk.do(service.cancel, desk.plan(22), who="centre_head.t1", reason="x")
    with pytest.raises(Invalid) as refusal:
        desk.plan(21, place="handler.d1")
    assert "organisation" in refusal.value.errors


def test_a_month_with_fewer_than_two_is_told_of_once(desk, actor, session):
    path = actor("centre_head").organisation_path
    for month in (10, 10):
        desk.held(8, month=month)
    assert [(one.held, one.planned) for one in lacking(path)] == [(0, 0)]  # October had two, November has none yet
    desk.held(3, place="clerk.t1", who="centre_head")
    (thin,) = warned(path)
    assert (thin.held, thin.planned, thin.lacking, thin.over) == (1, 0, 1, False)
    told = outreach_warning.warn()
    assert told >= 2 and outreach_warning.warn() == 0
    with system_scope("test"):
        notices = session.scalars(select(Notice).where(Notice.code == "outreach_few")).all()
    assert {user_id("centre_head"), user_id("business_admin")} <= {row.user_id for row in notices}
    assert "2026-11" in sentence(notices[0]) and "1" in sentence(notices[0])
    desk.plan(28)
    assert warned(path) == []  # what is planned counts while the month lasts


def test_a_month_past_counts_what_was_held_alone(desk, actor, session):
    path = actor("centre_head").organisation_path
    desk.held(3)
    desk.plan(28)
    with clock.standing_at(datetime(2026, 12, 2, 9, 0, tzinfo=clock.LOCAL)):
        (thin,) = warned(path)
        assert thin.over and thin.lacking == 1 and thin.first.month == 11
        assert outreach_warning.warn() >= 2
        with system_scope("test"):
            row = session.scalars(select(Notice).where(Notice.code == "outreach_missed")).first()
        assert row is not None and "2026-11" in sentence(row)


def test_the_first_page_and_the_list_warn_those_who_plan(desk, login):
    for who in ("centre_head", "business_admin"):
        browser = login(who)
        assert "2026-11" in browser.get("/").get_data(as_text=True), who
        assert "2026-11" in browser.get("/outreach_event/list/").get_data(as_text=True)
    assert "法律服务活动 0 次" not in login("clerk").get("/").get_data(as_text=True)


# ---- firms and communities


def test_a_community_has_one_firm_at_a_time(desk, actor, firm, session):
    admin, village = actor("business_admin"), organisation_of("village_officer.1")
    given = {"organisation": village, "firm": firm, "since": clock.today(), "active": True}
    with acting(admin):
        pair = service.add_pair(admin, given)
        with pytest.raises(Invalid) as refusal:
            service.add_pair(admin, given)
        assert "organisation" in refusal.value.errors
        service.end_pair(admin, pair)
        assert not pair.active and pair.until == clock.today()
        again = service.add_pair(admin, given)
    with pytest.raises(IntegrityError), session.begin_nested(), system_scope("test"):
        session.execute(FirmPair.__table__.update().where(FirmPair.__table__.c.id == pair.id).values(active=True))
    with acting(admin):
        for more, field in (
            ({"until": clock.today() - timedelta(days=1)}, "until"),
            ({"active": False}, "until"),
            ({"organisation": organisation_of("handler.d1")}, "organisation"),
        ):
            with pytest.raises(Invalid) as refusal:
                service.change_pair(admin, again, more)
            assert field in refusal.value.errors


def test_a_pair_is_ended_on_its_page(desk, actor, firm, login):
    admin = actor("business_admin")
    with acting(admin):
        given = {"organisation": organisation_of("village_officer.1"), "firm": firm, "since": clock.today()}
        pair = service.add_pair(admin, {**given, "active": True})
    browser = login("business_admin")
    for place in ("list/", f"show/{pair.id}"):
        assert "正衡律师事务所" in browser.get(f"/firm_pair/{place}").get_data(as_text=True)
    answer = browser.post(f"/firm_pair/action/end/{pair.id}", data={"csrf_token": browser.token})
    assert answer.status_code == 302
    db.session.expire_all()
    with system_scope("test"):
        assert not db.session.get_one(FirmPair, pair.id).active
    assert login("clerk").post(f"/firm_pair/action/end/{pair.id}").status_code in (400, 403)
