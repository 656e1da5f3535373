"""Counting anew after a change of rule or calendar: what moved is listed, no right cut short, owners are told."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.audit import Notice
from app.models.calendar import DeadlineRule
from app.models.deadline import Deadline
from app.models.recount import DeadlineMove, Recount
from app.services import calendar, deadline, deadline_rule
from app.services.notice import sentence
from tests.case_factory import Cases
from tests.services.test_deadline import at, clocks


@pytest.fixture
def cases(actor):
    return Cases(actor)


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def rule(code):
    return db.session.scalars(select(DeadlineRule).where(DeadlineRule.code == code)).one()


def moves():
    with system_scope("test"):
        with_why = select(DeadlineMove).options(joinedload(DeadlineMove.recount)).order_by(DeadlineMove.id)
        return list(db.session.scalars(with_why))


def test_a_stricter_rule_moves_what_runs_and_lists_it(cases, session, admin, actor):
    with at(date(2026, 3, 2)):
        case, done = cases.assigned(occurred_on="2025-01-01"), cases.register(occurred_on="2025-01-01")
    with acting(SYSTEM):
        deadline.cancel(done, ["D-REPLY15"])
        session.flush()
    with acting(admin):
        deadline_rule.change_rule(admin, rule("D-REPLY15"), {"length": 10})
    row = clocks(session, case)["D-REPLY15"]
    assert row.due_on == date(2026, 3, 12) and row.why[1]["length"] == 10
    (listed,) = moves()
    assert (listed.number, listed.code, listed.before_on, listed.after_on) == (
        case.number,
        "D-REPLY15",
        date(2026, 3, 17),
        date(2026, 3, 12),
    )
    assert listed.recount.cause == "rule" and listed.recount.moved == 1 and "D-REPLY15" in listed.recount.subject
    assert case.due_on == date(2026, 3, 12)
    with acting(actor("handler.d1")):
        told = session.scalars(select(Notice).where(Notice.code == "deadline_moved")).one()
        assert case.number in sentence(told) and "2026-03-12" in sentence(told)


def test_a_longer_rule_lengthens_a_right_and_a_shorter_one_leaves_it(cases, session, admin):
    with at(date(2026, 3, 2)):
        case = cases.register(occurred_on="2025-01-01")
        with acting(SYSTEM):
            right = deadline.start(case, "D-REV5", clock.today(), party_id=case.parties[0].id)
            session.flush()
    with acting(admin):
        deadline_rule.change_rule(admin, rule("D-REV5"), {"length": 8})
        assert right.due_on == date(2026, 3, 10)
        deadline_rule.change_rule(admin, rule("D-REV5"), {"length": 5})
    assert right.due_on == date(2026, 3, 10)
    assert [m.after_on for m in moves()] == [date(2026, 3, 10)]


def test_a_rule_in_force_from_a_day_leaves_what_began_before(cases, session, admin):
    with at(date(2026, 3, 2)):
        before = cases.register(occurred_on="2025-01-01")
    with at(date(2026, 3, 9)):
        after = cases.register(occurred_on="2025-01-01")
    with acting(admin):
        deadline_rule.change_rule(admin, rule("D-REPLY15"), {"length": 10, "active_from": date(2026, 3, 5)})
    assert clocks(session, before)["D-REPLY15"].due_on == date(2026, 3, 17)
    assert clocks(session, after)["D-REPLY15"].due_on == date(2026, 3, 19)


def test_a_day_that_may_not_be_passed_still_holds(cases, session, admin):
    with at(date(2026, 3, 2)):
        case = cases.register(occurred_on="2025-01-01")
        with acting(SYSTEM):
            capped = deadline.start(case, "D-RECT", clock.today(), cap=date(2026, 3, 18))
            session.flush()
    with acting(admin):
        for day in (16, 17, 18):
            calendar.add_day(admin, {"on": date(2026, 3, day), "workday": False, "name": "临时放假"})
    assert capped.due_on == date(2026, 3, 18) and capped.why[-1]["step"] == "cap"


def test_many_moves_are_one_message(cases, session, admin, actor):
    with at(date(2026, 3, 2)):
        made = [cases.assigned(occurred_on="2025-01-01") for _ in range(4)]
    with acting(admin):
        deadline_rule.change_rule(admin, rule("D-REPLY15"), {"length": 10})
    with acting(actor("handler.d1")):
        told = session.scalars(select(Notice).where(Notice.code.in_(("deadline_moved", "deadlines_moved")))).all()
        assert [n.code for n in told] == ["deadlines_moved"] and str(len(made)) in sentence(told[0])


def test_nothing_moved_is_no_list(session, admin):
    with acting(admin):
        calendar.add_day(admin, {"on": date(2031, 5, 1), "workday": False, "name": "劳动节"})
        assert session.scalar(select(Recount.id)) is None


def test_the_list_is_the_next_page_after_a_year_is_published(cases, login, session):
    case = cases.accepted()
    with acting(SYSTEM):
        handle = session.scalars(
            select(Deadline).where(Deadline.case_id == case.id, Deadline.code == "D-HANDLE60")
        ).one()
        while handle.due_on.year < 2027:
            handle.starts_on += timedelta(days=30)
            deadline.count_anew(handle, deadline.calendar(), deadline.NOTHING)
        session.commit()
        holiday = handle.due_on
    browser = login("business_admin")
    sent = {"csrf_token": browser.token, "year": "2027", "source": "国务院办公厅关于2027年部分节假日安排的通知"}
    sent["file"] = (io.BytesIO(f"{holiday},0,元旦".encode()), "2027.csv")
    answer = browser.post("/calendar_year/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 302 and "/recount/show/" in answer.location, answer.get_data(as_text=True)[:300]
    page = browser.get(answer.location).get_data(as_text=True)
    assert case.number in page and str(holiday) in page and "元旦" in page
    assert login("clerk").get(answer.location).status_code in (403, 404)
