"""A review on screen and by REST: a conflict found late, a stale page, an application on the sixth day."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.review import Ballot, Review, SeatState
from app.models.service import Service
from app.services.queries.review_facts import facts_of
from tests.review_factory import Reviews
from tests.views.test_case_api import call  # noqa: F401 - a fixture
from tests.views.test_reply_pages import rows

WHY = "开始评审后发现其曾为当事人提供法律咨询"


@pytest.fixture
def reviews(actor, session):
    return Reviews(actor)


def seat_of(reviews, record, number):
    key = reviews.experts[f"expert.{number}"].id
    with system_scope("test"):
        return next(seat for seat in facts_of(record).seats if seat.expert_id == key)


def void_by_form(browser, record, **data):
    given = {"csrf_token": browser.token, "row_version": str(record.version), **data}
    return browser.post(f"/review/{record.id}/do/void_ballot", data=given)


def told(answer):
    """The course on a page, as it is read."""
    return re.sub(r"<[^>]+>|\s+", " ", answer.get_data(as_text=True))


def test_a_conflict_found_late_on_the_page(reviews, login):
    record = reviews.vote(reviews.vote(reviews.balloting(), 1, "unsound"), 2)
    browser, seat = login("review_secretary"), seat_of(reviews, record, 1)
    empty = void_by_form(browser, record, seat=str(seat.id), reason="")
    assert empty.status_code == 422 and re.search(
        rf'<option[^>]*(selected[^>]*value="{seat.id}"|value="{seat.id}"[^>]*selected)', empty.get_data(as_text=True)
    ), "the seat that was chosen stays chosen"
    long = void_by_form(browser, record, seat=str(seat.id), reason="长" * 2001)
    assert long.status_code == 422 and "2000" in long.get_data(as_text=True)
    assert void_by_form(browser, record, seat="99999999", reason=WHY).status_code == 422
    assert void_by_form(browser, record, seat=str(seat.id), reason=WHY).status_code == 302
    page = told(browser.get(f"/review/show/{record.id}"))
    assert WHY in page and "该席位已投的评审表作废，不再计票。" in page and "4 / 5" in page
    with system_scope("test"):
        gone = db.session.scalars(select(Ballot).where(Ballot.seat_id == seat.id)).one()
        assert gone.voided_at is not None and seat_of(reviews, record, 1).state is SeatState.voided
    assert seat_of(reviews, record, 11).state is SeatState.invited
    assert login("expert.1").get(f"/review/show/{record.id}").status_code == 404
    case_page = told(login("clerk").get(f"/case/show/{record.case_id}"))
    assert "作废评审表" in case_page and WHY in case_page


def test_a_seat_without_a_ballot_says_nothing_of_one(reviews, login):
    record = reviews.balloting()
    browser = login("review_secretary")
    assert void_by_form(browser, record, seat=str(seat_of(reviews, record, 5).id), reason=WHY).status_code == 302
    page = told(browser.get(f"/review/show/{record.id}"))
    assert WHY in page and "已投的评审表作废" not in page


def test_on_a_stale_page_it_is_refused_and_what_was_typed_stays(reviews, login):
    record = reviews.balloting()
    browser, stale = login("review_secretary"), record.version
    keys = [str(seat_of(reviews, record, number).id) for number in (1, 2)]
    assert void_by_form(browser, record, seat=keys[0], reason="先发现的").status_code == 302
    given = {"csrf_token": browser.token, "row_version": str(stale), "seat": keys[1], "reason": WHY}
    late = browser.post(f"/review/{record.id}/do/void_ballot", data=given)
    assert late.status_code == 409 and WHY in late.get_data(as_text=True)


def test_a_conflict_found_late_by_rest(reviews, call):  # noqa: F811
    record = reviews.vote(reviews.balloting(), 1)
    address = f"/api/v1/review/{record.id}/steps/void_ballot"
    seat = seat_of(reviews, record, 1)
    body = {"seat": seat.id, "reason": WHY, "version": record.version}
    assert call("clerk", "post", address, body).status_code == 403
    assert call("review_secretary", "post", address, {**body, "seat": 99999999}).status_code == 422
    assert call("review_secretary", "post", address, {**body, "version": 0}).status_code == 409
    done = call("review_secretary", "post", address, body)
    assert done.status_code == 200 and done.get_json()["state"] == "inviting", done.get_json()
    assert seat_of(reviews, record, 1).state is SeatState.voided


def test_on_the_sixth_day_the_page_and_rest_say_the_last_day_and_why(reviews, login, call):  # noqa: F811
    case = reviews.cases.replied()
    with system_scope("test"):
        party, claim = case.parties[0].id, case.claims[0].id
    browser, received = login("clerk"), clock.local(rows(Service, case)[0].served_at).date()
    address = f"/case/{case.id}/do/apply_review"
    page = browser.get(address).get_data(as_text=True)
    assert 'name="reason"' in page
    with clock.standing_at(clock.now() + timedelta(days=20)):
        sentence = f"答复意见于{received}送达，申请专家评审的截止日为"
        browser = login("clerk")
        given = {"csrf_token": browser.token, "row_version": str(case.version), "party": str(party)}
        given |= {"signature-kind": "witness", "signature-witness": "王五"}
        late = browser.post(address, data={**given, "claims": str(claim), "reason": "面积丈量有误"})
        text = late.get_data(as_text=True)
        assert late.status_code == 409, re.findall(r"class=\"err\">(?:<[^>]*>)*([^<]+)", text)
        assert sentence in text and "现已逾期" in text and "面积丈量有误" in text
        shown = browser.get(address)
        assert shown.status_code == 302 and sentence in browser.get(shown.location).get_data(as_text=True)
        body = {"party": party, "claims": [claim], "reason": "面积丈量有误", "version": case.version}
        answer = call("clerk", "post", f"/api/v1{address.replace('/do/', '/steps/')}", body)
        assert answer.status_code == 409 and sentence in answer.get_json()["message"], answer.get_json()
    with system_scope("test"):
        assert db.session.scalar(select(Review.id).where(Review.case_id == case.id)) is None
