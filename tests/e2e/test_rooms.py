"""Rooms as they are used: booked by a click, moved by the mouse, a clash, a series; and a petitioner on a phone."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from e2e.sight import look, problems_of
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

ROOM, OTHER = "诉讼服务室", "和合会客厅"
WHO, PHONE = "孟晓棠", "13912345678"


@pytest.fixture(scope="module")
def workday(ask: Callable[..., Any]) -> Callable[[int], date]:
    """`workday(9)`: the first working day that far ahead."""

    def found(ahead: int) -> date:
        day = date.today() + timedelta(days=ahead)
        while day.weekday() > 4 or ask('SELECT count(*) FROM calendar_day WHERE "on" = ? AND NOT workday', str(day)):
            day += timedelta(days=1)
        return day

    return found


class Grid:
    """The rooms of a day side by side, as the mouse meets them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, server: str, day: date) -> "Grid":
        """The calendar of a day, drawn."""
        self.page.goto(f"{server}/room/calendar?date={day}")
        expect(self.page.locator(".grid-box .ec-event, .grid-box .ec-bg-event").first).to_be_attached()
        return self

    def at(self, room: str, hour: float) -> tuple[float, float]:
        """Where an hour of a room lies."""
        row = self.page.locator(".ec-resource", has_text=room)
        row.scroll_into_view_if_needed()
        box = row.bounding_box()
        place = self.page.evaluate(
            """() => { const box = document.querySelector('.grid-box'), body = box.querySelector('.ec-main, .ec-body');
               const first = JSON.parse(document.querySelector('#room-calendar-data').textContent).first;
               return {left: box.querySelector('.ec-day').getBoundingClientRect().left,
                       slot: parseFloat(getComputedStyle(box).getPropertyValue('--slot')),
                       first: parseInt(first, 10)}; }"""
        )
        assert box is not None
        return place["left"] + (hour - place["first"]) * 2 * place["slot"] + 3, box["y"] + box["height"] / 2

    def click(self, room: str, hour: float) -> None:
        """Click an empty time."""
        self.page.mouse.click(*self.at(room, hour))

    def drag(self, words: str, room: str, hour: float) -> None:
        """Take a booking at its beginning, and let it go there."""
        box = self.page.locator(".ec-event", has_text=words).bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        x, y = self.at(room, hour)
        for part in range(1, 9):
            self.page.mouse.move(box["x"] + (x - box["x"]) * part / 8, box["y"] + (y - box["y"]) * part / 8)
        self.page.mouse.move(x + 2, y)
        self.page.mouse.up()


def choose(page: Page, name: str, label: str) -> None:
    """An option of a list, whether a script dresses it or not."""
    page.select_option(f"select[name={name}]", label=label, force=True)


def test_a_click_a_drag_a_clash(server: str, desk: Any, signed_in: Any, workday: Any, ask: Any, faults: Any) -> None:
    page, day = desk("clerk"), workday(12)
    seen, grid = faults(page), Grid(page)
    grid.open(server, day).click(ROOM, 9)
    page.wait_for_url("**/booking/add?*")
    assert page.input_value("[name=start]") == f"{day} 09:00"
    choose(page, "purpose", "法律咨询")
    page.fill("[name=title]", "宅基地确权咨询")
    page.locator(".form-foot button.p").click()
    page.wait_for_url("**/booking/show/*")
    assert problems_of(page) == []
    key = page.url.rsplit("/", 1)[1]

    grid.open(server, day)
    look(page, "rooms-day")
    page.set_viewport_size({"width": 1280, "height": 900})
    grid.open(server, day)
    with page.expect_response("**/steps/move") as moved:
        grid.drag("宅基地确权", ROOM, 10)
    assert moved.value.status == 200, moved.value.text()
    begins = ask("SELECT strftime('%H:%M', starts_at, '+8 hours') FROM booking WHERE id = ?", key)
    assert begins == "10:00"

    other = signed_in("centre_head").new_page()
    other.goto(f"{server}/booking/add?room={ask('SELECT id FROM room WHERE name = ?', ROOM)}&start={day} 14:00")
    choose(other, "purpose", "法律咨询")
    other.locator(".form-foot button.p").click()
    other.wait_for_url("**/booking/show/*")
    other.context.close()
    grid.open(server, day)
    with page.expect_response("**/steps/move") as moved:
        grid.drag("宅基地确权", ROOM, 14)
    assert moved.value.status == 409
    expect(page.locator("#refusal")).to_contain_text("赵立新")  # with whom it may be solved
    begins = ask("SELECT strftime('%H:%M', starts_at, '+8 hours') FROM booking WHERE id = ?", key)
    assert begins == "10:00" and seen == [one for one in seen if "409" in one]


def test_a_series_meets_a_holiday_and_a_closure(server: str, desk: Any, signed_in: Any, workday: Any, ask: Any) -> None:
    first = workday(15)
    holiday, shut = first + timedelta(weeks=3), first + timedelta(weeks=5)
    admin = signed_in("business_admin").new_page()
    admin.goto(f"{server}/calendar_day/add")
    admin.fill("[name=on]", str(holiday))
    admin.fill("[name=name]", "建市纪念日")
    admin.locator(".form-foot button.p").click()
    admin.wait_for_url("**/calendar_day/**")
    admin.context.close()
    room = ask("SELECT id FROM room WHERE name = ?", OTHER)
    head = signed_in("centre_head").new_page()
    head.goto(f"{server}/closure/add")
    head.evaluate(
        """room => { const box = document.querySelector('[name=room]'); const line = new Option('x', room, true, true);
           box.tomselect ? (box.tomselect.addOption({value: room, text: 'x'}), box.tomselect.setValue(room))
                         : box.add(line); }""",
        str(room),
    )
    head.fill("[name=starts_at]", f"{shut} 08:00")
    head.fill("[name=ends_at]", f"{shut} 18:00")
    head.fill("[name=reason]", "空调检修")
    head.locator(".form-foot button.p").click()
    head.wait_for_url("**/closure/show/*")
    head.context.close()

    page = desk("clerk")
    page.goto(f"{server}/booking/add?room={room}&start={first} 16:30&end={first} 17:00&purpose=other&times=12")
    page.locator(".form-foot button.p").click()
    expect(page.locator("#plan")).to_be_visible()
    lines = page.locator("section[aria-labelledby=plan] tbody tr").all_inner_texts()
    assert len(lines) == 12
    assert "建市纪念日" in lines[3] and "空调检修" in lines[5]
    assert problems_of(page, {"plain": (1280, {}, {"runOnly": ["wcag2a"]})}) == []
    page.locator("button[name=go]").click()
    page.wait_for_url("**/booking/series/*")
    kept = page.locator("tbody tr").count()
    assert kept == sum("将预约" in line or "可预约" in line for line in lines), lines
    assert kept >= 8


def test_a_petitioner_on_a_phone(server: str, desk: Any, signed_in: Callable[..., BrowserContext], ask: Any) -> None:
    """A counselling by phone: large plain pages; the desk, the wall and the outbox tell nobody."""
    window = signed_in(None, width=390)
    page = window.new_page()
    page.goto(f"{server}/public/")
    page.get_by_role("link", name="预约咨询或来访").click()
    problems = problems_of(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator(".pick-list a", has_text="心理咨询").click()
    problems += problems_of(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator(".pick-days a").last.click()
    page.locator(".pick-times button").first.click()
    page.fill("[name=contact_name]", WHO)
    page.fill("[name=contact_phone]", PHONE)
    problems += problems_of(page)
    page.locator(".form-foot button.p").click()
    expect(page.locator(".code-card .code")).to_have_text(re.compile(r"^\w{8}$"))
    problems += problems_of(page)
    number = re.search(r"YY-SQ-\d{4}-\d{6}", page.inner_text("main"))
    assert number and problems == []

    key = ask("SELECT id FROM booking WHERE number = ?", number[0])
    day = ask("SELECT date(starts_at, '+8 hours') FROM booking WHERE id = ?", key)
    clerk = desk("clerk")
    for place in (f"/room/calendar?date={day}", "/booking/list/", f"/search/?q={WHO}", "/outbox/list/"):
        clerk.goto(server + place)
        said, asked = clerk.inner_text("main"), WHO if WHO in place else ""
        assert not [word for word in (number[0], PHONE, "139****", WHO) if word in said and word != asked], place
        assert clerk.locator(f"a[href='/booking/show/{key}']").count() == 0
    assert clerk.goto(f"{server}/booking/show/{key}").status == 404

    wall = signed_in(None).new_page()
    wall.goto(f"{server}/display/rooms")
    said = wall.inner_text("main")
    assert "心理咨询室" in said and WHO not in said and number[0] not in said
    serves = "SELECT username FROM ab_user u JOIN booking_person p ON p.account_id = u.id WHERE p.booking_id = ?"
    counsellor = ask(serves, key)
    own = signed_in(counsellor).new_page()
    own.goto(f"{server}/feed/")
    own.locator("form:has(select[name=kind]) button.p, form:has([name=kind]) button[type=submit]").first.click()
    address = re.search(r"http://\S+\.ics", own.content())
    assert address
    with urlopen(re.split(r"[\"<]", address[0])[0]) as answer:
        told = answer.read().decode()
    assert number[0] in told and "BEGIN:VEVENT" in told and WHO not in told and PHONE not in told
    page.locator("form[action='/public/booking/cancel'] button").click()
    page.locator("dialog[open] button, .dialog button.danger, .dialog button.p").last.click()
    expect(page.locator("main")).to_contain_text("已取消")
    for one in (window, wall.context, own.context):
        one.close()
