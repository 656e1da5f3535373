"""A month of leader receptions as a walk: drawn up by rule, one leader on leave, a substitute, published; a swap asked,
agreed, approved and read by the public; then a session that receives three matters, counted."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import ROOT
from e2e.counter import Counter, column_of, fill, number_in, served_on
from e2e.sight import problems_of
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

START, MONTH = date(2026, 3, 2), "2026-04"  # April 2026 has the rest days of Tomb-sweeping
ROSTER = f"/roster/?kind=leader&month={MONTH}"
# In the order of their turns: 李建国, 李国华, 孟庆波.
LEADERS = ("leader", "leader.1", "leader.2")
OF_LEADER = """SELECT s.{what} FROM shift s JOIN ab_user u ON u.id = s.account_id
               WHERE u.username = ? AND s.kind = 'leader' AND s."on" >= ? ORDER BY s."on" """


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the served program."""
    return tmp_path_factory.mktemp("roster")


@pytest.fixture(scope="module")
def counter(place: Path, chromium: Browser) -> Iterator[Counter]:
    """The program at the beginning of March, and people at their screens."""
    with served_on(place, START, chromium) as opened:
        opened.story = "roster"
        yield opened


@pytest.fixture(scope="module")
def known(place: Path) -> Callable[..., list[Any]]:
    """`known("SELECT …")` gives a column of the served database."""
    return partial(column_of, place)


def looked_at(counter: Counter, page: Page, name: str) -> None:
    """A picture at both widths, and nothing that axe or a reader would complain of."""
    counter.look(page, name)
    assert problems_of(page) == [], name


def day_of(page: Page, on: str) -> Any:
    """The row of a day."""
    return page.locator("table.rows tbody tr", has=page.locator(f"time[datetime='{on}']"))


def the_rule(counter: Counter) -> None:
    """Three leaders in turn, every working day."""
    page = counter.open("business_admin", "/roster_rule/add")
    told = {"name": "领导轮流接访", "kind": "leader", "since": f"{MONTH}-01", "starts_at": "09:00", "ends_at": "12:00"}
    for name, said in {**told, "room": "领导接访室", "people": ["李建国", "李国华", "孟庆波"]}.items():
        fill(page, name, said)
    expect(page.locator("main")).not_to_contain_text("诉求人")
    looked_at(counter, page, "rule-form")
    counter.send(page)
    looked_at(counter, counter.open("business_admin", "/roster_rule/list/"), "rules")


def leave(counter: Counter, on: str) -> None:
    """李国华 is away that day, and the head of the centre agrees."""
    page = counter.open("leader.1", "/duty_change/add?kind=leave")
    for name in ("first_on", "last_on"):
        fill(page, name, on)
    fill(page, "reason", "外出学习")
    looked_at(counter, page, "leave-form")
    counter.send(page)
    key = number_in(page.url, "duty_change")
    page = counter.open("centre_head", f"/duty_change/{key}/do/approve_change")
    counter.send(page)
    expect(page.locator("main")).to_contain_text("已批准")


def swap(counter: Counter, mine: int, theirs: str) -> Page:
    """李建国 asks 李国华 to take a day for another; 李国华 agrees, the head approves."""
    page = counter.open("leader", f"/duty_change/add?kind=swap&shift={mine}")
    fill(page, "other_shift", theirs)
    fill(page, "reason", "参加市委会议")
    looked_at(counter, page, "swap-form")
    counter.send(page)
    key = number_in(page.url, "duty_change")
    page = counter.open("leader.1", "/duty_change/list/?tab=answer")
    looked_at(counter, page, "swap-to-answer")
    page.locator(f"table.rows a[href='/duty_change/show/{key}']").first.click()
    page.get_by_role("link", name="同意").click()
    counter.send(page)
    page = counter.open("centre_head", f"/duty_change/show/{key}")
    looked_at(counter, page, "swap-to-decide")
    page.get_by_role("link", name="批准").click()
    counter.send(page)
    expect(page.locator("main")).to_contain_text("已批准")
    return page


def test_the_month_is_drawn_up_filled_published_and_swapped(counter: Counter, known: Any) -> None:
    the_rule(counter)
    page = counter.open("business_admin", ROSTER)
    page.get_by_role("button", name="一键排班").click()
    expect(page.locator("main")).to_contain_text("可以发布")
    assert len(known("SELECT id FROM shift WHERE kind = 'leader' AND NOT published")) == 21
    expect(day_of(page, f"{MONTH}-06")).to_contain_text("清明")
    looked_at(counter, page, "draft")

    away = str(known(OF_LEADER.format(what='"on"'), "leader.1", f"{MONTH}-01")[1])
    leave(counter, away)
    page = counter.open("business_admin", ROSTER)
    expect(day_of(page, away)).to_contain_text("请假")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".flash, [role=status], .alert").first).to_contain_text("还不能发布")
    page.get_by_role("button", name="重新编排").click()
    page.locator("dialog[open] .btn.p").click()
    expect(day_of(page, away)).to_contain_text("空班")
    looked_at(counter, page, "gap")
    page.locator(".roster-faults select").select_option(label="孟庆波")
    page.locator(".roster-faults button").click()
    expect(day_of(page, away)).to_contain_text("孟庆波")
    expect(day_of(page, away)).to_contain_text("代李国华")
    page.get_by_role("button", name="发布").click()
    expect(page.locator("main")).to_contain_text("已发布")
    looked_at(counter, page, "published")

    first, second = (str(known(OF_LEADER.format(what='"on"'), who, f"{MONTH}-01")[0]) for who in LEADERS[:2])
    swap(counter, int(known(OF_LEADER.format(what="id"), "leader", f"{MONTH}-01")[0]), f"李国华 {second}")
    public = counter.open(None, "/public/roster/")
    expect(day_of(public, first)).to_contain_text("李国华")
    expect(day_of(public, second)).to_contain_text("李建国")
    expect(day_of(public, away)).to_contain_text("孟庆波")
    expect(public.locator("main")).not_to_contain_text("外出学习")
    looked_at(counter, public, "public")
    page = counter.open("leader", ROSTER)
    expect(page.locator(".roster-mine")).to_contain_text(second[5:])
    looked_at(counter, page, "my-shifts")


def present(counter: Counter, case: int, shown: bool) -> None:
    """The desk brings a matter to the leader on duty today."""
    page = counter.open("clerk", f"/case/{case}/do/present_to_leader")
    expect(page.locator("main")).to_contain_text("今日值班领导")
    expect(page.locator("main")).to_contain_text("李国华")
    fill(page, "shift", "李国华")
    if shown:
        looked_at(counter, page, "present")
    counter.send(page)


def receive(counter: Counter, case: int, heads: int, settled: bool) -> None:
    """The leader hears the parties."""
    page = counter.open("leader.1", f"/case/{case}/do/receive_by_leader")
    said = {"head_count": str(heads), "said": "要求尽快修好。", "instruction": "三日内修好并回话。", "settled": settled}
    for name, value in said.items():
        fill(page, name, value)
    counter.send(page)
    assert "/do/" not in page.url, page.inner_text("main")[:600]


def figures(page: Page) -> list[str]:
    """Receptions, persons, settled, resolved of one session."""
    names = ("receptions", "persons", "settled", "resolved")
    return [page.locator(f"#session-{name}").inner_text() for name in names]


def test_a_session_receives_three_matters_and_the_count_is_right(counter: Counter, known: Any, place: Path) -> None:
    on = date.fromisoformat(str(known(OF_LEADER.format(what='"on"'), "leader.1", f"{MONTH}-01")[0]))
    counter.at(on, 10)
    command = [sys.executable, "-m", "tests.e2e.prepared", str(place), "3"]
    made = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    cases = json.loads(made.stdout.decode().splitlines()[-1])
    home = counter.open("clerk", "/")
    expect(home.locator("section", has_text="今日值班").last).to_contain_text("李国华")
    looked_at(counter, home, "home-duty")
    for nth, case in enumerate(cases):
        present(counter, case, not nth)
    desk = counter.open("leader.1", "/")
    looked_at(counter, desk, "leader-home")
    for nth, case in enumerate(cases, 1):
        receive(counter, case, nth, settled=nth == 1)

    page = counter.open("clerk", f"/roster/sessions?month={MONTH}")
    row = page.locator("table.rows tbody tr", has_text=f"{on:%m-%d}")
    cells = [re.sub(r"\s+", " ", cell).strip() for cell in row.locator("td").all_inner_texts()]
    assert cells[1:] == ["李国华", "已接访", "3", "6", "3", "1", "0"]
    looked_at(counter, page, "sessions")
    row.locator("a").first.click()
    assert figures(page) == ["3", "6", "1 / 3", "0 / 3"]
    assert page.locator("table.rows tbody tr").count() == 3
    looked_at(counter, page, "session")

    nobody_came(counter, on + timedelta(days=1))


def nobody_came(counter: Counter, on: date) -> None:
    """The session of the day after was announced and held, and nobody came: whoever sat says so, and it counts."""
    counter.at(on + timedelta(days=1), 8)
    page = counter.open("clerk", f"/roster/sessions?month={MONTH}")
    expect(page.locator(".card.num").first).to_contain_text("1 / 2")
    page = counter.open("leader", f"/roster/sessions?month={MONTH}")
    page.locator("table.rows tbody tr", has_text=f"{on:%m-%d}").locator("a").first.click()
    fill(page, "reason", "已公示并按时坐班，无人来访。")
    looked_at(counter, page, "session-to-confirm")
    page.get_by_role("button", name="确认已坐班").click()
    expect(page.locator("main")).to_contain_text("确认人：李建国")
    looked_at(counter, page, "session-confirmed")
    page = counter.open("clerk", f"/roster/sessions?month={MONTH}")
    expect(page.locator(".card.num").first).to_contain_text("2 / 2")
    looked_at(counter, page, "sessions-after")
