"""The page of the roster: drawn up, published and read; the public timetable."""

from datetime import time, timedelta

import pytest
from conftest import token_of
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.duty_change import ChangeKind
from app.models.organisation import Organisation
from app.models.roster import DutyKind
from app.models.roster_rule import DutyDays, OnRestDay
from app.services import duty_change, roster_rule
from app.services.roster_plan import month_of, next_month
from tests.services.test_handling import on_duty


@pytest.fixture
def asked(session, actor):
    """A rule of the city's leaders, and what the forms of the page send for next month."""
    who = actor("business_admin")
    with system_scope("test"):
        city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        people = db.session.scalars(select(Account).where(Account.username.in_(("leader.1", "leader.2")))).all()
    rule = {
        "name": "领导接访", "kind": DutyKind.leader, "organisation": city, "days": DutyDays.workdays,
        "every_weeks": 1, "since": clock.today(), "on_rest_day": OnRestDay.move, "starts_at": time(9),
        "ends_at": time(12), "at_once": 1, "people": list(people), "active": True,
    }  # fmt: skip
    with acting(who):
        roster_rule.add_rule(who, rule)
    return {"centre": city.id, "kind": "leader", "month": f"{next_month(month_of(clock.today())):%Y-%m}"}


def test_a_month_is_drawn_up_seen_by_who_draws_and_published_for_all(login, client, asked):
    where = f"/roster/?centre={asked['centre']}&kind=leader&month={asked['month']}"
    admin, reader = login("business_admin"), login("dispatcher")
    page = admin.get(where).get_data(as_text=True)
    assert "一键排班" in page and "李国华" not in page
    done = admin.post("/roster/draw", data={**asked, "csrf_token": token_of(page)}, follow_redirects=True)
    page = done.get_data(as_text=True)
    assert "草稿" in page and "可以发布" in page and "李国华" in page
    assert "李国华" not in reader.get(where).get_data(as_text=True)
    (action,) = {part.split('"')[0] for part in page.split('action="')[1:] if part.startswith("/roster/publish/")}
    page = admin.post(action, data={**asked, "csrf_token": token_of(page)}, follow_redirects=True).get_data(
        as_text=True
    )
    assert "已发布" in page and "一键排班" not in page
    assert "李国华" in reader.get(where).get_data(as_text=True)
    assert client.get("/public/roster/").status_code == 200
    assert client.get("/public/roster/?centre=999999").status_code == 404


def test_a_session_without_a_visitor_is_confirmed_on_its_page(login, actor, session):
    """The box asks how it was; what was typed stays; afterwards the page says who confirmed it."""
    past = on_duty(actor, "leader.1", day=clock.today() - timedelta(days=1), starts=time(9), ends=time(12))
    place, desk = f"/roster/session/{past.id}", login("clerk")
    page = desk.get(place).get_data(as_text=True)
    assert "尚无接访记录" in page and "已按时坐班但无人来访" in page
    answer = desk.post(f"{place}/held", data={"reason": " ", "csrf_token": token_of(page)})
    assert answer.status_code == 422 and "请说明情况" in answer.get_data(as_text=True)
    sent = {"reason": "已公示，无人来访", "csrf_token": token_of(page)}
    done = desk.post(f"{place}/held", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "已坐班，无人来访" in done and "已公示，无人来访" in done and "王敏" in done
    assert "已按时坐班但无人来访" not in done
    plan = login("business_admin").get(place).get_data(as_text=True)
    assert "已公示，无人来访" not in plan and "没有查看诉求事项的权限" in plan


def test_who_asks_for_a_swap_reads_what_becomes_of_it(login, session):
    page = login("leader.1").get("/duty_change/add?kind=swap").get_data(as_text=True)
    assert "先由对方同意" in page and "保存并继续新建" not in page


def account_of(name):
    with system_scope("test"):
        return db.session.scalars(select(Account).where(Account.username == name)).one()


def test_a_page_shows_only_what_its_kind_is_about(login, session, actor):
    first = on_duty(actor, "leader.1", day=clock.today() + timedelta(days=8), starts=time(9), ends=time(12))
    with acting(actor("leader.1")):
        swap = duty_change.ask(
            actor("leader.1"), {"kind": ChangeKind.substitute, "shift": first, "other": account_of("leader.2")}
        )
        days = {"first_on": clock.today() + timedelta(days=20), "last_on": clock.today() + timedelta(days=21)}
        leave = duty_change.ask(actor("leader.1"), {"kind": ChangeKind.leave, **days})
    swapped, left = (
        login("leader.1").get(f"/duty_change/show/{one.id}").get_data(as_text=True) for one in (swap, leave)
    )
    assert "让出的班次" in swapped and "我的班次" not in swapped and "首日" not in swapped
    assert "让出的班次" not in left and str(days["first_on"]) in left
