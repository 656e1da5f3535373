"""Security B1, B2, B4: tries, enumeration, second factor, password policy, re-authentication."""

import statistics
import time
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text, update
from werkzeug.security import generate_password_hash

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.common_password import is_common, is_pattern, words
from app.core.db import db
from app.core.errors import Invalid
from app.models.account import Account, LoginAttempt, RecoveryCode
from app.models.audit import AuditEntry
from app.services import password, sign_in
from app.services.login_session import end_sessions
from tests.conftest import PASSWORD, token_of

_user, _try, _entry = Account.__table__, LoginAttempt.__table__, AuditEntry.__table__
NEW = "Kettle-Moon-47"


@pytest.fixture
def at():
    """Move the clock."""
    began = clock.now()
    yield lambda **later: clock.use_clock(lambda: began + timedelta(**later))
    clock.use_clock(None)


@pytest.fixture
def settings(app):
    """Change settings for one test."""
    kept = dict(app.config)
    yield app.config
    app.config.clear()
    app.config.update(kept)


def form_door(app: Any, username: str, password: str, address: str = "10.0.0.1", browser: Any = None) -> Any:
    browser = browser or app.test_client()
    page = browser.get("/login/").get_data(as_text=True)
    return browser.post("/login/", data={"username": username, "password": password, "csrf_token": token_of(page)},
                        environ_base={"REMOTE_ADDR": address})


def rest_door(app: Any, username: str, password: str, address: str = "10.0.0.1", **more: Any) -> Any:
    return app.test_client().post("/api/v1/security/login", json={"username": username, "password": password, **more},
                                  environ_base={"REMOTE_ADDR": address})


DOORS = pytest.mark.parametrize("door", [form_door, rest_door])


def opened(answer: Any) -> bool:
    return answer.status_code in (200, 302)


def disable(app: Any, username: str) -> None:
    with app.app_context():
        db.session.execute(update(_user).where(_user.c.username == username).values(active=False))
        db.session.commit()


def entries(app: Any, code: str) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(select(_entry).where(_entry.c.code == code)).mappings())


# ---- B1


@DOORS
def test_five_tries_then_even_the_right_password_waits(app, bound, door, at):
    for _each in range(5):
        assert door(app, "clerk", "wrong").status_code == 401
    assert door(app, "clerk", PASSWORD, "10.9.9.9").status_code == 401
    assert not opened(rest_door(app, "clerk", PASSWORD)) and not opened(form_door(app, "clerk", PASSWORD))
    assert opened(door(app, "dispatcher", PASSWORD)), "others are not locked out"
    at(minutes=15, seconds=1)
    assert opened(door(app, "clerk", PASSWORD)), "no permanent lock"


def test_tries_while_locked_do_not_lengthen_the_lock(app, bound, at):
    for minute in range(0, 15):
        at(minutes=minute)
        rest_door(app, "clerk", "wrong")
    assert not opened(rest_door(app, "clerk", PASSWORD))
    at(minutes=15, seconds=1)
    assert opened(rest_door(app, "clerk", PASSWORD))


def test_a_hundred_tries_look_at_five_passwords(app, bound, monkeypatch):
    judged = []
    real = sign_in.settle
    monkeypatch.setattr(sign_in, "settle", lambda one, outcome, *a, **k: (judged.append(outcome), real(one, outcome, *a, **k)))
    for number in range(100):
        assert rest_door(app, "clerk", f"wrong{number}", f"10.0.{number}.1").status_code == 401
    assert judged.count("wrong") == 5 and judged.count("locked") == 95


def test_the_lock_raises_one_alarm(app, bound):
    before = len(entries(app, "sign-in:locked"))
    for _each in range(8):
        rest_door(app, "clerk", "wrong")
    found = entries(app, "sign-in:locked")[before:]
    assert [(row["actor_name"], row["address"]) for row in found] == [("clerk", "10.0.0.1")]
    assert len(entries(app, "sign-in:refused")) >= 3


def test_an_address_is_limited_over_all_accounts(app, bound):
    statuses = [rest_door(app, f"nobody{number}", "wrong", "10.1.1.1").status_code for number in range(61)]
    assert statuses == [401] * 60 + [429]
    assert form_door(app, "clerk", PASSWORD, "10.1.1.1").status_code == 429
    assert opened(form_door(app, "clerk", PASSWORD, "10.1.1.2"))
    assert entries(app, "sign-in:address-full")


def test_a_right_password_forgets_the_mistakes(app, bound):
    for _round in range(3):
        for _each in range(4):
            assert rest_door(app, "clerk", "wrong").status_code == 401
        assert opened(rest_door(app, "clerk", PASSWORD))


def test_an_administrator_can_unlock(app, bound):
    for _each in range(6):
        rest_door(app, "clerk", "wrong")
    with app.app_context(), acting(SYSTEM):
        locked_until = select(_user.c.locked_until).where(_user.c.username == "clerk")
        assert db.session.execute(locked_until).scalar_one() is not None
        sign_in.unlock("clerk")
        assert db.session.execute(locked_until).scalar_one() is None
    assert opened(rest_door(app, "clerk", PASSWORD))


def test_the_names_tried_are_not_kept_in_plain_words(app, bound):
    rest_door(app, "My-Secret-Password1", "x")
    with app.app_context():
        rows = db.session.execute(select(_try)).mappings().all()
        assert rows and all("my-secret" not in str(dict(row)).lower() for row in rows)
        trail = db.session.execute(select(_entry).where(_entry.c.code == "sign-in:failed")).mappings().all()
        assert trail and all("my-secret" not in str(dict(row)).lower() for row in trail)


# ---- B2


@DOORS
def test_every_refusal_is_the_same(app, bound, door):
    disable(app, "archivist")
    for _each in range(5):
        door(app, "supervisor", "wrong")
    answers = [door(app, *said) for said in (
        ("nobody", PASSWORD), ("clerk", "wrong"), ("archivist", PASSWORD), ("archivist", "wrong"), ("supervisor", PASSWORD),
        ("clerk", "x" * 900), ("CLERK'--", "x"),
    )]
    assert {answer.status_code for answer in answers} == {401}
    if door is rest_door:
        assert len({answer.get_data() for answer in answers}) == 1
    else:
        sentences = {answer.get_data(as_text=True).split('id="password-err"')[1][:300] for answer in answers}
        assert len(sentences) == 1


def test_refusals_cost_the_same(app, bound, settings):
    """B2: with the real hash; the medians of absent, wrong, disabled and locked lie together."""
    settings["FAB_PASSWORD_HASH_METHOD"] = "scrypt:4096:8:1"
    settings["LOGIN_TRIES_PER_ADDRESS"] = 10**6
    hashed = generate_password_hash(PASSWORD, method="scrypt:4096:8:1")
    with app.app_context():
        db.session.execute(update(_user).values(password=hashed))
        db.session.commit()
    disable(app, "archivist")
    browser = app.test_client()
    for _each in range(5):
        rest_door(app, "supervisor", "wrong")
    kinds = {"absent": ("nobody", "wrong"), "wrong": ("clerk", "wrong"), "disabled": ("archivist", PASSWORD),
             "locked": ("supervisor", PASSWORD)}
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    rest_door(app, "nobody", "warm")
    for number in range(60):
        if number % 4 == 0:
            with app.app_context():
                db.session.execute(text("DELETE FROM login_attempt WHERE username_hash <> :kept"),
                                   {"kept": sign_in.blind_index(sign_in.PASSWORD, "supervisor")})
                db.session.commit()
        for kind, (name, typed) in kinds.items():
            began = time.perf_counter()
            browser.post("/api/v1/security/login", json={"username": name, "password": typed})
            taken[kind].append(time.perf_counter() - began)
    medians = {kind: statistics.median(times) * 1000 for kind, times in taken.items()}
    assert max(medians.values()) - min(medians.values()) < 5, medians


def test_user_names_ignore_case(app, bound):
    assert opened(rest_door(app, " Clerk ", PASSWORD))


@pytest.mark.parametrize("said", [
    None, [], "x", {}, {"username": "clerk"}, {"username": 5, "password": "x"}, {"username": "clerk", "password": None},
    {"username": "clerk", "password": "x", "provider": "ldap"}, {"username": "clerk", "password": "x", "refresh": "yes"},
    {"username": "clerk", "password": "x", "otp": 5}, {"username": "a\x00b", "password": "\x00"},
    {"username": "u" * 10000, "password": "p" * 100000}, {"username": "\ud800", "password": "\ud800"},
])
def test_a_broken_call_is_a_sentence(client, said):
    answer = client.post("/api/v1/security/login", json=said)
    assert answer.status_code in (400, 401, 422) and answer.get_json()["message"]
    assert client.post("/api/v1/security/login", data="x").status_code == 400
    assert client.post("/api/v1/security/login", data="{", content_type="application/json").status_code == 400


def test_the_form_needs_its_token_and_its_fields(app, client):
    assert client.post("/login/", data={"username": "clerk", "password": PASSWORD}).status_code == 400
    assert form_door(app, "", "").status_code == 422


def test_a_browser_writes_to_rest_only_with_the_token_of_its_page(login):
    browser = login("clerk")
    refused = browser.post("/api/v1/case/", json={})
    assert refused.status_code == 400 and refused.get_json()["message"]
    assert browser.post("/api/v1/case/", json={}, headers={"X-CSRFToken": browser.token}).status_code != 400


# ---- B4


def secret_of(app: Any, username: str) -> str:
    with app.app_context():
        return str(db.session.execute(select(_user.c.totp_secret).where(_user.c.username == username)).scalar_one())


def now_code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def enrol(app: Any, browser: Any) -> tuple[str, list[str]]:
    """Set the second factor up as a person does."""
    page = browser.get("/account/second-factor").get_data(as_text=True)
    secret = page.split("<code>")[1].split("</code>")[0]
    assert "data:image/svg+xml" in page
    done = browser.post("/account/second-factor", data={
        "do": "enrol", "code": now_code(secret, -1), "csrf_token": token_of(page)
    })
    assert done.status_code == 200, done.get_data(as_text=True)
    shown = done.get_data(as_text=True).split('<ul class="codes">')[1].split("</ul>")[0]
    codes = [part.split("</code>")[0] for part in shown.split("<code>")[1:]]
    return secret, codes


def second_door(app: Any, username: str, code: str, browser: Any = None) -> Any:
    browser = browser or app.test_client()
    assert form_door(app, username, PASSWORD, browser=browser).headers["Location"] == "/login/second-factor"
    page = browser.get("/login/second-factor").get_data(as_text=True)
    return browser.post("/login/second-factor", data={"code": code, "csrf_token": token_of(page)})


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
    assert browser.post("/account/second-factor", data={"do": "remove", "csrf_token": token_of(page)}).status_code == 302
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


def login_only(app: Any, username: str) -> Any:
    browser = app.test_client()
    assert form_door(app, username, PASSWORD, browser=browser).status_code == 302
    return browser


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
        assert browser.post("/account/confirm", data={"password": "wrong", "csrf_token": browser.token}).status_code == 422
    assert browser.post("/account/confirm", data={"password": PASSWORD, "csrf_token": browser.token}).status_code == 422


# ---- password policy (decision 5)


def weak(said: str, user_name: str = "clerk") -> bool:
    return bool(password.weaknesses(said, user_name))


@pytest.mark.parametrize("said", [
    "", "Ab-1", "Abc-de1", "alllowercase", "ALLUPPER1234", "12345678", "Password1!", "P@ssw0rd2026", "Woaini1314!",
    "Aa123456", "1qaz@WSX", "Qwerty123!", "Zhang19900101!", "Admin@123456", "Huawei@123", "Abcd1234!", "Clerk-Moon-47",
    "Krelc-Moon-47", "Aaaaaaa1!", "Wang2026!", "A1!" + "x" * 126,
])
def test_weak(session, said):
    assert weak(said)


@pytest.mark.parametrize("said", [NEW, "Sunny-Hill-42", "correct-Horse-7 battery", "Xk9-Tq4r-mNpw", "qing3-Shan-lv4", "A1-" + "xkqz" * 31])
def test_strong(session, said):
    assert not weak(said)


def test_the_rule_covers_the_well_known_list(session):
    tails = ("", "1", "12", "123", "1234", "123456", "!", "1!", "123!", "@123", "2026", "888", "666", "520", "1314")
    forms = {word.capitalize() + tail for word in words() for tail in tails}
    missed = [form for form in forms if len(form) >= 8 and not is_common(form) and not is_pattern(form)]
    assert len(forms) > 10000 and len(missed) < len(forms) / 100, missed[:20]


def test_the_policy_can_be_set(session, settings):
    settings["PASSWORD_CLASSES"] = 1
    assert not weak("quietriverunderstone")


def change(browser: Any, new: str, present: str = PASSWORD, again: str | None = None) -> Any:
    page = browser.get("/account/password").get_data(as_text=True)
    return browser.post("/account/password", data={
        "present": present, "password": new, "again": new if again is None else again, "csrf_token": token_of(page)
    })


def test_changing_the_password(app, login):
    browser = login("clerk")
    assert change(browser, NEW, present="wrong").status_code == 422
    assert change(browser, NEW, again="other").status_code == 422
    assert change(browser, "short").status_code == 422
    assert change(browser, PASSWORD).status_code == 422
    assert change(browser, NEW).status_code == 302
    assert not opened(rest_door(app, "clerk", PASSWORD)) and opened(rest_door(app, "clerk", NEW))


def test_the_last_five_cannot_come_back(app, login):
    browser = login("clerk")
    used = [PASSWORD] + [f"Kettle-Moon-{name}9" for name in ("Tea", "Cup", "Jar", "Pot", "Can")]
    for present, new in zip(used, used[1:], strict=False):
        assert change(browser, new, present).status_code == 302
    for old in used[1:]:
        assert change(browser, old, used[-1]).status_code == 422, old
    assert change(browser, used[0], used[-1]).status_code == 302


def test_an_old_password_must_be_changed_before_anything_else(app, login, at):
    with app.app_context():
        db.session.execute(update(_user).where(_user.c.username == "clerk").values(
            password_changed_at=clock.now() - timedelta(days=181)
        ))
        db.session.commit()
    assert rest_door(app, "clerk", PASSWORD).status_code == 403
    browser = login_only(app, "clerk")
    for path in ("/", "/account/", "/case/list/", "/account/second-factor"):
        assert browser.get(path).headers["Location"] == "/account/password", path
    assert browser.get("/api/v1/case/").status_code == 403
    assert browser.post("/api/v1/case/", json={}).status_code in (400, 403)
    assert change(browser, NEW).status_code == 302
    assert browser.get("/account/").status_code == 200


def test_a_password_from_the_administrator_is_for_one_use(app, login):
    said = client_tokens = rest_door(app, "clerk", PASSWORD, refresh=True).get_json()
    with app.app_context():
        db.session.execute(update(_user).where(_user.c.username == "clerk").values(must_change_password=True))
        db.session.commit()
    browser = login_only(app, "clerk")
    assert browser.get("/").headers["Location"] == "/account/password"
    refused = app.test_client().post("/api/v1/security/refresh",
                                     headers={"Authorization": "Bearer " + client_tokens["refresh_token"]})
    assert refused.status_code == 403 and said
    assert change(browser, NEW).status_code == 302 and browser.get("/account/").status_code == 200


def test_passwords_leave_no_trace_in_the_trail(app, login):
    change(login("clerk"), NEW)
    with app.app_context():
        kept = str(db.session.execute(select(_entry)).all())
        assert NEW not in kept and PASSWORD not in kept and "scrypt" not in kept and "pbkdf2" not in kept
        assert "account:password-changed" in kept and "sign-in:ok" in kept


def test_nobody_without_account_changes_a_password(session):
    with pytest.raises(Exception) as refused:
        password.change_password(SYSTEM, NEW)
    assert not isinstance(refused.value, Invalid)


def test_ending_sessions_is_in_the_trail(app, bound):
    with app.app_context(), acting(SYSTEM):
        before = len(entries(app, "sign-in:all-ended"))
        end_sessions(db.session.execute(select(_user.c.id).where(_user.c.username == "clerk")).scalar_one(), "roles")
    assert len(entries(app, "sign-in:all-ended")) == before + 1
