"""The supervision desk as a walk: the overdue matter is found, urged, put into a letter, answered, closed."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e.sight import look, problems_of
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
LATE = """SELECT c.{what} FROM "case" c JOIN organisation o ON o.id = c.lead_organisation_id
          WHERE o.code = '370786-ZR' AND c.state = 'handling' AND c.due_on < date('now', '+8 hours') AND NOT c.paused
          AND c.registered_at > '2020-01-01' AND NOT EXISTS (
            SELECT 1 FROM case_step s WHERE s.case_id = c.id AND s.step IN ('urge', 'supervise'))
          ORDER BY c.due_on, c.id"""


def test_overdue_urged_ordered_answered_closed(
    server: str, desk: Callable[[str], Page], ask: Any, faults: Callable[[Page], list[str]]
) -> None:
    title, case = ask(LATE.format(what="title")), ask(LATE.format(what="id"))
    page = desk("supervisor")
    watched = faults(page)
    page.goto(f"{server}/supervision/")
    row = page.locator("table.rows tbody tr", has_text=title)
    expect(row).to_contain_text("超期")
    look(page, "80-supervision-desk")
    assert problems_of(page) == []

    row.get_by_role("link", name="催办").click()
    page.fill("textarea[name=text]", "请尽快办理并答复当事人。")
    page.locator(".form-foot button.p").click()
    expect(page.locator(".flash, [role=status], .alert").first).to_contain_text("催办")
    page.goto(f"{server}/supervision/")
    row = page.locator("table.rows tbody tr", has_text=title)
    expect(row).to_contain_text("催办")

    row.get_by_role("link", name="发督办函").click()
    expect(page.locator("main")).to_contain_text("昌邑市自然资源和规划局")
    page.fill("textarea[name=why]", "已超过办理期限，仍未答复。")
    page.fill("textarea[name=requirement]", "三日内入户核实并报告。")
    page.locator(".form-foot button.p").click()
    page.goto(f"{server}/supervision/case/{case}")
    expect(page.locator("main")).to_contain_text("待回复")
    look(page, "81-supervision-course")
    assert problems_of(page) == []
    order = ask("SELECT id FROM supervision WHERE case_id = ? AND state = 'ordered'", case)

    office = desk("unit_head.d2")
    office.goto(f"{server}/supervision/")
    office.get_by_role("link", name="已超过办理期限，仍未答复。").click()
    office.get_by_role("link", name="回复督办").click()
    expect(office.locator("main")).to_contain_text("三日内入户核实并报告。")
    office.fill("textarea[name=answer]", "已入户核实，下周一前答复。")
    office.locator(".form-foot button.p").click()

    page.goto(f"{server}/supervision/list/?tab=answered")
    page.get_by_role("link", name="已超过办理期限，仍未答复。").click()
    page.get_by_role("link", name="督办办结").click()
    expect(page.locator("main")).to_contain_text("已入户核实，下周一前答复。")
    page.locator(".form-foot button.p").click()
    expect(page.locator("main")).to_contain_text("已办结")
    look(page, "82-supervision-closed")
    assert problems_of(page) == [] and watched == []
    assert ask("SELECT state FROM supervision WHERE id = ?", order) == "closed"
