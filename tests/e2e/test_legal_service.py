"""Legal service as a walk: a thin month warned of until its events are planned and written down, a consultation
recorded, a hearing before a decision called in time, signed, and concluded when every opinion has its answer."""

from collections.abc import Iterator
from datetime import date

import pytest
from e2e.counter import Counter, fill, number_in, served_on
from e2e.sight import problems_of
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

START = date(2026, 3, 12)  # past the tenth: a month without events is warned of


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Counter]:
    """The program in the middle of March, and people at their screens."""
    with served_on(tmp_path_factory.mktemp("service"), START, chromium) as opened:
        opened.story = "service"
        yield opened


def looked_at(counter: Counter, page: Page, name: str) -> None:
    """A picture at both widths, and nothing that axe or a reader would complain of."""
    counter.look(page, name)
    assert problems_of(page) == [], name


def a_row(page: Page, rows: str, nth: int) -> None:
    """One more row of boxes, where it is not there yet."""
    if not page.locator(f"[name^='{rows}-{nth}-']").count():
        page.locator(f"button[name=add_row][value='{rows}']").click()
        page.locator(f"[name^='{rows}-{nth}-']").first.wait_for()


def plan(counter: Counter, title: str, starts: str) -> int:
    """An event of next week."""
    page = counter.open("centre_head", "/outreach_event/add")
    for name, said in {"title": title, "starts_at": starts, "place": "社区服务站"}.items():
        fill(page, name, said)
    counter.send(page)
    return number_in(page.url, "outreach_event")


def test_a_thin_month_is_warned_of_until_its_events_stand(counter: Counter) -> None:
    page = counter.open("centre_head", "/outreach_event/list/")
    alerts = page.locator("main .alert")
    expect(alerts.filter(has_text="2026-03")).to_contain_text("2")
    looked_at(counter, page, "outreach-warning")
    expect(counter.open("centre_head", "/").locator("main")).to_contain_text("2026-03")
    first = plan(counter, "物业纠纷专题咨询", "2026-03-17 09:00")
    plan(counter, "土地承包政策进村", "2026-03-19 09:00")
    page = counter.open("centre_head", "/outreach_event/list/")
    expect(page.locator("main .alert").filter(has_text="2026-03")).to_have_count(0)
    counter.at(date(2026, 3, 18))
    page = counter.open("centre_head", f"/outreach_event/{first}/do/hold_outreach")
    fill(page, "attendance", "32")
    fill(page, "summary", "讲解物业合同，现场答复五个问题。")
    counter.send(page)
    expect(page.locator("main")).to_contain_text("已开展")
    expect(page.locator("main")).to_contain_text("32")
    looked_at(counter, page, "outreach-held")


def test_an_adviser_records_a_consultation(counter: Counter) -> None:
    page = counter.open("adviser.1", "/consultation/add")
    said = {"visitor_name": "于秀兰", "summary": "出租房屋押金不退怎么办。", "advice": "先协商，协商不成可起诉。"}
    for name, value in said.items():
        fill(page, name, value)
    counter.send(page)
    looked_at(counter, page, "consultation")
    page.goto(page.url.replace("/show/", "/edit/"))
    fill(page, "minutes", "45")
    counter.send(page)
    expect(page.locator("main")).to_contain_text("45")
    looked_at(counter, counter.open("adviser.1", "/adviser_desk/"), "adviser-desk")


def test_a_hearing_before_a_decision_from_call_to_conclusion(counter: Counter) -> None:
    page = counter.open("centre_head", "/hearing/add")
    told = {
        "subject": "供水价格调整",
        "held_at": "2026-03-20 09:30",
        "place": "听证室",
        "chosen_how": "自愿报名后抽签产生",
    }
    for name, said in told.items():
        fill(page, name, said)
    counter.send(page)
    expect(page.locator("main")).to_contain_text("7")  # announced too late
    looked_at(counter, page, "hearing-too-soon")
    fill(page, "held_at", "2026-03-30 09:30")
    counter.send(page)
    key = number_in(page.url, "hearing")

    counter.at(date(2026, 3, 30), 11)
    page = counter.open("centre_head", f"/hearing/{key}/do/hold_decision")
    for nth, (name, capacity) in enumerate((("徐传亮", "村民代表"), ("迟明义", "利害关系人"))):
        a_row(page, "participants", nth)
        fill(page, f"participants-{nth}-name", name)
        fill(page, f"participants-{nth}-capacity", capacity)
        fill(page, f"participants-{nth}-chosen", "drawn")
    fill(page, "minutes", "徐传亮：应减免低保户。迟明义：应缓行一年。")
    for nth, text in enumerate(("低保户应减免", "应缓行一年")):
        a_row(page, "opinions", nth)
        fill(page, f"opinions-{nth}-text", text)
    looked_at(counter, page, "hearing-hold")
    counter.send(page)
    page = counter.open("centre_head", f"/hearing/{key}/do/sign_decision")
    looked_at(counter, page, "hearing-sign")
    for nth in range(2):
        fill(page, f"signatures-{nth}-signed", "paper")
    counter.send(page)
    page = counter.open("centre_head", f"/hearing/{key}/do/conclude_decision")
    fill(page, "opinions-0-adopted", "yes")
    fill(page, "opinions-1-adopted", "no")
    fill(page, "conclusion", "修改方案后实施，结果公示。")
    counter.send(page)
    assert "/do/" in page.url  # the opinion that is not adopted has no reason yet
    looked_at(counter, page, "hearing-no-reason")
    fill(page, "opinions-1-reason", "缓行将影响水厂检修。")
    counter.send(page)
    expect(page.locator("main")).to_contain_text("已作结论")
    expect(page.locator("main")).to_contain_text("缓行将影响水厂检修。")
    looked_at(counter, page, "hearing-concluded")
