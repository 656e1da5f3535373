"""One case from the desk to the archive in Chromium, each step by whoever takes it: objection, leader, conference,
extension, a reply returned and approved, service before witnesses, an application on the fifth day and one too late,
a panel of three pools with a conflict and a decline, dissent, a new reply, a low score, rectification, archive."""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import ROOT
from e2e.counter import SIGN, Counter, column_of, fill, number_in, served_on
from playwright.sync_api import Browser, Page, expect

from tests.case_factory import id_number

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

START = date(2026, 3, 2)
FINDINGS = "经现场丈量，占用围墙外空地38.6平方米，修路时未签协议，也未支付补偿。"
BASIS = "《土地管理法》第四十八条"


def day(number: int) -> date:
    """So many days after the first."""
    return START + timedelta(days=number)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the served program."""
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def counter(place: Path, chromium: Browser) -> Iterator[Counter]:
    """The program on the first day, and people at their screens."""
    with served_on(place, START, chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def known(place: Path) -> Callable[..., list[Any]]:
    """`known("SELECT …")` gives a column of the served database."""
    return partial(column_of, place)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A piece of evidence."""
    paper = tmp_path_factory.mktemp("proof") / "现场丈量记录.txt"
    paper.write_text("二〇二六年三月三日现场丈量，占用三十八点六平方米。", "utf-8")
    return paper


def organisation_name(known: Any, who: str) -> str:
    """The organisation of an account."""
    question = "SELECT o.name FROM ab_user u JOIN organisation o ON o.id = u.organisation_id WHERE u.username = ?"
    return str(known(question, who)[0])


def register(counter: Counter) -> None:
    """Two petitioners at the desk."""
    page = counter.open("clerk", "/case/add")
    people = (("于秀兰", 71, "15800020071"), ("栾𠮷明", 72, "15800020072"))
    for nth, (name, card, phone) in enumerate(people):
        if nth:
            page.locator('button[name=add_row][value="petitioners"]').click()
            page.locator(f'[name="petitioners-{nth}-name"]').wait_for()
        told = {"name": name, "id_number": id_number(card), "phone": phone, "address": "柳疃镇西付村12号"}
        for box, said in told.items():
            fill(page, f"petitioners-{nth}-{box}", said)
    fill(page, "title", "村道占地未补偿")
    fill(page, "facts", "二〇二五年修路占用围墙外空地，至今没有补偿。")
    fill(page, "claims-0-text", "支付补偿款")
    page.locator('button[name=add_row][value="claims"]').click()
    fill(page, "claims-1-text", "书面说明占地依据")
    fill(page, "category", "土地征收补偿")
    fill(page, "village", "河东村")
    fill(page, "head_count", "2")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1").first).to_have_text("登记回执")
    counter.case = number_in(page.url, "case")


def notify(counter: Counter) -> None:
    """The notice that waits, served on both parties."""
    for _party in range(2):
        counter.step("clerk", "serve_notice", way="handed", signature=SIGN)


def route(counter: Counter, one: str, other: str) -> None:
    """Accepted, given to the wrong department, which objects; then to the right one with help from the other."""
    counter.step("dispatcher", "accept")
    notify(counter)
    counter.step("dispatcher", "assign", lead=other)
    counter.step("unit_head.d2", "object", seen=True, proposed=one, reason="不属于本单位职权，路政由住建部门负责。")
    counter.step("dispatcher", "uphold", seen=True, reason="情况属实")
    counter.step("dispatcher", "assign", lead=one, co=[other])
    counter.step("handler.d1", "sign_for")
    counter.step("handler.d1", "log_work", text="到现场丈量，走访了两户邻居。")


def leader_and_conference(counter: Counter, one: str, other: str) -> None:
    """On the roster, before the leader, a conference without a solution, an extension."""
    page = counter.open("business_admin", "/shift/add")
    for name, said in {"organisation": "昌邑市", "on": str(day(1)), "starts_at": "08:30", "ends_at": "17:30"}.items():
        fill(page, name, said)
    fill(page, "kind", "leader")
    fill(page, "account", "李国华")
    counter.send(page)
    counter.at(day(1))
    counter.step("clerk", "present_to_leader", seen=True, shift="李国华")
    counter.step(
        "leader.1",
        "receive_by_leader",
        seen=True,
        head_count="2",
        said="要求尽快补偿。",
        instruction="三日内拿出方案。",
    )
    met = {"minutes": "各方对面积的意见不一。", "conclusion": "补充测绘后再议。", "solved": "no"}
    counter.refused("centre_head", "confer", "两个", organisations=[other], **met)
    counter.step("centre_head", "confer", organisations=[one, other], **met)
    asked = {"ground": "调查取证", "reason": "等待测绘成果"}
    counter.refused("unit_head.d1", "request_extension", "30", days="31", **asked)
    counter.step("unit_head.d1", "request_extension", seen=True, days="30", **asked)
    counter.step("centre_head", "approve_extension", seen=True)
    notify(counter)


def reply(counter: Counter, proof: Path, version: int) -> None:
    """Drafted, once given back, checked by the unit and approved by the centre."""
    last = "supported" if version > 1 else "partly_supported"
    draft = {
        "findings": FINDINGS,
        "basis": BASIS,
        "answers-0-result": last,
        "answers-0-resolved": "yes" if version > 1 else "no",
        "answers-0-text": "补偿款按标准支付。",
        "answers-1-result": "explained",
        "answers-1-resolved": "yes",
        "answers-1-text": "占地依据已书面说明。",
    }
    if version == 1:
        counter.refused("handler.d1", "submit_reply", "证据", **draft)
    counter.step("handler.d1", "submit_reply", evidence=proof, **draft)
    if version == 1:
        counter.step("unit_head.d1", "return_reply", seen=True, reason="依据写明条款。")
        again = {**draft, "basis": f"{BASIS}第二款"}
        counter.step("handler.d1", "submit_reply", seen=True, evidence=proof, **again)
    counter.step("unit_head.d1", "approve_reply", seen=version == 1)
    counter.step("centre_head", "approve_reply")


def serve(counter: Counter, refusing: bool) -> None:
    """To two parties; the second refuses before witnesses."""
    counter.step("clerk", "serve_reply", seen=refusing, party="于秀兰", way="handed", signature=SIGN)
    if refusing:
        said = {"party": "栾", "way": "left", "refused": True, "refusal": "不认可答复"}
        counter.refused("clerk", "serve_reply", "见证人", **said, witness_one="张三")
        counter.step("clerk", "serve_reply", **said, witness_one="张三", witness_two="李四")
    else:
        counter.step("clerk", "serve_reply", party="栾", way="handed", signature=SIGN)


def apply(counter: Counter) -> None:
    """On the fifth day one party applies; on the sixth the other is too late and is told so."""
    counter.at(day(15))
    counter.open("clerk", f"/case/show/{counter.case}", "served-with-remedies")
    counter.step(
        "clerk", "apply_review", seen=True, party="于秀兰", claims=["支付补偿款"], reason="面积不对", signature=SIGN
    )
    counter.at(day(16))
    page = counter.open("clerk", f"/case/show/{counter.case}", "sixth-day")
    expect(page.locator("main")).to_contain_text("逾期未申请")


def pick(counter: Counter, known: Any) -> tuple[list[str], str]:
    """Five from three pools and two reserves, by the buttons of the cards; four are not enough."""
    counter.step("review_secretary", "accept_review", of="review")
    page = counter.open("clerk", f"/review/{counter.review}/do/pick_experts", "candidates")
    accounts = dict(
        zip(
            known("SELECT e.name FROM expert e JOIN ab_user u ON u.id = e.account_id ORDER BY e.id"),
            known("SELECT u.username FROM expert e JOIN ab_user u ON u.id = e.account_id ORDER BY e.id"),
            strict=True,
        )
    )
    expect(page.locator(".expert-card.off .conflict").first).to_be_visible()
    names: list[str] = []
    pools = page.locator(".candidates .cards")
    for nth in range(pools.count()):
        cards = pools.nth(nth).locator(".expert-card:not(.off) strong").all_inner_texts()
        names += [name for name in cards if name in accounts][: 3 if nth < 2 else 2]
    assert pools.count() >= 3 and len(names) >= 7, names
    chosen, reserves = [names[0], names[1], names[3], names[4], names[6]], [names[2], names[5]]
    for nth, (name, move) in enumerate([*((n, "pick") for n in chosen), *((n, "reserve") for n in reserves)]):
        if nth == 4:
            fill(page, "party", "于秀兰") if page.locator('[name="party"]').input_value() == "" else None
        card = page.locator(".expert-card", has=page.get_by_text(name, exact=True))
        card.locator(f'button[value^="{move}:"]').click()
        expect(page.locator(".picked")).to_contain_text(name)
        if nth == 3:
            expect(page.locator("[data-counter]")).to_contain_text("4")
    fill(page, "signature", SIGN)
    counter.look(page, "picked")
    counter.send(page)
    assert "/do/" not in page.url, page.inner_text("main")[:500]
    return [accounts[name] for name in chosen], accounts[reserves[0]]


def panel(counter: Counter, chosen: list[str], reserve: str) -> list[str]:
    """Invited; one declines and the first reserve takes the seat; the material is read through, the room booked."""
    counter.step("review_secretary", "invite", of="review")
    counter.step(chosen[0], "decline_invitation", of="review", seen=True, reason="出差")
    for who in (*chosen[1:], reserve):
        counter.step(who, "accept_invitation", of="review", seen=who == reserve, declared=True)
    counter.step("review_secretary", "serve_material", of="review", seen=True, read_through=True)
    counter.step(
        "review_secretary",
        "fix_session",
        of="review",
        seen=True,
        room="专家评审室",
        start=f"{day(18)} 10:00",
        end=f"{day(18)} 12:00",
    )
    return [*chosen[1:], reserve]


def vote(counter: Counter, seated: list[str]) -> None:
    """Three of five find the first claim not rightly answered; two dissent."""
    counter.at(day(18), 10)
    counter.step("review_secretary", "open_ballots", of="review")
    for nth, who in enumerate(seated):
        page = counter.open(who, f"/review/{counter.review}/do/cast_ballot")
        for row in range(page.locator(".ballot-row").count()):
            bad = nth < 3 and row == 0
            page.locator(f'[name="marks-{row}-legality"][value=sound]').check(force=True)
            word = "unsound" if bad else "sound"
            page.locator(f'[name="marks-{row}-reasonableness"][value={word}]').check(force=True)
            if bad:
                fill(page, f"marks-{row}-comment", "面积计算有误，应重新测绘。")
        if nth == 0:
            counter.look(page, "ballot")
        counter.send(page)
        assert "/do/" not in page.url, page.inner_text("main")[:500]
        page.goto(f"{counter.address}/review/{counter.review}/do/cast_ballot")
        expect(page.locator("main")).not_to_contain_text("undefined")
    counter.step("review_secretary", "assemble_opinion", of="review", seen=True, text="评审团认为占地面积应重新测算。")
    for who in seated:
        counter.step(who, "sign_opinion", of="review", seen=who == seated[0], signature=SIGN)
    counter.step(
        "review_secretary", "serve_opinion", of="review", seen=True,
        party="于秀兰", way="handed", satisfied="satisfied", signature=SIGN,
    )  # fmt: skip
    counter.step("review_secretary", "serve_opinion", of="review", party="栾", way="handed", signature=SIGN)
    counter.open("review_secretary", f"/review/show/{counter.review}", "review-closed")


def after(counter: Counter, proof: Path) -> None:
    """Signed, asked and found wanting, put right, asked again, laid into the archive."""
    for name in ("于秀兰", "栾"):
        counter.step("clerk", "acknowledge", seen=name == "栾", party=name, satisfied="yes", signature=SIGN)
    counter.at(day(23))
    told = {"mode": "phone", "reached": "yes", "solved": "yes"}
    counter.refused("follow_up_clerk", "follow_up", "需要整改", party="于秀兰", satisfied="dissatisfied", **told)
    counter.step(
        "follow_up_clerk", "follow_up", seen=True,
        party="于秀兰", satisfied="dissatisfied", cause="补偿款未足额到账", opinion="还差一部分", **told,
    )  # fmt: skip
    counter.step("unit_head.d1", "report_rectification", seen=True, report="已补发差额。", evidence=proof)
    counter.step("supervisor", "accept_rectification", seen=True)
    counter.at(day(26))
    for name in ("于秀兰", "栾"):
        counter.step("follow_up_clerk", "follow_up", party=name, satisfied="satisfied", **told)
    counter.step("archivist", "archive", seen=True, retention="永久")


def papers(counter: Counter, known: Any, place: Path) -> None:
    """Every paper opens as a print view and as PDF; the dossier is one PDF."""
    page = counter.page("clerk")
    for key in known("SELECT id FROM document WHERE case_id = ? ORDER BY id", counter.case):
        counter.open("clerk", f"/document/{key}/print", "paper")
        answer = page.request.get(f"{counter.address}/document/{key}/pdf")
        assert answer.status == 200 and answer.body().startswith(b"%PDF"), key
        keep(place, f"paper-{key}.pdf", answer.body())
    dossier = page.request.get(f"{counter.address}/case/{counter.case}/dossier.pdf")
    assert dossier.status == 200 and dossier.body().startswith(b"%PDF")
    keep(place, "dossier.pdf", dossier.body())


def keep(place: Path, name: str, data: bytes) -> None:
    """Keep a paper beside the pictures, when they are kept."""
    if os.environ.get("PORTAL_SHOTS"):
        (ROOT / "tests" / "shots" / name).write_bytes(data)


def test_from_the_desk_to_the_archive(counter: Counter, known: Any, place: Path, proof: Path) -> None:
    one, other = organisation_name(known, "handler.d1"), organisation_name(known, "handler.d2")
    register(counter)
    route(counter, one, other)
    leader_and_conference(counter, one, other)
    counter.at(day(9))
    reply(counter, proof, 1)
    counter.at(day(10), 10)
    serve(counter, refusing=True)
    apply(counter)
    counter.review = known("SELECT max(id) FROM review")[0]
    seated = panel(counter, *pick(counter, known))
    vote(counter, seated)
    counter.at(day(21))
    reply(counter, proof, 2)
    counter.open("clerk", f"/case/{counter.case}/replies", "versions")
    serve(counter, refusing=False)
    after(counter, proof)
    page: Page = counter.open("supervisor", f"/case/show/{counter.case}")
    papers(counter, known, place)
    counter.look(page, "archived")
    for word in ("异议退回", "领导接访", "会商", "批准延期", "退回", "专家评审", "整改", "归档"):
        expect(page.locator("main")).to_contain_text(word)
