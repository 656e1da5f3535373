"""The page of the parameters: the business administrator turns what is the business's, in words and between bounds."""

import re

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.audit import AuditEntry
from app.models.parameter import Parameter
from app.services import parameter
from app.services.parameter_rules import BUSINESS, RULES

MAP = "370786 370786001\n. 370786002"


def key_of(code):
    with acting(SYSTEM):
        return db.session.scalars(select(Parameter.id).where(Parameter.code == code)).one()


def held(code):
    db.session.info.pop("parameters", None)  # a request has set it since
    return parameter.value(code)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def send(browser, code, value, version=None):
    path = f"/parameter/edit/{key_of(code)}"
    if version is None:
        page = browser.get(path).get_data(as_text=True)
        version = re.search(r'name="row_version"[^>]*value="(\d+)"', page).group(1)
    return browser.post(path, data={"csrf_token": browser.token, "row_version": version, "value": value})


def test_every_parameter_belongs_somewhere():
    assert set(RULES) == set(parameter.DEFAULTS)


def test_the_list_holds_the_settings_of_the_business_only(login, session):
    browser = login("business_admin")
    page = words(browser.get("/parameter/list/"))
    assert "公示栏指标" in page and "统计小数隐藏" in page and "登录尝试记录保留天数" not in page
    tab = words(browser.get("/parameter/list/?tab=statistics"))
    assert "统计小数隐藏" in tab and "登记草稿保留天数" not in tab
    for code in set(RULES) - BUSINESS:
        assert browser.get(f"/parameter/edit/{key_of(code)}").status_code == 404, code
    assert login("clerk").get("/parameter/list/").status_code == 403


def test_a_number_between_its_bounds(login, session):
    browser = login("business_admin")
    answer = send(browser, "small_cell", "2")
    assert answer.status_code == 422 and "统计小数隐藏应在 3 至 50 之间" in words(answer)
    assert 'value="2"' in answer.get_data(as_text=True), "what was typed stays"
    assert send(browser, "small_cell", "6").status_code == 302
    assert held("small_cell") == 6
    shown = words(browser.get(f"/parameter/show/{key_of('small_cell')}"))
    assert "变更记录" in shown and "5 件" in shown and "6 件" in shown


def test_midnight_is_an_hour_too(login, session):
    assert send(login("business_admin"), "sms_quiet_until", "0").status_code == 302
    assert held("sms_quiet_until") == 0


def test_yes_or_no_is_chosen(login, session):
    browser = login("business_admin")
    page = browser.get(f"/parameter/edit/{key_of('escalate_to_town')}").get_data(as_text=True)
    assert re.search(r'<option value="yes" selected>是</option>', page)
    assert send(browser, "escalate_to_town", "no").status_code == 302
    assert held("escalate_to_town") is False
    assert send(browser, "escalate_to_town", "maybe").status_code == 422


def test_the_board_takes_indicators_only(login, session):
    browser = login("business_admin")
    page = browser.get(f"/parameter/edit/{key_of('public_board')}").get_data(as_text=True)
    assert re.search(r'<input type="checkbox"[^>]*value="cases" checked>', page) and "化解率" in page
    assert send(browser, "public_board", ["cases", "reviews", "cases"]).status_code == 302
    assert held("public_board") == "cases reviews"
    answer = send(browser, "public_board", ["cases", "suspects"])
    assert answer.status_code == 422 and "没有代码为 suspects 的指标" in words(answer)
    assert send(browser, "public_board", []).status_code == 302
    assert held("public_board") == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("370786 370786", "重复出现"),
        ("999999", "没有代码为 999999"),
        (" ".join(["."] * 10), "最多 9 行"),
        ("/".join(["."] * 10), "最多 9 行"),
        ("x" * 1001, "1000"),
    ],
)
def test_a_map_that_cannot_be_drawn(login, session, typed, said):
    answer = send(login("business_admin"), "town_map", typed)
    assert answer.status_code == 422 and said in words(answer)


def test_a_map_is_drawn_in_lines(login, session):
    browser = login("business_admin")
    assert send(browser, "town_map", MAP.replace("\n", "\r\n/ ")).status_code == 302
    assert held("town_map") == "370786 370786001 / . 370786002"
    page = browser.get(f"/parameter/edit/{key_of('town_map')}").get_data(as_text=True)
    assert MAP in page.replace("\r", "")


def test_two_hands_on_one_parameter(login, session):
    browser = login("business_admin")
    assert send(browser, "gaming_days", "8", version=1).status_code == 302
    answer = send(browser, "gaming_days", "9", version=1)
    assert answer.status_code == 409 and held("gaming_days") == 8


def test_the_change_is_told_and_others_cannot_make_it(login, session, actor):
    assert send(login("business_admin"), "urge_every_days", "4").status_code == 302
    table = AuditEntry.__table__
    with acting(SYSTEM):
        row = db.session.execute(select(table).where(table.c.code == "parameter:edit")).mappings().one()
    assert row["changes"]["value"] == ["3", "4"] and row["actor_name"]
    for user, code in (("clerk", "urge_every_days"), ("business_admin", "mass_reading")):
        assert not parameter.may_turn(actor(user), code)
    assert parameter.may_turn(actor("sysadmin"), "mass_reading")
