"""The report of a centre: the figures of the statistics and no others, in the reader's scope, noted in the trail."""

import io
import random
import re
from datetime import date
from typing import Any

import docx
import pytest
from sqlalchemy import select
from tests_support import need

from app.access.actor import SYSTEM, acting
from app.core import pdf
from app.models.audit import AuditEntry
from app.models.case import Case
from app.models.document import DocumentKind, DocumentTemplate
from app.models.organisation import Organisation
from app.services import document_template, parameter
from app.services.queries import report as facts
from app.services.queries.breakdown import Line
from app.services.queries.statistics import Asked, figures
from seed import bulk
from tests.core.test_docx_template import template
from tests.services.plain_statistics import scatter

LONG = "from=2020-01-01&to=2029-12-31"
K = DocumentKind.weekly_report


@pytest.fixture
def matters(session: Any) -> Any:
    """Some matters with all that is counted of them."""
    with acting(SYSTEM):
        bulk.bulk(300)
        scatter(random.Random(7))
    session.flush()
    return session


def tables(data: bytes) -> list[list[list[str]]]:
    """The tables of a Word file as texts."""
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in docx.Document(io.BytesIO(data)).tables]


def entries(session: Any) -> list[Any]:
    table = AuditEntry.__table__
    asked = select(table).where(table.c.code == "statistics:export").order_by(table.c.id)
    with acting(SYSTEM):
        return list(session.execute(asked).mappings())


def asked_long() -> Asked:
    return Asked(date(2020, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize("who", ["centre_head", "centre_head.t1", "supervisor"])
def test_every_number_is_the_statistics_own(login: Any, actor: Any, matters: Any, who: str) -> None:
    """What stands on paper is what the report page says to the same person."""
    head, towns, categories, load = tables(login(who).get(f"/statistics/report/docx?{LONG}&inside=1").data)[:4]
    person = actor(who)
    with acting(person):
        now = figures(person, asked_long())
    labels = {str(one.one.label): one for one in now.values()}
    for name, value, *_rest in head[1:]:
        one = labels[name]
        assert value.startswith("–" if one.value is None else f"{one.value:g}"), (name, value)
    assert sum(int(row[1]) for row in towns[1:]) == now["cases"].value == sum(int(row[1]) for row in categories[1:])
    assert sum(int(row[2]) for row in categories[1:]) == now["resolved"].value
    assert sum(int(row[1]) for row in load[1:]) <= now["open"].value  # some are with nobody yet


def test_a_satisfaction_never_stands_alone(login: Any, matters: Any) -> None:
    data = login("centre_head").get(f"/statistics/report/docx?{LONG}&inside=1").data
    rows = {row[0]: row[1] for table in tables(data) for row in table}
    assert "参评率" in rows["满意率"] and "参评率" in rows["专家评审满意率"]


def test_overdue_matters_stand_by_number_and_nobody_is_named(login: Any, matters: Any) -> None:
    told = login("centre_head").get(f"/statistics/report?{LONG}&inside=1").text
    listed = set(re.findall(r"[A-Z]+-\d{4}-\d{6}", told))
    case = Case.__table__
    with acting(SYSTEM):
        titles = [row[0] for row in matters.execute(select(case.c.title).where(case.c.number.in_(sorted(listed))))]
    assert listed and len(titles) == len(listed)
    assert not [title for title in titles if title in told]


@pytest.mark.parametrize("who", ["statistician", "centre_head"])
def test_small_numbers_are_hidden(login: Any, matters: Any, who: str) -> None:
    """From the statistician always, from others unless they ask for a paper for the house."""
    browser, least = login(who), parameter.number("small_cell")
    plain = tables(browser.get(f"/statistics/report/docx?{LONG}").data)
    for table in plain[1:3]:
        numbers = [int(row[1]) for row in table[1:] if row[1].isdigit()]
        assert numbers and not [one for one in numbers if 0 < one < least]
    inside = tables(browser.get(f"/statistics/report/docx?{LONG}&inside=1").data)
    if who == "statistician":
        assert inside == plain
    else:
        assert [row[1] for row in inside[2]] != [row[1] for row in plain[2]]


def test_what_is_hidden_is_told_together_or_not_at_all(app: Any) -> None:
    lines = [Line("1", "甲", 20, 9), Line("2", "乙", 3, 1), Line("3", "丙", 4, 2)]
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert facts._shares(lines, 5) == [
            {"name": "甲", "cases": 20, "resolved": 9, "rate": "45.0%"},
            {"name": "其余 2 项", "cases": 7, "resolved": 3, "rate": "42.9%"},
        ]
        [alone] = facts._shares([Line("2", "乙", 1, 1)], 5, "overdue")
        assert alone == {"name": "其余 1 项", "open": "–", "overdue": "–", "share": "–"}
        assert len(facts._shares(lines, 0)) == 3


def test_who_may_what(login: Any, session: Any) -> None:
    assert login("clerk").get("/statistics/report").status_code == 403
    leader = login("leader.1")
    assert leader.get("/statistics/report").status_code in (200, 422)
    assert leader.get("/statistics/report/docx").status_code == 403
    table = Organisation.__table__
    other = session.connection().execute(select(table.c.id).where(table.c.code == "370786002")).scalar_one()
    assert login("centre_head.t1").get(f"/statistics/report?organisation={other}").status_code == 404
    assert login("centre_head").get("/statistics/report?from=2026-02-01&to=2026-01-01").status_code == 422


def test_the_week_that_is_over_is_the_default(login: Any, session: Any) -> None:
    since, until = facts.last_week()
    assert since.weekday() == 0 and (until - since).days == 6
    told = login("centre_head").get("/statistics/report").text
    assert "群众诉求接待服务周报" in told and f"{since.year}年{since.month}月{since.day}日" in told
    assert "群众诉求接待服务月报" in login("centre_head").get("/statistics/report?from=2026-10-01&to=2026-10-31").text
    assert "群众诉求接待服务年报" in login("centre_head").get("/statistics/report?from=2025-01-01&to=2025-12-31").text
    page = login("centre_head").get("/statistics/").text
    assert f'name="from" value="{since}"' in page and 'formaction="/statistics/report/docx"' in page


def test_each_way_out_is_noted(login: Any, session: Any) -> None:
    browser = login("centre_head")
    before = len(entries(session))
    assert browser.get("/statistics/report").status_code == 200
    answer = browser.get("/statistics/report/docx?from=2026-01-01&to=2026-03-31")
    assert answer.data[:2] == b"PK" and "attachment" in answer.headers["Content-Disposition"]
    told = entries(session)[before:]
    assert [one["changes"]["form"] for one in told] == ["print", "docx"]
    assert told[1]["changes"]["filter"] == "2026-01-01..2026-03-31" and told[1]["actor_name"]


def test_as_pdf(login: Any, session: Any) -> None:
    need("Pango", pdf.available(), "apt-get install libpango-1.0-0 libpangoft2-1.0-0")
    answer = login("supervisor").get("/statistics/report/pdf")
    assert answer.data[:5] == b"%PDF-" and answer.mimetype == "application/pdf"


def test_an_administrators_template_takes_its_place(login: Any, session: Any, actor: Any) -> None:
    admin = actor("business_admin")
    with acting(admin):
        ours = template("{{ title }} 本市版式 {% for r in head %}{{ r.name }} {% endfor %}")
        row = document_template.add(admin, K, "本市周报.docx", io.BytesIO(ours))
        assert "本市版式" not in login("centre_head").get("/statistics/report").text
        document_template.activate(admin, row.id)
    assert "本市版式" in login("centre_head").get("/statistics/report").text
    upload = login("business_admin")
    answer = upload.post(
        "/document_template/add",
        data={
            "csrf_token": upload.token,
            "kind": K.value,
            "file": (io.BytesIO(template("{{ case_number }}")), "周报.docx"),
        },
    )
    assert answer.status_code == 422 and "case_number" in answer.text
    with acting(SYSTEM):
        assert len(session.scalars(select(DocumentTemplate).where(DocumentTemplate.kind == K)).all()) == 2
