"""Booking by the public: free times only, kept for minutes, limits, the code, text messages that tell nothing."""

from datetime import datetime, time, timedelta

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from sqlalchemy import select, text

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound, TooMany
from app.models.audit import Notice
from app.models.booking import Booking, BookingState, Purpose, occupancy
from app.models.outbox import OutboxMessage
from app.models.public_hold import PublicHold
from app.models.room import PublicService as S
from app.models.room import RoomKind
from app.models.roster import DutyKind, Shift
from app.services import booking_jobs, job
from app.services import booking_steps as steps
from app.services import public_booking as public
from app.services import public_hold as holds
from app.services.queries import public_slots
from app.services.queries.room_day import day

HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"
WHO = {"contact_name": "孟晓棠", "contact_phone": "13912345678", "notes": "失眠三月"}
TODAY = datetime(2026, 11, 25).date()


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning; an adviser and a counsellor on duty."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        for kind, name, room in (
            (DutyKind.adviser, "adviser.1", "法律服务室"),
            (DutyKind.counsellor, "counsellor.1", "心理咨询室"),
        ):
            place = room_named(room)
            shift = Shift(kind=kind, on=TODAY, starts_at=time(9), ends_at=time(12), account_id=user_id(name))
            shift.organisation_id = place.organisation_id
            shift.room_id = place.id if kind is DutyKind.counsellor else None
            session.add(shift)
        with system_scope("test"):
            session.commit()
        yield Bookings(actor)


def city() -> int:
    return room_named("法律服务室").organisation_id


def free(service: S = S.counselling) -> list[str]:
    """When it can be booked today."""
    return [f"{slot.start:%H:%M}" for slot in public_slots.slots(service, city(), TODAY)[TODAY]]


def keep(start: float, service: S = S.counselling, room: str = "心理咨询室", address: str = HERE) -> str:
    return holds.keep(service, city(), room_named(room).id, hour(start), address)


def booked(start: float = 9, service: S = S.counselling, room: str = "心理咨询室", **more) -> tuple[Booking, str]:
    return public.book(keep(start, service, room), {**WHO, **more}, HERE)


def texts() -> list[str]:
    with system_scope("test"):
        return list(db.session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id)))


def told(username: str) -> list[str]:
    """The kinds of messages a person has."""
    with system_scope("test"):
        mine = select(Notice.code).where(Notice.user_id == user_id(username))
        return list(db.session.scalars(mine.order_by(Notice.id)))


# ---- free times


def test_what_is_offered_is_free_and_served_by_somebody_on_duty(made):
    assert free() == ["09:00", "09:30", "10:00", "10:30", "11:00"]  # an hour each, until the shift ends
    made.book("心理咨询室", 10, 11, purpose=Purpose.counselling, people=["counsellor.1"])
    assert free() == []  # ten minutes before, twenty after: nothing of an hour is left
    assert free(S.legal_consultation)[:2] == ["09:00", "09:30"]
    made.book("回访室", 9, 10, purpose=Purpose.other, people=["adviser.1"])
    assert free(S.legal_consultation)[0] == "10:00"  # the room is free, the adviser is elsewhere
    assert free(S.visit)[0] == "08:30" and free(S.visit)[-1] == "17:00"  # received by the desk


def test_who_is_on_a_draft_only_serves_nobody_yet(made, session):
    with system_scope("test"):
        for shift in session.scalars(select(Shift).where(Shift.on == TODAY)):
            shift.published = False
        session.commit()
    assert free() == [] and free(S.legal_consultation) == []
    with system_scope("test"):
        for shift in session.scalars(select(Shift).where(Shift.on == TODAY)):
            shift.published = True
        session.commit()
    assert free()[0] == "09:00" and free(S.legal_consultation)[0] == "09:00"


def test_rest_days_closed_rooms_and_other_days_are_not_offered(made, session):
    offered = public_slots.slots(S.visit, city())
    assert len(offered) == 14 and not offered[TODAY + timedelta(days=3)]  # Saturday
    room_named("矛盾纠纷调处室").public_service = None
    session.commit()
    assert S.visit not in public_slots.services() and public_slots.centres(S.visit) == []


@pytest.mark.parametrize("start", [8, 9.25, 11.5, 13, 33])
def test_what_is_not_offered_cannot_be_kept(made, start):
    with pytest.raises(Conflict):
        keep(start)


def test_another_room_or_service_cannot_be_smuggled_in(made):
    for service, room in ((S.counselling, "法律服务室"), (S.visit, "领导接访室"), (S.visit, "档案室")):
        with pytest.raises(Conflict):
            keep(10, service, room)


# ---- keeping a time


def test_a_kept_time_is_taken_for_everybody_until_it_expires(made, actor):
    keep(9)
    assert free() == ["10:30", "11:00"]  # the hour, and what the room needs around it
    with pytest.raises(Conflict):
        made.book("心理咨询室", 9.5, 10.5, purpose=Purpose.counselling, people=["counsellor.1"])
    with made.acting("clerk") as who:
        line = next(one for one in day(who, TODAY)[0] if one.name == "心理咨询室")
        assert [(busy.id, busy.purpose, busy.offer) for busy in line.bookings] == [(None, None, False)]
    with clock.standing_at(clock.now() + timedelta(minutes=11)):
        assert free() == ["09:00", "09:30", "10:00", "10:30", "11:00"]
        assert made.book("心理咨询室", 9, 10, purpose=Purpose.counselling, people=["counsellor.1"])


def test_a_hold_that_has_expired_makes_no_booking(made, session):
    token = keep(9)
    with clock.standing_at(clock.now() + timedelta(minutes=11)), pytest.raises(Conflict):
        public.book(token, WHO, HERE)
    with pytest.raises(Conflict):
        public.book("nonsense", WHO, HERE)
    assert session.connection().execute(text("SELECT count(*) FROM booking")).scalar_one() == 0


def test_the_job_forgets_what_nobody_booked(made, session):
    keep(9)
    with clock.standing_at(clock.now() + timedelta(minutes=11)):
        assert holds.sweep() == 1
    assert session.connection().execute(select(occupancy)).all() == []
    assert session.connection().execute(select(PublicHold.__table__)).all() == []


def test_another_choice_lets_the_first_go(made):
    holds.let_go(keep(9))
    assert "09:00" in free()
    holds.let_go("nonsense")
    holds.let_go(None)


def test_a_network_address_keeps_a_few_times_at_once(made):
    for start in (9, 10, 11, 14, 15):
        keep(start, S.visit, "矛盾纠纷调处室")
    with pytest.raises(TooMany):
        keep(16, S.visit, "矛盾纠纷调处室")
    assert keep(16, S.visit, "矛盾纠纷调处室", ELSEWHERE)


def test_a_network_address_books_a_few_times_a_day(made, session):
    session.connection().execute(text("UPDATE parameter SET value = '2' WHERE code = 'public_bookings'"))
    session.commit()
    for start in (9, 10):
        booked(start, S.visit, "矛盾纠纷调处室")
    with pytest.raises(TooMany):
        booked(14, S.visit, "矛盾纠纷调处室")


# ---- booking


def test_a_booking_of_the_public(made, session):
    booking, code = booked(9, S.visit, "矛盾纠纷调处室", people_count=3)
    assert booking.state is BookingState.confirmed and booking.purpose is Purpose.other
    assert (booking.booked_by_id, booking.people_count, booking.title) == (None, 3, "来访接待")
    assert (booking.contact_name, booking.contact_phone, booking.case_id) == ("孟晓棠", "13912345678", None)
    assert len(code) == 8 and code not in str(booking.cancel_hash)
    assert texts()[0].startswith(f"您的预约{booking.number}已确认：11月25日09:00，矛盾纠纷调处室。")
    with made.acting("clerk"):
        assert session.scalar(select(Booking.id)) == booking.id
    with made.acting("clerk.t1"):
        assert session.scalar(select(Booking.id)) is None


def test_a_form_sent_twice_makes_one_booking_with_one_code(made, session):
    token = keep(9)
    first, second = (public.book(token, WHO, HERE) for _time in range(2))
    assert first[0].id == second[0].id and first[1] == second[1]
    with clock.standing_at(clock.now() + timedelta(minutes=25)), pytest.raises(Conflict):
        public.book(token, WHO, HERE)  # whoever comes to this device later learns no code


@pytest.mark.parametrize(
    ("name", "value"),
    [("contact_name", ""), ("contact_name", "a\u202eb"), ("contact_phone", ""), ("contact_phone", "12345"),
     ("people_count", 99), ("people_count", -1)],
)  # fmt: skip
def test_what_is_wrong_is_said_and_the_time_stays_kept(made, session, name, value):
    token = keep(9, S.visit, "矛盾纠纷调处室")
    with pytest.raises(Invalid) as refused:
        public.book(token, {**WHO, "people_count": 1, name: value}, HERE)
    assert list(refused.value.errors) == [name]
    assert public.book(token, {**WHO, "people_count": 1}, HERE)


def test_a_room_that_asks_for_approval_asks_its_manager(made, session):
    room = room_named("矛盾纠纷调处室")
    room.kind, room.manager_id = RoomKind.approval, user_id("clerk")
    session.commit()
    booking, _code = booked(9, S.visit, "矛盾纠纷调处室")
    assert booking.state is BookingState.requested and texts() == []
    assert told("clerk") == ["booking_asked"]
    made.do("clerk", steps.confirm, booking)
    assert "已确认" in texts()[0]


# ---- a counselling


def test_nobody_but_the_counsellor_learns_who_comes(made, session):
    booking, code = booked(9)
    assert booking.secret and booking.title is None and [one.id for one in booking.people] == [user_id("counsellor.1")]
    names = session.connection().execute(text("SELECT username FROM ab_user")).scalars().all()
    seen = set()
    for name in names:
        with made.acting(name):
            if session.scalar(select(Booking.id)) is not None:
                seen.add(name)
    assert seen == {"counsellor.1"}
    kept = [row for table in ("outbox_message", "audit_entry", "notice", "booking_step", "public_hold")
            for row in session.connection().execute(text(f"SELECT * FROM {table}"))]  # fmt: skip
    plain = str(kept)
    for word in ("孟晓棠", "13912345678", "失眠", code):
        assert word not in plain


def test_the_text_message_about_it_says_neither_when_nor_where_nor_what(made):
    booking, _code = booked(9)
    made.do("counsellor.1", steps.move, booking, start=hour(10.5), end=hour(11.5))
    made.do("counsellor.1", steps.cancel, booking, reason="临时有事")
    with made.acting("business_admin"):  # who looks after the outbox
        assert db.session.scalars(select(OutboxMessage.id)).all() == []
    said = texts()
    assert len(said) == 3 and all(booking.number in one for one in said)
    for one in said:
        for word in ("心理", "咨询室", "11月", "09:00", "10:30", "{", "["):
            assert word not in one, one


# ---- number and code


def test_number_and_code_open_and_cancel(made, session):
    booking, code = booked(9)
    key = public.open_booking(f" {booking.number.lower()} ", code.lower(), ELSEWHERE)
    with system_scope("test"):
        assert public.booking_of(key).id == booking.id and public.may_cancel(booking)
    cancelled = public.cancel(key, ELSEWHERE)
    assert cancelled.state is BookingState.cancelled and cancelled.reason == "本人在公众网页取消"
    with system_scope("test"):
        assert "09:00" in free() and not public.may_cancel(cancelled)
    assert told("counsellor.1") == ["booking_booked", "booking_cancel"]


def test_a_wrong_number_and_a_wrong_code_are_one_answer_and_are_counted(made):
    booking, code = booked(9)
    staff = made.book("回访室", 9, 10, purpose=Purpose.other)
    for number in (booking.number, "YY-SQ-2026-999999", staff.number):
        for _try in range(5):
            assert public.open_booking(number, "AAAAAAAA", ELSEWHERE) is None
        with pytest.raises(TooMany):
            public.open_booking(number, code, ELSEWHERE)


def test_a_booking_of_the_desk_has_no_public_door(made):
    staff = made.book("回访室", 9, 10, purpose=Purpose.other)
    for proof in ("", "0" * 16):
        with pytest.raises(NotFound), system_scope("test"):
            public.booking_of(public.Key(staff.id, proof))


# ---- the desk's own bookings


def test_who_comes_from_outside_is_told_of_every_change(made):
    booking = made.book("法律服务室", 9, 10, contact_name="孟晓棠", contact_phone="13912345678")
    made.do("clerk", steps.move, booking, start=hour(11), end=hour(12))
    made.do("clerk", steps.cancel, booking, reason="改日再来")
    said = texts()
    assert [next(word for word in ("已确认", "已改期", "已取消") if word in one) for one in said] == [
        "已确认", "已改期", "已取消"
    ]  # fmt: skip
    assert "11月25日11:00" in said[1] and not any("孟晓" in one for one in said)


def remind(days: int = 0, at: float = 10) -> int:
    """What the job writes at an hour of a day."""
    with clock.standing_at(hour(at, days)):
        return booking_jobs.remind_contacts()


def test_who_comes_tomorrow_is_reminded_once_by_day_and_of_counselling_by_number_alone(made, session):
    contact = {"contact_name": "孟晓棠", "contact_phone": "13912345678"}
    open_one = made.book("法律服务室", 9, 10, days=2, **contact)
    secret = made.book("心理咨询室", 9, 10, days=2, purpose=Purpose.counselling, people=["counsellor.1"], **contact)
    gone = made.book("回访室", 9, 10, days=2, purpose=Purpose.other, **contact)
    made.do("clerk", steps.cancel, gone, reason="改日再来")
    with clock.standing_at(hour(16, 1)):
        made.book("诉讼服务室", 9, 10, days=1, **contact)  # made today for tomorrow: told today already
    before = len(texts())
    assert [remind(0), remind(1, 7.9), remind(1, 21)] == [0, 0, 0]  # too early, and at night
    assert [remind(1, 8), remind(1, 8.5), remind(1, 20.9), remind(2)] == [2, 0, 0, 0]
    said = {number: one for one in texts()[before:] for number in (open_one.number, secret.number) if number in one}
    assert "明天：11月27日09:00，法律服务室" in said[open_one.number]
    assert "明天。" in said[secret.number]
    for word in ("心理", "咨询", "11月", "09:00", "孟", "{", "["):
        assert word not in said[secret.number]
    with made.acting("business_admin"):  # who looks after the outbox sees nothing of the confidential one
        numbers = db.session.scalars(select(OutboxMessage).where(OutboxMessage.code == "booking_reminder")).all()
    assert [row.data["number"] for row in numbers] == [open_one.number]
    assert job.TASKS["booking_reminders"][0] is booking_jobs.remind_contacts


def test_what_was_moved_to_another_day_is_reminded_of_anew(made):
    booking = made.book("法律服务室", 9, 10, days=5, contact_name="孟晓棠", contact_phone="13912345678")
    later = hour(9, 6), hour(10, 6)
    assert remind(4) == 1
    with clock.standing_at(hour(11, 4)):
        made.do("clerk", steps.move, booking, start=later[0], end=later[1])
    assert [remind(4), remind(5), remind(5)] == [0, 1, 0]
