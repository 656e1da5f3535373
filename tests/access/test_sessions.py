"""Security B3: no copy of a session, cookie or token, outlives what should have ended it."""

from typing import Any

import flask_jwt_extended as jwt
import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, update

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.account import Account, LoginSession
from app.models.organisation import Organisation
from app.services import login_session, second_factor
from app.services.login_session import end_sessions
from tests.conftest import PASSWORD, token_of

COOKIE = "__Host-portal"
NEW = "Kettle-Moon-47"
WHO = "clerk"


def cookie_of(browser: Any) -> str:
    return browser.get_cookie(COOKIE).value


def copy_of(app: Any, browser: Any) -> Any:
    """Another browser with the same cookie."""
    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie_of(browser), secure=True)
    return thief


def alive(browser: Any) -> bool:
    return browser.get("/account/").status_code == 200


def tokens(client: Any, username: str = WHO, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(
        "/api/v1/security/login",
        json={"username": username, "password": password, "provider": "db", "refresh": True, **more},
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refreshes(client: Any, said: dict[str, str]) -> int:
    return client.post("/api/v1/security/refresh", headers=bearer(said["refresh_token"])).status_code


def calls(client: Any, said: dict[str, str]) -> int:
    """A call that any signed-in program may make; it ends its session too."""
    return client.post("/api/v1/security/logout", headers=bearer(said["access_token"])).status_code


def _id(username: str = WHO) -> int:
    table = Account.__table__
    return db.session.execute(select(table.c.id).where(table.c.username == username)).scalar_one()


def change_password(browser: Any, app: Any) -> None:
    answer = browser.post(
        "/account/password", data={"present": PASSWORD, "password": NEW, "again": NEW, "csrf_token": browser.token}
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)


def log_out(browser: Any, app: Any) -> None:
    assert browser.post("/logout/", data={"csrf_token": browser.token}).status_code == 302


def disable(_browser: Any, app: Any) -> None:
    with app.app_context():
        db.session.execute(update(Account.__table__).where(Account.__table__.c.username == WHO).values(active=False))
        db.session.commit()


def change_roles(_browser: Any, app: Any) -> None:
    with app.app_context(), acting(SYSTEM):
        account = db.session.get(Account, _id())
        account.roles = [db.session.scalars(select(Role).where(Role.name == "archivist")).one()]
        end_sessions(account.id, "roles")


def change_organisation(_browser: Any, app: Any) -> None:
    with app.app_context(), acting(SYSTEM):
        account = db.session.get(Account, _id())
        account.organisation = db.session.scalars(select(Organisation).order_by(Organisation.id.desc())).first()
        end_sessions(account.id, "organisation")


def take_second_factor(_browser: Any, app: Any) -> None:
    with app.app_context(), acting(SYSTEM):
        second_factor.remove(SYSTEM, _id())


def end_everything(_browser: Any, app: Any) -> None:
    with app.app_context(), acting(SYSTEM):
        end_sessions(_id(), "logout everywhere")


EVENTS = (change_password, disable, change_roles, change_organisation, take_second_factor, end_everything)


@pytest.mark.parametrize("event", [log_out, *EVENTS], ids=lambda event: event.__name__)
def test_a_copied_cookie_dies(app, login, event):
    browser = login(WHO)
    thief = copy_of(app, browser)
    assert alive(thief)
    event(browser, app)
    assert not alive(thief)
    answer = thief.get("/case/list/")
    assert answer.status_code in (302, 404)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_second_browser_and_both_tokens_die(app, client, login, event):
    browser, second = login(WHO), login(WHO)
    said = tokens(client).get_json()
    assert alive(second) and refreshes(client, said) == 200
    event(browser, app)
    assert not alive(second)
    assert refreshes(client, said) == 401
    assert calls(client, said) == 401


def test_a_token_can_log_out(client):
    said = tokens(client).get_json()
    assert calls(client, said) == 200
    assert calls(client, said) == 401
    assert refreshes(client, said) == 401


def test_logging_out_leaves_other_devices_alone(app, login):
    browser, second = login(WHO), login(WHO)
    log_out(browser, app)
    assert alive(second)


def test_the_own_browser_goes_on_after_a_password_change(app, login):
    browser = login(WHO)
    before = cookie_of(browser)
    change_password(browser, app)
    assert alive(browser) and cookie_of(browser) != before


def test_idle(app, login, at):
    browser = login(WHO)
    at(minutes=29)
    assert alive(copy_of(app, browser))
    at(minutes=31)
    thief = copy_of(app, browser)
    assert not alive(thief)
    assert not alive(browser)


def test_use_keeps_a_session_alive_until_its_absolute_end(app, login, at):
    browser = login(WHO)
    for minutes in range(20, 12 * 60, 20):
        at(minutes=minutes)
        assert alive(browser), minutes
    at(hours=12, minutes=1)
    assert not alive(browser)


def test_the_time_of_use_is_written_at_most_once_a_minute(app, login, at):
    browser = login(WHO)
    alive(browser)
    at(seconds=30)
    assert "Set-Cookie" not in browser.get("/account/").headers
    at(seconds=90)
    assert COOKIE in browser.get("/account/").headers["Set-Cookie"]


def test_tokens_end_absolutely(app, client, at):
    said = tokens(client).get_json()
    at(hours=12, minutes=1)
    assert refreshes(client, said) == 401 and calls(client, said) == 401


def test_no_fixation(app, client):
    """The cookie from before the sign-in is worth nothing after it, and the token is new each time."""
    page = client.get("/login/").get_data(as_text=True)
    before = cookie_of(client)
    client.post("/login/", data={"username": WHO, "password": PASSWORD, "csrf_token": token_of(page)})
    victim = app.test_client()
    victim.set_cookie(COOKIE, before, secure=True)
    assert alive(client) and not alive(victim)
    with client.session_transaction() as first:
        token = first["token"]
    log_out_page = client.get("/logout/").get_data(as_text=True)
    client.post("/logout/", data={"csrf_token": token_of(log_out_page)})
    page = client.get("/login/").get_data(as_text=True)
    client.post("/login/", data={"username": WHO, "password": PASSWORD, "csrf_token": token_of(page)})
    with client.session_transaction() as second:
        assert second["token"] != token


def test_get_does_not_log_out(login):
    browser = login(WHO)
    assert browser.get("/logout/").status_code == 200
    assert alive(browser)


def test_only_a_hash_is_kept(app, login):
    browser = login(WHO)
    with browser.session_transaction() as cookie:
        token = cookie["token"]
    with app.app_context():
        rows = db.session.execute(select(LoginSession.__table__)).mappings().all()
        assert all(token not in str(dict(row)) for row in rows)
        assert login_session.token_hash(token) in {row["token_hash"] for row in rows}


@pytest.mark.parametrize(
    "spoiled",
    [
        {"token": "x"},
        {"token": None},
        {"token": 5},
        {"_user_id": "1"},
        {"_user_id": "x"},
        {"_user_id": "9" * 30},
        {"seen": "x"},
        {"seen": None},
    ],
)
def test_a_spoiled_cookie_is_nobody(login, spoiled):
    browser = login(WHO)
    with browser.session_transaction() as cookie:
        for name, value in spoiled.items():
            cookie.pop(name) if value is None else cookie.update({name: value})
    assert not alive(browser)


def test_own_sessions_are_listed_and_ended(app, login):
    browser, second = login(WHO), login(WHO)
    stranger = login("dispatcher")
    with app.app_context():
        table = LoginSession.__table__
        with second.session_transaction() as cookie:
            wanted = login_session.token_hash(cookie["token"])
        number = db.session.execute(select(table.c.id).where(table.c.token_hash == wanted)).scalar_one()
    assert "/account/sessions" in browser.get("/account/").get_data(as_text=True)
    refused = stranger.post("/account/sessions", data={"session": number, "csrf_token": stranger.token})
    assert refused.status_code == 404 and alive(second)
    assert browser.post("/account/sessions", data={"session": number, "csrf_token": browser.token}).status_code == 302
    assert alive(browser) and not alive(second)


@pytest.mark.parametrize("change", [{"sid": "x"}, {"sid": None}, {"epoch": 99}, {"sub": "1"}, {"sub": "x"}])
def test_a_forged_claim_is_refused(app, client, change):
    """Even one signed with our own key."""
    said = tokens(client).get_json()
    with app.test_request_context("/", base_url="https://localhost"):
        claims = {**jwt.decode_token(said["access_token"]), **change}
        forged = jwt.create_access_token(claims["sub"], additional_claims={n: claims[n] for n in ("sid", "epoch")})
    assert calls(client, {"access_token": forged}) == 401


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Bearer a.b.c", "bearer ..", "Bearer " + "x" * 5000])
def test_a_bad_token_is_a_plain_401(client, login, header):
    answer = client.post("/api/v1/security/logout", headers={"Authorization": header})
    assert answer.status_code == 401 and set(answer.get_json()) == {"message"}
    browser = login(WHO)  # beside a token the cookie does not count
    assert browser.post("/api/v1/security/logout", headers={"Authorization": header}).status_code == 401


def test_access_and_refresh_tokens_are_not_interchangeable(client):
    said = tokens(client).get_json()
    assert refreshes(client, {"refresh_token": said["access_token"]}) == 401
    assert calls(client, {"access_token": said["refresh_token"]}) == 401


def test_a_reader_of_the_login_session_table_cannot_sign_in(app, login):
    """The hash in the table is not the token in the cookie."""
    browser = login(WHO)
    with browser.session_transaction() as cookie:
        cookie["token"] = login_session.token_hash(cookie["token"])
    assert not alive(browser)
