"""Security H3 and B5: what production refuses to start with, and which proxies are believed."""

from pathlib import Path
from typing import Any

import pytest
from flask import request
from flask_migrate import upgrade

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.crypto import NOTES, keyring, use_keyring
from app.core.db import db
from app.production import Unsafe
from seed import load
from tests.conftest import token_of

GOOD = {"PRODUCTION": True, "SECRET_KEY": "k3Yq9vT2mX8pL5wZ7rB1nC6dF4gH0jSa-Q"}


@pytest.fixture
def start(app, tmp_path):
    """Start another portal beside the one under test."""
    ring, notes = keyring(), keyring(NOTES)

    def run(**settings: Any) -> Any:
        return create_app({"INSTANCE": Path(tmp_path), **settings})

    yield run
    use_keyring(ring)
    use_keyring(notes, NOTES)
    clock.use_clock(None)


def test_a_good_production_starts(start):
    portal = start(**GOOD)
    assert portal.config["SESSION_COOKIE_NAME"] == "__Host-portal" and portal.config["SESSION_COOKIE_SECURE"]
    assert portal.config["SECOND_FACTOR_REQUIRED"]


def test_workers_inherit_no_connection(start):
    """gunicorn --preload forks after this: two workers on one connection would read each other's answers."""
    portal = start(**GOOD)
    with portal.app_context():
        assert db.engine.pool.checkedin() == 0 == db.engine.pool.checkedout()


def test_a_key_of_its_own_is_good_enough(start):
    assert len(start(**{**GOOD, "SECRET_KEY": None}).config["SECRET_KEY"]) >= 32


@pytest.mark.parametrize(
    "key", ["short", "x" * 40, "change-me-change-me-change-me-change-me", "abababababababababababababababababab"]
)
def test_weak_keys(start, key):
    with pytest.raises(Unsafe, match="PORTAL_SECRET_KEY"):
        start(**{**GOOD, "SECRET_KEY": key})


def test_debug(start):
    with pytest.raises(Unsafe, match="Debug"):
        start(**GOOD, DEBUG=True)


def test_plain_http(start):
    with pytest.raises(Unsafe, match="https"):
        start(**GOOD, HTTPS=False)


def test_demo_accounts(start):
    portal = start(SECRET_KEY=GOOD["SECRET_KEY"])
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts("Demo-2026-portal")
        db.session.remove()
        db.engine.dispose()
    with pytest.raises(Unsafe, match="demo accounts"):
        start(**GOOD)


def test_nothing_of_this_holds_outside_production(start):
    assert start(SECRET_KEY="short")


def test_forwarded_addresses_are_believed_only_behind_a_proxy(start):
    seen: list[str] = []
    for hops, wanted in ((0, "127.0.0.1"), (1, "10.1.1.1")):
        portal = start(TRUSTED_PROXIES=hops, HTTPS=True)
        portal.add_url_rule("/seen", "seen", lambda: request.remote_addr)
        answer = portal.test_client().get("/seen", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
        seen.append(answer.get_data(as_text=True))
        assert seen[-1] == wanted
        with portal.app_context():
            db.engine.dispose()


def test_the_form_works_before_anybody_has_an_account(start):
    portal = start(SECRET_KEY=GOOD["SECRET_KEY"], HTTPS=True)
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        db.session.remove()
    browser = portal.test_client()
    page = browser.get("/login/", base_url="https://localhost").get_data(as_text=True)
    said = {"username": "admin", "password": "admin", "csrf_token": token_of(page)}
    assert browser.post("/login/", data=said, base_url="https://localhost").status_code == 401
    with portal.app_context():
        db.engine.dispose()
