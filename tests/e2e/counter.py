"""The counter of a centre in a real browser: who sits down, on which day, and forms filled in by their names."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from e2e.conftest import PASSWORD, ROOT, await_answer, free_port
from e2e.sight import look
from playwright.sync_api import APIRequestContext, Browser, Locator, Page, expect

from app.core import clock


class Counter:
    """People at their screens, each with a browser of their own; each day they sign in anew, as their sessions of the
    day before have ended."""

    def __init__(self, browser: Browser, address: str, clock_file: Path, password: str) -> None:
        self.browser, self.address, self.clock_file, self.password = browser, address, clock_file, password
        self.pages: dict[str, Page] = {}
        self.present: set[str] = set()
        self.case = self.review = 0
        self.story, self.shot = "course", 0

    def at(self, day: date, hour: int = 9) -> None:
        """Another day: the clock is moved, and whoever sits down signs in again."""
        moment = datetime.combine(day, time(hour), clock.LOCAL)
        self.clock_file.write_text(moment.isoformat(), "ascii")
        self.present.clear()

    def page(self, who: str | None) -> Page:
        """The screen of an account; of somebody without one for None."""
        key = who or ""
        if key not in self.pages:
            context = self.browser.new_context(
                locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900}
            )
            context.set_default_timeout(60_000)
            self.pages[key] = context.new_page()
        if who and who not in self.present:
            self.pages[key].goto("about:blank")  # what yesterday's page still asks for is not answered into today
            self.pages[key].context.clear_cookies()
            self._sign_in(self.pages[key].context.request, who)
            self.present.add(who)
        return self.pages[key]

    def _sign_in(self, browser: APIRequestContext, who: str) -> None:
        """Sign in without drawing the pages; how they look is looked at elsewhere."""
        login = f"{self.address}/login/"
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(login).text())
        assert token, "the page of the sign-in has no token"
        given = {"username": who, "password": self.password, "csrf_token": token.group(1)}
        answer = browser.post(login, form=given)
        assert answer.url == f"{self.address}/", f"{who}: {answer.status} {answer.url}"

    def open(self, who: str | None, path: str, name: str = "") -> Page:
        """Open a page and look at it."""
        page = self.page(who)
        answer = page.goto(f"{self.address}{path}")
        assert answer is not None and answer.status == 200, f"{who} {path}: {answer and answer.status}"
        if name:
            self.look(page, name)
        return page

    def look(self, page: Page, name: str) -> None:
        """Look at it at both widths; a picture of each, numbered in the order of the story."""
        self.shot += 1
        look(page, f"{self.story}-{self.shot:02}-{name}")
        page.set_viewport_size({"width": 1280, "height": 900})

    def step(self, who: str, step: str, seen: bool = False, of: str = "case", **given: Any) -> Page:
        """Carry a step out by its form; a step that succeeds leads back to the record."""
        page = self.fill_in(who, step, of, **given)
        if seen:
            self.look(page, f"{step}-form")
        self.send(page)
        assert "/do/" not in page.url, f"{step}: {page.inner_text('main')[:600]}"
        return page

    def refused(self, who: str, step: str, sentence: str, of: str = "case", **given: Any) -> None:
        """The form says why not, and keeps what was typed."""
        page = self.fill_in(who, step, of, **given)
        typed = {name: value for name, value in given.items() if isinstance(value, str)}
        self.send(page)
        assert "/do/" in page.url
        expect(page.locator("main")).to_contain_text(sentence)
        for name, value in typed.items():
            box = page.locator(f'[name="{name}"]').first
            if box.evaluate("e => e.type") in ("text", "textarea"):
                expect(box).to_have_value(value)
        self.look(page, f"{step}-refused")

    def fill_in(self, who: str, step: str, of: str = "case", **given: Any) -> Page:
        """Open a step and fill its boxes in."""
        page = self.open(who, f"/{of}/{getattr(self, of)}/do/{step}")
        for name, value in given.items():
            fill(page, name, value)
        return page

    def send(self, page: Page) -> None:
        """Press the button that carries the step out."""
        button = page.locator("main .form-foot button[type=submit]:not([name])")
        sure = page.locator("form[data-confirm]").count() > 0
        with page.expect_navigation():
            button.click()
            if sure:
                page.locator("dialog[open] .btn.p").click()


@contextmanager
def served_on(folder: Path, start: date, browser: Browser) -> Iterator[Counter]:
    """The program on a day of our choice, in a process of its own, and people at their screens."""
    (folder / "clock").write_text(f"{start}T09:00:00+08:00", "ascii")
    port = free_port()
    log = (folder / "log").open("wb")
    command = [sys.executable, "-m", "tests.e2e.served", str(folder), str(port), PASSWORD]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        await_answer(address, process, folder / "log")
        yield Counter(browser, address, folder / "clock", PASSWORD)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def column_of(folder: Path, question: str, *values: Any) -> list[Any]:
    """A column of a served database."""
    with closing(sqlite3.connect(f"file:{folder / 'portal.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute(question, values)]


def signed(page: Page, name: str) -> None:
    """Draw a name on the pad of a signature, as a finger does."""
    box = page.locator(f'[data-signature="{name}"]')
    box.locator(f'[name="{name}-kind"][value=touch]').check()
    canvas = box.locator("canvas")
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    assert place is not None
    for row, strokes in enumerate((((0.1, 0.3), (0.3, 0.7), (0.5, 0.3)), ((0.6, 0.2), (0.6, 0.8), (0.85, 0.5)))):
        x, y = strokes[0]
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        page.mouse.down()
        for x, y in strokes[1:]:
            page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"], steps=4 + row)
        page.mouse.up()
    expect(box.locator(f'[name="{name}-strokes"]')).not_to_have_value("")


def _options(page: Page, box: Locator, words: list[str]) -> None:
    """In a choice with search: type each word and take the first option that says it."""
    for word in words:
        box.evaluate("e => e.tomselect.focus()")
        page.keyboard.insert_text(word)
        option = page.locator(".ts-dropdown:visible .option", has_text=word).first
        expect(option).to_be_visible()
        option.click()
        page.keyboard.press("Escape")


def fill(page: Page, name: str, value: Any) -> None:
    """Fill one box in, whatever it is: text, choice, tick, file, signature (SIGN), or a row of boxes."""
    if callable(value):
        value(page, name)
        return
    if isinstance(value, Path):
        page.set_input_files(f'input[type=file][name^="{name}"]', str(value))
        return
    box = page.locator(f'[name="{name}"]').first
    kind = box.evaluate("e => e.tomselect ? 'search' : e.type")
    if kind == "search":
        _options(page, box, value if isinstance(value, list) else [value])
    elif kind == "radio":
        page.locator(f'[name="{name}"][value="{value}"]').check()
    elif kind == "checkbox":
        box.set_checked(bool(value))
    elif kind.startswith("select"):
        box.select_option(value)
    else:
        box.fill(str(value))
        box.press("Tab")  # a calendar that opened closes again


SIGN: Callable[[Page, str], None] = signed


def number_in(url: str, noun: str) -> int:
    """The number of a record in an address."""
    found = re.search(rf"/{noun}/(?:show/)?(\d+)", url)
    assert found, url
    return int(found.group(1))
