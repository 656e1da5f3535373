"""The administrators' part of a first day, by keyboard only: an expert with a conflict link, a role built on screen."""

from collections.abc import Callable

import pytest
from e2e.conftest import PASSWORD
from e2e.keys import Keys
from e2e.sight import look
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_an_expert_with_a_conflict_link(sit_down: Callable[[str], Keys]) -> None:
    keys = sit_down("business_admin")
    page = keys.page
    keys.to("评审人员库")
    keys.go()
    look(page, "19-experts")
    keys.to("新增专家")
    keys.go()
    keys.fill("姓名", "姜文博")
    keys.pick("人员类别", "专家学者")
    keys.fill("职务职称", "不动产估价师")
    keys.fill("联系电话", "15412349999")
    keys.fill("聘期开始", "2026-01-01")
    keys.press("Escape")
    keys.fill("聘期结束", "2028-12-31")
    keys.press("Escape")
    look(page, "20-expert-form")
    keys.go("Control+Enter")
    expect(page.locator("h1")).to_have_text("姜文博")
    look(page, "21-expert")
    keys.to("新增 亲属")
    keys.go()
    keys.fill("姓名", "姜海燕")
    keys.pick("亲属关系", "配偶")
    keys.choose("任职机构", "住房", "昌邑市住房和城乡建设局")
    look(page, "22-kin-form")
    keys.go("Control+Enter")
    expect(page.locator("main")).to_contain_text("姜海燕")
    expect(page.locator(".sub")).to_contain_text("回避关联")
    look(page, "23-expert-with-kin")


def test_a_role_built_on_screen(sit_down: Callable[[str], Keys]) -> None:
    keys = sit_down("sysadmin")
    page = keys.page
    keys.to("角色与权限")
    keys.go()
    look(page, "24-roles")
    keys.to("新建角色")
    keys.go()
    if "/confirm" in page.url:
        look(page, "25-confirm")
        keys.write(PASSWORD)
        keys.go()
    keys.fill("名称", "窗口查询岗")
    keys.to("不看诉求事项…")
    keys.press("ArrowUp")  # the last of the scopes: own organisation and below
    keys.to("查看")
    keys.press("Space")
    expect(page.locator("#role-preview")).to_contain_text("诉求事项")
    look(page, "26-role-form")
    for name in ("办理记录", "回访…"):
        keys.to(name)
        keys.press("Space")
    expect(page.locator("[data-separation]:visible")).not_to_have_count(0)
    keys.go("Control+Enter")
    expect(page.locator("#grant-errors")).to_be_visible()
    look(page, "27-role-refused")
    keys.to("办理记录…")
    keys.press("Space")
    keys.go("Control+Enter")
    expect(page.locator("h1")).to_contain_text("窗口查询岗")
    look(page, "28-role")
