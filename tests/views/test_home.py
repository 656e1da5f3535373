"""The first page, by role."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import binding
from flask import Flask
from sqlalchemy import update

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.expert import Expert
from app.models.outbox import SmsTemplate
from seed import demo
from seed.load_registers import load_registers


@pytest.fixture(scope="module")
def bound(app: Flask) -> Iterator[Any]:
    """The working set of the demo, once for all tests of this module."""
    with binding(app) as connection:
        with app.app_context(), acting(SYSTEM):
            load_registers()
            demo.load_shifts()
            demo.load_cases()
            db.session.remove()
        yield connection


def test_a_visitor_goes_to_the_sign_in(client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302 and answer.location.endswith("/login/")


@pytest.mark.parametrize(
    ("username", "seen"),
    [
        ("clerk", "承包地边界被邻户机耕越界"),
        ("dispatcher", "物业公共收益账目不公开"),
        ("centre_head", "养老机构收费与合同不符"),
        ("handler.d1", "小区供暖温度不达标"),
    ],
)
def test_what_waits_for_a_role_is_on_its_first_page(login, username: str, seen: str) -> None:
    browser = login(username)
    first, work = (browser.get(address).get_data(as_text=True) for address in ("/", "/work/"))
    assert seen in work and ("/work/" in first or seen in first)


@pytest.mark.parametrize("username", ["sysadmin", "security_auditor", "business_admin", "statistician"])
def test_who_sees_no_cases_has_no_case_text_on_the_first_page(login, username: str) -> None:
    page = login(username).get("/").get_data(as_text=True)
    assert "供暖" not in page and "/case/" not in page


def test_administrators_see_what_they_look_after(app: Flask, login) -> None:
    """Each line counts what the list behind it shows."""
    with app.app_context(), acting(SYSTEM):
        db.session.execute(update(Expert.__table__).values(appointed_until=clock.today() + timedelta(days=20)))
        db.session.execute(update(SmsTemplate.__table__).values(approved=False))
        db.session.commit()
    browser = login("business_admin")
    page = browser.get("/").get_data(as_text=True)
    found = re.findall(r'href="(/\w+/list/\?tab=\w+)">.*?<b>(\d+)\+?</b>', page)
    assert "需要留意" in page and dict(found)["/expert/list/?tab=ending"] != "0"
    assert not any("sms_template" in address for address, _count in found)  # approving texts is another's
    for address, count in found:
        shown = browser.get(address).get_data(as_text=True)
        assert f"{count} 条" in shown, (address, count)
    head = login("centre_head").get("/").get_data(as_text=True)
    assert "/sms_template/list/?tab=unapproved" in head and "/expert/list/?tab=ending" not in head


def test_who_looks_after_nothing_is_not_asked_to(login) -> None:
    page = login("clerk").get("/").get_data(as_text=True)
    assert "需要留意" not in page
