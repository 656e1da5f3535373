"""Ways into the portal, for tests: the form, the REST door, the second factor."""

from datetime import timedelta
from typing import Any

import pyotp
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.audit import AuditEntry
from tests.conftest import PASSWORD, token_of

_user, _entry = Account.__table__, AuditEntry.__table__
NEW = "Kettle-Moon-47"


def form_door(app: Any, username: str, password: str, address: str = "10.0.0.1", browser: Any = None) -> Any:
    browser = browser or app.test_client()
    page = browser.get("/login/").get_data(as_text=True)
    return browser.post(
        "/login/",
        data={"username": username, "password": password, "csrf_token": token_of(page)},
        environ_base={"REMOTE_ADDR": address},
    )


def rest_door(app: Any, username: str, password: str, address: str = "10.0.0.1", **more: Any) -> Any:
    return app.test_client().post(
        "/api/v1/security/login",
        json={"username": username, "password": password, **more},
        environ_base={"REMOTE_ADDR": address},
    )


def opened(answer: Any) -> bool:
    return answer.status_code in (200, 302)


def disable(app: Any, username: str) -> None:
    with app.app_context():
        db.session.execute(update(_user).where(_user.c.username == username).values(active=False))
        db.session.commit()


def entries(app: Any, code: str) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(select(_entry).where(_entry.c.code == code)).mappings())


def login_only(app: Any, username: str) -> Any:
    browser = app.test_client()
    assert form_door(app, username, PASSWORD, browser=browser).status_code == 302
    return browser


def secret_of(app: Any, username: str) -> str:
    with app.app_context():
        return str(db.session.execute(select(_user.c.totp_secret).where(_user.c.username == username)).scalar_one())


def now_code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def enrol(app: Any, browser: Any) -> tuple[str, list[str]]:
    """Set the second factor up as a person does."""
    page = browser.get("/account/second-factor").get_data(as_text=True)
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    assert "data:image/svg+xml" in page
    done = browser.post(
        "/account/second-factor", data={"do": "enrol", "code": now_code(secret, -1), "csrf_token": token_of(page)}
    )
    assert done.status_code == 200, done.get_data(as_text=True)
    shown = done.get_data(as_text=True).split('<ul class="codes">')[1].split("</ul>")[0]
    codes = [part.split("</code>")[0] for part in shown.split("<code>")[1:]]
    return secret, codes


def second_door(app: Any, username: str, code: str, browser: Any = None) -> Any:
    browser = browser or app.test_client()
    assert form_door(app, username, PASSWORD, browser=browser).headers["Location"] == "/login/second-factor"
    page = browser.get("/login/second-factor").get_data(as_text=True)
    return browser.post("/login/second-factor", data={"code": code, "csrf_token": token_of(page)})


def change(browser: Any, new: str, present: str = PASSWORD, again: str | None = None) -> Any:
    page = browser.get("/account/password").get_data(as_text=True)
    return browser.post(
        "/account/password",
        data={
            "present": present,
            "password": new,
            "again": new if again is None else again,
            "csrf_token": token_of(page),
        },
    )
