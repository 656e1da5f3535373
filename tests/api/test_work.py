"""REST of one's own messages and lists."""

import pytest
from sqlalchemy import text

from app.core.db import db
from tests.case_factory import Cases


@pytest.fixture
def case(session, actor):
    return Cases(actor).assigned()


def test_messages_are_the_callers_own(app, token, case) -> None:
    browser, mine = app.test_client(), token("handler.d1")
    told = browser.get("/api/v1/notice/", headers=mine).get_json()
    assert told["unread"] == 1 and told["more"] is False
    row = told["result"][0]
    assert (row["code"], row["kind"], row["case"], row["read_at"]) == ("assign", "case", case.id, None)
    assert case.number in row["text"]
    assert browser.get("/api/v1/notice/", headers=token("handler.d2")).get_json()["result"] == []
    foreign = browser.put(f"/api/v1/notice/{row['id']}", json={"read": True}, headers=token("handler.d2"))
    assert foreign.status_code == 404
    marked = browser.put(f"/api/v1/notice/{row['id']}", json={"read": True}, headers=mine).get_json()
    assert marked["result"]["read_at"] is not None
    assert browser.get("/api/v1/notice/?unread=true", headers=mine).get_json()["result"] == []
    browser.put(f"/api/v1/notice/{row['id']}", json={"read": False}, headers=mine)
    assert len(browser.get("/api/v1/notice/?unread=true&kind=case", headers=mine).get_json()["result"]) == 1


def test_lists_are_those_of_the_page(app, token, case) -> None:
    browser = app.test_client()
    told = browser.get("/api/v1/work/", headers=token("handler.d1")).get_json()
    assert told["tab"] == "todo" and told["counts"] == {"todo": 1, "done": 0, "started": 0, "copied": 0}
    line = told["result"][0]
    assert (line["kind"], line["id"], line["state"], line["step"]) == ("case", case.id, "assigned", "签收")
    assert line["light"] in ("ok", "soon") and line["due"]
    done = browser.get("/api/v1/work/?tab=done", headers=token("dispatcher")).get_json()
    assert [row["id"] for row in done["result"]] == [case.id]
    db.session.connection().execute(text("UPDATE referral SET state = 'ended'"))
    assert browser.get("/api/v1/work/", headers=token("handler.d1")).get_json()["result"] == []


@pytest.mark.parametrize(
    "address",
    ["notice/?kind=x", "notice/?unread=1", "notice/?page=-1", "notice/?page=9999", "work/?tab=x", "work/?page=1e3"],
)
def test_what_is_unknown_is_400(app, token, address) -> None:
    answer = app.test_client().get(f"/api/v1/{address}", headers=token("clerk"))
    assert answer.status_code == 400 and answer.get_json()["message"]


def test_nobody_is_401_and_bad_bodies_are_told(app, bound, token, case) -> None:
    for address in ("notice/", "work/"):
        assert app.test_client().get(f"/api/v1/{address}").status_code == 401
    browser, mine = app.test_client(), token("handler.d1")
    assert browser.put("/api/v1/notice/1", json={"read": "yes"}, headers=mine).status_code == 400
    assert browser.put("/api/v1/notice/x", json={"read": True}, headers=mine).status_code == 404
    assert browser.put("/api/v1/notice/1", data="x", headers=mine).status_code == 415
