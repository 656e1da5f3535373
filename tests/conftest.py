"""One application and one database per run; every test is rolled back."""

import contextlib
import contextvars
import gc
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text
from tests_support import need

from app import create_app
from app.access.actor import SYSTEM, Actor, acting, set_actor
from app.access.load import account_row, actor_of
from app.core.db import db
from seed import load

PASSWORD = "Demo-2026-portal"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POSTGRES = os.environ.get("PORTAL_TEST_DATABASE_URL")
gc.set_threshold(20_000)  # a run keeps most of what it makes: walking it again and again finds nothing


def pytest_collection_finish() -> None:
    """The modules and the tests live as long as the run."""
    keep()


def keep() -> None:
    """What is there now lives as long as the run: the collector need not walk it any more."""
    gc.collect()
    gc.freeze()


class IsolatedClient(FlaskClient):
    """A client whose requests run in a context of their own, as they do in a server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", "https://localhost")
        return contextvars.Context().run(super().open, *args, **kwargs)

    def session_transaction(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", "https://localhost")
        return super().session_transaction(*args, **kwargs)


def empty_postgres(url: str) -> None:
    """Drop everything in the test database."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of this run: PostgreSQL when PORTAL_TEST_DATABASE_URL says so, else a SQLite file."""
    if POSTGRES:
        empty_postgres(POSTGRES)
        return POSTGRES
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'portal.db'}"


def overrides(instance: Path, url: str) -> dict[str, Any]:
    """The settings of a test application: every rule of business and security stays on."""
    return {
        "TESTING": True,
        "INSTANCE": instance,
        "SQLALCHEMY_DATABASE_URI": url,
        "HTTPS": True,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-portal",
        "SECRET_KEY": "test-key-test-key-test-key-test-key",
        "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
        "PROPAGATE_EXCEPTIONS": False,
        "WEBHOOK_HOSTS": ["platform.example"],
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "ATTACHMENT_FOLDER": instance / "attachments",
    }


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Flask]:
    """The application with base data and demo accounts."""
    portal = create_app(overrides(tmp_path_factory.mktemp("instance"), database_url))
    portal.test_client_class = IsolatedClient
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(PASSWORD)
    keep()
    yield portal
    with portal.app_context():
        db.engine.dispose()


@contextlib.contextmanager
def binding(app: Flask) -> Iterator[Any]:
    """Inside the block every session is bound to one connection, whose transaction is rolled back at the end."""
    with app.app_context():
        engine = db.engine
    engines = db._app_engines[app]
    factory = db.session.session_factory
    connection = engine.connect()
    outer = connection.begin()
    engines[None] = connection
    factory.configure(join_transaction_mode="create_savepoint")
    limiter = app.extensions.get("limiter")
    for one in limiter or ():
        if one.enabled and one._storage:
            one.reset()
    try:
        yield connection
    finally:
        factory.configure(join_transaction_mode="conditional_savepoint")
        engines[None] = engine
        outer.rollback()
        connection.close()


@pytest.fixture
def bound(app: Flask) -> Iterator[Any]:
    """Bind every session to one connection whose transaction is rolled back after the test."""
    with binding(app) as connection:
        yield connection


@pytest.fixture
def session(app: Flask, bound: Any) -> Iterator[Any]:
    """The database session inside an application context; nobody acts until the test says who."""
    with app.app_context():
        yield db.session
        db.session.remove()
    set_actor(None)


@pytest.fixture
def client(app: Flask, bound: Any) -> FlaskClient:
    """An anonymous browser."""
    return app.test_client()


def token_of(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no CSRF token"
    return found.group(1)


@pytest.fixture
def login(app: Flask, bound: Any) -> Callable[[str], Any]:
    """`login("clerk")` gives a browser signed in as that demo account; `.token` is its CSRF token."""

    def sign_in(username: str) -> Any:
        browser: Any = app.test_client()
        page = browser.get("/login/").get_data(as_text=True)
        answer = browser.post(
            "/login/", data={"username": username, "password": PASSWORD, "csrf_token": token_of(page)}
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
        browser.token = token_of(browser.get("/").get_data(as_text=True))
        return browser

    return sign_in


@pytest.fixture
def actor(session: Any) -> Callable[[str], Actor]:
    """`actor("clerk.t1")` gives that demo account as an actor."""

    def of(username: str) -> Actor:
        user_id = (
            db.session.connection()
            .execute(text("SELECT id FROM ab_user WHERE username = :name"), {"name": username})
            .scalar_one()
        )
        return actor_of(account_row(user_id), "127.0.0.1")

    return of


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
