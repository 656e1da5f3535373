"""What makes a day at the desk bearable: nothing typed is lost, nothing chosen is asked twice."""

import re
from collections.abc import Callable, Iterator

import pytest
from e2e.conftest import PASSWORD
from e2e.keys import Keys
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

USERNAME = "clerk.t2"  # nobody else of these tests sits there, so what it likes stays as this file leaves it
TITLE = "小区电梯停运半年无人维修"


def sign_in(page: Page, server: str, path: str = "/") -> None:
    """Sign in where the page stands, or from the start."""
    if "/login/" not in page.url:
        page.goto(f"{server}/login/?next={path}")
    page.fill("[name=username]", USERNAME)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".side")


@pytest.fixture
def page(server: str, signed_in: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A browser of its own, signed in."""
    context = signed_in(USERNAME)
    fresh = context.new_page()
    fresh.goto(server)
    yield fresh
    context.close()


def begin(page: Page, server: str, title: str) -> Keys:
    """Start a registration and wait until the server has it: less than ten seconds."""
    keys = Keys(page)
    page.goto(f"{server}/case/add")
    keys.fill("姓名", "韩秀芝")
    keys.fill("标题", title)
    expect(page.locator("[data-draft-note]")).to_contain_text("草稿已于", timeout=10_000)
    return keys


def test_a_page_that_dies_loses_nothing(server: str, page: Page) -> None:
    begin(page, server, TITLE)
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(f"{server}/case/add")
    again.click("a[href='/case/drafts/']")
    again.click(f"main a:has-text('{TITLE}')")
    expect(again.locator("[name=title]")).to_have_value(TITLE)
    expect(again.locator("[name='petitioners-0-name']")).to_have_value("韩秀芝")


def test_a_session_that_ends_loses_nothing(server: str, page: Page) -> None:
    keys = begin(page, server, "村内道路积水多年")
    page.context.clear_cookies()
    keys.write("未修")
    expect(page.locator("[data-draft-note]")).not_to_contain_text("草稿已于", timeout=10_000)
    expect(page.locator("[data-draft-note]")).to_be_visible()
    keys.press("Control+Enter")
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, server)
    page.goto(f"{server}/case/drafts/")
    page.click("main a:has-text('村内道路积水多年')")
    expect(page.locator("[name=title]")).to_have_value(re.compile("^村内道路积水多年"))


def test_signed_in_again_in_another_window_the_page_goes_on(server: str, page: Page) -> None:
    keys = begin(page, server, "河道清淤占压承包地")
    page.context.clear_cookies()
    keys.write("未补")
    expect(page.locator("[data-draft-note]")).to_contain_text("草稿未能保存", timeout=10_000)
    other = page.context.new_page()
    sign_in(other, server)
    other.close()
    expect(page.locator("[data-draft-note]")).to_contain_text("草稿已于", timeout=20_000)


def test_a_day_that_does_not_exist_stays_as_it_was_typed(server: str, page: Page) -> None:
    """The calendar's own reading would make 14 February 2021 of it, without a word."""
    page.goto(f"{server}/case/add")
    box = page.locator("[name=occurred_on]")
    for typed, kept in (
        ("2020-13-45", "2020-13-45"),
        ("2026-2-3", "2026-02-03"),
        ("2099-01-01", "2099-01-01"),
        ("昨天", "昨天"),
    ):
        box.fill(typed)
        box.press("Tab")
        expect(box).to_have_value(kept)
        box.fill(typed)
        page.mouse.click(5, 5)
        expect(box).to_have_value(kept)
    box.fill("2020-13-45")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[name=occurred_on][aria-invalid=true]")).to_have_value("2020-13-45")


def test_one_box_finds_from_anywhere(server: str, page: Page) -> None:
    keys = Keys(page)
    page.goto(f"{server}/case/list/?all=1")
    row = page.locator("table.rows tbody tr").first
    title, number = row.locator("td.main a").inner_text(), row.locator("td.main small").inner_text().split(" ")[0]
    for path, shortcut in (("/person/list/", "/"), ("/case/add", "Control+k")):
        page.goto(server + path)
        keys.press(shortcut)
        assert keys.focus() == "搜索"
        keys.write(number[-6:])
        expect(page.locator("#quick-results [role=option]").first).to_be_visible()
        for _step in range(8):
            keys.press("ArrowDown")
            if number in page.locator("#quick-results [aria-selected=true]").inner_text():
                break
        keys.go()
        expect(page.locator("h1")).to_have_text(title)
    keys.press("/")
    keys.write("不会有的名字")
    keys.press("Escape", "Escape")
    assert keys.focus() != "搜索"


def test_a_number_stands_in_no_address(server: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/case/list/?all=1")
    page.locator("#quick").type("13905360000", delay=20)
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.go_back()
    page.locator(".list-bar input[type=search]").fill("37078619620305001X")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/list/?q=*")
    assert page.input_value(".list-bar input[type=search]") == "37078619620305001X"
    page.go_back()
    page.go_forward()
    assert page.input_value(".list-bar input[type=search]") == "37078619620305001X"
    assert any("/search/suggest" in url for url in asked) and not [
        url for url in asked if "1390536" in url or "370786" in url
    ]
    page.goto(f"{server}/case/list/?all=1")  # left as the next test finds it


def test_the_list_comes_back_as_left(server: str, page: Page) -> None:
    page.goto(f"{server}/case/list/?all=1")
    with page.expect_navigation():
        page.locator(".tabs a", has_text="集体访").click()
    page.goto(f"{server}/")
    page.locator(".side a", has_text="诉求事项").click()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("集体访")


def test_a_filter_is_kept_under_its_name(server: str, page: Page) -> None:
    page.goto(f"{server}/case/list/?all=1&q=宅基地")
    page.locator("details.fold summary", has_text="筛选").click()
    page.fill("#save-name", "宅基地的事")
    with page.expect_navigation():
        page.locator("form[action$='save-filter'] button").click()
    page.goto(f"{server}/case/list/?all=1")
    with page.expect_navigation():
        page.locator(".tabs a", has_text="宅基地的事").click()
    expect(page.locator(".chips, .list-bar input[type=search]").first).to_be_visible()
    assert page.input_value(".list-bar input[type=search]") == "宅基地"


def test_the_columns_stay_chosen(server: str, page: Page) -> None:
    page.goto(f"{server}/case/list/?all=1")
    expect(page.locator("thead")).to_contain_text("登记时间")
    page.locator("details.menu summary", has_text="列").click()
    page.locator("details.menu .check", has_text="登记时间").click()
    with page.expect_navigation():
        page.locator("form[action$='columns'] button.p").click()
    page.goto(f"{server}/case/list/?all=1")
    expect(page.locator("thead")).not_to_contain_text("登记时间")
    page.locator("details.menu summary", has_text="列").click()
    page.locator("form[action$='columns'] button[name=reset]").click()
    expect(page.locator("thead")).to_contain_text("登记时间")


@pytest.mark.parametrize(
    ("name", "plain", "chosen"), [("font", "1", "2"), ("contrast", "normal", "high"), ("theme", "light", "dark")]
)
def test_a_switch_stays_switched(
    server: str, page: Page, chromium: Browser, name: str, plain: str, chosen: str
) -> None:
    button = page.locator(f".top button[name={name}]")
    with page.expect_response("**/account/preferences"):
        button.click()
    assert page.get_attribute("html", f"data-{name}") == chosen, "at once"
    elsewhere = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()
    sign_in(elsewhere, server)
    assert elsewhere.get_attribute("html", f"data-{name}") == chosen, "on every computer of this person"
    elsewhere.context.close()
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    while page.get_attribute("html", f"data-{name}") != plain:
        with page.expect_response("**/account/preferences"):
            button.click()
        page.wait_for_timeout(50)


def test_paper_is_always_light(server: str, page: Page) -> None:
    page.goto(f"{server}/case/list/?all=1")
    page.goto(server + str(page.locator("td.main a").first.get_attribute("href")))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    seen = page.evaluate("""() => { const of = node => getComputedStyle(node);
        return {page: of(document.body).backgroundColor, card: of(document.querySelector('.card')).backgroundColor,
                ink: of(document.querySelector('h1')).color, menu: of(document.querySelector('.side')).display,
                bar: of(document.querySelector('.top')).display}; }""")
    assert seen["page"] == seen["card"] == "rgb(255, 255, 255)"
    assert max(int(part) for part in re.findall(r"\d+", seen["ink"])[:3]) < 80, seen
    assert seen["menu"] == seen["bar"] == "none"
