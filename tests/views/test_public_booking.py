"""The public pages of booking as a browser without scripts meets them: from the first page to the cancelled booking."""

import re
from datetime import datetime, time

import pytest
from booking_factory import Bookings, room_named, user_id
from sqlalchemy import text

from app.access.actor import system_scope
from app.core import clock
from app.models.roster import DutyKind, Shift
from tests.conftest import token_of

WHO = {"contact_name": "孟晓棠", "contact_phone": "139 1234 5678", "notes": "失眠三月"}
DAY = "2026-11-25"


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning, a counsellor on duty."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        room = room_named("心理咨询室")
        shift = Shift(kind=DutyKind.counsellor, on=clock.today(), starts_at=time(9), ends_at=time(12))
        shift.account_id, shift.room_id, shift.organisation_id = user_id("counsellor.1"), room.id, room.organisation_id
        with system_scope("test"):
            session.add(shift)
            session.commit()
        yield Bookings(actor)


@pytest.fixture
def browser(client):
    client.token = token_of(client.get("/public/book").get_data(as_text=True))
    return client


def words(answer) -> str:
    page = answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S))


def send(browser, address, **data):
    return browser.post(address, data={"csrf_token": browser.token, **data})


def slots(browser, service="counselling") -> list[str]:
    page = browser.get(f"/public/book/{service}?day={DAY}").get_data(as_text=True)
    return re.findall(r'name="slot" value="([^"]+)"', page)


def book(browser, service="counselling", **more):
    assert send(browser, f"/public/book/{service}?day={DAY}", slot=slots(browser, service)[0]).status_code == 302
    return send(browser, "/public/book/details", **{**WHO, **more})


def test_from_the_first_page_to_the_cancelled_booking(made, browser):
    first = words(browser.get("/public/book"))
    assert all(word in first for word in ("法律咨询", "心理咨询", "来访接待"))
    answer = send(browser, f"/public/book/counselling?day={DAY}", slot=slots(browser)[0])
    assert answer.status_code == 302 and answer.location == "/public/book/details"
    form = words(browser.get("/public/book/details"))
    assert "09:00–10:00" in form and "为您保留到 08:10" in form and "只有咨询师能看到" in form
    answer = send(browser, "/public/book/details", **WHO)
    assert answer.status_code == 302 and answer.location == "/public/booking"
    page = browser.get("/public/booking").get_data(as_text=True)
    assert "预约成功" in page and "心理咨询室" in page and "13912345678" not in page and "孟晓棠" not in page
    number, code = re.search(r"YY-SQ-2026-\d{6}", page)[0], re.search(r'class="code">(\w{8})<', page)[1]
    assert browser.get("/public/book/details").location == "/public/booking"
    send(browser, "/public/booking/leave")
    assert number not in words(browser.get("/public/booking"))
    assert send(browser, "/public/booking", number=number, code=code).status_code == 302
    again = browser.get("/public/booking").get_data(as_text=True)
    assert number in again and code not in again
    send(browser, "/public/booking/cancel")
    assert "已取消" in words(browser.get("/public/booking")) and len(slots(browser)) == 5


def test_what_is_wrong_keeps_what_was_typed(made, browser):
    answer = book(browser, contact_phone="12345", contact_name="孟晓棠")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="孟晓棠"' in page and 'value="12345"' in page and "失眠三月" in page
    assert send(browser, "/public/book/details", **WHO).status_code == 302


def test_somebody_was_faster(made, browser, app):
    other, wanted = app.test_client(), slots(browser)[0]
    other.token = token_of(other.get("/public/book").get_data(as_text=True))
    assert send(other, f"/public/book/counselling?day={DAY}", slot=wanted).status_code == 302
    answer = send(browser, f"/public/book/counselling?day={DAY}", slot=wanted)
    assert answer.status_code == 409 and "抢先" in words(answer) and "选日期" in words(answer)


@pytest.mark.parametrize("slot", ["", "x", "1|x", "1|2026-11-25T09:00", "99999999999999999999|2026-11-25T09:00+08:00",
                                  "1|9999-12-31T23:59:59+00:00", "1|0001-01-01T00:00:00+14:00"])  # fmt: skip
def test_no_slot_of_anybodys_making(made, browser, slot):
    assert send(browser, "/public/book/counselling", slot=slot).status_code == 409


@pytest.mark.parametrize(
    "address",
    [
        "/public/book/nothing",
        "/public/book/counselling?day=x&centre=x",
        "/public/book/counselling?centre=-1&day=9999-99-99",
        "/public/book/visit?day=2020-01-01",
    ],
)
def test_no_address_breaks(made, browser, address):
    assert browser.get(address).status_code == (404 if "nothing" in address else 200)


def test_a_time_that_was_not_kept_or_has_expired_leads_back(made, browser, session):
    assert browser.get("/public/book/details").location == "/public/book"
    assert send(browser, f"/public/book/counselling?day={DAY}", slot=slots(browser)[0]).status_code == 302
    with clock.standing_at(datetime(2026, 11, 25, 8, 11, tzinfo=clock.LOCAL)):
        assert send(browser, "/public/book/details", **WHO).location == "/public/book"
    assert session.connection().execute(text("SELECT count(*) FROM booking")).scalar_one() == 0


def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(made, browser):
    book(browser)
    number = re.search(r"YY-SQ-2026-\d{6}", browser.get("/public/booking").get_data(as_text=True))[0]
    send(browser, "/public/booking/leave")
    browser.get("/public/booking")
    asked = ((number, "AAAAAAAA"), ("YY-SQ-2026-999999", "AAAAAAAA"), ("", ""))
    answers = [send(browser, "/public/booking", number=one, code=code) for one, code in asked]
    bodies = {re.sub(r'(value|nonce|content)="[^"]*"', "", one.get_data(as_text=True)) for one in answers}
    assert {one.status_code for one in answers} == {404} and len(bodies) == 1


def test_others_see_that_the_room_is_taken_and_nothing_else(made, browser, login):
    book(browser)
    page = browser.get("/public/booking").get_data(as_text=True)
    number, code = re.search(r"YY-SQ-2026-\d{6}", page)[0], re.search(r'class="code">(\w{8})<', page)[1]
    for who in ("clerk", "centre_head", "business_admin", "counsellor.2"):
        desk = login(who)
        for door in (
            f"/room/calendar?date={DAY}",
            "/booking/list/",
            "/outbox/list/",
            f"/search/?q={number}",
            "/notice/list/",
            "/display/rooms",
            f"/room/free/?purpose=counselling&since={DAY}",
        ):
            said = words(desk.get(door))
            shown = said.replace(f"“{number}”", "") if "q=" in door else said
            assert not [word for word in ("孟晓棠", "13912345678", "失眠", code) if word in shown], (who, door)
            if door.startswith(("/booking", "/room", "/display")):
                assert number not in shown, (who, door)
    assert "心理咨询" in words(login("counsellor.1").get("/booking/list/"))


def test_posts_need_the_token_of_this_page(made, browser):
    for address in ("/public/book/counselling", "/public/book/details", "/public/booking", "/public/booking/cancel",
                    "/public/booking/leave"):  # fmt: skip
        assert browser.post(address, data={"slot": "1"}).status_code == 400


def test_too_many_calls_of_one_address_are_refused(made, browser):
    statuses = [send(browser, "/public/book/counselling", slot="1|x").status_code for _each in range(61)]
    assert set(statuses[:60]) == {409} and statuses[60] == 429
