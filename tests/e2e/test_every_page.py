"""Every page type in a real browser: nothing inaccessible, nothing cut, no script error, no request to the outside."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

# One address of each page type, and who opens it; FIRST stands for the first row of the list before it.
PAGES: tuple[tuple[str, str], ...] = (
    ("clerk", "/"), ("clerk", "/case/list/"), ("clerk", "/case/list/ FIRST"), ("clerk", "/case/add"),
    ("clerk", "/person/list/"), ("clerk", "/person/list/ FIRST"), ("clerk", "/visit/list/"), ("clerk", "/visit/list/ FIRST"),
    ("clerk", "/search/?q=供暖"), ("clerk", "/notice/list/"), ("clerk", "/account/"), ("clerk", "/account/password"),
    ("clerk", "/account/sessions"), ("clerk", "/logout/"), ("clerk", "/nowhere"),
    ("business_admin", "/expert/list/"), ("business_admin", "/expert/list/ FIRST"), ("business_admin", "/expert/add"),
    ("business_admin", "/adviser/list/"), ("business_admin", "/law_firm/list/"), ("business_admin", "/room/list/"),
    ("business_admin", "/room/list/ FIRST"), ("business_admin", "/room/add"), ("business_admin", "/shift/list/"),
    ("business_admin", "/category/list/"), ("business_admin", "/code_table/list/"),
    ("business_admin", "/code_table/list/ FIRST"), ("business_admin", "/calendar_day/list/"),
    ("business_admin", "/calendar_year/list/"), ("business_admin", "/deadline_rule/list/"),
    ("business_admin", "/deadline_rule/list/ FIRST"),
    ("sysadmin", "/organisation/list/"), ("sysadmin", "/organisation/list/ FIRST"), ("sysadmin", "/account/list/"),
    ("sysadmin", "/account/list/ FIRST"), ("sysadmin", "/account/add"), ("sysadmin", "/role/list/"),
    ("sysadmin", "/role/list/ FIRST"),
    ("security_auditor", "/audit/list/"), ("security_auditor", "/audit/list/ FIRST"),
    ("dispatcher", "/case/list/ FIRST"),
)
MODES = {
    "plain": (1280, {}),
    "phone": (390, {}),
    "large": (1280, {"data-font": "3"}),
    "dark": (1280, {"data-theme": "dark"}),
    "contrast": (1280, {"data-contrast": "high"}),
}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def open_page(page: Page, server: str, place: str) -> None:
    """Go there; FIRST opens the first row of the list."""
    path, _, first = place.partition(" ")
    page.goto(server + path)
    if first:
        page.goto(server + str(page.locator("table.rows tbody a[href*='/show/']").first.get_attribute("href")))
    page.wait_for_load_state("networkidle")


def complaints(page: Page) -> list[str]:
    """What axe finds, shortly."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]]


@pytest.mark.parametrize(("username", "place"), PAGES, ids=[place for _who, place in PAGES])
def test_page(server: str, signed_in: Callable[..., BrowserContext], faults, username: str, place: str) -> None:
    context = signed_in(username)
    page = context.new_page()
    watched = faults(page)
    open_page(page, server, place)
    problems: list[str] = []
    for mode, (width, marks) in MODES.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("""marks => { const root = document.documentElement;
            root.dataset.theme = 'light'; root.dataset.font = '1'; root.dataset.contrast = 'normal';
            for (const [name, value] of Object.entries(marks)) root.setAttribute(name, value); }""", marks)
        page.wait_for_timeout(60)
        problems += [f"{mode}: {complaint}" for complaint in complaints(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
            problems.append(f"{mode}: wider than the window")
    text = page.inner_text("body")
    problems += [f"not a word for people: {word}" for word in (" None", "True", "False", "undefined") if word in text]
    context.close()
    expected = [fault for fault in watched if not (place == "/nowhere" and "404" in fault)]
    assert problems + expected == []


def test_sign_in_page(server: str, signed_in: Callable[..., BrowserContext], faults) -> None:
    context = signed_in(None)
    page = context.new_page()
    watched = faults(page)
    page.goto(f"{server}/login/")
    assert complaints(page) + watched == []
    context.close()
