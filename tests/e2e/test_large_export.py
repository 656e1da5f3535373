"""An export says that it is being made; above the limit it is asked for, approved, made, told of and fetched once."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from e2e.sight import look, problems_of
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
SHEET = "form[data-export] button[value=xlsx]"


@pytest.fixture
def low_limit(server: str, instance: Path) -> Iterator[None]:
    """Twenty rows are the most that is exported at once."""

    def turn(most: int) -> None:
        with closing(sqlite3.connect(instance / "portal.db", timeout=20)) as connection:
            connection.execute("UPDATE parameter SET value = ?, least = 1 WHERE code = 'export_most'", (str(most),))
            connection.commit()

    turn(20)
    yield
    turn(10_000)


def export(page: Page) -> None:
    """Choose XLSX in the menu, by keyboard."""
    page.locator("summary", has_text="导出").click()
    page.locator(SHEET).press("Enter")


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a workbook below its headings."""
    return list(
        openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0].iter_rows(min_row=2, values_only=True)
    )


def test_an_old_browser_that_does_not_name_the_button_exports_too(server: str, signed_in: Callable[..., Any]) -> None:
    """Chromium 80 knows no `submitter`: whoever asked for CSV would get a workbook."""
    page: Page = signed_in("clerk", accept_downloads=True).new_page()
    page.add_init_script("Object.defineProperty(SubmitEvent.prototype, 'submitter', { get: () => undefined })")
    page.goto(f"{server}/case/list/?all=1")
    page.locator("summary", has_text="导出").click()
    with page.expect_download() as waiting:
        page.locator("form[data-export] button[value=csv]").press("Enter")
    assert waiting.value.suggested_filename.endswith(".csv")


def test_the_page_says_what_becomes_of_an_export(server: str, signed_in: Callable[..., Any]) -> None:
    page: Page = signed_in("clerk", accept_downloads=True).new_page()
    page.goto(f"{server}/case/list/?all=1")
    held: list[Any] = []
    page.route("**/case/export", lambda route: held.append(route))
    export(page)
    expect(page.locator("[data-export-said]")).to_have_text("正在准备文件…")
    control = page.locator("details.menu", has=page.locator(SHEET)).locator("summary")
    expect(control).to_have_attribute("aria-busy", "true")
    with page.expect_download() as waiting:
        held[0].continue_()
    name, rows = waiting.value.suggested_filename, rows_of(Path(waiting.value.path()))
    assert name.startswith("case-") and name.endswith(".xlsx") and len(rows) > 20
    expect(page.locator("[data-export-said]")).to_contain_text(f"文件已保存：{len(rows)} 行")
    expect(control).not_to_have_attribute("aria-busy", "true")
    page.unroute("**/case/export")
    page.route("**/case/export", lambda route: route.abort())
    export(page)
    expect(page.locator("[data-export-said]")).to_contain_text("连接已断开")
    expect(control).not_to_have_attribute("aria-busy", "true")
    assert problems_of(page) == []


def test_without_a_script_the_file_comes_all_the_same(server: str, signed_in: Callable[..., Any]) -> None:
    page: Page = signed_in("clerk", accept_downloads=True, java_script_enabled=False).new_page()
    page.goto(f"{server}/case/list/?all=1")
    page.locator("summary", has_text="导出").click()
    with page.expect_download() as waiting:
        page.locator(SHEET).press("Enter")
    assert len(rows_of(Path(waiting.value.path()))) > 20


def test_a_large_export_is_asked_for_made_and_fetched_once(
    server: str, signed_in: Callable[..., Any], low_limit: None
) -> None:
    clerk: Page = signed_in("clerk", accept_downloads=True).new_page()
    clerk.goto(f"{server}/case/list/?all=1")
    listed = clerk.url
    export(clerk)
    said = clerk.locator("[data-export-said]")
    expect(said).to_contain_text("结果超过 20 行")
    assert clerk.url == listed
    look(clerk, "67-export-refused")
    said.get_by_role("button", name="申请导出").click()
    clerk.get_by_label("导出用途").fill("年度统计核对")
    clerk.get_by_role("button", name="提交申请").click()
    expect(clerk.locator("main")).to_contain_text("待审批")
    asked = clerk.url

    head: Page = signed_in("centre_head").new_page()
    head.goto(asked)
    head.get_by_role("button", name="批准", exact=True).click()
    clerk.goto(f"{server}/notice/list/")
    expect(clerk.locator("main")).to_contain_text("您申请的导出已生成")
    clerk.goto(asked)
    expect(clerk.locator("main")).to_contain_text("文件已生成")
    look(clerk, "68-export-ready")
    assert problems_of(clerk) == []
    with clerk.expect_download() as waiting:
        clerk.get_by_role("button", name="下载文件").click()
    rows = rows_of(Path(waiting.value.path()))
    assert len(rows) > 20 and all("****" in row[5] for row in rows if row[5])
    clerk.goto(asked)
    expect(clerk.locator("main")).to_contain_text("已下载")
    expect(clerk.get_by_role("button", name="下载文件")).to_have_count(0)
    look(clerk, "69-export-fetched")
