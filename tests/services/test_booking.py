"""Booking a room: the rules in sentences, what stands there, what the database itself refuses."""

from datetime import date, datetime, time, timedelta

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models.account import RoleProfile
from app.models.audit import Notice
from app.models.booking import Booking, BookingState, BookingStep, Purpose, occupancy
from app.models.calendar import CalendarDay
from app.models.closure import Closure, RoomHours, Weekday
from app.models.roster import DutyKind, Shift
from app.services import booking as service
from app.services.occupancy import Taken, of_room, seconds
from app.services.queries import free_slots
from app.services.record import explain


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        yield Bookings(actor)


def said(caught) -> str:
    return " ".join(str(sentence) for sentences in caught.value.errors.values() for sentence in sentences)


def refused(made, field, *args, **more) -> str:
    with pytest.raises(Invalid) as caught:
        made.book(*args, **more)
    assert field in caught.value.errors, caught.value.errors
    return str(caught.value.errors[field][0])


# ---- what is kept


def test_a_room_booked_directly_is_confirmed_at_once(made, session):
    booking = made.book("法律服务室", 9, 10, people=["adviser.1"], title="土地承包咨询")
    assert booking.state is BookingState.confirmed
    assert booking.number == "YY-SQ-2026-000001"
    assert (booking.occupied_until - booking.ends_at) == timedelta(minutes=5)
    with made.acting("clerk"):
        course = select(BookingStep).where(BookingStep.booking_id == booking.id).order_by(BookingStep.id)
        steps = session.scalars(course).all()
    assert [(s.step, s.to_state) for s in steps] == [("book", "requested"), ("admit", "confirmed")]
    assert session.connection().scalar(select(func.count()).select_from(occupancy)) == 2


def test_a_room_with_approval_waits_and_its_manager_is_told(made, session):
    with system_scope("test"):
        room_named("听证室").manager_id = user_id("dispatcher")
        session.commit()
    booking = made.book("听证室", 9, 11, purpose=Purpose.hearing)
    assert booking.state is BookingState.requested
    with system_scope("test"):
        told = session.scalars(select(Notice).where(Notice.code == "booking_asked")).all()
    assert [note.user_id for note in told] == [user_id("dispatcher")]
    assert told[0].link == f"/booking/show/{booking.id}" and set(told[0].data) == {"room", "span", "by"}


def test_numbers_are_counted_by_centre_and_year(made):
    first, second = made.book("法律服务室", 9, 10), made.book("法律服务室", 9, 10, days=47)
    assert (first.number, second.number) == ("YY-SQ-2026-000001", "YY-SQ-2027-000001")


# ---- what stands there


def test_the_second_is_told_what_stands_there_and_whom_to_ask(made, session):
    with system_scope("test"):
        room_named("法律服务室").manager_id = user_id("centre_head")
        session.commit()
    first = made.book("法律服务室", 9, 10)
    with pytest.raises(Taken) as caught:
        made.book("法律服务室", 9.5, 10.5, who="dispatcher")
    text = str(caught.value)
    assert first.number in text and "王敏" in text and "赵立新" in text and "09:00–10:00" in text
    assert caught.value.status == 409
    assert caught.value.extra["standing"] == [
        {
            "kind": "room",
            "name": "法律服务室",
            "from": "2026-11-25T09:00:00+08:00",
            "until": "2026-11-25T10:05:00+08:00",
            "booking": first.id,
            "number": first.number,
        }
    ]


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [(9, 10, False), (8.5, 9.25, False), (9.25, 9.75, False), (8.5, 10.5, False), (10, 11, False), (10.25, 11, True)],
)
def test_intervals_are_half_open_with_the_buffer_behind(made, start, end, free):
    made.book("法律服务室", 9, 10)  # its buffer: five minutes after
    if free:
        assert made.book("法律服务室", start, end).state is BookingState.confirmed
    else:
        with pytest.raises(Taken):
            made.book("法律服务室", start, end)


def test_touching_is_free_where_there_is_no_buffer(made):
    made.book("回访室", 9, 10, purpose=Purpose.other)
    assert made.book("回访室", 10, 11, purpose=Purpose.other)
    assert made.book("回访室", 8.5, 9, purpose=Purpose.other)


def test_a_person_is_in_one_place_only(made):
    first = made.book("诉讼服务室", 9, 10, purpose=Purpose.other, people=["clerk.t1"])
    with pytest.raises(Taken) as caught:
        made.book("回访室", 9.5, 10.5, purpose=Purpose.other, people=["clerk.t1", "dispatcher"])
    assert set(caught.value.errors) == {"people"} and first.number in said(caught)
    assert made.book(
        "回访室", 10, 10.5, purpose=Purpose.other, people=["clerk.t1"]
    )  # the room's buffer is not the person's


def test_several_days_are_one_row(made, session):
    with system_scope("test"):
        room_named("诉讼服务室").longest_minutes = 44_640
        session.commit()
    made.book("诉讼服务室", 14, 14 + 48 + 1, purpose=Purpose.other)
    assert session.connection().scalar(select(func.count()).select_from(occupancy)) == 1
    with pytest.raises(Taken):
        made.book("诉讼服务室", 9, 10, purpose=Purpose.other, days=1)


def test_a_room_of_another_centre_is_not_there(made, session):
    with system_scope("test"):
        room = room_named("回访室")
        room.organisation_id = _town(session, "clerk.t2")
        session.commit()
    with pytest.raises(NotFound):
        made.book("回访室", 9, 10, who="clerk.t1", purpose=Purpose.other)


def _town(session, username: str) -> int:
    table = Booking.registry.metadata.tables["ab_user"]
    return session.connection().scalar(select(table.c.organisation_id).where(table.c.username == username))


# ---- the database has the last word


def hold(session, room: int, start: float, end: float, booking_id: int) -> None:
    session.connection().execute(
        insert(occupancy).values(
            resource=of_room(room), begins=seconds(hour(start)), ends=seconds(hour(end)), booking_id=booking_id
        )
    )


@pytest.mark.parametrize("span", [(9, 10), (8, 9.5), (9.5, 12), (9.25, 9.5), (8, 20), (-40, 9.1), (9.9, 90)])
def test_the_database_refuses_an_overlap(made, session, span):
    booking = made.book("回访室", 9, 10, purpose=Purpose.other)
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        hold(session, booking.room_id, *span, booking.id)
    assert "他人预约" in str(explain(caught.value))


def test_the_database_takes_what_only_touches_and_refuses_a_move_onto_another(made, session):
    booking = made.book("回访室", 9, 10, purpose=Purpose.other)
    hold(session, booking.room_id, 10, 11, booking.id)
    hold(session, booking.room_id, 8, 9, booking.id)
    later = (occupancy.c.resource == of_room(booking.room_id)) & (occupancy.c.begins == seconds(hour(10)))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.connection().execute(update(occupancy).where(later).values(begins=seconds(hour(9.5))))
    session.connection().execute(update(occupancy).where(later).values(begins=seconds(hour(10.5))))


@pytest.mark.parametrize(
    "values",
    [
        {"purpose": "counselling", "secret": False, "title": None},
        {"secret": True, "title": "谁来"},
        {"starts_at": hour(11), "ends_at": hour(10)},
        {"people_count": 0},
        {"state": "rejected", "reason": None},
        {"occupied_from": hour(9.5)},
    ],
)
def test_a_booking_that_cannot_be_is_refused(made, session, values):
    booking = made.book("回访室", 9, 10, purpose=Purpose.other, title="回访")
    with pytest.raises(IntegrityError), session.begin_nested():
        table = Booking.__table__
        session.connection().execute(update(table).where(table.c.id == booking.id).values(**values))


# ---- rules


def test_times(made):
    assert "结束时间早于" in refused(made, "end", "法律服务室", 9, 9)
    assert "已过" in refused(made, "start", "法律服务室", 14, 15, days=-1)
    assert "五分钟" in refused(made, "start", "法律服务室", 9 + 1 / 60, 10)
    assert "08:30–17:30" in refused(made, "start", "法律服务室", 8, 9, days=1)
    assert "08:30–17:30" in refused(made, "start", "法律服务室", 17, 18)
    assert "不开放" in refused(made, "start", "法律服务室", 9, 10, days=3)  # a Saturday
    assert "180" in refused(made, "start", "法律服务室", 9, 10, days=200)
    assert "600" in refused(made, "end", "法律服务室", 9, 19.5)


def test_rest_days_and_days_worked_for_them(made, session):
    """The calendar's holidays are closed by name; a weekend worked for one is open."""
    days = {row.on: row for row in session.scalars(select(CalendarDay).where(CalendarDay.on >= date(2026, 1, 1)))}
    worked = next(on for on, row in sorted(days.items()) if row.workday and on.weekday() > 4)
    holiday = next(on for on, row in sorted(days.items()) if not row.workday and on.weekday() < 5)
    with clock.standing_at(datetime(2025, 12, 20, 8, 0, tzinfo=clock.LOCAL)):
        offset = (holiday - clock.today()).days
        assert days[holiday].name in refused(made, "start", "法律服务室", 9, 10, days=offset)
        assert made.book("法律服务室", 9, 10, days=(worked - clock.today()).days)


def test_whoever_stands_at_the_desk_books_the_half_hour_that_has_begun(made):
    with clock.standing_at(hour(9 + 20 / 60)):
        booking = made.book("法律服务室", 9, 10)
        assert booking.release_at == hour(9 + 35 / 60)
        refused(made, "start", "法律服务室", 8.75, 9.25)


def test_notice_and_policies_of_the_room(made, session):
    with system_scope("test"):
        room = room_named("法律服务室")
        room.lead_minutes, room.longest_minutes, room.ahead_days = 120, 60, 7
        session.commit()
    assert "120" in refused(made, "start", "法律服务室", 9.5, 10)
    assert "60" in refused(made, "end", "法律服务室", 11, 12.5)
    assert "7" in refused(made, "start", "法律服务室", 9, 10, days=8)
    assert made.book("法律服务室", 11, 12)


def test_capacity_purpose_equipment_kind(made):
    assert "6 人" in refused(made, "people_count", "法律服务室", 9, 10, people_count=7)
    assert "至少" in refused(made, "people_count", "法律服务室", 9, 10, people_count=0)
    assert "法律咨询" in refused(made, "purpose", "法律服务室", 9, 10, purpose=Purpose.mediation)
    assert "不开放预约" in refused(made, "room", "档案室", 9, 10, purpose=Purpose.other)


def test_equipment_must_be_there(made, session):
    with system_scope("test"):
        video = next(item for item in room_named("视频接访室").equipment if item.code == "video")
    assert video.name in refused(made, "equipment", "法律服务室", 9, 10, equipment=[video.id])
    booking = made.book("视频接访室", 9, 10, purpose=Purpose.video_reception, equipment=[video])
    assert [item.code for item in booking.equipment] == ["video"]


def test_who_may_book_a_room(made, session):
    with system_scope("test"):
        head = session.scalars(select(RoleProfile).where(RoleProfile.code == "centre_head")).one()
        room_named("回访室").bookers = [head]
        session.commit()
    assert head.name in refused(made, "room", "回访室", 9, 10, purpose=Purpose.other)
    assert made.book("回访室", 9, 10, who="centre_head", purpose=Purpose.other)
    with pytest.raises(NotAllowed):
        made.book("回访室", 11, 12, who="expert.1", purpose=Purpose.other)


def test_an_adviser_books_for_himself(made):
    assert "自己" in refused(made, "people", "法律服务室", 9, 10, who="adviser.1")
    assert made.book("法律服务室", 9, 10, who="adviser.1", people=["adviser.1"]).booked_by_id == user_id("adviser.1")


def test_closures_of_a_room_and_of_the_whole_centre(made, session):
    with system_scope("test"):
        room = room_named("法律服务室")
        session.add(
            Closure(
                organisation_id=room.organisation_id,
                room_id=room.id,
                starts_at=hour(9, 1),
                ends_at=hour(12, 1),
                reason="粉刷墙面",
            )
        )
        session.add(
            Closure(organisation_id=room.organisation_id, starts_at=hour(0, 2), ends_at=hour(24, 2), reason="全楼停电")
        )
        session.commit()
    assert "粉刷墙面" in refused(made, "start", "法律服务室", 11, 13, days=1)
    assert made.book("法律服务室", 12, 13, days=1)
    assert "全楼停电" in refused(made, "start", "回访室", 11, 13, purpose=Purpose.other, days=2)


def test_hours_by_weekday_stand_in_for_the_usual_ones(made, session):
    with system_scope("test"):
        room = room_named("回访室")
        for weekday, opens, closes in ((Weekday.thu, 9, 11), (Weekday.thu, 14, 16), (Weekday.sat, 9, 12)):
            session.add(RoomHours(room_id=room.id, weekday=weekday, opens_at=time(opens), closes_at=time(closes)))
        session.commit()
    other = Purpose.other
    assert "不开放" in refused(made, "start", "回访室", 9, 10, purpose=other)  # Wednesday has no hours
    assert "09:00–11:00" in refused(made, "start", "回访室", 11, 12, purpose=other, days=1)
    assert made.book("回访室", 14, 16, purpose=other, days=1)
    assert made.book("回访室", 9, 10, purpose=other, days=3)  # Saturday is said


def test_duty_elsewhere(made, session):
    with system_scope("test"):
        own, other = room_named("法律服务室"), room_named("诉讼服务室")
        session.add(
            Shift(
                organisation_id=own.organisation_id,
                kind=DutyKind.adviser,
                on=clock.today(),
                starts_at=time(9),
                ends_at=time(12),
                account_id=user_id("adviser.1"),
                room_id=own.id,
            )
        )
        session.commit()
    assert other.name == "诉讼服务室"
    text = refused(made, "people", "诉讼服务室", 11, 13, people=["adviser.1"])
    assert "值班" in text and "法律服务室" in text
    assert made.book("法律服务室", 9, 10, people=["adviser.1"])  # the own room is where the duty is
    assert made.book("诉讼服务室", 12, 13, people=["adviser.1"])  # half-open here as well


def test_a_draft_shift_keeps_nobody_from_a_booking(made, session):
    with system_scope("test"):
        own = room_named("法律服务室")
        shift = Shift(kind=DutyKind.adviser, on=clock.today(), starts_at=time(9), ends_at=time(12), published=False)
        shift.organisation_id, shift.room_id, shift.account_id = own.organisation_id, own.id, user_id("adviser.1")
        session.add(shift)
        session.commit()
    asked = free_slots.Asked(minutes=60, people=[user_id("adviser.1")], room_id=room_named("诉讼服务室").id)
    with made.acting("clerk"):
        assert free_slots.find(made.actor("clerk"), asked)[0].start < hour(12)
    with system_scope("test"):
        shift.published = True
        session.commit()
    with made.acting("clerk"):
        assert free_slots.find(made.actor("clerk"), asked)[0].start == hour(12)
    with system_scope("test"):
        shift.published = False
        session.commit()
    assert made.book("诉讼服务室", 9, 10, people=["adviser.1"])


def test_a_case_goes_with_it_when_it_is_the_actors_to_see(made, session):
    assert "诉求事项" in refused(made, "case", "法律服务室", 9, 10, case_id=10**6)


def test_all_that_is_wrong_is_said_at_once(made):
    with pytest.raises(Invalid) as caught:
        made.book("法律服务室", 9, 10, purpose=Purpose.mediation, people_count=9, contact_phone="12")
    assert set(caught.value.errors) == {"purpose", "people_count", "contact_phone"}


def test_a_refusal_leaves_nothing_behind(made, session):
    made.book("法律服务室", 9, 10)
    before = session.connection().scalar(select(func.count()).select_from(occupancy))
    with pytest.raises(Taken):
        made.book("法律服务室", 9, 10, people=["adviser.1"])
    assert session.connection().scalar(select(func.count()).select_from(occupancy)) == before
    with system_scope("test"):
        assert db.session.scalar(select(func.count()).select_from(Booking)) == 1
    assert made.book("法律服务室", 11, 12).number.endswith("000002")  # no number was lost


def test_contact_and_notes_are_sealed(made, session):
    booking = made.book("法律服务室", 9, 10, contact_name="于秀兰", contact_phone="158 0000 1234", notes="带合同原件")
    assert booking.contact_phone == "15800001234"
    table = Booking.__table__
    raw = session.connection().exec_driver_sql(f"SELECT contact_name, contact_phone, notes FROM {table.name}").one()
    assert not any("于秀兰" in part or "1580000" in part or "合同" in part for part in raw)


def test_the_verb_takes_part_in_an_outer_transaction(made, session):
    with pytest.raises(RuntimeError):
        _outer(made)
    with system_scope("test"):
        assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


@service.unit_of_work
def _outer(made):
    made.book("法律服务室", 9, 10)
    raise RuntimeError
