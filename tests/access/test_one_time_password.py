"""ASVS 6.4.1: a one-time password dies by itself, and whoever comes too late is told what to do."""

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.account import Account, LoginAttempt
from app.models.organisation import Organisation
from app.models.parameter import Parameter
from app.services import account as accounts
from app.services import parameter
from app.services.first_admin import appoint_sysadmin
from tests.access.doors import change, entries, form_door, opened, rest_door

TOO_LATE = "一次性密码"


@pytest.fixture
def given(app, bound):
    """A new account and its one-time password."""
    with app.app_context(), acting(SYSTEM):
        city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        account, password = accounts.create_account(
            SYSTEM, {"username": "new.clerk", "first_name": "于新", "organisation": city}
        )
        return account.username, password


def hours(app, typed):
    with app.app_context(), acting(SYSTEM):
        row = db.session.scalars(select(Parameter).where(Parameter.code == "one_time_hours")).one()
        parameter.change(SYSTEM, row, {"value": typed})


@pytest.mark.parametrize("door", [form_door, rest_door])
def test_after_three_days_it_opens_nothing(app, given, at, door):
    at(hours=71, minutes=59)
    assert form_door(app, *given).status_code == 302
    at(hours=72, minutes=1)
    late = door(app, *given)
    said = late.get_data(as_text=True) if door is form_door else late.get_json()["message"]
    assert late.status_code == 401 and TOO_LATE in said and "72" in said and "系统管理员" in said
    assert entries(app, "sign-in:one-time-expired")[-1]["actor_name"] == "new.clerk"


def test_only_who_knows_it_is_told(app, given, at):
    at(hours=100)
    for name, password in ((given[0], "Wrong-word-1"), ("nobody.here", given[1])):
        refused = form_door(app, name, password)
        assert refused.status_code == 401 and TOO_LATE not in refused.get_data(as_text=True)


def test_coming_late_counts_as_a_failed_try(app, given, at):
    at(hours=100)
    for _each in range(5):
        assert TOO_LATE in rest_door(app, *given).get_json()["message"]
    assert TOO_LATE not in rest_door(app, *given).get_json()["message"], "locked like any other"
    with app.app_context(), acting(SYSTEM):
        outcomes = db.session.execute(select(LoginAttempt.note).order_by(LoginAttempt.id)).scalars().all()
    assert outcomes.count("expired") == 5 and outcomes[-1] == "locked"


def test_the_hours_are_a_parameter(app, given, at):
    hours(app, "1")
    at(minutes=59)
    assert opened(form_door(app, *given))
    at(minutes=61)
    assert "1 " in rest_door(app, *given).get_json()["message"]
    hours(app, "720")
    at(days=29)
    assert opened(form_door(app, *given))


def test_a_new_one_begins_anew(app, given, at):
    at(days=10)
    with app.app_context(), acting(SYSTEM):
        account = db.session.scalars(select(Account).where(Account.username == given[0])).one()
        fresh = accounts.reset_password(SYSTEM, account)
    assert opened(form_door(app, given[0], fresh))
    assert not opened(form_door(app, *given))


def test_the_own_password_does_not_die_with_it(app, given, at):
    browser = app.test_client()
    form_door(app, *given, browser=browser)
    assert change(browser, "Kettle-Moon-47", present=given[1]).status_code == 302
    at(days=30)
    assert opened(form_door(app, given[0], "Kettle-Moon-47"))


def test_whoever_is_in_may_finish(app, given, at):
    browser = app.test_client()
    at(hours=71, minutes=50)
    form_door(app, *given, browser=browser)
    at(hours=72, minutes=5)
    assert change(browser, "Kettle-Moon-47", present=given[1]).status_code == 302


def test_the_first_administrators_come_under_it_too(app, bound, at):
    with app.app_context(), acting(SYSTEM):
        _account, password = appoint_sysadmin("first.admin", "于首")
    at(hours=73)
    assert TOO_LATE in rest_door(app, "first.admin", password).get_json()["message"]


def test_the_administrator_sees_until_when(login):
    admin = login("sysadmin")
    page = admin.get("/account/list/?username=clerk").get_data(as_text=True)
    assert page
    key = page.split('data-href="/account/show/')[1].split('"')[0]
    admin.post("/account/confirm", data={"csrf_token": admin.token, "password": "Demo-2026-portal", "next": "/"})
    shown = admin.post(f"/account/{key}/password", data={"csrf_token": admin.token}).get_data(as_text=True)
    assert "72 小时" in shown and "one-time-password" in shown
