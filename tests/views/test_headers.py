"""Security B5, B6, G: headers of every answer, cookies, CSRF at every door, the network address in the trail."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import BuildError

from app.core.db import db
from app.models.audit import AuditEntry
from tests.conftest import PASSWORD, token_of

SAMPLES = {"int": "1", "default": "1", "string": "x", "path": "x", "float": "1.0", "uuid": "0" * 32, "any": "x"}


def addresses(app: Any) -> list[tuple[str, set[str]]]:
    """Every address of the site with sample arguments, from the map of routes itself."""
    found = []
    with app.test_request_context("/", base_url="https://localhost"):
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = dict.fromkeys(rule.arguments, "1")
            try:
                path = adapter.build(rule.endpoint, values, force_external=False)
            except (BuildError, ValueError):
                path = re.sub(r"<[^>]+>", "1", rule.rule)
            found.append((path, rule.methods or set()))
    return found


def test_every_answer_bears_the_headers(app, client, login):
    browser = login("clerk")
    for path, methods in addresses(app):
        if "GET" not in methods:
            continue
        for who in (client, browser):
            answer = who.get(path)
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            script = re.search(r"script-src ([^;]*)", policy)
            assert script and "unsafe" not in script[1] and "nonce-" in script[1], path
            for wanted in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'", "form-action 'self'"):
                assert wanted in policy, path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["X-Frame-Options"] == "SAMEORIGIN", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert "max-age=31536000" in headers["Strict-Transport-Security"], path
            if not path.startswith("/static/"):
                assert headers["Cache-Control"] == "no-store", path
                assert headers["X-Request-ID"], path
            assert (
                headers.get("Content-Type", "text/html").startswith("application")
                or "charset" in headers.get("Content-Type", "charset")
                or path.startswith("/static/")
            ), path
            assert "Werkzeug" not in headers.get("Server", "")
            for cookie in headers.getlist("Set-Cookie"):
                assert cookie.startswith("__Host-portal="), path
                for wanted in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"):
                    assert wanted in cookie, (path, cookie)
                assert "Domain=" not in cookie


def test_errors_bear_the_headers_too(client):
    for path in ("/nowhere", "/case/show/" + "9" * 30, "/static/nowhere.js", "/api/v1/nowhere"):
        answer = client.get(path)
        assert answer.status_code in (302, 400, 401, 404), path
        assert "Content-Security-Policy" in answer.headers


def test_the_nonce_is_fresh_and_on_every_script(client):
    nonces = set()
    for _each in range(3):
        answer = client.get("/login/")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
        nonces.add(nonce)
        scripts = re.findall(r"<script[^>]*>", answer.get_data(as_text=True))
        assert all(f'nonce="{nonce}"' in script or "src=" in script for script in scripts)
    assert len(nonces) == 3


UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Doors that take a name and a password, or a token that no page can steal, instead of the token of a page.
PROGRAM_DOORS = ("/api/v1/security/login", "/api/v1/security/refresh", "/api/v1/security/logout")


def test_nothing_is_written_without_the_token_of_a_page(app, login):
    browser = login("clerk")
    tried = 0
    for path, methods in addresses(app):
        for method in set(UNSAFE) & methods:
            if path in PROGRAM_DOORS:
                continue
            tried += 1
            for headers in ({}, {"X-CSRFToken": "x"}, {"X-CSRFToken": "IjEi.Zx.yy"}):
                answer = browser.open(
                    path, method=method, headers=headers, json={} if path.startswith("/api/") else None
                )
                assert answer.status_code in (400, 404), (method, path, answer.status_code)
    assert tried > 5
    assert browser.get("/account/").status_code == 200


def test_the_token_of_another_browser_is_worth_nothing(app, login):
    browser, other = login("clerk"), login("clerk")
    assert browser.post("/logout/", data={"csrf_token": other.token}).status_code == 400
    assert browser.post("/logout/", data={"csrf_token": browser.token}).status_code == 302


def last_address(app: Any) -> str:
    with app.app_context():
        table = AuditEntry.__table__
        wanted = select(table.c.address).where(table.c.code == "sign-in:ok").order_by(table.c.id.desc()).limit(1)
        return str(db.session.execute(wanted).scalar_one())


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "6.6.6.6"},
        {"X-Real-IP": "6.6.6.6"},
        {"Forwarded": "for=6.6.6.6"},
        {"X-Client-IP": "6.6.6.6"},
        {"X-Forwarded-For": "6.6.6.6, 127.0.0.1"},
    ],
)
def test_a_claimed_address_never_enters_the_trail(app, client, headers):
    token = token_of(client.get("/login/").get_data(as_text=True))
    answer = client.post(
        "/login/", data={"username": "clerk", "password": PASSWORD, "csrf_token": token}, headers=headers
    )
    assert answer.status_code == 302
    assert last_address(app) == "127.0.0.1"


def test_preferences_are_kept_for_visitors_and_for_accounts(client, login):
    token = token_of(client.get("/login/").get_data(as_text=True))
    answer = client.post(
        "/account/preferences",
        data={"font": "3", "contrast": "high", "theme": "dark", "next": "/login/?", "csrf_token": token},
    )
    assert answer.headers["Location"] == "/login/"
    page = client.get("/login/").get_data(as_text=True)
    assert 'data-theme="dark"' in page and 'data-font="3"' in page and 'data-contrast="high"' in page
    browser, second = login("clerk"), login("clerk")
    browser.post("/account/preferences", data={"font": "2", "theme": "nonsense", "csrf_token": browser.token})
    page = second.get("/account/").get_data(as_text=True)
    assert 'data-font="2"' in page and 'data-theme="light"' in page
    browser.post("/account/preferences", data={"language": "en", "csrf_token": browser.token})
    assert 'lang="en"' in browser.get("/account/").get_data(as_text=True)
    assert 'lang="en"' in login("clerk").get("/account/").get_data(as_text=True), "remembered at the next sign-in"


def test_health(app, client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200 and set(ready.get_json()["checks"]) == {"database", "migrations", "disk"}
    far = client.get("/readyz", environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert far.get_json() == {"status": "ok"}
    assert b"portal_requests_total" in client.get("/metrics").data
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404


def test_metrics_by_token(app, client):
    app.config["METRICS_TOKEN"] = "monitor-token"
    try:
        assert client.get("/metrics").status_code == 404
        shown = {"Authorization": "Bearer monitor-token"}
        assert client.get("/metrics", headers=shown, environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 200
    finally:
        app.config["METRICS_TOKEN"] = None
