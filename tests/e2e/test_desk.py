"""One case from the door to the department, by keyboard only, as on a first day."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e.keys import Keys
from e2e.sight import MODES, look, problems_of
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

TITLE = "征地拆迁补偿款迟迟未发放"
FACTS = "二〇二五年六月村东地块被征收，协议约定三个月内付清，至今只付了一半；多次询问，没有书面说明。"


def small_pdf() -> bytes:
    """A whole PDF of one page with a blue box on it."""
    drawing = b"0.2 0.4 0.8 rg 40 40 220 120 re f"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
    ]
    paper, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(b"%010d 00000 n \n" % len(paper))
        paper += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(places)
    return paper + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(paper)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What the group brought: a scanned agreement and a photograph."""
    folder = tmp_path_factory.mktemp("papers")
    agreement, photograph = folder / "征地补偿协议书.pdf", folder / "现场照片.jpg"
    agreement.write_bytes(small_pdf())
    Image.new("RGB", (640, 480), (120, 150, 90)).save(photograph)
    return [agreement, photograph]


def a_petitioner(keys: Keys, name: str, number: str, phone: str, address: str) -> None:
    """The next petitioner of a group, who speaks for it; the focus stands before the name."""
    keys.fill("姓名", name)
    keys.fill("证件号码", number)
    keys.fill("联系电话", phone)
    keys.fill("地址", address)
    keys.to("代表人")
    keys.press("Space")


def attach(keys: Keys, paper: Path) -> None:
    """Enter on the file field opens the system's file window."""
    keys.to("添加附件")
    with keys.page.expect_file_chooser() as window:
        keys.press("Enter")
    with keys.page.expect_response("**/case/draft/attach"):
        window.value.set_files(str(paper))
    expect(keys.page.locator("#attached li", has_text=paper.name)).to_be_visible()


@pytest.fixture(scope="module")
def registered(sit_down: Callable[[str], Keys], papers: list[Path]) -> dict[str, Any]:
    """The clerk registers a group visit of twelve; gives the case's id and number."""
    keys = sit_down("clerk")
    page = keys.page
    look(page, "02-first-page")
    keys.to("登记诉求")
    keys.go()
    look(page, "03-registration-empty")
    assert keys.focus() == "读卡或粘贴证件文字"
    a_petitioner(keys, "于海波", "370786198001015019", "15412345678", "河东村 12 号")
    keys.to("增加诉求人")
    keys.press("Enter")
    assert keys.focus() == "姓名", "a new row is ready to be typed into"
    keys.press("Shift+Tab", "Shift+Tab")
    a_petitioner(keys, "郑秀云", "370786197512123025", "15412345679", "河东村 27 号")
    keys.fill("标题", TITLE)
    keys.fill("事实经过", FACTS)
    keys.fill("诉求点", "支付剩余征地补偿款")
    for text in ("支付逾期利息", "书面说明未付原因"):
        keys.to("增加诉求点")
        keys.press("Enter")
        keys.write(text)
    keys.choose("诉求类别", "征收", "土地征收补偿")
    keys.choose("村（社区）", "河东", "河东村")
    keys.fill("来访人数", "12")
    keys.fill("备注", "十二户代表到场，情绪平稳。")
    for paper in papers:
        attach(keys, paper)
    look(page, "04-registration-filled")
    keys.go("Control+Enter")
    expect(page.locator(".sheet h1")).to_have_text("登记回执")
    sheet = page.inner_text(".sheet")
    assert "于海波" in sheet
    assert "12 人" in sheet
    look(page, "05-receipt-a4")
    keys.to("80 毫米小票")
    keys.go()
    look(page, "06-receipt-80mm")
    number = page.locator(".slip80 strong").inner_text()
    assert page.locator(".slip80 .code").inner_text() in sheet
    return {"number": number, "id": int(page.url.split("/case/")[1].split("/")[0])}


@pytest.fixture(scope="module")
def assigned(sit_down: Callable[[str], Keys], registered: dict[str, Any]) -> dict[str, Any]:
    """The dispatcher finds the case by its number, accepts it and assigns it to a lead and a co-organisation."""
    keys = sit_down("dispatcher")
    page = keys.page
    look(page, "07-dispatcher-first-page")
    keys.press("/")
    keys.write(registered["number"])
    expect(page.locator("#quick-results [role=option]").first).to_be_visible()
    look(page, "08-quick-search")
    keys.press("ArrowDown")
    keys.go()
    expect(page.locator("h1")).to_have_text(TITLE)
    assert page.locator(".claim").count() == 3
    assert page.locator(".files li").count() == 2
    look(page, "09-case-registered")
    keys.to("受理")
    keys.go()
    look(page, "10-accept")
    keys.to("受理")
    keys.go()
    keys.to("分流交办")
    keys.go()
    keys.choose("主办单位", "住房", "昌邑市住房和城乡建设局")
    keys.choose("协办单位", "司法", "昌邑市司法局")
    keys.fill("交办要求", "请核实付款进度，十日内书面回复诉求人。")
    look(page, "11-assign")
    keys.go("Control+Enter")
    look(page, "12-case-assigned")
    told = page.inner_text("main")
    assert "昌邑市住房和城乡建设局" in told
    assert "昌邑市司法局" in told
    return registered


def test_the_department_sees_and_signs(sit_down: Callable[[str], Keys], assigned: dict[str, Any]) -> None:
    keys = sit_down("handler.d1")
    page = keys.page
    look(page, "13-handler-first-page")
    keys.to(TITLE)
    keys.go()
    look(page, "14-case-at-the-department")
    keys.to("签收")
    keys.go()
    look(page, "15-sign-for")
    keys.to("签收")
    keys.go()
    expect(page.locator("main")).to_contain_text("办理中")
    look(page, "16-case-signed-for")
    keys.to("征地补偿协议书.pdf…")
    with page.expect_popup() as window:
        keys.press("Enter")
    paper = window.value
    paper.wait_for_load_state("networkidle")
    assert paper.url.endswith("/preview")
    assert problems_of(paper, {name: MODES[name] for name in ("plain", "phone", "dark")}) == []
    paper.close()
    keys.to("现场照片.jpg…")
    keys.press("Enter")
    expect(page.locator(".viewer-container img.viewer-move")).to_be_visible()
    keys.press("Escape")
    expect(page.locator(".viewer-container")).to_have_count(0)
    assert keys.focus().startswith("现场照片.jpg"), "the focus comes back to the picture's link"


@pytest.mark.parametrize("username", ["handler.d2", "clerk.t1"])
def test_nobody_else_sees_it(
    server: str, sit_down: Callable[[str], Keys], assigned: dict[str, Any], ask: Any, username: str
) -> None:
    keys = sit_down(username)
    page, case = keys.page, assigned["id"]
    file = ask("SELECT min(id) FROM attachment WHERE case_id = ?", case)
    places = [
        f"/case/show/{case}",
        f"/case/{case}/receipt",
        f"/case/{case}/do/accept",
        f"/api/v1/case/{case}",
        *(f"/attachment/{file}/{way}" for way in ("download", "view", "preview")),
    ]
    answers = {place: page.request.get(server + place).status for place in places}
    allowed = {404, 403} if username == "handler.d2" else {404}  # a handler prints no receipt of any case
    assert {place for place, status in answers.items() if status not in allowed} == set(), answers
    assert answers[places[0]] == answers[f"/api/v1/case/{case}"] == answers[places[-1]] == 404
    page.goto(f"{server}/case/show/{case}")
    look(page, f"17-not-yours-{username}")
    page.goto(f"{server}/")
    for asked in (assigned["number"], "于海波", "征地拆迁补偿款"):
        keys.press("/", "Control+a")
        keys.write(asked)
        keys.go()
        assert TITLE not in page.inner_text("main")
        assert assigned["number"] not in page.inner_text("main .card, main .empty") or asked == assigned["number"]
    look(page, f"18-nothing-found-{username}")


def test_an_objection_and_its_answer(server: str, sit_down: Callable[[str], Keys], ask: Any) -> None:
    """The leading department says it is not the one; the dispatcher looks at both answers and insists."""
    case = ask("""SELECT min(c.id) FROM "case" c JOIN organisation o ON o.id = c.organisation_id
                  WHERE o.level <> 'city' AND c.state = 'accepted'""")
    dispatcher, head = sit_down("dispatcher"), sit_down("unit_head.d1")
    dispatcher.page.goto(f"{server}/case/{case}/do/assign")
    dispatcher.choose("主办单位", "住房", "昌邑市住房和城乡建设局")
    dispatcher.go("Control+Enter")
    head.page.goto(f"{server}/case/{case}/do/object")
    head.choose("应由何单位承办", "公安", "昌邑市公安局")
    head.fill("理由", "该事项涉及道路交通设施，不属于本局职责。")
    look(head.page, "19-objection")
    problems = problems_of(head.page, {name: MODES[name] for name in ("plain", "phone")})
    head.to("异议退回")
    head.press("Enter")
    expect(head.page.locator("dialog")).to_be_visible()
    problems += problems_of(head.page, {name: MODES[name] for name in ("plain", "phone", "dark")})
    head.press("Tab")
    head.go()
    for step in ("uphold", "insist"):
        dispatcher.page.goto(f"{server}/case/{case}/do/{step}")
        look(dispatcher.page, f"19-{step}")
        problems += problems_of(dispatcher.page, {name: MODES[name] for name in ("plain", "phone")})
    dispatcher.fill("理由", "职责分工文件明确由你局牵头。")
    dispatcher.go("Control+Enter")
    expect(dispatcher.page.locator("h1")).not_to_have_text("维持交办")
    assert problems == []
