"""A party with nothing but a telephone and a receipt, in large type: progress, signature by finger, experts, rating."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import ROOT
from e2e.counter import fill
from e2e.sight import SHOTS, WHOLE, complaints, too_wide, words
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

STROKES = (((0.1, 0.2), (0.2, 0.6), (0.35, 0.8)), ((0.6, 0.2), (0.62, 0.5), (0.85, 0.6)))


@pytest.fixture(scope="module")
def prepared(server: str, instance: Path) -> dict[str, Any]:
    """A case that was answered, and one whose party may pick experts, each with its secret code."""
    command = [sys.executable, "-m", "tests.e2e.prepared", str(instance)]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.fixture
def phone(server: str, chromium: Browser) -> Iterator[Page]:
    """A telephone in the hand."""
    context = chromium.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def look(page: Page, name: str) -> None:
    """It fits, reads and is built as every page, here as it stands in the hand."""
    found = [*words(page), *complaints(page, WHOLE)]
    if too_wide(page):
        found.append("wider than the window")
    assert not found, f"{name}: {found}"
    if os.environ.get("PORTAL_SHOTS"):
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=str(SHOTS / f"phone-{name}.png"), full_page=True)


def enter(page: Page, server: str, number: str, code: str) -> None:
    """Number and code of the receipt."""
    page.goto(f"{server}/public/")
    page.fill("#number", number)
    page.fill("#code", code)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").tap()


def sign(page: Page) -> None:
    """With a finger; the page does not move away under it."""
    canvas = page.locator("[data-signature] canvas")
    canvas.scroll_into_view_if_needed()
    place, before = canvas.bounding_box(), page.evaluate("scrollY")
    assert place is not None
    touch = page.context.new_cdp_session(page)
    for stroke in STROKES:
        points = [{"x": place["x"] + x * place["width"], "y": place["y"] + y * place["height"]} for x, y in stroke]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for point in points[1:]:
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator('[name="signature-strokes"]')).not_to_have_value("")
    assert page.evaluate("scrollY") == before


def send(page: Page) -> None:
    """The button of the step."""
    with page.expect_navigation():
        page.locator("main .form-foot button[type=submit]:not([name])").click()


def test_a_party_applies_and_signs_by_finger(
    phone: Page, server: str, prepared: dict[str, Any], ask: Callable[..., Any]
) -> None:
    mine = prepared["answered"]
    phone.goto(f"{server}/public/")
    while phone.get_attribute("html", "data-font") != "3":
        phone.get_by_role("button", name="大字").tap()
        phone.wait_for_timeout(100)
    answers = []
    for number, code in (("SQ-2001-999999", mine["code"]), (mine["number"], "AAAAAAAA")):
        enter(phone, server, number, code)
        answers.append(phone.inner_text("main"))
    assert answers[0] == answers[1] and "编号或查询码不正确" in answers[0]
    look(phone, "wrong")
    enter(phone, server, mine["number"].lower(), mine["code"].lower())
    expect(phone.locator("main")).to_contain_text("答复意见已送达您")
    assert phone.get_attribute("html", "data-font") == "3"
    look(phone, "case")
    phone.get_by_role("link", name="申请专家评审").tap()
    send(phone)
    expect(phone.locator("main .alert").first).to_contain_text("请更正以下 3 处")
    fill(phone, "claims", ["支付补偿款"])
    fill(phone, "reason", "面积丈量有误，请专家评审。")
    sign(phone)
    look(phone, "signed")
    send(phone)
    expect(phone.locator("main")).to_contain_text("专家正在评审")
    kept = "SELECT {} FROM signature s JOIN party p ON p.id = s.party_id WHERE p.case_id = ? ORDER BY s.id DESC"
    said = {
        name: ask(kept.format(f"s.{name}"), mine["id"])
        for name in ("kind", "sha256", "device", "storage_key", "strokes")
    }
    assert said["kind"] == "touch" and len(said["sha256"]) == 64 and said["device"].startswith("touch · Mozilla")
    with phone.expect_navigation():
        phone.get_by_role("button", name="退出查询").tap()
    assert phone.goto(f"{server}/public/case").status == 404  # type: ignore[union-attr]


def test_a_party_picks_five_experts_as_cards_and_rates(phone: Page, server: str, prepared: dict[str, Any]) -> None:
    mine = prepared["choosing"]
    enter(phone, server, mine["number"], mine["code"])
    phone.get_by_role("link", name="选择专家").tap()
    for nth in range(5):
        phone.locator('.expert-card:not(.off) button[value^="pick:"]').first.tap()
        expect(phone.locator(".order li")).to_have_count(nth + 1)
        if nth == 3:
            sign(phone)
            send(phone)
            expect(phone.locator("main .alert").first).to_contain_text("至少须选五位专家，现在选了 4 位")
    expect(phone.locator('[name="signature-strokes"]')).not_to_have_value("")
    look(phone, "picked")
    send(phone)
    expect(phone.locator("main")).to_contain_text("已选定专家")
    phone.get_by_role("link", name="评价服务").tap()
    phone.select_option("[name=satisfied]", "satisfied")
    send(phone)
    expect(phone.locator("main")).to_contain_text("谢谢您的评价")
    look(phone, "rated")
