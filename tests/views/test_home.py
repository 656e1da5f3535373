"""The first page, by role."""

import pytest

from app.access.actor import SYSTEM, acting
from seed import demo


@pytest.fixture
def cases(session) -> None:
    with acting(SYSTEM):
        demo.load_cases()


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
def test_what_waits_for_a_role_is_on_its_first_page(cases, login, username: str, seen: str) -> None:
    page = login(username).get("/").get_data(as_text=True)
    assert seen in page


@pytest.mark.parametrize("username", ["sysadmin", "security_auditor", "business_admin", "statistician"])
def test_who_sees_no_cases_has_no_case_text_on_the_first_page(cases, login, username: str) -> None:
    page = login(username).get("/").get_data(as_text=True)
    assert "供暖" not in page and "/case/" not in page
