"""The real program in a process of its own, and a real Chromium that talks to nobody else."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from e2e.keys import Keys
from e2e.sight import look
from playwright.sync_api import Browser, BrowserContext, Page, expect

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "Walk-2026-portal"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the program answers; if it ends before, or takes five minutes, say what it wrote."""
    last = time.monotonic() + 300
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < last, log.read_text("utf-8")[-3000:]
            time.sleep(0.25)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the served program."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def server(instance: Path) -> Iterator[str]:
    """`python app.py` on a fresh instance; gives its address."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment |= {"PORTAL_INSTANCE": str(instance), "PORTAL_PORT": str(port), "PORTAL_DEMO_PASSWORD": PASSWORD}
    log = (instance / "log").open("wb")
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        await_answer(address, process, instance / "log")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def ask(server: str, instance: Path) -> Callable[..., Any]:
    """`ask("SELECT …")` gives one value of the served database: the number of a demo record to open."""

    def one(question: str, *values: Any) -> Any:
        with closing(sqlite3.connect(f"file:{instance / 'portal.db'}?mode=ro", uri=True)) as connection:
            row = connection.execute(question, values).fetchone()
        assert row is not None and row[0] is not None, f"no demo record: {question} {values}"
        return row[0]

    return one


@pytest.fixture(scope="session")
def signed_in(server: str, chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`signed_in("clerk")` gives a browser window of that account; the sign-in is done once a run."""
    states: dict[str, Any] = {}
    opened: list[BrowserContext] = []

    def window(username: str | None, width: int = 1280, **more: Any) -> BrowserContext:
        if username and username not in states:
            context = chromium.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(f"{server}/login/")
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(f"{server}/", timeout=60_000)
            states[username] = context.storage_state()
            context.close()
        context = chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
            storage_state=states.get(username or ""),
            **more,
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        return context

    yield window
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def desk(signed_in: Callable[..., BrowserContext]) -> Callable[[str | None], Page]:
    """`desk("clerk")` gives that account's one page, used again from test to test."""
    pages: dict[str | None, Page] = {}

    def page_of(username: str | None) -> Page:
        if username not in pages:
            pages[username] = signed_in(username).new_page()
        return pages[username]

    return page_of


@pytest.fixture(scope="session")
def sit_down(server: str, chromium: Browser) -> Callable[[str], Keys]:
    """`sit_down("clerk")` signs that account in by keyboard in a fresh browser and gives its keyboard."""
    seats: dict[str, Keys] = {}

    def seat(username: str) -> Keys:
        if username not in seats:
            screen = {"width": 1280, "height": 900}
            context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=screen)
            context.set_default_timeout(30_000)
            keys = Keys(context.new_page())
            keys.page.goto(server)
            if not seats:
                look(keys.page, "01-sign-in")
            keys.await_focus("用户名")
            keys.write(username)
            keys.fill("密码", PASSWORD)
            keys.go()
            expect(keys.page.locator("h1")).to_contain_text("好，")
            seats[username] = keys
        return seats[username]

    return seat


@pytest.fixture
def faults(server: str) -> Iterator[Callable[[Page], list[str]]]:
    """Watch a page during one test: script errors, console errors, and requests that leave the machine."""
    watched: list[tuple[Page, str, Any]] = []

    def watch(page: Page) -> list[str]:
        found: list[str] = []
        listeners: dict[str, Any] = {
            "pageerror": lambda error: found.append(f"script: {error}"),
            "console": lambda said: found.append(f"console: {said.text}") if said.type == "error" else None,
            "request": lambda asked: (
                found.append(f"outside: {asked.url}")
                if not asked.url.startswith((server, "data:", "blob:", "about:"))
                else None
            ),
        }
        for event, listener in listeners.items():
            page.on(event, listener)  # type: ignore[call-overload]
            watched.append((page, event, listener))
        return found

    yield watch
    for page, event, listener in watched:
        page.remove_listener(event, listener)
