"""The first page, by role."""

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import binding
from flask import Flask

from app.access.actor import SYSTEM, acting
from app.core.db import db
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
