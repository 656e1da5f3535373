"""REST of cases: registering, steps with their schema, course and clocks, under the same rights as the pages."""

import pytest

from app.core.db import db
from app.models.case import Case
from tests.case_factory import Cases, category, code_item, organisation_of
from tests.conftest import PASSWORD

BASE = "/api/v1/case"


@pytest.fixture
def cases(actor):
    return Cases(actor)


@pytest.fixture
def call(app, bound):
    """`call("clerk", "get", address, json)` as that demo account."""
    tokens = {}

    def send(who, method, address, json=None, **headers):
        browser = app.test_client()
        if who not in tokens:
            answer = browser.post(
                "/api/v1/security/login",
                json={"username": who, "password": PASSWORD, "provider": "db", "refresh": False},
            )
            tokens[who] = answer.get_json()["access_token"]
        headers = {"Authorization": f"Bearer {tokens[who]}", **headers}
        return getattr(browser, method)(address, json=json, headers=headers)

    return send


def test_register_then_the_whole_way_to_handling(cases, call, session):
    body = cases.body(category=category().id)
    answer = call("clerk", "post", f"{BASE}/", body)
    assert answer.status_code == 201, answer.get_json()
    made = answer.get_json()
    assert made["result"]["state"] == "registered" and made["result"]["receipt_code"] and made["result"]["number"]
    key, version = made["id"], made["result"]["version"]
    accepted = call("dispatcher", "post", f"{BASE}/{key}/steps/accept", {"version": version, "note": "同意"}).get_json()
    assert accepted["state"] == "accepted" and accepted["version"] > version
    lead, co = organisation_of("handler.d1"), organisation_of("handler.d2")
    assigned = call(
        "dispatcher",
        "post",
        f"{BASE}/{key}/steps/assign",
        {"version": accepted["version"], "lead": lead.code, "co": [co.id]},
    )
    assert assigned.status_code == 200, assigned.get_json()
    signed = call("handler.d1", "post", f"{BASE}/{key}/steps/sign_for", {"version": assigned.get_json()["version"]})
    assert signed.get_json()["state"] == "handling"
    course = call("handler.d1", "get", f"{BASE}/{key}/timeline").get_json()
    assert [e["step"] for e in course["result"]] == ["sign_for", "assign", "accept", "register"]
    clocks = call("handler.d1", "get", f"{BASE}/{key}/clocks").get_json()["result"]
    assert {c["code"]: c["state"] for c in clocks} == {
        "D-ACK15": "met",
        "D-REPLY15": "running",
        "D-HANDLE60": "running",
        "D-OBJ5": "cancelled",
    }
    assert all(c["why"] and c["start"] <= c["due"] for c in clocks)


def test_every_step_is_told_with_reason_and_schema(cases, call, session):
    case = cases.register()
    told = call("dispatcher", "get", f"{BASE}/{case.id}/steps").get_json()
    steps = {step["name"]: step for step in told["result"]}
    assert told["version"] == case.version and steps["accept"]["allowed"] and steps["accept"]["primary"]
    assert not steps["assign"]["allowed"] and "已受理" in steps["assign"]["reason"]
    assert "close_window" not in steps and "register" not in steps
    schema = steps["redirect"]["schema"]
    assert set(schema["required"]) == {"route", "where", "reason"}
    assert schema["properties"]["where"]["maxLength"] == 200 and "version" in schema["properties"]
    kind = steps["accept"]["schema"]["properties"]["kind"]
    assert kind["enum"] == ["appeal", "suggestion", "accusation", "inquiry"]
    assert steps["assign"]["schema"]["properties"]["co"]["type"] == "array"
    assert steps["assign"]["schema"]["properties"]["lead_due_on"]["format"] == "date"


def test_language_follows_the_caller(cases, call, session):
    case = cases.register()
    for language, word in (("en", "Only while"), ("zh-CN", "事项"), ("fr", "事项")):
        answer = call(
            "dispatcher", "post", f"{BASE}/{case.id}/steps/assign", {"lead": 1}, **{"Accept-Language": language}
        )
        assert answer.status_code == 409 and word in answer.get_json()["message"], (language, answer.get_json())


@pytest.mark.parametrize(
    "who, name, body, status",
    [
        ("dispatcher", "assign", {"lead": 3}, 409),  # wrong state
        ("dispatcher", "accept", {"version": 99}, 409),  # stale
        ("clerk", "accept", {}, 403),  # the role may not
        ("clerk.t1", "accept", {}, 404),  # not there for another town
        ("dispatcher", "fly", {}, 404),
        ("dispatcher", "close_window", {}, 404),  # the program alone
        ("dispatcher", "redirect", {}, 422),
        ("dispatcher", "accept", {"kind": "nonsense"}, 422),
        ("dispatcher", "accept", {"category": 999999}, 422),
        ("dispatcher", "accept", {"category": {"x": 1}}, 422),
        ("dispatcher", "accept", {"colour": "red"}, 422),
        ("dispatcher", "accept", {"version": "soon"}, 422),
        ("dispatcher", "accept", {"note": "长" * 2001}, 422),
        ("dispatcher", "accept", [1, 2], 400),
    ],
)
def test_refusals_in_the_one_shape(cases, call, session, who, name, body, status):
    case = cases.register()
    answer = call(who, "post", f"{BASE}/{case.id}/steps/{name}", body)
    assert answer.status_code == status, answer.get_json()
    told = answer.get_json()
    assert told["message"] and all(isinstance(s, str) for said in told.get("errors", {}).values() for s in said)
    with db.session.no_autoflush:
        db.session.expire_all()
    assert not (status == 422 and not told.get("errors"))


def test_twice_is_a_conflict_that_says_so(cases, call, session):
    case = cases.handling()
    body = {"version": case.version, "text": "到村走访"}
    assert call("handler.d1", "post", f"{BASE}/{case.id}/steps/log_work", body).status_code == 200
    again = call("handler.d1", "post", f"{BASE}/{case.id}/steps/log_work", body)
    assert again.status_code == 409 and again.get_json()["twice"] and again.get_json()["version"] > body["version"]


def test_lists_and_records_keep_the_rows(cases, call, session):
    case = cases.assigned()
    for who, status in (("clerk", 200), ("handler.d1", 200), ("handler.d2", 404), ("clerk.t1", 404), ("sysadmin", 403)):
        for address in (
            f"{BASE}/{case.id}",
            f"{BASE}/{case.id}/steps",
            f"{BASE}/{case.id}/timeline",
            f"{BASE}/{case.id}/clocks",
        ):
            assert call(who, "get", address).status_code == status, (who, address)
    rows = call("handler.d1", "get", f"{BASE}/").get_json()
    assert rows["count"] == 1 and rows["ids"] == [case.id]
    assert call("handler.d2", "get", f"{BASE}/").get_json()["count"] == 0
    record = call("clerk", "get", f"{BASE}/{case.id}").get_json()["result"]
    assert record["number"] == case.number and record["state"] == "assigned"
    assert record["petitioner_phone"][3:7] == "****"


@pytest.mark.parametrize("noun", ["party", "claim", "visit"])
def test_the_parts_of_a_case(cases, call, session, noun):
    cases.assigned()
    assert call("clerk", "get", f"/api/v1/{noun}/").get_json()["count"] >= 1
    other = call("clerk.t1", "get", f"/api/v1/{noun}/")
    assert other.get_json()["count"] == 0
    assert call("clerk", "put", "/api/v1/party/1", {}).status_code in (404, 405)


def test_nothing_comes_in_without_a_token(app, bound):
    browser = app.test_client()
    for method, address in (("get", f"{BASE}/"), ("get", f"{BASE}/1/steps"), ("post", f"{BASE}/1/steps/accept")):
        assert getattr(browser, method)(address, json={}).status_code == 401


def test_a_code_stands_for_its_row(cases, call, session):
    case = cases.register()
    route = code_item("legal_route")
    answer = call(
        "dispatcher",
        "post",
        f"{BASE}/{case.id}/steps/redirect",
        {"version": case.version, "route": route.code, "where": "市法院", "reason": "属于诉讼"},
    )
    assert answer.status_code == 200 and answer.get_json()["state"] == "decline_proposed"
    assert isinstance(case, Case)
