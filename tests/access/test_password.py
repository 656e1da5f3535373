"""Decision 5: the password policy, changing a password, and what forces one to."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.common_password import is_common, is_pattern, words
from app.core.db import db
from app.core.errors import Invalid
from app.models.account import Account, LoginAttempt
from app.models.audit import AuditEntry
from app.services import password
from app.services.login_session import end_sessions
from tests.access.doors import (
    NEW,
    change,
    entries,
    login_only,
    opened,
    rest_door,
)
from tests.conftest import PASSWORD

_user, _try, _entry = Account.__table__, LoginAttempt.__table__, AuditEntry.__table__


# ---- password policy (decision 5)


def weak(said: str, user_name: str = "clerk") -> bool:
    return bool(password.weaknesses(said, user_name))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Ab-1",
        "Abc-de1",
        "alllowercase",
        "ALLUPPER1234",
        "12345678",
        "Password1!",
        "P@ssw0rd2026",
        "Woaini1314!",
        "Aa123456",
        "1qaz@WSX",
        "Qwerty123!",
        "Zhang19900101!",
        "Admin@123456",
        "Huawei@123",
        "Abcd1234!",
        "Clerk-Moon-47",
        "Krelc-Moon-47",
        "Aaaaaaa1!",
        "Wang2026!",
        "A1!" + "x" * 126,
    ],
)
def test_weak(session, said):
    assert weak(said)


@pytest.mark.parametrize(
    "said", [NEW, "Sunny-Hill-42", "correct-Horse-7 battery", "Xk9-Tq4r-mNpw", "qing3-Shan-lv4", "A1-" + "xkqz" * 31]
)
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
    for present, new in itertools.pairwise(used):
        assert change(browser, new, present).status_code == 302
    for old in used[1:]:
        assert change(browser, old, used[-1]).status_code == 422, old
    assert change(browser, used[0], used[-1]).status_code == 302


def test_an_old_password_must_be_changed_before_anything_else(app, login, at):
    with app.app_context():
        db.session.execute(
            update(_user)
            .where(_user.c.username == "clerk")
            .values(password_changed_at=clock.now() - timedelta(days=181))
        )
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
    refused = app.test_client().post(
        "/api/v1/security/refresh", headers={"Authorization": "Bearer " + client_tokens["refresh_token"]}
    )
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
