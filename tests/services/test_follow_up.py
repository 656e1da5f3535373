"""After the reply: asking, rectifying, archiving, reopening."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core import clock, pdf
from app.core.db import db, work
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.models.attachment import Attachment
from app.models.case import CaseState
from app.models.code_table import CodeItem, CodeTable
from app.models.document import Document, DocumentKind
from app.models.dossier import Dossier
from app.models.follow_up import FollowUp, FollowUpMode, Satisfaction
from app.models.party import ClaimResult, Party
from app.models.rectification import Rectification, RectificationState
from app.models.reply import Reply, ReplyPoint, ReplyState
from app.models.service import Served, Service, ServiceWay
from app.services import archive as end
from app.services import deadline, follow_up, rectification
from app.services.archive import retain_until
from app.services.document import values_of
from tests.case_factory import Cases, id_number, organisation_of


@pytest.fixture
def cases(actor):
    return Cases(actor)


@pytest.fixture(autouse=True)
def _chinese(app):
    with app.test_request_context("/"):
        yield


def everything(model, case):
    with system_scope("test"):
        return list(db.session.scalars(select(model).where(model.case_id == case.id).order_by(model.id)))


def item(table, code):
    return db.session.scalars(
        select(CodeItem).join(CodeTable).where(CodeTable.code == table, CodeItem.code == code)
    ).one()


def petitioner(place, name):
    return {
        "side": "petitioner",
        "name": name,
        "id_type": "id_card",
        "id_number": id_number(place),
        "phone": f"1580001{place:04d}",
        "address": "山东省昌邑市柳疃镇西付村12号",
    }


@pytest.fixture
def served(cases, actor, session):
    """A case whose reply was approved and served to both petitioners, and that waits for the follow-up."""
    case = cases.handling(parties=[petitioner(41, "于秀兰"), petitioner(42, "栾𠮷明")], head_count=2)
    with system_scope("test"):
        people = {name: actor(name).user_id for name in ("handler.d1", "unit_head.d1", "centre_head")}
        reply = Reply(
            case_id=case.id,
            number=1,
            organisation_id=organisation_of("handler.d1").id,
            state=ReplyState.approved,
            findings="经查，情况属实。",
            basis="《土地管理法》第四十八条",
            drafted_by_id=people["handler.d1"],
            checked_by_id=people["unit_head.d1"],
            checked_at=clock.now(),
            approved_by_id=people["centre_head"],
            approved_at=clock.now(),
        )
        db.session.add(reply)
        db.session.flush()
        for claim in case.claims:
            point = {"claim_id": claim.id, "number": claim.number, "result": ClaimResult.supported, "resolved": True}
            db.session.add(ReplyPoint(case_id=case.id, reply_id=reply.id, text="予以支持", **point))
        for party in case.parties:
            db.session.add(
                Service(
                    case_id=case.id,
                    what=Served.reply,
                    reply_id=reply.id,
                    party_id=party.id,
                    way=ServiceWay.handed,
                    served_at=clock.now() - timedelta(hours=1),
                )
            )
        db.session.flush()
        for code in deadline.OF_THE_CASE:
            deadline.meet(case, code)
        db.session.execute(
            text('UPDATE "case" SET state = :state WHERE id = :id'), {"state": "follow_up_due", "id": case.id}
        )
        db.session.refresh(case)
        for code in deadline.FOLLOW_UPS:
            deadline.start(case, code, clock.today())
        db.session.commit()
    return case


def parties(case):
    return everything(Party, case)


def said(party, **more):
    return {
        "party": party,
        "mode": FollowUpMode.phone,
        "reached": True,
        "solved": True,
        "satisfied": Satisfaction.satisfied,
        **more,
    }


def ask(cases, case, party, who="follow_up_clerk", **more):
    return cases.do(who, follow_up.follow_up, case, **said(party, **more))


def test_all_content_closes_and_only_then(cases, served):
    first, second = parties(served)
    ask(cases, served, first, quality=5, centre=4, opinion="办理及时")
    told = values_of(everything(Document, served)[-1])
    assert told["quality"] == "5分（满分5分）" and told["conduct"] == "未评价" and told["solved"] == "是"
    assert told["overall"] == "满意；对中心评价4分（满分5分）"
    assert served.state is CaseState.follow_up_due
    ask(cases, served, second, satisfied=Satisfaction.fairly_satisfied)
    assert served.state is CaseState.closed and served.closed_at is not None
    rows = everything(FollowUp, served)
    assert [(r.attempt, r.reached, r.solved, r.satisfied.value) for r in rows] == [
        (1, True, True, "satisfied"),
        (1, True, True, "fairly_satisfied"),
    ]
    with system_scope("test"):
        assert not deadline.running([served.id], deadline.FOLLOW_UPS)


def test_who_was_asked_is_not_asked_again(cases, served):
    first, _second = parties(served)
    ask(cases, served, first)
    with pytest.raises(Invalid) as refused:
        ask(cases, served, first)
    assert "已经回访过" in str(refused.value.errors["party"][0])


def test_three_tries_in_vain_are_no_satisfaction(cases, served):
    first, second = parties(served)
    ask(cases, served, second)
    for attempt in range(1, 4):
        assert served.state is CaseState.follow_up_due, attempt
        ask(cases, served, first, reached=False, solved=None, satisfied=None)
    assert served.state is CaseState.closed
    rows = [r for r in everything(FollowUp, served) if r.party_id == first.id]
    assert [r.attempt for r in rows] == [1, 2, 3] and all(r.satisfied is None and not r.reached for r in rows)
    paper = [d for d in everything(Document, served) if d.kind is DocumentKind.follow_up_form][-1]
    told = values_of(paper)
    assert [(t["number"], t["result"]) for t in told["tries"]] == [(str(n), "未联系上") for n in (1, 2, 3)]
    assert {told[name] for name in ("solved", "quality", "conduct", "overall")} == {"未评价"}


@pytest.mark.parametrize(
    "answer",
    [
        {"solved": False},
        {"satisfied": Satisfaction.dissatisfied},
        {"conduct": 2},
        {"satisfied": Satisfaction.not_rated, "quality": 1},
    ],
)
def test_not_content_orders_a_rectification(cases, served, answer):
    first, _second = parties(served)
    with pytest.raises(Invalid) as refused:
        ask(cases, served, first, **answer)
    assert "cause" in refused.value.errors and served.state is CaseState.follow_up_due
    ask(cases, served, first, cause="补偿款未足额到账", **answer)
    assert served.state is CaseState.rectifying
    (order,) = everything(Rectification, served)
    assert order.organisation_id == organisation_of("unit_head.d1").id
    assert order.number.startswith("ZG") and order.cause == "补偿款未足额到账"
    assert order.due_on >= clock.today() + timedelta(days=15) and served.due_code == "D-RECT"


def test_nobody_is_content_by_default(cases, served):
    first, _second = parties(served)
    for name in ("solved", "satisfied"):
        with pytest.raises(Invalid) as refused:
            ask(cases, served, first, **{name: None})
        assert name in refused.value.errors
    with pytest.raises(Invalid) as refused:
        ask(cases, served, first, reached=False)
    assert "solved" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        ask(cases, served, first, reached=None, solved=None, satisfied=None)
    assert "reached" in refused.value.errors


def test_times_out_of_order(cases, served):
    first, _second = parties(served)
    for moment in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=2)):
        with pytest.raises(Invalid) as refused:
            ask(cases, served, first, at=moment)
        assert "at" in refused.value.errors


def test_the_handlers_follow_nothing_up(cases, served):
    first, _second = parties(served)
    for who in ("handler.d1", "unit_head.d1", "clerk", "supervisor"):
        with pytest.raises(NotAllowed):
            ask(cases, served, first, who=who)


def rectifying(cases, case):
    first, _second = parties(case)
    ask(cases, case, first, satisfied=Satisfaction.dissatisfied, cause="补偿款未足额到账")
    with system_scope("test"):
        proof = Attachment(
            case_id=case.id,
            name="转账凭证.pdf",
            mime="application/pdf",
            size=9,
            sha256="0" * 64,
            storage_key=f"k{case.id}",
        )
        db.session.add(proof)
        db.session.commit()
    return first, proof


def test_a_rectification_from_order_to_the_second_asking(cases, served):
    first, proof = rectifying(cases, served)
    with pytest.raises(WrongState):
        cases.do("supervisor", rectification.accept, served)
    with pytest.raises(Invalid) as refused:
        cases.do("unit_head.d1", rectification.report, served, report="已补发")
    assert "evidence" in refused.value.errors
    with pytest.raises(NotFound):
        cases.do("unit_head.d2", rectification.report, served, report="已补发", evidence=[proof])
    cases.do("unit_head.d1", rectification.report, served, report="已补发差额", evidence=[proof])
    with pytest.raises(WrongState):
        cases.do("unit_head.d1", rectification.report, served, report="已补发差额", evidence=[proof])
    cases.do("supervisor", rectification.send_back, served, reason="凭证不清晰")
    assert everything(Rectification, served)[0].state is RectificationState.ordered
    cases.do("unit_head.d1", rectification.report, served, report="已补发差额，附银行回单", evidence=[proof])
    cases.do("supervisor", rectification.accept, served, note="属实")
    assert served.state is CaseState.follow_up_due
    (order,) = everything(Rectification, served)
    assert order.state is RectificationState.accepted
    with system_scope("test"):
        assert [file.id for file in order.evidence] == [proof.id]
        assert not deadline.running([served.id], [deadline.RECTIFY])
    ask(cases, served, first)
    assert served.state is CaseState.follow_up_due
    ask(cases, served, parties(served)[1])
    assert served.state is CaseState.closed


def closed(cases, case):
    for party in parties(case):
        ask(cases, case, party)
    return cases.serve_notices(case)


def test_archive_makes_a_dossier_that_is_read_only(cases, served, actor):
    case = closed(cases, served)
    with pytest.raises(Invalid) as refused:
        cases.do("archivist", end.archive, case)
    assert "retention" in refused.value.errors
    cases.do("archivist", end.archive, case, retention=item("retention", "y30"))
    assert case.state is CaseState.archived
    (dossier,) = everything(Dossier, case)
    assert dossier.number.startswith("DA") and dossier.retain_until == date(clock.today().year + 30, 12, 31)
    assert [entry["no"] for entry in dossier.catalogue] == list(range(1, len(dossier.catalogue) + 1))
    assert any("回访" in entry["name"] for entry in dossier.catalogue)
    (cover,) = [paper for paper in everything(Document, case) if paper.kind is DocumentKind.dossier_cover]
    said, today = values_of(cover), clock.today()
    assert {row["date"] for row in said["catalogue"]} == {f"{today.year}年{today.month}月{today.day}日"}
    if pdf.available():
        pages = [entry["pages"] for entry in dossier.catalogue]
        assert all(pages) and dossier.pages == sum(pages) and said["pages"] == str(sum(pages))
    with pytest.raises(WrongState), acting(actor("follow_up_clerk")):
        ask(cases, case, parties(case)[0])


def test_an_incomplete_dossier_says_what_is_missing(cases, served):
    case = closed(cases, served)
    with system_scope("test"), work():
        db.session.execute(text("DELETE FROM service WHERE what = 'reply' AND case_id = :id"), {"id": case.id})
    with pytest.raises(WrongState) as refused:
        cases.do("archivist", end.archive, case, retention=item("retention", "y10"))
    assert "送达" in str(refused.value.message)


def test_a_notice_that_waits_keeps_the_dossier_open(cases, served):
    for party in parties(served):
        ask(cases, served, party)
    with pytest.raises(WrongState) as refused:
        cases.do("archivist", end.archive, served, retention=item("retention", "y10"))
    assert "待送达告知书的送达" in str(refused.value.message)
    with system_scope("test"), work():  # what was missing came in long ago
        overtaken = "UPDATE paper_due SET paper = 'supplement_notice' WHERE case_id = :id"
        db.session.execute(text(overtaken), {"id": served.id})
    cases.do("archivist", end.archive, served, retention=item("retention", "y10"))
    assert served.state is CaseState.archived


def test_retention_counts_from_the_end_of_the_year():
    assert retain_until(CodeItem(code="y10"), date(2026, 2, 1)) == date(2036, 12, 31)
    assert retain_until(CodeItem(code="permanent"), date(2026, 2, 1)) is None


def test_reopened_in_a_new_round_under_the_same_number(cases, served):
    case = closed(cases, served)
    number = case.number
    cases.do("archivist", end.archive, case, retention=item("retention", "permanent"))
    with pytest.raises(Invalid):
        cases.do("centre_head", end.reopen, case, reason="法院判决")
    cases.do("centre_head", end.reopen, case, reason="法院判决撤销", ground=item("reopen_reason", "court"))
    assert (case.number, case.round, case.state) == (number, 2, CaseState.handling)
    assert case.closed_at is None and case.due_on is not None
    assert everything(Dossier, case)[0].round == 1
