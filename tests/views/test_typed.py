"""ASVS 14.2.1: a person's number typed into a search box stands in no address, and everything goes on working."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.access.actor import acting
from app.core import clock
from app.core.sealed import holds_number, is_sealed, seal, unseal
from app.services.registration import register_case
from tests.services.people import id_number, intake

APP = Path(__file__).parents[2] / "app"
PHONE = "13800132207"
NUMBERS = (id_number(1), PHONE, f"王建国 {PHONE}", "138 0013 2207", "138-0013-2207", "１３８００１３２２０７")


@pytest.fixture
def case(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        return register_case(clerk, intake(title="夜间噪音扰民")).case


@pytest.fixture
def desk(login, case):
    return login("clerk.t1")


def text_of(answer):
    return answer.get_data(as_text=True)


def ask(browser, place, **said):
    answer = browser.post(place, data={"csrf_token": browser.token, **said})
    assert answer.status_code == 303
    return answer.location


def digits(address):
    return re.findall(r"\d{6,}", re.sub(r"~k1:[\w=-]+", "", unquote(address)))


def addresses_of(page):
    found = [one for one in re.findall(r'(?:href|action|data-query|data-remember)="([^"]*)"', page) if "?v=" not in one]
    return found + re.findall(r'<input type="hidden" name="(?!csrf)\w+" value="([^"]*)"', page)


@pytest.mark.parametrize("typed", NUMBERS)
def test_the_search_box_of_every_page(desk, case, typed):
    address = ask(desk, "/search/", q=typed)
    assert not digits(address) and "2207" not in address
    assert desk.get(address).location == f"/case/show/{case.id}"
    assert desk.get(address).location == f"/case/show/{case.id}", "back and forward again"


@pytest.mark.parametrize("typed", ["王建国", "wjg", "夜间噪音", "CY-2026-000123", "2207"])
def test_words_stand_as_they_are(desk, case, typed):
    assert parse_qs(urlsplit(ask(desk, "/search/", q=typed)).query) == {"q": [typed]}


@pytest.mark.parametrize("typed", NUMBERS)
def test_the_search_of_a_list(desk, case, typed):
    address = ask(desk, "/case/ask", q=typed, tab="group", state="registered", order="due_on")
    assert not digits(address) and "tab=group" in address and "order=due_on" in address
    address = ask(desk, "/case/ask", q=typed, state="registered")
    page = text_of(desk.get(address))
    assert case.number in page and f'type="search" name="q" value="{typed}"' in page, (
        "the box still shows what was typed"
    )
    shown = addresses_of(page)
    assert any("~k1" in unquote(place) for place in shown)
    assert not [place for place in shown if digits(place) or PHONE in place or id_number(1) in place]


def test_every_link_of_a_sealed_list_leads_on(desk, case, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        for _each in range(30):
            register_case(clerk, intake(title="道路噪音"))
    page = text_of(desk.get(ask(desk, "/case/ask", q=PHONE, size="25")))
    onward = next(place for place in addresses_of(page) if "page=2" in place).replace("&amp;", "&")
    second = text_of(desk.get(f"/case/list/{onward}"))
    assert second.count('data-href="/case/show/') == 6 and not digits(onward)


def test_the_list_comes_back_as_left(desk, case, login):
    page = text_of(desk.get(ask(desk, "/case/ask", q=PHONE, state="registered")))
    left = re.search(r'data-query="([^"]+)"', page)[1].replace("&amp;", "&")
    desk.post("/case/leave", data={"csrf_token": desk.token, "query": left})
    again = text_of(desk.get("/case/list/"))
    assert case.number in again and f'value="{PHONE}"' in again
    refused = text_of(
        desk.post(
            "/case/save-filter", data={"csrf_token": desk.token, "name": "x", "query": left}, follow_redirects=True
        )
    )
    assert "不能保存" in refused
    with clock.standing_at(clock.now() + timedelta(hours=13)):
        tomorrow = text_of(login("clerk.t1").get("/case/list/"))
    assert PHONE not in tomorrow and case.number in tomorrow and "state=registered" in tomorrow
    assert "已忽略" not in tomorrow, "nothing was asked for today that could not be read"


def test_a_number_in_the_address_line_does_not_stay(desk, case):
    for place in ("/search/", "/case/list/"):
        answer = desk.get(place, query_string={"q": PHONE})
        assert answer.status_code == 302 and not digits(answer.location)
        assert str(case.id) in text_of(desk.get(answer.location, follow_redirects=True))


def test_a_filter_of_names(login):
    browser = login("sysadmin")
    address = ask(browser, "/account/ask", username=PHONE, active="yes")
    assert not digits(address) and "active=yes" in address
    page = text_of(browser.get(address))
    assert f'name="username" value="{PHONE}"' in page and not any(digits(place) for place in addresses_of(page))


def test_a_filter_that_cannot_be_read_is_still_named(desk, case):
    address = ask(desk, "/case/ask", due_from="2026-11-99", state="registered", q="")
    assert "due_from=2026-11-99" in address and "已忽略" in text_of(desk.get(address))


def test_sealed_words_are_of_one_person_and_untouched(desk, case, login):
    address = ask(desk, "/case/ask", q=PHONE)
    other = text_of(login("clerk").get(address))
    assert PHONE not in other and case.number in other, "left out, said, and the list is whole"
    broken = address[:-4] + ("AAAA" if address[-4:] != "AAAA" else "BBBB")
    assert desk.get(broken).status_code == 200 and PHONE not in text_of(desk.get(broken))
    for junk in ("~", "~~", "~k1:", "~k1:AAAA", "~k9:" + "A" * 60, "~k1:" + "A" * 5000, "~k1:…"):
        for place in ("/search/", "/case/list/"):
            assert desk.get(place, query_string={"q": junk}).status_code in (200, 302)


def test_search_as_you_type_speaks_in_a_header(desk, case):
    part = text_of(desk.get("/search/suggest", headers={"X-Search": PHONE}))
    assert f'href="/case/show/{case.id}"' in part and "/case/add?name" not in part
    assert f"/case/show/{case.id}" in text_of(
        desk.get("/search/suggest", headers={"X-Search": "%E7%8E%8B%E5%BB%BA%E5%9B%BD"})
    )
    scripts = "\n".join(path.read_text("utf-8") for path in (APP / "static" / "portal").glob("*.js"))
    assert "?q=" not in scripts and "set('q'" not in scripts


def test_no_form_carries_words_in_its_address():
    for path in (APP / "templates" / "portal").rglob("*.html"):
        for form in re.findall(r'<form method="get".*?</form>', path.read_text("utf-8"), re.DOTALL):
            assert 'name="q"' not in form and "panel" not in form, path.name


def test_the_log_holds_no_number(desk, case, caplog):
    with caplog.at_level(logging.DEBUG):
        desk.get(ask(desk, "/case/ask", q=PHONE))
        desk.get("/search/suggest", headers={"X-Search": id_number(1)})
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert PHONE not in said and id_number(1) not in said


NUMBER_LIKE = (PHONE, "0536-7212345", "37078619620305001X", "E12345678", "张三 1 3 8 0 0 1", "１２３４５６")
HARMLESS = ("CY-2026-000123", "cy-2026-1", "12345", "王建国", "2207", "", "~")


@pytest.mark.parametrize(("text", "held"), [(t, True) for t in NUMBER_LIKE] + [(t, False) for t in HARMLESS])
def test_what_counts_as_a_number(app, text, held):
    assert holds_number(text) is held
    assert is_sealed(seal(text, 7)) is held and seal(text, None) == text


def test_a_seal_lasts_twelve_hours(app):
    began = clock.now()
    sealed = seal(PHONE, 7)
    for hours, good in ((0, True), (11, True), (13, False), (-1, False)):
        with clock.standing_at(began + timedelta(hours=hours, seconds=1)):
            assert (unseal(sealed, 7) == PHONE) is good
    assert unseal(sealed, 8) is None
