"""The world of the security tests, made once for the whole package; every test is rolled back to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.access.actor import Actor, set_actor
from app.core.db import db
from app.views import errors
from app.views.browser import CONFIRMED, SEEN, moment
from security.oracle import Oracle
from security.walk import token_of
from security.world import ACTORS, PASSWORD, World, actor_named


def browser_of(app: Flask, username: str) -> Any:
    """A browser in which that account has just signed in."""
    browser: Any = app.test_client()
    page = browser.get("/login/").get_data(as_text=True)
    said = {"username": username, "password": PASSWORD, "csrf_token": token_of(page)}
    assert browser.post("/login/", data=said).status_code == 302, username
    browser.token = token_of(browser.get("/account/").get_data(as_text=True))
    browser.name = username
    return browser


def forget_limits(app: Flask) -> None:
    """Give the limiter a fresh start."""
    for one in app.extensions.get("limiter") or ():
        if one.enabled and one._storage:
            one.reset()


def keep_fresh(world: World) -> None:
    """The people of this world typed their passwords a moment ago, however long the tests before took."""
    for browser in world.browsers.values():
        with browser.session_transaction() as kept:
            kept[SEEN] = kept[CONFIRMED] = moment()


@contextmanager
def lasting(app: Flask) -> Iterator[None]:
    """Tokens that live as long as these tests, however slow the machine."""
    usual = app.config["JWT_ACCESS_TOKEN_EXPIRES"]
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(hours=3)
    try:
        yield
    finally:
        app.config["JWT_ACCESS_TOKEN_EXPIRES"] = usual


@pytest.fixture(scope="package")
def world(app: Flask) -> Iterator[World]:
    """The seeded world inside one transaction, with a signed-in browser and a token for each account."""
    with app.app_context():
        engine = db.engine
    engines, factory = db._app_engines[app], db.session.session_factory
    connection = engine.connect()
    outer = connection.begin()
    engines[None] = connection
    factory.configure(join_transaction_mode="create_savepoint")
    made = World()
    made.connection = connection
    try:
        with app.app_context():
            made.build()
            db.session.remove()
        set_actor(None)
        forget_limits(app)
        for username in ACTORS:
            made.browsers[username] = browser_of(app, username)
            forget_limits(app)
            with lasting(app):
                answer = app.test_client().post(
                    "/api/v1/security/login", json={"username": username, "password": PASSWORD}
                )
            assert answer.status_code == 200, answer.get_data(as_text=True)
            made.tokens[username] = answer.json["access_token"]
        yield made
    finally:
        factory.configure(join_transaction_mode="conditional_savepoint")
        engines[None] = engine
        outer.rollback()
        connection.close()


@pytest.fixture
def bound(app: Flask, world: World) -> Iterator[Any]:
    """Instead of the common fixture: a savepoint on top of the world."""
    inner = world.connection.begin_nested()
    forget_limits(app)
    keep_fresh(world)
    try:
        yield world.connection
    finally:
        with app.app_context():
            db.session.remove()
        inner.rollback()


@pytest.fixture
def browser(world: World, bound: Any) -> Callable[[str], Any]:
    """`browser("clerk")` is signed in since the world began; `.token` is its CSRF token."""
    return lambda username: world.browsers[username]


@pytest.fixture
def program(app: Flask, world: World, bound: Any) -> Callable[..., Any]:
    """`program("clerk", "GET", path)`: a call of the REST interface with that account's token."""
    caller = app.test_client()

    def call(username: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {world.tokens[username]}"}
        return caller.open(path, method=method, headers=headers, **more)

    return call


@pytest.fixture(scope="package")
def oracle(app: Flask, world: World) -> Oracle:
    """Who should see what, reckoned without the program's own row scope."""
    return Oracle(world.connection)


@pytest.fixture(scope="package")
def actors(app: Flask, world: World) -> dict[str, Actor]:
    """Every account of the matrix as an actor."""
    with app.app_context():
        found = {username: actor_named(username) for username in ACTORS}
        db.session.remove()
    return found


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals without their page: their look has tests of its own."""
    monkeypatch.setattr(errors, "render_template", lambda *_names, **_said: "refused")
