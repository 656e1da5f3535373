"""The papers of intake and dispatch: each step issues its own, with what it says."""

import io
from datetime import date

import pytest
from docx import Document as open_docx
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.access.actor import SYSTEM, acting
from app.core.db import unit_of_work
from app.models.deadline import Deadline
from app.models.document import Document, DocumentKind, DocumentState
from app.models.organisation import Level, Organisation
from app.services import case as intake
from app.services import document, document_file
from app.services.document import values_of
from app.services.queries.superiors import authority_over, office_name
from tests.case_factory import Cases, category, code_item, organisation_of

K = DocumentKind


@pytest.fixture
def cases(actor):
    return Cases(actor)


def papers(session, case) -> list[Document]:
    with acting(SYSTEM):
        return list(session.scalars(select(Document).where(Document.case_id == case.id).order_by(Document.id)))


def test_what_is_missing(session, cases):
    case = cases.do(
        "clerk",
        intake.request_supplement,
        cases.register(),
        reason="面积不一致",
        missing=[code_item("supplement_item")],
    )
    (paper,) = papers(session, case)
    said = values_of(paper)
    assert paper.kind == K.supplement_notice and said["missing"] == [{"number": "1", "name": "身份证明"}]
    assert said["reason"] == "面积不一致" and said["recipient"] == "于秀兰"


def test_acceptance_names_the_last_day_and_the_category_just_chosen(session, cases):
    case = cases.do("dispatcher", intake.accept, cases.register(), category=category(3), note="请及时办理")
    (paper,) = papers(session, case)
    said = values_of(paper)
    assert paper.kind == K.acceptance_notice and said["category"] == category(3).name
    with acting(SYSTEM):
        handle = next(
            d for d in session.scalars(select(Deadline).where(Deadline.case_id == case.id)) if d.code == "D-HANDLE60"
        )
    due = handle.due_on
    assert said["due_on"] == f"{due.year}年{due.month}月{due.day}日"
    assert bool(said["due_note"]) == handle.provisional


@pytest.mark.parametrize(
    ("step", "kind", "data"),
    [
        (intake.decline, K.decline_notice, {"ground": "decline_reason"}),
        (intake.redirect, K.redirect_notice, {"route": "legal_route", "where": "昌邑市人民法院"}),
    ],
)
def test_a_decline_is_written_when_it_is_approved(session, cases, step, kind, data):
    case = cases.register()
    given = {
        name: code_item(value) if value in ("decline_reason", "legal_route") else value for name, value in data.items()
    }
    cases.do("dispatcher", step, case, reason="已经进入诉讼程序", **given)
    assert papers(session, case) == []
    case = cases.do("centre_head", intake.approve_decline, case)
    (paper,) = papers(session, case)
    said = values_of(paper)
    assert paper.kind == kind and said["reason"] == "已经进入诉讼程序"
    assert all(said[name] == (getattr(value, "name", None) or value) for name, value in given.items())


def test_each_organisation_has_its_own_order(session, cases):
    case = cases.assigned(co=("handler.d2",))
    orders = [p for p in papers(session, case) if p.kind in (K.assignment_order, K.co_order)]
    said = {paper.kind: values_of(paper) for paper in orders}
    lead, co = organisation_of("handler.d1").name, organisation_of("handler.d2").name
    assert len(orders) == 2 and said[K.assignment_order]["organisation"] == lead
    assert said[K.assignment_order]["co_organisations"] == co and said[K.assignment_order]["objection_due_on"]
    assert said[K.co_order]["organisation"] == co and said[K.co_order]["lead_organisation"] == lead


def test_an_objection_names_the_order_it_is_about(session, cases):
    case = cases.objected()
    found = papers(session, case)
    order = next(p for p in found if p.kind == K.assignment_order)
    slip = next(p for p in found if p.kind == K.objection_slip)
    said = values_of(slip)
    assert said["order_number"] == order.number and said["reason"] == "不属于本单位职权"
    assert said["proposed"] == organisation_of("handler.d2").name
    assert all(p.state == DocumentState.issued for p in found)


def text_of(paper: Document) -> str:
    """What stands on a paper, each paragraph on a line of its own."""
    with acting(SYSTEM):
        data = document_file.read(paper.docx_key, paper.docx_sha256)
    body = open_docx(io.BytesIO(data)).element.body
    return "\n".join("".join(node.itertext()) for node in body.iter() if node.tag.endswith("}p"))


@unit_of_work
def issued(who, case, kind, **fields) -> Document:
    return document.issue(who, case, kind, fields)


NOTICES = [K.supplement_notice, K.decline_notice, K.redirect_notice, K.co_order, K.extension_notice, K.remedy_slip]


@pytest.mark.parametrize("kind", NOTICES)
def test_a_centre_without_a_telephone_leaves_the_line_out(session, cases, actor, kind):
    case, who = cases.register(), actor("clerk")
    with acting(SYSTEM):
        centre = case.organisation
        centre.phone = centre.address = None
        session.flush()
    with acting(who):
        said = text_of(issued(who, case, kind))
        assert "电话：" not in said and "地址：" not in said
    with acting(SYSTEM):
        centre.phone = "0536-7211234"
        session.flush()
    with acting(who):
        assert "电话：0536-7211234" in text_of(issued(who, case, kind))


def test_minutes_number_only_what_there_is(session, cases, actor):
    case, who = cases.register(), actor("centre_head")
    with acting(who):
        said = text_of(issued(who, case, K.conference_minutes, host="赵立新", result="再议"))
        assert "赵立新主持召开" in said and "三、会商结论" in said
        assert "各单位意见" not in said and "任务分工" not in said and "责任单位" not in said
        opinions, decisions = [{"organisation": "住建局", "text": "同意"}], [{"text": "丈量"}]
        more = {"venue": "联合会商室", "opinions": opinions, "decisions": decisions}
        said = text_of(issued(who, case, K.conference_minutes, host="赵立新", **more))
    assert "赵立新在联合会商室主持召开" in said
    assert [name for name in ("三、各单位意见", "四、会商结论", "五、任务分工") if name in said] == [
        "三、各单位意见", "四、会商结论", "五、任务分工"
    ]  # fmt: skip


def test_a_rectification_names_its_problems_and_nothing_empty(session, cases, actor):
    case, who = cases.register(), actor("supervisor")
    with acting(who):
        told = {"problems": [{"text": "补偿款未足额到账"}], "due_on": date(2026, 4, 9)}
        said = text_of(issued(who, case, K.rectification_notice, **told))
    assert "1．补偿款未足额到账" in said and "请于2026年4月9日前完成整改" in said
    assert "整改要求" not in said and "责任人" not in said


def test_the_authority_that_re_examines_is_named(session, cases):
    case = cases.approved()
    reply = next(paper for paper in papers(session, case) if paper.kind == K.reply)
    said = text_of(reply)
    assert "收到本答复意见书之日起30日内，向昌邑市人民政府申请复查" in said and "三十日内提出复查意见" in said
    assert "5日内，向昌邑市群众诉求接待服务中心申请专家评审" in said


def test_an_office_of_a_town_has_the_government_of_the_city_above_it(session, cases):
    with acting(SYSTEM):
        offices = select(Organisation).join(Organisation.parent.of_type(parent := aliased(Organisation)))
        town = session.scalars(
            offices.where(parent.level == Level.township, Organisation.level != Level.village)
        ).first()
        village = session.scalars(select(Organisation).where(Organisation.level == Level.village)).first()
        city = session.scalars(select(Organisation).where(Organisation.level == Level.city)).one()
        named = {str(authority_over(one.path)) for one in (town, town.parent, village, city)}
        assert named == {"昌邑市人民政府"}
        assert str(office_name(city)) == "昌邑市群众诉求接待服务中心" and office_name(town) == town.name


def test_the_choice_does_not_make_a_secretary_of_the_clerk(session, cases, clerk):
    with acting(clerk):
        said = text_of(issued(clerk, cases.register(), K.expert_choice))
    assert f"接收人：{clerk.name}" in said and "评审秘书" not in said


@pytest.fixture
def clerk(actor):
    return actor("clerk")
