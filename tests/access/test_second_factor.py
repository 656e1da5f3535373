"""Security B4: the second factor, and typing the password again before grave acts."""

import pytest
from sqlalchemy import select, text

from app.core.db import db
from app.core.errors import NotAllowed
from app.models.account import Account, LoginAttempt, RecoveryCode
from app.models.audit import AuditEntry
from app.views.confirm import confirmed_now, require_confirmation
from tests.access.doors import disable, enrol, form_door, login_only, now_code, rest_door, second_door, secret_of
from tests.conftest import PASSWORD, token_of

_user, _try, _entry = Account.__table__, LoginAttempt.__table__, AuditEntry.__table__


# ---- B4


def test_enrolment_and_sign_in(app, login):
    browser = login("sysadmin")
    secret, codes = enrol(app, browser)
    assert len(set(codes)) == 10 and browser.get("/account/").status_code == 200
    assert secret_of(app, "sysadmin") == secret
    fresh = app.test_client()
    assert second_door(app, "sysadmin", now_code(secret), fresh).headers["Location"] == "/"
    assert fresh.get("/account/").status_code == 200


def test_the_secret_and_the_codes_are_not_readable_at_rest(app, login):
    secret, codes = enrol(app, login("sysadmin"))
    with app.app_context():
        kept = db.session.execute(text("SELECT totp_secret FROM ab_user WHERE username = 'sysadmin'")).scalar_one()
        assert secret not in kept
        hashes = db.session.execute(select(RecoveryCode.__table__.c.code_hash)).scalars().all()
        assert not {code.replace("-", "") for code in codes} & set(hashes) and len(hashes) == 10


def test_a_code_works_once_and_its_neighbours_in_time(app, login):
    secret, _codes = enrol(app, login("sysadmin"))  # took the step before this one
    assert second_door(app, "sysadmin", now_code(secret, -1)).status_code == 401, "used at enrolment"
    assert second_door(app, "sysadmin", now_code(secret, 2)).status_code == 401, "too early"
    code = now_code(secret, 1)
    assert second_door(app, "sysadmin", code).status_code == 302
    assert second_door(app, "sysadmin", code).status_code == 401, "used"
    assert second_door(app, "sysadmin", now_code(secret, 0)).status_code == 401, "older than the last used"


def test_a_recovery_code_works_once(app, login):
    _secret, codes = enrol(app, login("sysadmin"))
    assert second_door(app, "sysadmin", codes[0].upper()).status_code == 302
    assert second_door(app, "sysadmin", codes[0]).status_code == 401
    assert second_door(app, "sysadmin", codes[1].replace("-", "")).status_code == 302


def test_codes_of_others_are_worth_nothing(app, login):
    secret, codes = enrol(app, login("sysadmin"))
    enrol(app, login("business_admin"))
    assert second_door(app, "business_admin", codes[0]).status_code == 401
    assert second_door(app, "business_admin", now_code(secret)).status_code == 401


def test_codes_cannot_be_guessed(app, login):
    secret, _codes = enrol(app, login("sysadmin"))
    for _each in range(5):
        assert second_door(app, "sysadmin", "000000").status_code == 401
    assert second_door(app, "sysadmin", now_code(secret)).status_code == 401, "locked for the rest of the window"


@pytest.mark.parametrize("path", ["/", "/account/", "/account/password", "/account/second-factor", "/case/list/"])
def test_the_second_step_cannot_be_skipped(app, login, path):
    enrol(app, login("sysadmin"))
    browser = app.test_client()
    form_door(app, "sysadmin", PASSWORD, browser=browser)
    assert browser.get(path).status_code in (302, 404)
    with browser.session_transaction() as cookie:
        assert "token" not in cookie and "_user_id" not in cookie


def test_the_second_step_runs_out(app, login, at):
    secret, _codes = enrol(app, login("sysadmin"))
    browser = app.test_client()
    form_door(app, "sysadmin", PASSWORD, browser=browser)
    page = browser.get("/login/second-factor").get_data(as_text=True)
    at(minutes=6)
    late = browser.post("/login/second-factor", data={"code": now_code(secret), "csrf_token": token_of(page)})
    assert late.headers["Location"] == "/login/"


def test_what_happens_between_the_steps_counts(app, login):
    secret, _codes = enrol(app, login("sysadmin"))
    browser = app.test_client()
    form_door(app, "sysadmin", PASSWORD, browser=browser)
    page = browser.get("/login/second-factor").get_data(as_text=True)
    disable(app, "sysadmin")
    answer = browser.post("/login/second-factor", data={"code": now_code(secret), "csrf_token": token_of(page)})
    assert answer.headers["Location"] == "/login/" and browser.get("/account/").status_code == 302


def test_rest_asks_for_the_second_factor_too(app, login):
    secret, codes = enrol(app, login("sysadmin"))
    assert rest_door(app, "sysadmin", PASSWORD).status_code == 401
    assert rest_door(app, "sysadmin", PASSWORD, otp="000000").status_code == 401
    assert rest_door(app, "sysadmin", PASSWORD, otp=now_code(secret)).status_code == 200
    assert rest_door(app, "sysadmin", PASSWORD, otp=now_code(secret)).status_code == 401
    assert rest_door(app, "sysadmin", PASSWORD, otp=codes[3]).status_code == 200


def test_codes_are_renewed_and_the_factor_taken_off(app, login):
    browser = login("sysadmin")
    _secret, codes = enrol(app, browser)
    page = browser.get("/account/second-factor").get_data(as_text=True)
    assert "10" in page
    renewed = browser.post("/account/second-factor", data={"do": "codes", "csrf_token": token_of(page)})
    assert renewed.get_data(as_text=True).count("<code>") == 10
    assert second_door(app, "sysadmin", codes[0]).status_code == 401
    assert (
        browser.post("/account/second-factor", data={"do": "remove", "csrf_token": token_of(page)}).status_code == 302
    )
    assert form_door(app, "sysadmin", PASSWORD).headers["Location"] == "/"


def test_administrators_must_enrol_first(app, login, settings):
    settings["SECOND_FACTOR_REQUIRED"] = True
    assert rest_door(app, "sysadmin", PASSWORD).status_code == 403
    assert login_only(app, "clerk").get("/account/").status_code == 200, "other roles need none"
    browser = login_only(app, "sysadmin")
    for path in ("/", "/account/", "/account/password", "/role/list/"):
        assert browser.get(path).headers["Location"] == "/account/second-factor", path
    assert browser.get("/api/v1/case/").status_code == 403
    secret, _codes = enrol(app, browser)
    assert browser.get("/account/").status_code == 200
    page = browser.get("/account/second-factor").get_data(as_text=True)
    taken_off = browser.post("/account/second-factor", data={"do": "remove", "csrf_token": token_of(page)})
    assert taken_off.status_code == 422 and secret_of(app, "sysadmin") == secret


# ---- re-authentication


def test_grave_acts_ask_for_the_password_again(app, login, at):
    browser = login("sysadmin")
    assert browser.get("/account/second-factor").status_code == 200
    at(minutes=6)
    asked = browser.get("/account/second-factor")
    assert asked.headers["Location"] == "/account/confirm?next=%2Faccount%2Fsecond-factor"
    place = asked.headers["Location"]
    token = token_of(browser.get(place).get_data(as_text=True))
    assert browser.post(place, data={"password": "wrong", "csrf_token": token}).status_code == 422
    assert browser.get("/account/second-factor").status_code == 302
    done = browser.post(place, data={"password": PASSWORD, "csrf_token": token})
    assert done.headers["Location"] == "/account/second-factor"
    assert browser.get("/account/second-factor").status_code == 200


def test_the_question_for_the_password_cannot_be_used_to_guess(app, login, at):
    browser = login("sysadmin")
    for _each in range(5):
        assert (
            browser.post("/account/confirm", data={"password": "wrong", "csrf_token": browser.token}).status_code == 422
        )
    assert browser.post("/account/confirm", data={"password": PASSWORD, "csrf_token": browser.token}).status_code == 422


def test_a_program_is_told_to_confirm(app):
    @require_confirmation
    def grave() -> str:
        return "done"

    with app.test_request_context(
        "/role/edit/1",
        method="POST",
        base_url="https://localhost",
        headers={"Referer": "https://localhost/role/show/1"},
    ):
        assert grave().headers["Location"] == "/account/confirm?next=%2Frole%2Fshow%2F1"
        confirmed_now()
        assert grave() == "done"
    with (
        app.test_request_context("/api/v1/role/1", method="POST", base_url="https://localhost"),
        pytest.raises(NotAllowed),
    ):
        grave()


def test_what_cannot_be_done_with_the_factor_is_refused(app, login):
    browser = login("sysadmin")
    for act in ("codes", "remove", "nonsense", ""):
        said = {"do": act, "csrf_token": browser.token}
        assert browser.post("/account/second-factor", data=said).status_code == 422, act
    for code in ("000000", "", "x" * 100, "\u0661\u0662\u0663\u0664\u0665\u0666"):
        said = {"do": "enrol", "code": code, "csrf_token": browser.token}
        assert browser.post("/account/second-factor", data=said).status_code == 422, code
    secret, _codes = enrol(app, browser)
    again = {"do": "enrol", "code": now_code(secret, 1), "csrf_token": browser.token}
    page = browser.get("/account/second-factor").get_data(as_text=True)
    assert browser.post("/account/second-factor", data={**again, "csrf_token": token_of(page)}).status_code == 422
    assert secret_of(app, "sysadmin") == secret


def test_a_code_is_refused_in_any_writing(app, login):
    enrol(app, login("sysadmin"))
    for code in ("", "\u0661\u0662\u0663\u0664\u0665\u0666", "\x00", "a" * 39, "12 34"):
        assert second_door(app, "sysadmin", code).status_code in (401, 422), code
