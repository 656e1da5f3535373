"""Supervision: urges with a pause between them, letters and their answers, what the rules raise, proposals."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, WrongState
from app.core.paper import plain_day
from app.models.document import Document, DocumentKind, DocumentState
from app.models.proposal import ProposalAnswer, ProposalState
from app.models.referral import Referral
from app.models.step import CaseStep
from app.models.supervision import Supervision, SupervisionCause, SupervisionState
from app.models.visit import Visit
from app.services import document, proposal, referral, reply, supervision, supervision_rule
from app.services.queries import progress
from tests.case_factory import Cases, organisation_of
from tests.services.test_document import words

WEEK = timedelta(days=7)


@pytest.fixture
def cases(actor):
    return Cases(actor)


def do(actor, who, verb, key, **data):
    with acting(actor(who)):
        return verb(actor(who), key, data)


def told(code):
    statement = text("SELECT u.username FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE n.code = :code")
    return set(db.session.connection().execute(statement, {"code": code}).scalars())


def letter(office="handler.d1", **more):
    given = {"organisation": organisation_of(office), "due_on": clock.today() + WEEK, "why": "久拖未办"}
    return {**given, "requirement": "三日内入户核实", **more}


def order_of(case):
    with system_scope("test"):
        return db.session.scalars(select(Supervision).where(Supervision.case_id == case.id)).one()


def test_an_urge_reaches_whose_move_it_is_and_not_twice_in_a_row(cases, actor):
    case = cases.handling()
    cases.do("supervisor", supervision.urge, case, text="请尽快办理")
    assert told("urged") == {"handler.d1"}
    with pytest.raises(Invalid) as refusal:
        cases.do("supervisor", supervision.urge, case, text="再催")
    assert "text" in refusal.value.errors
    day = clock.now() + timedelta(days=3)
    with clock.standing_at(day):
        cases.do("supervisor", supervision.urge, case, text="再催")
    with pytest.raises(NotAllowed):
        cases.do("clerk", supervision.urge, case, text="催")


def test_an_urge_on_an_accusation_never_reaches_the_accused(cases):
    with system_scope("test"):
        code = organisation_of("clerk.t1").code
    accused = {"side": "respondent", "organisation": code}
    body = cases.body()
    case = cases.register("clerk", kind="accusation", parties=[*body["parties"], accused])
    cases.do("supervisor", supervision.urge, case, text="请尽快受理")
    assert told("urged") == {"dispatcher"}


def test_a_letter_is_answered_by_its_office_and_closed_by_a_supervisor(cases, actor):
    case = cases.handling()
    cases.do("supervisor", supervision.supervise, case, **letter())
    order = order_of(case)
    assert order.state is SupervisionState.ordered and order.number.startswith("DB") and order.due_on
    with system_scope("test"):
        papers = select(Document).where(Document.case_id == case.id, Document.kind == DocumentKind.supervision_letter)
        paper = db.session.scalars(papers).one()
        assert "三日内入户核实" in paper.fields
    assert letter_of(actor("supervisor"), order).id == paper.id == letter_of(actor("unit_head.d1"), order).id
    assert letter_of(actor("unit_head.d2"), order) is None
    assert told("supervision_letter") == {"unit_head.d1"}
    with pytest.raises(NotFound):
        do(actor, "unit_head.d2", supervision.answer, order.id, answer="已办")
    with pytest.raises(NotAllowed):
        do(actor, "supervisor", supervision.answer, order.id, answer="已办")
    do(actor, "unit_head.d1", supervision.answer, order.id, answer="已入户核实")
    assert told("supervision_answered") == {"supervisor", "centre_head"}
    again = clock.today() + WEEK
    do(actor, "supervisor", supervision.return_answer, order.id, reason="没有证据", due_on=again)
    do(actor, "unit_head.d1", supervision.answer, order.id, answer="附照片")
    with pytest.raises(NotAllowed):
        do(actor, "unit_head.d1", supervision.close, order.id)
    do(actor, "supervisor", supervision.close, order.id, note="属实")
    assert order.state is SupervisionState.closed and order.closed_by_id != order.answered_by_id
    with pytest.raises(WrongState):
        do(actor, "supervisor", supervision.close, order.id)


def test_one_open_letter_for_a_matter_and_an_office(cases):
    case = cases.handling()
    cases.do("supervisor", supervision.supervise, case, **letter())
    with pytest.raises(Invalid) as refusal:
        cases.do("supervisor", supervision.supervise, case, **letter())
    assert "organisation" in refusal.value.errors


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("why", " "), ("requirement", ""), ("due_on", clock.today()), ("due_on", None), ("organisation", None)],
)
def test_a_letter_without_its_parts_is_refused_at_the_field(cases, field, wrong):
    case = cases.handling()
    with pytest.raises(Invalid) as refusal:
        cases.do("supervisor", supervision.supervise, case, **letter(**{field: wrong}))
    assert field in refusal.value.errors


def test_the_public_page_says_nothing_of_supervision(cases):
    case = cases.handling()
    cases.do("supervisor", supervision.urge, case, text="请尽快办理")
    cases.do("supervisor", supervision.supervise, case, **letter())
    with system_scope("test"):
        steps = db.session.scalars(select(CaseStep).where(CaseStep.case_id == case.id)).all()
    assert {"urge", "supervise"} <= {row.step for row in steps}
    assert len(progress.passed(steps)) == len([row for row in steps if row.step not in ("urge", "supervise")])


# ---- what the rules raise


def raised():
    with acting(SYSTEM), system_scope("test"):
        supervision_rule.supervise_by_rule()
        again = supervision_rule.supervise_by_rule()
        rows = db.session.execute(select(Supervision.case_id, Supervision.cause, Supervision.state)).all()
    assert again == 0
    return {(row.case_id, row.cause) for row in rows if row.state is SupervisionState.raised}


def at(moment):
    return clock.standing_at(moment)


def test_half_of_the_time_gone_without_a_record(cases):
    quiet, busy = cases.handling(), cases.handling()
    cases.do("handler.d1", referral.log_work, busy, text="已入户", done_at=clock.now())
    half = clock.now() + timedelta(days=36)  # however far rest days push the last day
    with at(clock.now() + timedelta(days=20)):
        assert raised() == set()
    with at(half):
        assert raised() == {(quiet.id, SupervisionCause.half_time)}
    assert told("supervision_raised") == {"supervisor", "centre_head"}


def test_the_party_came_again(cases):
    case = cases.handling()
    with acting(SYSTEM), system_scope("test"):
        for _time in range(2):
            db.session.add(Visit(case_id=case.id, at=clock.now(), channel="visit", head_count=1))
        db.session.flush()
    assert raised() == {(case.id, SupervisionCause.came_again)}
    with system_scope("test"):
        assert len(db.session.scalars(select(Supervision).where(Supervision.case_id == case.id)).all()) == 2


def test_a_returned_reply_left_lying(cases):
    case = cases.submit(cases.handling())
    cases.do("unit_head.d1", reply.return_reply, case, reason="事实不清")
    with at(clock.now() + timedelta(days=4)):
        assert raised() == set()
    with at(clock.now() + timedelta(days=6)):
        assert raised() == {(case.id, SupervisionCause.reply_idle)}


def test_a_co_organisation_that_is_silent(cases):
    case = cases.assigned(co=("handler.d2",))
    long_ago = clock.now() - timedelta(days=4)
    db.session.connection().execute(update(Referral.__table__).values(created_at=long_ago))
    assert raised() == {(case.id, SupervisionCause.co_silent)}
    assert order_of(case).organisation_id == organisation_of("handler.d2").id


def test_a_letter_takes_up_what_the_rules_raised(cases, actor):
    case = cases.assigned(co=("handler.d2",))
    db.session.connection().execute(update(Referral.__table__).values(created_at=clock.now() - timedelta(days=4)))
    raised()
    first = order_of(case)
    cases.do("supervisor", supervision.supervise, case, **letter())
    assert first.state is SupervisionState.dropped


def test_a_raised_order_becomes_a_letter_or_is_dropped(cases, actor):
    case = cases.assigned(co=("handler.d2",))
    db.session.connection().execute(update(Referral.__table__).values(created_at=clock.now() - timedelta(days=4)))
    raised()
    order = order_of(case)
    with pytest.raises(WrongState) as early:
        do(actor, "centre_head", supervision.close, order.id)
    assert "system" not in str(early.value.message)  # the program has a name for people
    with pytest.raises(NotFound):  # not before the letter is out
        do(actor, "unit_head.d2", supervision.answer, order.id, answer="已办")
    do(actor, "centre_head", supervision.issue_letter, order.id, **letter("handler.d2"))
    assert order.state is SupervisionState.ordered and told("supervision_letter") == {"unit_head.d2"}
    do(actor, "supervisor", supervision.drop, order.id, reason="已签收")
    assert order.state is SupervisionState.dropped and told("supervision_dropped") == {"unit_head.d2"}


# ---- proposals


def test_a_proposal_is_sent_answered_and_closed(session, actor):
    day = clock.today() + timedelta(days=30)
    said = {"kind": "improve_work", "addressee": "市农业农村局", "subject": "规范台账", "text": "建议……", "due_on": day}
    with acting(actor("supervisor")):
        row = proposal.propose(actor("supervisor"), said)
    assert row.state is ProposalState.sent and row.number.startswith("JY")
    answer = {"outcome": ProposalAnswer.partly, "answer": "拟修订", "answered_on": clock.today()}
    for wrong in ({"answered_on": clock.today() + WEEK}, {"outcome": None}, {"answer": ""}):
        with pytest.raises(Invalid):
            do(actor, "supervisor", proposal.record_answer, row.id, **{**answer, **wrong})
        db.session.expire_all()
    do(actor, "supervisor", proposal.record_answer, row.id, **answer)
    do(actor, "supervisor", proposal.close, row.id, note="已落实")
    assert row.state is ProposalState.closed and row.outcome is ProposalAnswer.partly
    with pytest.raises(NotFound):
        do(actor, "supervisor.t1", proposal.close, row.id)


def letter_of(who, row):
    with acting(who):
        return document.letter_of(who, row)


def test_a_proposal_is_a_letter_with_a_number_and_void_once_it_is_withdrawn(session, cases, actor):
    case = cases.handling(title="村内道路破损", facts="当事人姓名不外传")
    day = clock.today() + timedelta(days=30)
    said = {
        "kind": "improve_work",
        "addressee": "市农业农村局",
        "subject": "规范台账",
        "text": "一、核对。\n二、公示。",
    }
    who = actor("supervisor")
    with acting(who):
        row = proposal.propose(who, {**said, "due_on": day, "case": case})
        letter = document.letter_of(who, row)
        told, written = document.values_of(letter), words(letter)
    assert letter.number == f"昌群诉建〔{clock.today().year}〕1号" and letter.state is DocumentState.issued
    assert (told["proposal_kind"], told["due_on"]) == ("改进工作", plain_day(day))
    assert case.number in told["facts"] and "村内道路破损" in told["facts"] and "姓名不外传" not in written
    for part in (
        "市农业农村局：",
        "改进工作建议书",
        "规范台账",
        "一、核对。",
        "二、公示。",
        plain_day(day),
        row.number,
    ):
        assert part in written
    assert letter_of(actor("supervisor.t1"), row) is None
    assert letter_of(actor("centre_head"), row).id == letter.id
    assert letter_of(actor("handler.d1"), row) is None
    do(actor, "supervisor", proposal.withdraw, row.id, reason="已另行商定")
    assert letter.state is DocumentState.void and letter.void_reason == "已另行商定"


def test_a_letter_about_a_cause_counts_it_and_about_an_accusation_tells_nothing_of_it(session, cases, actor):
    day, who = clock.today() + timedelta(days=30), actor("supervisor")
    said = {
        "kind": "complete_policy",
        "addressee": "市农业农村局",
        "subject": "规范台账",
        "text": "建议……",
        "due_on": day,
    }
    accusation = cases.register("clerk", kind="accusation", title="举报某某")
    many = [cases.register("clerk") for _nth in range(3)]
    with system_scope("test"):
        about = {"category": many[0].category, "place": many[0].village or many[0].town}
    with acting(who):
        letters = [
            document.letter_of(who, proposal.propose(who, {**said, **of})) for of in (about, {"case": accusation})
        ]
        counted, accused = (document.values_of(letter)["facts"] for letter in letters)
    assert "件" in counted and many[0].category.name in counted
    assert accusation.number in accused and "举报某某" not in accused


def test_a_paper_has_one_owner(session, cases, actor):
    case, who = cases.register(), actor("supervisor")
    said = {"kind": "improve_work", "addressee": "局", "subject": "事", "text": "文", "due_on": clock.today() + WEEK}
    with acting(who):
        letter = document.letter_of(who, proposal.propose(who, said))
    for wrong in ({"case_id": case.id}, {"proposal_id": None}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            table = Document.__table__
            db.session.connection().execute(update(table).where(table.c.id == letter.id).values(**wrong))


def test_a_proposal_is_due_in_the_future(session, actor):
    said = {"kind": "improve_work", "addressee": "局", "subject": "事", "text": "文", "due_on": clock.today()}
    with acting(actor("supervisor")), pytest.raises(Invalid) as refusal:
        proposal.propose(actor("supervisor"), said)
    assert "due_on" in refusal.value.errors
