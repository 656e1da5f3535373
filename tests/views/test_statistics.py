"""The report page, its lists, its table, its REST, and the public board."""

import html
import json
import random
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.access.actor import SYSTEM, acting
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.parameter import Parameter
from app.views import public_board
from seed import bulk
from tests.services.plain_statistics import scatter

LONG = "from=2020-01-01&to=2029-12-31"
PAGE = "/statistics/?from=2026-01-01&to=2026-12-31"


@pytest.mark.parametrize("who", ["statistician", "centre_head", "centre_head.t1", "supervisor", "leader.1"])
def test_page_and_rest_say_the_same(login: Any, who: str) -> None:
    browser = login(who)
    page = browser.get(PAGE)
    told = browser.get("/api/v1/statistics/?from=2026-01-01&to=2026-12-31").get_json()["result"]
    assert page.status_code == 200 and {"cases", "satisfaction", "response_rate"} <= {one["code"] for one in told}
    for one in told:
        assert set(one) >= {"code", "value", "numerator", "denominator", "definition", "drill"}
        assert one["drill"].replace("&", "&amp;") in page.text
        assert browser.get(one["drill"]).status_code == 200
    assert not re.search(r"<(script|style)(?![^>]*nonce)", page.text) and " style=" not in page.text


@pytest.mark.parametrize("who", ["clerk", "handler.d1", "sysadmin", "expert.1"])
def test_the_others_are_told_nothing(login: Any, who: str) -> None:
    browser = login(who)
    assert browser.get(PAGE).status_code == 403
    assert browser.get("/api/v1/statistics/").status_code == 403
    assert "/statistics/" not in browser.get("/").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=x", 422), ("from=2026-02-01&to=2026-01-01", 422), ("from=0001-01-01", 422), ("channel=smoke", 422),
        ("organisation=999999", 404), ("organisation=370786002", 404), ("category=99999999999999999999", 404),
        ("category=x", 404), ("department=%00", 404), ("organisation=370786001", 200), ("to=9999-12-31", 422),
    ],
)  # fmt: skip
def test_bad_questions_and_other_towns(login: Any, query: str, status: int) -> None:
    browser = login("centre_head.t1")
    assert browser.get(f"/api/v1/statistics/?{query}").status_code == status
    assert browser.get(f"/statistics/list/cases?{query}").status_code == status
    assert browser.get(f"/statistics/?{query}").status_code == (200 if status == 422 else status)


def test_the_table_and_an_unknown_indicator(login: Any) -> None:
    browser = login("statistician")
    said = {"csrf_token": browser.token, "from": "2026-01-01", "to": "2026-06-30"}
    answer = browser.post("/statistics/export", data=said)
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    assert login("leader.1").post("/statistics/export", data=said).status_code in (400, 403)
    assert browser.get("/statistics/list/nothing").status_code == 404


@pytest.fixture
def matters(session: Any) -> Any:
    """Some matters with all that is counted of them."""
    with acting(SYSTEM):
        bulk.bulk(300)
        scatter(random.Random(5))
    session.flush()
    return session


@pytest.mark.parametrize("who", ["statistician", "leader.2"])
def test_a_list_names_nobody_to_who_may_not_open_the_cases(login: Any, matters: Any, who: str) -> None:
    session = matters
    browser = login(who)
    shut = 0
    page = browser.get(f"/statistics/list/cases?{LONG}").text
    rows = re.findall(r"<tr><td class=\"main\">(.*?)</tr>", page, re.S)
    assert len(rows) > 20
    found = session.connection().exec_driver_sql('SELECT number, id FROM "case"')
    numbers = {row[0]: row[1] for row in found}
    villages = session.connection().exec_driver_sql("SELECT name FROM organisation WHERE level = 'village'").scalars()
    names = set(villages)
    for row in rows:
        if "href" in row:
            continue
        shut += 1
        cells = re.findall(r"(?:^|>)([^<>]+)</td>", row)
        assert not re.search(r"20\d\d-\d\d-\d\d", row) and not names & set(cells) and "<small>" not in row
        if shut < 4:
            number = re.match(r"[^<]+", row)
            assert number and browser.get(f"/case/show/{numbers[number.group()]}").status_code in (403, 404)
    assert shut > 20


def test_what_a_chart_draws_stands_in_its_table(login: Any, matters: Any) -> None:
    """The chart adds nothing: no label and no number that the table below it hides or lacks."""
    page = login("statistician").get(f"/statistics/?{LONG}").text
    data = json.loads(re.search(r'id="plots" nonce="[^"]+">(.*?)</script>', page, re.S).group(1))  # type: ignore[union-attr]
    assert set(data) == set(re.findall(r'data-plot="(\w+)"', page)) == {"months", "categories", "days", "load"}
    for name, plot in data.items():
        table = page.split(f'data-plot="{name}"')[1].split("</table>")[0]
        rows = [re.findall(r">([^<>]+)<", row) for row in table.split("<tr>")]
        shown = {row[0]: row[1:] for row in rows if row}
        assert plot["labels"] or name in ("days", "load"), name
        for line in plot["lines"]:
            for label, value in zip(plot["labels"], line["values"], strict=True):
                assert str(value) in shown[html.escape(label)], (name, label)


NUMBER = re.compile(r'<a href="(/statistics/list/[^"]+)">(\d+)</a>')


@pytest.mark.parametrize("who", ["centre_head", "supervisor", "centre_head.t1"])
@pytest.mark.parametrize("page", ["/statistics/", "/statistics/table/"])
def test_every_number_of_a_line_opens_as_many_rows(login: Any, matters: Any, who: str, page: str) -> None:
    """Also of the city's own centre, of a department that is not the actor's, of a part of a month."""
    browser = login(who)
    found = NUMBER.findall(browser.get(f"{page}?from=2023-02-10&to=2025-12-20").text)
    few = [(html.unescape(address), int(number)) for address, number in found if int(number) <= 50]
    narrowed = {name for address, _number in few for name in re.findall(r"&(\w+)=", address)}
    assert narrowed >= (
        {"department", "channel", "category"} if page == "/statistics/" else {"organisation", "category"}
    )
    if who != "centre_head.t1":
        assert any("organisation=own" in html.unescape(address) for address, _number in found)
    for address, number in random.Random(3).sample(few, min(len(few), 60)):
        assert len(re.findall(r'<tr><td class="main">', browser.get(address).text)) == number, address


@pytest.mark.parametrize(("name", "column"), [("category", "category_id"), ("organisation", "organisation_id")])
def test_small_lists_stay_shut_and_a_narrow_question_is_refused(
    login: Any, matters: Any, name: str, column: str
) -> None:
    """What a filter or a village leaves of a few matters is told only to who may open them."""
    case = Case.__table__
    key, few = matters.execute(
        select(case.c[column], func.min(case.c.id))
        .join(Organisation.__table__, Organisation.__table__.c.id == case.c.organisation_id)
        .where(Organisation.__table__.c.level == "village")
        .group_by(case.c[column])
    ).first()
    rest = select(case.c.id).where(case.c[column] == key, case.c.id != few)
    matters.execute(update(case).where(case.c.id.in_(rest)).values(registered_at=datetime(2011, 5, 5, tzinfo=UTC)))
    matters.execute(update(case).where(case.c.id == few).values(state="accepted"))
    asked = f"{LONG}&{name}={key}"
    assert login("statistician").get(f"/api/v1/statistics/?{asked}").status_code == 422
    assert login("statistician").get(f"/statistics/list/cases?{asked}").status_code == 422
    assert login("centre_head").get(f"/api/v1/statistics/?{asked}").status_code == 200


def test_a_list_of_contacts_tells_their_persons(login: Any, matters: Any) -> None:
    """A sum of head counts is no number of rows; the list says both."""
    browser = login("centre_head")
    told = {one["code"]: one["value"] for one in browser.get(f"/api/v1/statistics/?{LONG}").get_json()["result"]}
    assert f"合计：{told['persons']:g} 人" in browser.get(f"/statistics/list/persons?{LONG}").text
    assert "合计" not in browser.get(f"/statistics/list/cases?{LONG}").text


@pytest.fixture
def board(session: Any, monkeypatch: Any) -> Any:
    """Set what the board shows, and look at it without an account, late in a year full of matters."""
    monkeypatch.setattr(public_board.clock, "today", lambda: date(2025, 12, 20))

    def look(client: Any, chosen: str, least: str = "5") -> Any:
        for code, value in (("public_board", chosen), ("small_cell", least)):
            put = Parameter.__table__.update().where(Parameter.__table__.c.code == code).values(value=value)
            assert session.connection().execute(put).rowcount == 1
        session.info.pop("parameters", None)
        public_board._kept.clear()
        return client.get("/public/board/")

    yield look
    public_board._kept.clear()


def test_the_public_board_shows_what_is_chosen_and_nobody(client: Any, matters: Any, board: Any) -> None:
    answer = board(client, "cases satisfaction nonsense", least="3")
    assert answer.status_code == 200
    labels = re.findall(r"<h2>([^<]+)</h2>", answer.text)
    assert labels == ["接访件数", "满意率", "参评率"], "a satisfaction brings its response rate"
    assert "/case/" not in answer.text and "/statistics/" not in answer.text
    people = matters.connection().exec_driver_sql('SELECT petitioner_name FROM "case"').scalars().all()
    assert people and not [one for one in people if one and one in answer.text]
    assert re.findall(r'class="num">(\d+)%', answer.text) and "/" not in "".join(
        re.findall(r'class="num">([^<]+)<', answer.text)
    )


def test_the_public_board_hides_small_numbers_and_can_be_shut(client: Any, matters: Any, board: Any) -> None:
    assert "<h2>" not in board(client, "").text
    assert "<h2>专家评审申请" in board(client, "reviews rectifications", least="3").text
    assert "<h2>" not in board(client, "reviews rectifications", least="50").text
