"""The search box: fragment, page, scope, trail, and carrying a name over to a new case."""

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.models.audit import AuditEntry
from app.services.registration import register_case
from tests.services.people import id_number, intake


@pytest.fixture
def case(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        return register_case(clerk, intake(title="夜间噪音扰民")).case


def text_of(answer):
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["王建国", "wjg", "2207", "噪音", id_number(1), "13800132207"])
def test_suggestions(login, case, typed):
    part = text_of(login("clerk.t1").get("/search/suggest", query_string={"q": typed}))
    assert f'href="/case/show/{case.id}"' in part and "<html" not in part
    assert id_number(1) not in part.replace(typed, "") and "13800132207" not in part.replace(typed, "")


def test_persons_and_pages(login, case):
    browser = login("clerk.t1")
    part = text_of(browser.get("/search/suggest?q=王建国"))
    assert "/person/show/" in part and "138****2207" in part
    assert "/person/show/" not in text_of(login("dispatcher.t1").get("/search/suggest?q=王建国"))
    assert 'href="/case/add"' in text_of(browser.get("/search/suggest?q=登记"))


@pytest.mark.parametrize("who", ["clerk.t2", "handler.d1", "sysadmin", "statistician", "expert.1"])
def test_nothing_of_others(login, case, who):
    browser = login(who)
    for typed in ("王建国", "噪音", case.number, id_number(1), "2207"):
        for address in ("/search/suggest", "/search/"):
            answer = browser.get(address, query_string={"q": typed}, follow_redirects=True)
            assert answer.status_code == 200 and f"/case/show/{case.id}" not in text_of(answer)
            assert "夜间噪音扰民" not in text_of(answer)


def test_enter_opens_the_only_one(login, case):
    browser = login("clerk.t1")
    assert browser.get("/search/?q=" + case.number).location == f"/case/show/{case.id}"
    assert browser.get("/search/?q=噪音").location == f"/case/show/{case.id}"


def test_a_page_of_many(session, login, actor, case):
    clerk = actor("clerk.t1")
    with acting(clerk):
        for _ in range(30):
            register_case(clerk, intake(title="道路噪音"))
    browser = login("clerk.t1")
    page = text_of(browser.get("/search/?q=噪音"))
    assert page.count("data-href") == 25 and "before=" in page
    before = page.split("before=")[1].split('"')[0]
    assert text_of(browser.get(f"/search/?q=噪音&before={before}")).count("data-href") == 6


def test_a_name_not_found_becomes_a_new_case(login, case):
    part = text_of(login("clerk.t1").get("/search/suggest?q=李小龙"))
    assert "/case/add?name=" in part
    assert "name=" not in text_of(login("clerk.t1").get("/search/suggest?q=13900000001")).partition("/case/add")[2][:10]
    assert "/case/add" not in text_of(login("dispatcher.t1").get("/search/suggest?q=李小龙"))


def test_the_trail_says_who_searched_without_the_number(session, login, case):
    browser = login("clerk.t1")
    browser.get("/search/suggest", query_string={"q": id_number(1)})
    browser.get("/search/?q=王建国")
    with system_scope("test"):
        entries = session.scalars(select(AuditEntry).where(AuditEntry.code == "case:search")).all()
    assert len(entries) == 2 and all(id_number(1) not in str(entry.reason) for entry in entries)


@pytest.mark.parametrize("typed", ["", " ", "\x00", "'", '"', "*", "%", "a" * 5000, "<script>", "OR AND", "𠮷", "９９"])
def test_anything_may_be_typed(login, case, typed):
    browser = login("clerk.t1")
    for address in ("/search/suggest", "/search/"):
        answer = browser.get(address, query_string={"q": typed, "before": "x"})
        assert answer.status_code in (200, 302) and "<script>" not in text_of(answer).replace("<script src", "")


def test_strangers_find_nothing(client, case):
    assert client.get("/search/suggest?q=王建国").status_code == 302
