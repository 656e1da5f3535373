"""Security B1, B2: tries are counted, refusals tell nothing; broken calls are sentences."""

import statistics
import time

import pytest
from sqlalchemy import select, text, update
from werkzeug.security import generate_password_hash

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.account import Account, LoginAttempt
from app.models.audit import AuditEntry
from app.services import sign_in
from tests.access.doors import disable, entries, form_door, opened, rest_door
from tests.conftest import PASSWORD

_user, _try, _entry = Account.__table__, LoginAttempt.__table__, AuditEntry.__table__


DOORS = pytest.mark.parametrize("door", [form_door, rest_door])


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
    monkeypatch.setattr(
        sign_in, "settle", lambda one, outcome, *a, **k: (judged.append(outcome), real(one, outcome, *a, **k))
    )
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
    full = form_door(app, "clerk", PASSWORD, "10.1.1.1")
    assert full.status_code == 429 and "请等待一刻钟后再试" in full.get_data(as_text=True), "the whole sentence"
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
    answers = [
        door(app, *said)
        for said in (
            ("nobody", PASSWORD),
            ("clerk", "wrong"),
            ("archivist", PASSWORD),
            ("archivist", "wrong"),
            ("supervisor", PASSWORD),
            ("clerk", "x" * 900),
            ("CLERK'--", "x"),
        )
    ]
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
    kinds = {
        "absent": ("nobody", "wrong"),
        "wrong": ("clerk", "wrong"),
        "disabled": ("archivist", PASSWORD),
        "locked": ("supervisor", PASSWORD),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    rest_door(app, "nobody", "warm")
    for number in range(40):
        if number % 4 == 0:
            with app.app_context():
                db.session.execute(
                    text("DELETE FROM login_attempt WHERE username_hash <> :kept"),
                    {"kept": sign_in.blind_index(sign_in.PASSWORD, "supervisor")},
                )
                db.session.commit()
        for kind, (name, typed) in kinds.items():
            began = time.thread_time()  # what the answer costs, whatever else the machine does
            browser.post("/api/v1/security/login", json={"username": name, "password": typed})
            taken[kind].append(time.thread_time() - began)
    medians = {kind: statistics.median(times) * 1000 for kind, times in taken.items()}
    most = max(5, 0.08 * max(medians.values()))
    assert max(medians.values()) - min(medians.values()) < most, medians


def test_user_names_ignore_case(app, bound):
    assert opened(rest_door(app, " Clerk ", PASSWORD))


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "x",
        {},
        {"username": "clerk"},
        {"username": 5, "password": "x"},
        {"username": "clerk", "password": None},
        {"username": "clerk", "password": "x", "provider": "ldap"},
        {"username": "clerk", "password": "x", "refresh": "yes"},
        {"username": "clerk", "password": "x", "otp": 5},
        {"username": "a\x00b", "password": "\x00"},
        {"username": "u" * 10000, "password": "p" * 100000},
        {"username": "\ud800", "password": "\ud800"},
    ],
)
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
