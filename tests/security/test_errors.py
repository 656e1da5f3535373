"""C7: whatever breaks inside, the answer holds no trace, no SQL, no path; its number stands in the log."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from jinja2 import TemplateError, UndefinedError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError, TimeoutError

from app.views import listing
from security.walk import Route, Undo
from security.world import World

SECRET = "SELECT totp_secret FROM ab_user WHERE 绝密=1"
PLACE = "/srv/portal/app/views/listing.py"
FAULTS: tuple[tuple[BaseException, int], ...] = (
    (IntegrityError(SECRET, {"p": SECRET}, Exception(f"UNIQUE {SECRET} {PLACE}")), 409),
    (DataError(SECRET, {"p": SECRET}, Exception(SECRET)), 400),
    (ProgrammingError(SECRET, {"p": SECRET}, Exception(SECRET)), 500),
    (OperationalError(SECRET, {"p": SECRET}, Exception("database is locked")), 503),
    (
        OperationalError(
            SECRET, {"p": SECRET}, Exception(f"connection to {PLACE} refused"), connection_invalidated=True
        ),
        503,
    ),
    (OperationalError(SECRET, {"p": SECRET}, Exception(SECRET)), 500),
    (TimeoutError(SECRET), 500),
    (OverflowError(SECRET), 500),
    (TemplateError(f"{SECRET} {PLACE}"), 500),
    (UndefinedError(SECRET), 500),
    (RecursionError(SECRET), 500),
    (KeyError(SECRET), 500),
    (RuntimeError(PLACE), 500),
    (OSError(5, "Input/output error", PLACE), 500),
    (OSError(28, "No space left", PLACE), 507),
)
TELLING = (
    "Traceback",
    'File "',
    "sqlalchemy",
    "werkzeug",
    "SELECT",
    "绝密",
    "totp_secret",
    "/srv/",
    ".py",
    "psycopg",
    "sqlite3",
    ", line ",  # of a traceback
)


@pytest.mark.parametrize(("fault", "status"), FAULTS, ids=[f"{type(f).__name__}-{s}" for f, s in FAULTS])
@pytest.mark.parametrize("place", ["/room/list/", "/api/v1/room/"])
def test_faults_tell_nothing(
    world: World,
    bound: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    place: str,
    fault: BaseException,
    status: int,
) -> None:
    def broken(*_args: Any, **_kw: Any) -> Any:
        raise fault

    monkeypatch.setattr(listing.Listing, "page", broken)
    monkeypatch.setattr(listing.Listing, "slice", broken)
    caplog.set_level(logging.DEBUG)
    answer = Undo(world).ask("clerk", Route(place, "GET", (), ""))
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert not [word for word in TELLING if word in text], text[:400]
    assert bool(answer.headers.get("Retry-After")) == (status == 503)
    if status == 500:
        number = answer.json["error_id"] if place.startswith("/api") else re.findall(r"\b[0-9a-f]{8}\b", text)[-1]
        assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "fault", [IntegrityError(SECRET, {}, Exception(SECRET)), RuntimeError(SECRET)], ids=["integrity", "other"]
)
def test_a_fault_while_writing_leaves_nothing_behind(
    app: Flask, world: World, bound: Any, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    """The form comes back or an error page does; either way nothing is stored and nothing is told."""
    view = next(v for v in app.appbuilder.baseviews if type(v).__name__ == "LawFirmView")

    def broken(*_args: Any, **_kw: Any) -> Any:
        raise fault

    monkeypatch.setattr(type(view), "post_add", broken)
    monkeypatch.setattr(type(view), "create_verb", None)
    before = world.fingerprint()
    answer = Undo(world).ask(
        "business_admin", Route("/law_firm/add", "POST", (), ""), data={"name": "一家新所", "active": "y"}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code in (409, 422, 500)
    assert not [word for word in TELLING if word in text]
    assert world.fingerprint() == before


def test_the_database_being_down_is_told_plainly(
    app: Flask, world: World, bound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = app.test_client()

    def down(*_args: Any, **_kw: Any) -> Any:
        raise OperationalError(SECRET, {}, Exception(f"could not connect {PLACE}"), connection_invalidated=True)

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", down)
    monkeypatch.setattr("sqlalchemy.orm.Session.connection", down)
    for place in ("/", "/room/list/", "/api/v1/room/", "/readyz", "/login/"):
        signed = world.browsers["clerk"]
        for one in (browser, signed):
            answer = one.get(place)
            text = answer.get_data(as_text=True)
            assert answer.status_code in (200, 302, 401, 500, 503), f"{place} {answer.status_code}"
            assert not [word for word in TELLING if word in text], f"{place}: {text[:200]}"
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503
