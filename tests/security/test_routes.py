"""A5, A8 and B6: every route of the url map against the table, for strangers and for every role."""

from typing import Any

import pytest
from flask import Flask

from app.access.roles import BY_CODE
from app.views import errors
from security.routes import ANYONE, FOR_STRANGERS, MONITORS, SIGNED_IN, is_action, rule_of
from security.walk import READING, Undo, routes
from security.world import CITY, World

ELSEWHERE = {"REMOTE_ADDR": "10.9.8.7"}
REFUSED = (401, 403, 404, 405)


def _holds(username: str, rule: Any) -> bool:
    if rule in (ANYONE, SIGNED_IN):
        return True
    page, action = rule
    return action in BY_CODE[username.partition(".")[0]].grants.get(page, ())


def test_every_route_stands_in_the_table(app: Flask) -> None:
    unknown = [
        f"{route.method} {route.pattern}"
        for route in routes(app)
        if rule_of(route.pattern, route.method) is None and not is_action(route.pattern)
    ]
    assert not unknown, unknown


def test_strangers_get_in_nowhere_else(app: Flask, world: World, bound: Any) -> None:
    """Without signing in: the few routes of the list; everything else leads to the door or says 401."""
    stranger, undo, opened = app.test_client(), Undo(world), set()
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # let the request through to the rule that this test is about
    try:
        for route in routes(app):
            json = {"json": {}} if route.api and route.method not in READING else {}
            answer = undo.open(stranger, route.method, route.path(), environ_overrides=ELSEWHERE, **json)
            to_door = answer.status_code == 302 and answer.headers["Location"].startswith(
                ("/login/", "https://localhost/login/")
            )
            if answer.status_code not in REFUSED and not to_door:
                opened.add(route.pattern)
    finally:
        app.config["WTF_CSRF_CHECK_DEFAULT"] = True
    assert opened <= set(FOR_STRANGERS), opened - set(FOR_STRANGERS)
    assert not opened & MONITORS
    doors = {pattern for pattern in opened if not pattern.startswith(("/static/", "/public/"))}
    assert len(doors) <= 9, doors  # the pages of the public stand in a row of their own above


@pytest.mark.parametrize("username", CITY)
def test_every_role_on_every_route(
    app: Flask, world: World, bound: Any, monkeypatch: pytest.MonkeyPatch, username: str
) -> None:
    monkeypatch.setattr(
        errors, "render_template", lambda *_names, **_said: ""
    )  # the look of a refusal is not asked here
    undo, wrong = Undo(world), []
    for place, route in enumerate(routes(app)):
        if route.pattern.startswith("/maintenance/") and username != "sysadmin" and (place + len(username)) % 4:
            continue  # one door for all of it: each is tried by some roles, not by all
        if is_action(route.pattern):
            assert undo.ask(username, route).status_code in (403, 404), route.pattern
            continue
        allowed = _holds(username, rule_of(route.pattern, route.method))
        answer = undo.ask(username, route)
        refused = answer.status_code in (401, 403)
        if not allowed and answer.status_code not in REFUSED:
            wrong.append(f"open: {route.method} {route.pattern} {answer.status_code}")
        if allowed and refused and route.pattern not in EXPLAINED:
            wrong.append(f"shut: {route.method} {route.pattern} {answer.status_code}")
        if answer.status_code >= 500:
            wrong.append(f"broken: {route.method} {route.pattern} {answer.status_code}")
    assert not wrong, "\n".join(wrong)


# Who read or printed what.
TRAIL = frozenset({"audit_entry", "audit_head", "document_print"})
# Refused by a rule of its own although the role holds the permission: one's own account, a token of another kind.
EXPLAINED = frozenset(
    {
        "/api/v1/security/refresh",
        "/api/v1/security/login",
        "/login/second-factor",
        "/case/<pk>/do/<name>",
        "/api/v1/case/<pk>/steps/<name>",
        "/login/",
        "/case/<pk>/do/<name>/choices/<field>",
        "/account/request/<pk>/<word>",
    }
)


@pytest.mark.parametrize("username", ["clerk", "business_admin", "sysadmin"])
def test_no_write_without_the_token_of_this_session(app: Flask, world: World, bound: Any, username: str) -> None:
    """B6: a form of elsewhere is refused, before anything else is looked at."""
    undo, browser, foreign = Undo(world), world.browsers[username], world.browsers["clerk.t2"].token
    for route in routes(app):
        if route.method in READING or route.pattern == "/api/v1/security/login":
            continue
        for token in ({}, {"csrf_token": foreign if username == "clerk" else "x"}):
            said = (
                {"json": {}, "headers": {"X-CSRFToken": token.get("csrf_token", "")}} if route.api else {"data": token}
            )
            answer = undo.open(browser, route.method, route.path(), **said)
            assert answer.status_code in ((400, 401) if route.api else (400,)), (
                f"{route.method} {route.pattern} {token}"
            )


@pytest.mark.parametrize("username", ["clerk", "business_admin", "sysadmin", "security_auditor", "handler.d1"])
def test_reading_twice_changes_nothing(app: Flask, world: World, bound: Any, username: str) -> None:
    """B6: GETs write nothing but the trail of readings. These five hold every permission to read there is."""
    browser, wrote = world.browsers[username], {}
    before = world.fingerprint()
    for route in routes(app):
        if route.method != "GET" or route.pattern.startswith(("/static", "/logout")):
            continue
        headers = {"Authorization": f"Bearer {world.tokens[username]}"} if route.api else {}
        for _time in (1, 2):
            browser.get(route.path(), headers=headers).close()
        after = world.fingerprint()
        wrote[route.pattern] = {name for name in after if after[name] != before[name]} - TRAIL
        if route.pattern.endswith("/<pk>/pdf"):
            wrote[route.pattern] -= {"document"}  # the PDF is made when it is first asked for, and kept with its hash
        before = after
    assert not any(wrote.values()), {route: names for route, names in wrote.items() if names}
