"""Security G5: lists walked through and exports too large are noticed; a page is a page whatever is asked."""

import pytest
from sqlalchemy import text, update

from app.access.actor import acting
from app.core.db import db
from app.models.parameter import Parameter
from app.services.queries.superiors import whom_to_ask
from app.services.registration import register_case
from tests.conftest import PASSWORD
from tests.services.people import intake


@pytest.fixture
def cases(session, actor):
    """Eight cases of the first town."""
    clerk = actor("clerk.t1")
    with acting(clerk):
        return [register_case(clerk, intake(title=f"道路积水 {place}")).case for place in range(8)]


def turn(code, value):
    """Set a parameter, also beyond its bounds."""
    db.session.execute(update(Parameter).where(Parameter.code == code).values(value=str(value), least=1))
    db.session.commit()


def alarms(session, code):
    found = text("SELECT kind, reason, actor_name FROM audit_entry WHERE code = :c ORDER BY id")
    return session.connection().execute(found, {"c": code}).all()


def export(browser, form, query):
    said = {"csrf_token": browser.token, "form": form, "query": query}
    return browser.post("/case/export", data=said, buffered=True)


def caller(app):
    """A program that has signed in as the clerk of the first town."""
    program = app.test_client()
    said = {"username": "clerk.t1", "password": PASSWORD}
    token = program.post("/api/v1/security/login", json=said).json["access_token"]
    return program, {"Authorization": f"Bearer {token}"}


def inbox(session):
    rows = session.connection().execute(
        text("SELECT u.username, n.code FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE n.code LIKE 'alarm%'")
    )
    return [tuple(row) for row in rows]


def test_five_hundred_pages_raise_one_alarm(login, cases, session, monkeypatch):
    monkeypatch.setattr("app.views.list_watch.LEAST", 0)
    turn("mass_listing", 60)
    browser = login("clerk.t1")
    for _page in range(7):
        assert browser.get("/case/list/?all=1").status_code == 200
    assert not alarms(session, "access:mass-listing")
    for _page in range(12):
        browser.get("/case/list/?all=1")
    (alarm,) = alarms(session, "access:mass-listing")
    assert alarm.kind == "security" and alarm.actor_name == "张丽丽"
    assert inbox(session) == [("security_auditor", "alarm_mass_listing")]


def test_programs_are_counted_like_people(app, cases, session, monkeypatch):
    monkeypatch.setattr("app.views.list_watch.LEAST", 0)
    turn("mass_listing", 30)
    program, headers = caller(app)
    for _call in range(5):
        answer = program.get("/api/v1/case/?q=(page_size:100)", headers=headers)
        assert answer.status_code == 200 and len(answer.json["result"]) == 8
    assert len(alarms(session, "access:mass-listing")) == 1


def test_lists_of_things_are_not_counted(login, cases, session, monkeypatch):
    monkeypatch.setattr("app.views.list_watch.LEAST", 0)
    turn("mass_listing", 1)
    browser = login("business_admin")
    for _page in range(3):
        assert browser.get("/category/list/?all=1").status_code == 200
    assert not alarms(session, "access:mass-listing")


@pytest.mark.parametrize("size", ["100000000", "101", "-1", "0", "x"])
def test_a_page_holds_at_most_a_hundred_rows(app, login, cases, size):
    page = login("clerk.t1").get(f"/case/list/?all=1&size={size}").get_data(as_text=True)
    assert page.count('data-href="/case/show/') == 8 and "已忽略" in page
    program, headers = caller(app)
    answer = program.get(f"/api/v1/case/?q=(page_size:{size})", headers=headers)
    assert answer.status_code in (200, 400) and len((answer.json or {}).get("result", ())) <= 100


def test_an_export_above_the_limit_names_whom_to_ask(login, cases, session):
    turn("export_most", 7)
    browser = login("supervisor.t1")
    refused = export(browser, "csv", "all=1")
    said = refused.get_data(as_text=True)
    assert refused.status_code == 422 and " 7 " in said and "孙卫东" in said, "the head of the own centre"
    (alarm,) = alarms(session, "access:export-refused")
    assert alarm.kind == "security"
    assert inbox(session) == [("security_auditor", "alarm_export_refused")]
    narrower = export(browser, "csv", "q=积水+1")
    assert narrower.status_code == 200, "what the filter leaves may go"
    turn("export_most", 8)
    whole = export(browser, "xlsx", "all=1")
    assert whole.status_code == 200


def test_exported_rows_are_read_rows(login, cases, session, monkeypatch):
    monkeypatch.setattr("app.services.access_log.MASS_LEAST", 0)
    turn("mass_reading", 7)
    browser = login("supervisor.t1")
    assert export(browser, "csv", "all=1").status_code == 200
    assert len(alarms(session, "access:mass-reading")) == 1
    assert inbox(session) == [("security_auditor", "alarm_mass_reading")]


ASKED = {
    "clerk.t1": "孙卫东",
    "clerk": "赵立新",
    "handler.d1": "赵立新",
    "centre_head.t1": "赵立新",
    "centre_head": "周雅琴",
}


@pytest.mark.parametrize(("who", "asked"), ASKED.items())
def test_whom_to_ask(actor, who, asked):
    assert asked in whom_to_ask(actor(who))


def test_an_alarm_leads_to_the_trail(login, cases, session):
    turn("export_most", 1)
    browser = login("supervisor.t1")
    export(browser, "csv", "all=1")
    auditor = login("security_auditor")
    page = auditor.get("/notice/list/").get_data(as_text=True)
    assert "试图导出超过 1 行" in page
    key = (
        session.connection()
        .execute(text("SELECT max(id) FROM notice WHERE code = 'alarm_export_refused'"))
        .scalar_one()
    )
    opened = auditor.post(f"/notice/{key}/open", data={"csrf_token": auditor.token})
    assert opened.location.startswith("/audit/list/?kind=security")
    assert "导出超限被拒" in auditor.get(opened.location).get_data(as_text=True)
