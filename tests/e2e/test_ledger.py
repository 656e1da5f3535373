"""An Excel of 200 old cases with seven bad rows is tried, mended and imported, then undone; an envelope leaves."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from e2e.sight import look, problems_of
from ledger import FAULTY, ledger, workbook
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
COLUMNS = (
    *("outside_number", "registered_on", "organisation", "channel", "kind", "category", "title", "facts", "claims"),
    *("result", "resolved", "petitioner", "id_type", "id_number", "phone", "address"),
    *("respondent", "town", "place", "head_count", "occurred_on", "lead_organisation", "replied_on", "closed_on"),
)


@pytest.fixture
def archive(server: str, signed_in: Callable[..., Any]) -> Page:
    """The archivist's page."""
    page: Page = signed_in("archivist", accept_downloads=True).new_page()
    page.goto(f"{server}/case/list/")
    return page


def saved(page: Page, what: str) -> bytes:
    """The file that a link or button gives."""
    with page.expect_download() as waiting:
        page.get_by_text(what, exact=False).first.click()
    return Path(waiting.value.path()).read_bytes()


def hand_in(page: Page, name: str, content: bytes) -> None:
    """A file chosen and tried."""
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("#file", {"name": name, "mimeType": sheet, "buffer": content})
    page.get_by_role("button", name="试导入").click()
    expect(page.locator("h1")).to_have_text(name)


def test_an_old_ledger_is_tried_mended_imported_and_undone(server: str, archive: Page, ask: Any) -> None:
    page, before = archive, ask('SELECT count(*) FROM "case"')
    page.get_by_role("link", name="导入", exact=True).click()
    look(page, "60-import-new")
    template = openpyxl.load_workbook(io.BytesIO(saved(page, "下载模板")))
    heads = dict(zip(COLUMNS, (cell.value for cell in template.worksheets[0][1]), strict=False))
    hand_in(page, "旧台账.xlsx", workbook(ledger(200, FAULTY), heads))
    expect(page.locator("main")).to_contain_text("共 200 行，可导入 193 行，7 行有误")
    expect(page.locator("table.rows tbody tr")).to_have_count(7)
    look(page, "61-import-tried")
    assert problems_of(page) == []

    mine = openpyxl.load_workbook(io.BytesIO(saved(page, "下载标注错误的文件"))).worksheets[0]
    said = {row[0].row - 1: row[-1].value for row in mine.iter_rows(min_row=2) if row[-1].value}
    assert said.keys() == FAULTY.keys() and "日期" in said[121]
    assert ask('SELECT count(*) FROM "case"') == before

    page.get_by_role("link", name="换一个文件").click()
    hand_in(page, "旧台账改.xlsx", workbook(ledger(200), heads))
    page.get_by_role("button", name="正式导入 200 行").click()
    expect(page.locator("main")).to_contain_text("已导入 200 行")
    look(page, "62-import-done")
    assert ask('SELECT count(*) FROM "case"') == before + 200
    batch = page.url
    case = ask("SELECT id FROM \"case\" WHERE outside_number = '旧00010'")
    page.goto(f"{server}/case/show/{case}")
    expect(page.locator("main")).to_contain_text("旧台账导入")
    look(page, "63-old-case")
    assert problems_of(page) == []

    page.goto(batch)
    page.get_by_role("button", name="撤销导入").click()
    page.locator("dialog button.p, dialog button.danger").first.click()
    expect(page.locator("main")).to_contain_text("本批导入已撤销")
    assert ask('SELECT count(*) FROM "case"') == before


def test_a_long_file_is_worked_off_beside_the_page(server: str, archive: Page) -> None:
    archive.goto(f"{server}/import/new")
    template = openpyxl.load_workbook(io.BytesIO(saved(archive, "下载模板")))
    heads = dict(zip(COLUMNS, (cell.value for cell in template.worksheets[0][1]), strict=False))
    hand_in(archive, "长台账.xlsx", workbook(ledger(2_100), heads))
    expect(archive.locator("main")).to_contain_text(
        "共 2100 行，全部可以导入", timeout=60_000
    )  # the page looks by itself


def test_an_envelope_leaves_in_the_codes_of_the_other_side(server: str, signed_in: Callable[..., Any]) -> None:
    admin: Page = signed_in("business_admin").new_page()
    admin.goto(f"{server}/partner/add")
    for label, text in (("名称", "省平台"), ("代码", "PROVINCE")):
        admin.get_by_label(label, exact=False).first.fill(text)
    admin.get_by_role("button", name="保存").first.click()
    expect(admin.locator("h1")).to_have_text("省平台")
    look(admin, "64-partner")
    assert problems_of(admin) == []
    clerk: Page = signed_in("clerk", accept_downloads=True).new_page()
    clerk.goto(f"{server}/exchange/send")
    look(clerk, "65-exchange-send")
    assert problems_of(clerk) == []
    clerk.select_option("#partner", "PROVINCE")
    with clerk.expect_download() as waiting:
        clerk.get_by_role("button", name="生成文件").click()
    parcel = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert parcel["schema"] == "appeals-case" and parcel["records"]
    clerk.goto(f"{server}/exchange/compare")
    clerk.select_option("#partner", "PROVINCE")
    listed = f"编号,状态\n{parcel['records'][0]['number']},closed\nX-1,registered\n"
    clerk.set_input_files("#file", {"name": "对方.csv", "mimeType": "text/csv", "buffer": listed.encode()})
    clerk.get_by_role("button", name="对账").click()
    expect(clerk.locator("main")).to_contain_text("我方缺少")
    look(clerk, "66-compared")
    assert problems_of(clerk) == []
