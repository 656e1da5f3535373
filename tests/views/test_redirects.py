"""Security B7: whatever `next`, `Host` or `Referer` say, nobody is led away from this site."""

import re
from typing import Any

import pytest

from app.views.safe_path import safe_path
from tests.conftest import PASSWORD, token_of

HOSTILE = (
    "https://evil.example",
    "http://evil.example/x",
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "//evil.example\\@localhost",
    "https://localhost@evil.example",
    "https://localhost.evil.example",
    "https://evil.example#localhost",
    "https://evil.example?localhost",
    "//localhost@evil.example/",
    "//[::1]/",
    "http://[x",
    "//0x7f000001",
    "https://evil\u3002example",
    "//evil%E3%80%82example",
    "evil.example",
    "/x\r\nSet-Cookie: a=b",
    "/" * 3000,
    "https://localhost:443@evil.example",
    "//%65vil.example",
    "/\u2028/evil.example",
    "?//evil.example",
    "..//evil.example",
)
HONEST = (
    "/",
    "/case/list/",
    "/case/list/?_flt_0_number=SQ-2026&page=2",
    "/case/show/12#claims",
    "/%5Cevil.example",
    "/a//b",
    "/x?y=//z",
)
HEADERS = (
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"Forwarded": "host=evil.example"},
    {"X-Forwarded-Proto": "javascript"},
    {"X-Host": "evil.example"},
    {"Referer": "https://evil.example/"},
    {"X-Original-URL": "https://evil.example/"},
    {"X-Forwarded-Prefix": "//evil.example"},
)


def stays(location: str) -> bool:
    """Whether a browser at https://localhost would stay there."""
    seen = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return (seen.startswith("/") and not seen.startswith("//")) or seen.startswith("https://localhost/")


@pytest.mark.parametrize("wanted", HOSTILE)
def test_hostile_wishes(app, wanted):
    with app.test_request_context("/", base_url="https://localhost"):
        assert stays(safe_path(wanted, "/")), safe_path(wanted)


@pytest.mark.parametrize("wanted", HONEST)
def test_honest_wishes(app, wanted):
    with app.test_request_context("/", base_url="https://localhost"):
        assert safe_path(wanted) == wanted
        assert safe_path("https://localhost/case/list/?a=1") == "/case/list/?a=1"


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_a_false_host_leads_nowhere(app, client, headers):
    evil = "https://evil.example/x"
    page = client.get("/login/", headers=headers)
    if page.status_code == 400:
        return
    again = client.get("/login/")
    answer = client.post(
        "/login/",
        query_string={"next": evil},
        headers=headers,
        data={"username": "clerk", "password": PASSWORD, "csrf_token": token_of(again.get_data(as_text=True))},
    )
    assert answer.status_code in (302, 400)
    assert stays(answer.headers.get("Location", "/"))


def sign_in_to(client: Any, wanted: str) -> Any:
    page = client.get("/login/", query_string={"next": wanted}).get_data(as_text=True)
    return client.post(
        "/login/",
        query_string={"next": wanted},
        data={"username": "clerk", "password": PASSWORD, "csrf_token": token_of(page)},
    )


@pytest.mark.parametrize("wanted", HOSTILE[:6] + HOSTILE[-6:])
def test_signing_in_stays_here(client, wanted):
    answer = sign_in_to(client, wanted)
    assert answer.status_code == 302 and stays(answer.headers["Location"])


def test_signing_in_goes_where_one_wanted(client):
    assert sign_in_to(client, "/account/sessions").headers["Location"] == "/account/sessions"


def test_other_ways_back_stay_here(login):
    browser = login("clerk")
    for wanted in HOSTILE:
        look = browser.post("/account/preferences", data={"font": "2", "next": wanted, "csrf_token": browser.token})
        assert look.status_code == 302 and stays(look.headers["Location"]), wanted
        back = browser.get(
            "/back", headers={"Referer": wanted.splitlines()[0].strip("\x00") if wanted.isascii() else "/"}
        )
        assert stays(back.headers.get("Location", "/")), wanted


def test_confirming_goes_back_here(login):
    browser = login("clerk")
    for wanted, there in (("https://evil.example", "/"), ("//evil.example", "/"), ("/account/", "/account/")):
        answer = browser.post(
            "/account/confirm", query_string={"next": wanted}, data={"password": PASSWORD, "csrf_token": browser.token}
        )
        assert answer.headers["Location"] == there


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:443", "[::1", "a b"])
def test_only_named_hosts_are_answered(app, host):
    assert app.test_client().get("/login/", headers={"Host": host}).status_code in (200, 400)
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    try:
        answer = app.test_client().get("/login/", headers={"Host": host})
        assert answer.status_code == 400 and "evil" not in answer.get_data(as_text=True)
        assert "Content-Security-Policy" in answer.headers
        assert app.test_client().get("/login/").status_code == 200
    finally:
        app.config["TRUSTED_HOSTS"] = None
