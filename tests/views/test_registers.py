"""The screens of the registers, as the people who use them see them."""

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.audit import AuditEntry
from app.models.expert import Expert, ExpertKin
from seed.load_registers import load_registers
from tests.services.people import id_number
from tests.services.registers import CITY, org

PAGES = {
    "business_admin": (
        "expert",
        "adviser",
        "law_firm",
        "room",
        "category",
        "code_table",
        "calendar_day",
        "deadline_rule",
        "parameter",
        "calendar_year",
        "code_item",
        "expert_kin",
        "expert_employment",
    ),
    "sysadmin": ("organisation",),
}
READERS = (("clerk", "expert"), ("clerk", "adviser"), ("clerk", "room"), ("review_secretary", "expert"))
CLOSED = (
    ("sysadmin", "expert"),
    ("clerk", "category"),
    ("clerk", "organisation"),
    ("security_auditor", "room"),
    ("statistician", "expert"),
)


@pytest.fixture
def filled(session):
    with acting(SYSTEM):
        load_registers()


def post(browser, path, **data):
    return browser.post(path, data={"csrf_token": browser.token, **data})


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def version_of(browser, path):
    return re.search(r'name="row_version"[^>]*value="(\d+)"', browser.get(path).get_data(as_text=True)).group(1)


def first_expert(name="王守业"):
    with acting(SYSTEM):
        return db.session.scalars(select(Expert).where(Expert.name == name)).one()


@pytest.mark.parametrize("user", PAGES)
def test_every_list_form_and_record_opens(filled, login, user):
    browser = login(user)
    for noun in PAGES[user]:
        page = browser.get(f"/{noun}/list/")
        assert page.status_code == 200, noun
        key = re.search(rf"/{noun}/show/(\d+)", page.get_data(as_text=True)).group(1)
        paths = [f"/{noun}/show/{key}", f"/{noun}/edit/{key}"]
        paths += [f"/{noun}/add", f"/{noun}/delete/{key}"] if noun not in ("deadline_rule", "parameter") else []
        for path in paths:
            assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(("user", "noun"), READERS)
def test_readers_read_and_change_nothing(filled, login, user, noun):
    browser = login(user)
    page = browser.get(f"/{noun}/list/").get_data(as_text=True)
    key = re.search(rf"/{noun}/show/(\d+)", page).group(1)
    assert browser.get(f"/{noun}/show/{key}").status_code == 200
    assert f"/{noun}/add" not in page
    assert browser.get(f"/{noun}/add").status_code == 403
    assert post(browser, f"/{noun}/edit/{key}").status_code == 403
    assert post(browser, f"/{noun}/delete/{key}").status_code == 403


@pytest.mark.parametrize(("user", "noun"), CLOSED)
def test_others_do_not_get_in(filled, login, user, noun):
    assert login(user).get(f"/{noun}/list/").status_code == 403


def test_an_expert_with_a_conflict_link_is_entered(filled, login):
    browser = login("business_admin")
    answer = post(
        browser,
        "/expert/add",
        name="钱学文",
        category="scholar",
        organisation=org(CITY).id,
        status="serving",
        phone="13900007777",
        appointed_from="2026-01-01",
        appointed_until="2027-12-31",
    )
    assert answer.status_code == 302, words(answer)[-900:]
    page = answer.headers["Location"]
    key = page.rsplit("/", 1)[1]
    assert "无法核查回避情形" in words(browser.get(page))
    answer = post(
        browser, f"/expert_kin/add?expert={key}", expert=key, name="钱小文", kinship="child", id_number=id_number(3)
    )
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/expert/show/{key}")
    shown = browser.get(page).get_data(as_text=True)
    assert "回避关联 1 项" in shown and id_number(3) not in shown and "13900007777" not in shown
    assert "139****7777" in shown
    with acting(SYSTEM):
        kin = db.session.scalars(select(ExpertKin).where(ExpertKin.name == "钱小文")).one()
        assert kin.id_number_hash
    kept = version_of(browser, f"/expert_kin/edit/{kin.id}")
    answer = post(browser, f"/expert_kin/delete/{kin.id}", row_version=kept)
    assert answer.headers["Location"].endswith(f"/expert/show/{key}")


def test_a_form_in_error_keeps_what_was_typed_and_says_why(filled, login):
    browser = login("business_admin")
    answer = post(
        browser,
        "/expert/add",
        name="钱学文",
        category="scholar",
        organisation=org(CITY).id,
        status="serving",
        appointed_from="2027-01-01",
        appointed_until="2026-01-01",
    )
    assert answer.status_code == 422
    assert "聘期结束早于聘期开始" in words(answer) and 'value="钱学文"' in answer.get_data(as_text=True)


def test_reveal_needs_a_reason_and_is_noted(filled, login):
    browser, key = login("business_admin"), first_expert().id
    assert post(browser, f"/expert/reveal/{key}/phone").status_code == 422
    answer = post(browser, f"/expert/reveal/{key}/phone", reason="通知评审时间")
    assert answer.json["value"].startswith("154")
    with acting(SYSTEM):
        assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.reason == "通知评审时间"))
    assert post(login("clerk"), f"/expert/reveal/{key}/phone", reason="想看").status_code == 403


def test_a_town_sees_its_own_team_and_the_city_pool_only(filled, login):
    shown = words(login("clerk.t1").get("/expert/list/?all=1"))
    assert "王守业" in shown and "徐明远" in shown and "陈德福" not in shown
    assert login("clerk.t1").get(f"/expert/show/{first_expert('陈德福').id}").status_code == 404


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("category=scholar", "徐明远", "王守业"),
        ("q=wsy", "王守业", "徐明远"),
        ("tab=serving", "王守业", "###"),
        ("tab=ending", "###", "王守业"),
        ("status=leave", "###", "王守业"),
    ],
)
def test_filters_of_the_pool(filled, login, query, there, not_there):
    shown = words(login("business_admin").get(f"/expert/list/?{query}"))
    assert (there == "###" or there in shown) and not_there not in shown


def test_managers_are_found_by_name_without_the_account_screens(filled, login):
    browser = login("business_admin")
    found = browser.get("/room/choices/manager?q=王敏").json
    assert [row["text"] for row in found] == ["王敏"]
    assert browser.get("/account/list/").status_code in (403, 404)
    for reader in ("clerk", "clerk.t1"):  # who may only read the rooms chooses nobody
        assert login(reader).get("/room/choices/manager?q=王敏").status_code == 404


def test_villages_are_searched_not_listed(filled, login):
    page = login("business_admin").get("/expert/add").get_data(as_text=True)
    assert 'data-remote="/expert/choices/village"' in page and "西胡家寨村" not in page


def test_the_tree_is_paged_and_indented(login, session):
    browser = login("sysadmin")
    shown = browser.get("/organisation/list/?all=1").get_data(as_text=True)
    assert "共 773 条" in shown and "padding-left:1.4em" in shown
    assert shown.index("昌邑市信访局") < shown.index("奎聚街道") if "奎聚街道" in shown else True
    towns = words(browser.get("/organisation/list/?tab=township"))
    assert "共 10 条" in towns


def test_the_law_is_shown_with_its_lock(login, session):
    browser = login("business_admin")
    shown = browser.get("/deadline_rule/list/?q=D-HANDLE60").get_data(as_text=True)
    assert "#lock" in shown and "1 至 60 日" in shown and "信访工作条例" in shown
    key = re.search(r"/deadline_rule/show/(\d+)", shown).group(1)
    version = version_of(browser, f"/deadline_rule/edit/{key}")
    answer = post(browser, f"/deadline_rule/edit/{key}", row_version=version, name="办结", length="90", unit="calendar")
    assert answer.status_code == 422 and "不能设为 90 日" in words(answer)
    assert browser.get("/deadline_rule/add").status_code == 404


def test_a_year_is_imported_and_published(login, session):
    browser = login("business_admin")

    def send(text, year="2031"):
        return browser.post(
            "/calendar_year/import",
            data={
                "csrf_token": browser.token,
                "year": year,
                "source": "某通知",
                "file": (io.BytesIO(text.encode()), "2031.csv"),
            },
        )

    bad = send("2031-01-01,0,元旦\n2031-02-31,0,坏\n")
    assert bad.status_code == 422 and "2031-02-31" in words(bad) and "未导入任何内容" in words(bad)
    assert "没有符合条件的记录" in words(browser.get("/calendar_day/list/?on_from=2031-01-01"))
    assert send("x", year="20x1").status_code == 422
    good = send("2031-01-01,0,元旦\n2031-01-04,1,调休\n")
    assert good.status_code == 302
    page = good.headers["Location"]
    assert "未公布" in words(browser.get(page))
    published = post(browser, page.replace("/show/", "/publish/"))
    assert published.status_code == 302 and "该年日历已公布" in words(browser.get(page))
    assert login("clerk").get("/calendar_year/import").status_code == 403


def test_december_asks_for_the_year_to_come(login, session, monkeypatch):
    browser = login("business_admin")
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 1))
    assert "尚未在此公布" not in words(browser.get("/calendar_day/list/"))
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
    for path in ("/calendar_day/list/", "/calendar_year/list/"):
        assert "2027 年的节假日尚未在此公布" in words(browser.get(path))


def test_locked_codes_cannot_be_deleted_on_screen(login, session):
    browser = login("business_admin")
    shown = browser.get("/code_table/list/?locked=yes").get_data(as_text=True)
    key = re.search(r"/code_table/show/(\d+)", shown).group(1)
    answer = post(browser, f"/code_table/delete/{key}", row_version="1")
    assert answer.status_code == 409
