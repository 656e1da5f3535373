"""A counselling: nobody but the counsellor and the desk that booked it can learn who comes, by any door."""

import json
from datetime import date, datetime

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from icalendar import Calendar
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.models.audit import AuditEntry, Notice
from app.models.booking import Booking, BookingStep, Purpose
from app.models.feed import FeedKind
from app.models.outbox import OutboxMessage
from app.services import booking_steps as steps
from app.services import feed
from app.services.closure import add_closure, hits
from app.services.occupancy import Taken
from app.services.queries.room_day import day
from tests.conftest import PASSWORD

WHO, PHONE, NOTE = "孟晓棠", "13912345678", "夫妻关系紧张，失眠三月"
TOLD = (WHO, PHONE, NOTE, "孟", "夫妻")
ROOM = "心理咨询室"
WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)


@pytest.fixture
def made(session, actor):
    """A Wednesday morning; a counselling at ten, booked by the clerk, held by the counsellor."""
    with clock.standing_at(WEDNESDAY):
        yield Bookings(actor)


@pytest.fixture
def secret(made):
    return made.book(
        ROOM,
        10,
        11,
        purpose=Purpose.counselling,
        people=["counsellor.1"],
        contact_name=WHO,
        contact_phone=PHONE,
        notes=NOTE,
    )


def plain_of(value) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def silent(told) -> None:
    """Nothing of who comes and why stands in it."""
    said = told if isinstance(told, str) else plain_of(told)
    assert not [word for word in TOLD if word in said], said[:300]


# ---- who it exists for


def test_it_exists_for_the_desk_and_the_counsellor_alone(secret, actor, session):
    def who_sees() -> set[str]:
        names = session.connection().execute(text("SELECT username FROM ab_user ORDER BY id")).scalars().all()
        found = set()
        for name in names:
            with acting(actor(name)):
                if session.scalar(select(Booking.id).where(Booking.id == secret.id)) is not None:
                    found.add(name)
        return found

    assert who_sees() == {"clerk", "counsellor.1"}


def test_every_counselling_is_confidential_whoever_says_otherwise(made, session):
    booking = made.book(ROOM, 14, 15, purpose=Purpose.counselling, people=["counsellor.1"], title="x", secret=False)
    assert booking.secret and booking.title is None
    for wrong, rule in (("secret = false", "counselling_secret"), ("title = 'x'", "secret_tells_nothing")):
        with pytest.raises(IntegrityError, match=rule), session.begin_nested():
            session.connection().execute(text(f"UPDATE booking SET {wrong} WHERE id = {booking.id}"))


# ---- the conflict


def refused(made, who: str, room: str, start: float, end: float, people=(), purpose=Purpose.other):
    """What a clash says, and how many statements it took."""
    count = []

    def note(_connection, _cursor, statement, *_more):
        count.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        with pytest.raises(Taken) as caught:
            made.book(room, start, end, who=who, purpose=purpose, people=people)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return caught.value, count


def test_a_clash_tells_a_stranger_the_time_alone(made, secret):
    refusal, _count = refused(made, "centre_head", ROOM, 10.5, 11.5, purpose=Purpose.counselling)
    silent([str(refusal), refusal.extra])
    assert "张敏" not in str(refusal) and secret.number not in str(refusal)
    assert [(one["booking"], one["number"]) for one in refusal.extra["standing"]] == [(None, None)]


def test_a_clash_of_the_counsellor_does_not_say_where_or_why(made, secret):
    """Who wants the counsellor elsewhere learns that he or she is not free, not that it is a counselling."""
    refusal, _count = refused(made, "centre_head", "回访室", 10, 11, people=["counsellor.1"])
    said = str(refusal.errors["people"][0])
    silent(said)
    assert "心理" not in said.replace("心理咨询师", "") and secret.number not in plain_of(refusal.extra)


def test_the_clash_takes_the_same_way_whether_it_is_secret_or_not(made, secret):
    """No timing by another number of statements; a stranger's answer has one form for both."""
    first, one = refused(made, "centre_head", ROOM, 10, 11, purpose=Purpose.counselling)
    second, two = refused(made, "clerk", ROOM, 10, 11, purpose=Purpose.counselling)
    assert len(one) == len(two) and one[:-1] == two[:-1]  # but for the savepoint's name
    assert secret.number in str(second) and secret.number not in str(first)


# ---- doors that tell what stands in a room


def test_the_day_of_the_rooms_tells_others_that_it_is_taken(made, secret, actor):
    for who, known in (("clerk", True), ("counsellor.1", True), ("centre_head", False), ("counsellor.2", False)):
        person = actor(who)
        with acting(person):
            busy = next(line for line in day(person, date(2026, 11, 25))[0] if line.name == ROOM).bookings
        assert [(one.id is not None, one.purpose is not None) for one in busy] == [(known, known)], who
        assert all(one.title is None and (known or one.by is None) for one in busy)


def test_a_closure_names_nobody(made, secret, actor):
    person = actor("centre_head")
    with acting(person):
        room = room_named(ROOM)
        said = {"organisation": room.organisation, "starts_at": hour(8), "ends_at": hour(18), "reason": "检修"}
        closure = add_closure(person, {**said, "room": room})
        silent([str(hit) for hit in hits(person, closure)])


def test_messages_say_room_and_time(made, secret, session):
    made.do("counsellor.1", steps.move, secret, start=hour(15), end=hour(16))
    made.do("clerk", steps.cancel, secret, reason=f"{WHO}来电取消")
    with system_scope("test"):
        silent([notice.data for notice in session.scalars(select(Notice))])
        told = set(session.scalars(select(Notice.user_id).where(Notice.code.startswith("booking_"))))
        silent([message.data for message in session.scalars(select(OutboxMessage))])
    assert told == {user_id("clerk"), user_id("counsellor.1")}


def test_the_trail_keeps_that_it_was_changed_not_what(made, secret, session):
    made.do("clerk", steps.amend, secret, notes=f"{NOTE}，复诊", contact_name="另一人")
    made.do("clerk", steps.cancel, secret, reason=f"{WHO}不来了")
    with system_scope("test"):
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "booking")).all()
        assert len(entries) >= 3
        for entry in entries:
            silent(entry.changes)
        course = session.scalars(select(BookingStep).where(BookingStep.booking_id == secret.id)).all()
        assert {row.step for row in course} >= {"book", "amend", "cancel"}


def test_what_is_written_down_is_not_readable_in_the_database(secret, session):
    for row in session.connection().execute(text("SELECT * FROM booking")).mappings():
        silent({name: str(value) for name, value in row.items()})


def test_a_feed_of_the_room_says_taken(made, secret, actor):
    person = actor("centre_head")
    with acting(person):
        row, _token = feed.make(person, FeedKind.room, room_named(ROOM).id)
        file = feed.calendar_of(row, person).decode()
    events = Calendar.from_ical(file).walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in events] == ["占用"] or [str(one["CLASS"]) for one in events] == ["PRIVATE"]
    silent(file)
    assert secret.number not in file


# ---- by the browser and by REST


@pytest.fixture
def pages(made, secret, login):
    """`pages("centre_head")`: what that person gets from every door where a booking may show."""

    def of(who: str) -> dict[str, str]:
        browser = login(who)
        doors = (
            "/room/calendar?date=2026-11-25",
            f"/room/calendar?date=2026-11-25&room={room_named(ROOM).id}",
            f"/room/calendar?date=2026-11-25&person={user_id('counsellor.1')}",
            "/booking/list/",
            f"/booking/list/?q={secret.number}",
            f"/booking/list/?q={WHO}",
            "/booking/export/csv",
            f"/booking/show/{secret.id}",
            f"/booking/{secret.id}/step/cancel",
            f"/search/?q={WHO}",
            f"/search/?q={secret.number}",
            "/waiting/list/",
            "/display/rooms",
            "/room/free/?purpose=counselling",
            "/notice/list/",
            "/",
            "/work/",
        )
        return {door: browser.get(door).get_data(as_text=True) for door in doors}

    return of


def test_no_page_tells_others(pages, secret):
    own = pages("clerk")
    assert secret.number in own["/booking/list/"] and secret.number in own[f"/booking/show/{secret.id}"]
    for door, page in pages("centre_head").items():
        asked = page.replace(f'value="{WHO}"', "").replace(f"“{WHO}”", "") if f"={WHO}" in door else page
        assert PHONE not in asked and NOTE not in asked, door
        assert f"={WHO}" in door or WHO not in asked, door
        assert f"={secret.number}" in door or secret.number not in asked, door
        assert f'href="/booking/show/{secret.id}"' not in asked, door


def test_rest_and_addresses_answer_as_if_it_did_not_exist(made, secret, login, app, bound):
    browser = app.test_client()
    answer = browser.post(
        "/api/v1/security/login",
        json={"username": "centre_head", "password": PASSWORD, "provider": "db", "refresh": False},
    )
    head = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
    base = f"/api/v1/booking/{secret.id}"
    for address in (base, f"{base}/steps"):
        assert browser.get(address, headers=head).status_code == 404
    assert browser.post(f"{base}/steps/cancel", json={"reason": "x"}, headers=head).status_code == 404
    listed = browser.get("/api/v1/booking/", headers=head).get_json()
    assert secret.id not in listed["ids"]
    days = browser.get("/api/v1/room/availability?date=2026-11-25", headers=head).get_json()
    room = next(one for one in days["result"] if one["name"] == ROOM)
    assert [one["booking"] for one in room["busy"]] == [None]


def test_the_counsellor_reads_the_notes_and_the_phone_is_shown_by_the_eye_alone(made, secret, login):
    page = login("counsellor.1").get(f"/booking/show/{secret.id}").get_data(as_text=True)
    assert NOTE in page and PHONE not in page and WHO not in page


def test_nobody_can_find_it_by_guessing(made, secret, actor):
    with pytest.raises(NotFound):
        made.do("centre_head", steps.cancel, secret, reason="x")
    with pytest.raises(NotFound):
        made.do("counsellor.2", steps.check_in, secret)
