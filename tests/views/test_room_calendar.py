"""The calendar and its forms as a browser without scripts meets them, the wall, the addresses, and REST of rooms."""

import json
import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from icalendar import Calendar
from sqlalchemy import select, text

from app.access.actor import system_scope
from app.core import clock
from app.models.booking import Booking, BookingState, Purpose
from app.models.closure import Closure
from app.models.feed import FeedAddress
from app.services import booking_steps as steps
from tests.conftest import PASSWORD

DAY = "2026-11-25"


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        yield Bookings(actor)


@pytest.fixture
def call(app, made):
    """`call("clerk", "get", address, json)` by REST as that demo account."""
    tokens = {}

    def send(who, method, address, json=None):
        browser = app.test_client()
        if who not in tokens:
            said = {"username": who, "password": PASSWORD, "provider": "db", "refresh": False}
            tokens[who] = browser.post("/api/v1/security/login", json=said).get_json()["access_token"]
        head = {"Authorization": f"Bearer {tokens[who]}"}
        return getattr(browser, method)(f"/api/v1{address}", json=json, headers=head)

    return send


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S))


def rows_of(page: str) -> dict[str, str]:
    """The table of the calendar: first cell -> the words of its line."""
    body = page[page.index("day-table") :]
    lines = re.findall(r"<tr><td class=\"main\">(.*?)</tr>", body, flags=re.S)
    return {words(re.split(r"<small>|</td>", line)[0]).strip(): words(line) for line in lines}


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="room-calendar-data"[^>]*>(.*?)</script>', page, flags=re.S).group(1))


# ---- the calendar


def test_a_day_of_all_rooms_as_a_table_and_for_the_grid(made, login, session):
    booking = made.book("法律服务室", 9, 10, title="土地纠纷咨询")
    made.book("听证室", 14, 16, purpose=Purpose.hearing)
    with system_scope("test"):
        room = room_named("回访室")
        shut = Closure(organisation_id=room.organisation_id, room_id=room.id, reason="空调检修")
        shut.starts_at, shut.ends_at = hour(8), hour(12)
        session.add(shut)
        session.commit()
    page = login("clerk").get(f"/room/calendar?date={DAY}").get_data(as_text=True)
    rows, data = rows_of(page), data_of(page)
    assert len(rows) == 18 == len(data["resources"])
    assert "09:00–10:00 法律咨询 · 土地纠纷咨询 · 王敏" in rows["法律服务室"]
    assert "待审批" in rows["听证室"] and "空调检修" in rows["回访室"]
    assert f'href="/booking/show/{booking.id}"' in page
    event = next(one for one in data["events"] if one.get("id") == booking.id)
    assert (event["start"], event["end"], event["editable"]) == ("2026-11-25 09:00", "2026-11-25 10:00", True)
    assert event["extendedProps"] == {"version": booking.version}
    for word in (*(str(purpose.label) for purpose in Purpose), "占用", "停用"):
        assert word in words(page)


def test_an_empty_time_leads_to_the_form_filled_in(made, login):
    browser, room = login("clerk"), room_named("法律服务室")
    made.book("法律服务室", 9, 10)
    page = browser.get(f"/room/calendar?date={DAY}").get_data(as_text=True)
    links = re.findall(rf'href="(/booking/add\?room={room.id}&amp;start=[^"]+)"', page)
    assert [parse_qs(urlsplit(one.replace("&amp;", "&")).query)["start"] for one in links][-1] == [f"{DAY} 10:05"]
    form = browser.get(links[-1].replace("&amp;", "&")).get_data(as_text=True)
    assert 'value="2026-11-25 10:05"' in form and 'value="2026-11-25 11:05"' in form and "法律服务室" in form


def test_a_week_of_a_room_and_of_a_person(made, login):
    made.book("法律服务室", 9, 10, people=["adviser.1"])
    made.book("法律服务室", 9, 10, days=2)
    room = room_named("法律服务室")
    rows = rows_of(login("clerk").get(f"/room/calendar?room={room.id}&date={DAY}").get_data(as_text=True))
    assert len(rows) == 7
    assert ["09:00–10:00" in line for line in rows.values()] == [False, False, True, False, True, False, False]
    own = rows_of(login("adviser.1").get(f"/room/calendar?person=me&date={DAY}").get_data(as_text=True))
    assert [name for name, line in own.items() if "法律服务室" in line] == ["11月25日 星期三"]


def test_the_week_of_another_is_for_the_desk_alone(made, login):
    other = user_id("adviser.1")
    assert login("clerk").get(f"/room/calendar?person={other}").status_code == 200
    for who in ("dispatcher", "adviser.2"):
        assert login(who).get(f"/room/calendar?person={other}").status_code == 404
    for wrong in ("999999", "abc", "-1"):
        assert login("clerk").get(f"/room/calendar?person={wrong}").status_code == 404
    assert login("clerk").get("/room/calendar?room=999999").status_code == 404
    assert login("clerk").get("/room/calendar?date=gestern").status_code == 200


def test_who_has_no_rooms_has_no_calendar(made, login):
    assert login("security_auditor").get("/room/calendar").status_code in (403, 404)


# ---- the form


def sent(browser, in_room, begins, ends, **more):
    data = {
        "csrf_token": browser.token,
        "room": room_named(in_room).id,
        "purpose": "other",
        "start": f"{hour(begins):%Y-%m-%d %H:%M}",
        "end": f"{hour(ends):%Y-%m-%d %H:%M}",
        "people_count": "1",
        **more,
    }
    return browser.post("/booking/add", data=data)


def test_booking_by_the_form(made, login, session):
    browser = login("clerk")
    answer = sent(browser, "回访室", 9, 10, title="约谈", people=[user_id("dispatcher")])
    assert answer.status_code == 302, words(answer.get_data(as_text=True))
    with system_scope("test"):
        booking = session.scalars(select(Booking)).one()
        assert [person.id for person in booking.people] == [user_id("dispatcher")]
    assert answer.headers["Location"] == f"/booking/show/{booking.id}"
    page = words(browser.get(answer.headers["Location"]).get_data(as_text=True))
    assert booking.number in page and "约谈" in page and "签到" in page


def test_a_form_sent_twice_makes_one_booking(made, login, session):
    browser = login("clerk")
    first, second = (sent(browser, "回访室", 9, 10) for _time in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]


def test_a_clash_says_what_stands_there_and_the_ways_out(made, login):
    booking = made.book("回访室", 9, 10, purpose=Purpose.other, who="centre_head")
    answer = sent(login("clerk"), "回访室", 9.5, 10.5)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and booking.number in page and "赵立新" in words(page)
    assert 'href="/waiting/add?' in page and 'href="/room/free?' in page
    assert 'value="2026-11-25 09:30"' in page  # what was typed is still there


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"end": "2026-11-25 09:00"}, "结束"),
        ({"start": "昨天"}, ""),
        ({"people_count": "999"}, "人"),
        ({"purpose": "dancing"}, ""),
        ({"room": "999999"}, ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(made, login, session, more, said):
    answer = sent(login("clerk"), "回访室", 9, 10, **more)
    assert answer.status_code == 422 and said in words(answer.get_data(as_text=True))
    with system_scope("test"):
        assert session.scalar(select(Booking.id)) is None


def test_a_series_is_shown_time_by_time_before_it_is_kept(made, login, session):
    standing = made.book("回访室", 9, 10, purpose=Purpose.other, days=7, who="centre_head")
    browser = login("clerk")
    plan = sent(browser, "回访室", 9, 10, every_weeks="1", times="4")
    page = plan.get_data(as_text=True)
    assert plan.status_code == 200 and standing.number in page
    with system_scope("test"):
        assert session.scalars(select(Booking.id)).all() == [standing.id]
    seal = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    all_or_none = sent(browser, "回访室", 9, 10, every_weeks="1", times="4", seen=seal, go="all")
    assert all_or_none.status_code == 200
    kept = sent(browser, "回访室", 9, 10, every_weeks="1", times="4", seen=seal, go="skip")
    assert kept.status_code == 302 and kept.headers["Location"].startswith("/booking/series/")
    listed = words(browser.get(kept.headers["Location"]).get_data(as_text=True))
    assert listed.count("YY-SQ-") == 3 and "2026-12-02" not in listed


def test_people_who_never_book_have_no_form(made, login):
    assert login("supervisor").get("/booking/add").status_code in (403, 404)


def test_the_next_free_times(made, login):
    made.book("法律服务室", 8.5, 11.5, people=["adviser.1"])
    asked = f"purpose=legal_consultation&minutes=60&people={user_id('adviser.1')}&since={DAY}"
    page = login("clerk").get(f"/room/free/?{asked}").get_data(as_text=True)
    links = [
        parse_qs(urlsplit(one.replace("&amp;", "&")).query) for one in re.findall(r'href="(/booking/add\?[^"]+)"', page)
    ]
    here = [one for one in links if one["room"] == [str(room_named("法律服务室").id)]]
    assert here[0]["start"] == [f"{DAY} 12:00"] and here[0]["people"] == [str(user_id("adviser.1"))]
    assert min(one["start"][0] for one in links) >= f"{DAY} 11:30"  # before, the adviser is elsewhere


# ---- REST


def test_booking_moving_and_cancelling_by_rest(call, session):
    room = room_named("回访室")
    body = {"room": room.id, "purpose": "other", "start": f"{DAY}T09:00:00+08:00", "end": f"{DAY}T10:00:00+08:00"}
    answer = call("clerk", "post", "/booking/", {**body, "people": ["dispatcher"], "title": "约谈"})
    assert answer.status_code == 201, answer.get_json()
    key, version = answer.get_json()["id"], answer.get_json()["result"]["version"]
    assert answer.get_json()["result"]["state"] == "confirmed"
    again = call("clerk", "post", "/booking/", body)
    assert again.status_code == 409
    assert {one["kind"]: one["booking"] for one in again.get_json()["standing"]} == {"room": key}
    told = {step["name"]: step for step in call("clerk", "get", f"/booking/{key}/steps").get_json()["result"]}
    assert (
        told["move"]["allowed"]
        and not told["finish"]["allowed"]
        and set(told["cancel"]["schema"]["required"]) == {"reason"}
    )
    moved = call(
        "clerk",
        "post",
        f"/booking/{key}/steps/move",
        {"start": f"{DAY}T11:00", "end": f"{DAY}T12:00", "version": version},
    )
    assert moved.status_code == 200, moved.get_json()
    stale = call("clerk", "post", f"/booking/{key}/steps/move", {"start": f"{DAY}T13:00", "version": version})
    assert stale.status_code == 409
    assert call("clerk", "post", f"/booking/{key}/steps/cancel", {}).status_code == 422
    assert call("clerk", "post", f"/booking/{key}/steps/cancel", {"reason": "改期"}).get_json()["state"] == "cancelled"


def test_a_move_onto_another_is_refused_with_what_stands_there(made, call):
    mine = made.book("回访室", 9, 10, purpose=Purpose.other)
    other = made.book("回访室", 11, 12, purpose=Purpose.other, who="centre_head")
    answer = call("clerk", "post", f"/booking/{mine.id}/steps/move", {"start": f"{DAY} 11:30", "end": f"{DAY} 12:30"})
    assert answer.status_code == 409 and answer.get_json()["standing"][0]["number"] == other.number
    assert "赵立新" in answer.get_json()["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"room": 0},
        {"start": "x"},
        {"end": None},
        {"purpose": "x"},
        {"people": "nobody"},
        {"people": [10**12]},
        {"case": -1},
    ],
)
def test_what_is_wrong_by_rest_is_said(call, wrong):
    body = {"room": room_named("回访室").id, "purpose": "other", "start": f"{DAY}T09:00", "end": f"{DAY}T10:00"}
    answer = call("clerk", "post", "/booking/", {**body, **wrong})
    assert answer.status_code in (400, 422), answer.get_json()  # 400: a number no key can have


def test_availability_of_all_rooms_on_a_day(made, call):
    booking = made.book("法律服务室", 9, 10)
    answer = call("clerk", "get", f"/room/availability?date={DAY}").get_json()
    assert answer["count"] == 18 and answer["date"] == DAY
    room = next(one for one in answer["result"] if one["name"] == "法律服务室")
    assert [(one["from"][11:16], one["until"][11:16], one["booking"]["id"]) for one in room["busy"]] == [
        ("09:00", "10:05", booking.id)
    ]
    assert room["free"][0]["until"][11:16] == "09:00" and room["free"][1]["from"][11:16] == "10:05"
    assert call("clerk", "get", "/room/availability").get_json()["date"] == DAY
    assert call("clerk", "get", "/room/availability?date=morgen").status_code == 400


# ---- addresses and the wall


def address(browser, kind, room=""):
    page = browser.post("/feed/", data={"csrf_token": browser.token, "kind": kind, "room": room}).get_data(as_text=True)
    return urlsplit(
        re.search(r"https?://[^\s\"<]+/(?:feed/[^\s\"<]+\.ics|display/rooms\?key=[^\s\"<]+)", page).group(0)
    )


def test_a_calendar_program_reads_the_own_bookings(made, login, client):
    booking = made.book("法律服务室", 9, 10, people=["adviser.1"], title="土地纠纷咨询", contact_name="孟晓棠")
    made.book("法律服务室", 14, 15)
    answer = client.get(address(login("adviser.1"), "person").path)
    assert answer.status_code == 200 and answer.content_type.startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["UID"] == f"{booking.number}@portal" and str(event["SUMMARY"]) == "法律咨询 · 土地纠纷咨询"
    assert event.decoded("DTSTART") == hour(9) and event.decoded("DTEND") == hour(10)
    assert str(event["LOCATION"]) == "法律服务室" and "孟晓棠" not in answer.get_data(as_text=True)


def test_an_address_of_a_room(made, login, client):
    made.book("法律服务室", 9, 10)
    made.book("回访室", 9, 10, purpose=Purpose.other)
    path = address(login("clerk"), "room", str(room_named("法律服务室").id)).path
    (event,) = Calendar.from_ical(client.get(path).data).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith("法律咨询")


def test_a_closed_address_or_owner_leads_nowhere(made, login, client, session):
    browser = login("clerk")
    first, second = (address(browser, "person").path for _each in range(2))
    with system_scope("test"):
        rows = session.scalars(select(FeedAddress).order_by(FeedAddress.id)).all()
        assert all(len(row.token_hash) == 64 and row.token_hash not in first + second for row in rows)
    browser.post(f"/feed/{rows[0].id}/revoke", data={"csrf_token": browser.token})
    assert client.get(first).status_code == 404 and client.get(second).status_code == 200
    assert login("dispatcher").post(f"/feed/{rows[1].id}/revoke", data={}).status_code in (400, 404)
    session.connection().execute(text("UPDATE ab_user SET active = false WHERE username = 'clerk'"))
    session.commit()
    assert client.get(second).status_code == 404
    for wrong in ("/feed/x.ics", f"/feed/{'a' * 200}.ics", "/feed/.ics"):
        assert client.get(wrong).status_code == 404


def test_the_address_of_one_kind_opens_no_other(made, login, client):
    browser = login("clerk")
    person, wall = address(browser, "person"), address(browser, "wall")
    token = person.path.split("/")[-1][: -len(".ics")]
    assert client.get(f"/display/rooms?key={token}").status_code == 404
    key = parse_qs(wall.query)["key"][0]
    assert client.get(f"/feed/{key}.ics").status_code == 404


def test_the_wall_names_nobody_and_renews_itself(made, login, client):
    made.book("法律服务室", 9, 10, people=["adviser.1"], title="王家林地纠纷", contact_name="孟晓棠")
    made.book("心理咨询室", 9, 10, purpose=Purpose.counselling, people=["counsellor.1"])
    made.book("回访室", 9.5, 10, purpose=Purpose.other)
    wall = address(login("clerk"), "wall")
    with clock.standing_at(hour(9, 0)):
        page = client.get(f"{wall.path}?{wall.query}").get_data(as_text=True)
    assert 'http-equiv="refresh"' in page
    said = words(page)
    assert "法律咨询" in said and "09:30" in said
    secret = said[said.index("心理咨询室") :][:60]
    assert "占用" in secret
    for name in ("王敏", "王家林", "孟晓棠", "YY-SQ"):
        assert name not in said


def test_the_wall_is_not_open_to_the_world(made, client):
    assert client.get("/display/rooms?key=guess").status_code == 404
    far = {"REMOTE_ADDR": "10.2.3.4"}
    assert client.get("/display/rooms", environ_base=far).status_code == 404
    assert client.get("/display/rooms").status_code == 200  # the machine itself
    assert client.get("/display/rooms", headers={"X-Forwarded-For": "10.2.3.4"}).status_code == 404


# ---- the first page, one's own work


def test_the_first_page_shows_the_bookings_of_the_day(made, login):
    made.book("法律服务室", 9, 10)
    made.book("回访室", 9, 10, purpose=Purpose.other, days=1)
    said = words(login("clerk").get("/").get_data(as_text=True))
    assert "09:00" in said and "法律服务室" in said and "回访室" not in said


def test_a_request_waits_among_ones_own_work(made, login):
    booking = made.book("听证室", 14, 16, purpose=Purpose.hearing)
    assert booking.state is BookingState.requested
    head = login("centre_head")
    assert booking.number in words(head.get("/work/").get_data(as_text=True))
    assert booking.number not in words(login("clerk").get("/work/").get_data(as_text=True))
    assert booking.number in head.get("/booking/list/?quick=decide").get_data(as_text=True)
    made.do("centre_head", steps.confirm, booking)
    assert booking.number not in words(head.get("/work/").get_data(as_text=True))
