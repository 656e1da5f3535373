"""The steps of a booking: who decides, who comes, what is free again, who is told; by hand and by the clock."""

from datetime import datetime, timedelta

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from sqlalchemy import func, select

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.models.account import Account
from app.models.audit import Notice
from app.models.booking import BookingState, BookingStep, Purpose, occupancy
from app.models.outbox import OutboxMessage, Webhook
from app.services import booking_jobs, job
from app.services import booking_steps as steps
from app.services.occupancy import Taken

S = BookingState


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning; dispatcher manages the hearing room."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        with system_scope("test"):
            room_named("听证室").manager_id = user_id("centre_head")
            room_named("领导接访室").manager_id = user_id("clerk")
            session.commit()
        yield Bookings(actor)


def told(session, code: str) -> set[int]:
    with system_scope("test"):
        return set(session.scalars(select(Notice.user_id).where(Notice.code == f"booking_{code}")))


def held(session) -> int:
    return session.connection().scalar(select(func.count()).select_from(occupancy))


# ---- deciding


def test_the_manager_decides_and_everybody_concerned_is_told(made, session):
    booking = made.book("听证室", 9, 11, purpose=Purpose.hearing, people=["dispatcher"])
    assert made.do("centre_head", steps.confirm, booking).state is S.confirmed
    assert told(session, "confirm") == {user_id("clerk"), user_id("dispatcher")}


def test_who_asks_does_not_decide(made):
    booking = made.book("领导接访室", 9, 11, purpose=Purpose.leader_reception)  # by the clerk, who manages the room
    with pytest.raises(NotAllowed, match="您是申请人"):
        made.do("clerk", steps.confirm, booking)
    assert made.do("centre_head", steps.confirm, booking).state is S.confirmed  # decides on every room


def test_nobody_else_decides(made):
    booking = made.book("听证室", 9, 11, purpose=Purpose.hearing)
    with pytest.raises(NotAllowed, match="赵立新"):
        made.do("clerk", steps.reject, booking, reason="不行")
    with pytest.raises(NotAllowed):
        made.do("dispatcher", steps.confirm, booking)


def test_turning_down_needs_a_reason_and_frees_the_room(made, session):
    booking = made.book("听证室", 9, 11, purpose=Purpose.hearing)
    with pytest.raises(Invalid):
        made.do("centre_head", steps.reject, booking)
    done = made.do("centre_head", steps.reject, booking, reason="当日有会")
    assert (done.state, done.reason, held(session)) == (S.rejected, "当日有会", 0)
    assert told(session, "reject") == {user_id("clerk")}


# ---- coming and going


def test_checking_in_from_half_an_hour_before(made):
    booking = made.book("法律服务室", 10, 11)
    with pytest.raises(WrongState, match="09:30"):
        made.do("clerk", steps.check_in, booking)
    with clock.standing_at(hour(9.6)):
        done = made.do("clerk", steps.check_in, booking)
    assert done.state is S.checked_in and done.checked_in_at == hour(9.6)


def test_finishing_early_frees_the_rest(made):
    booking = made.book("回访室", 9, 12, purpose=Purpose.other, people=["dispatcher"])
    with clock.standing_at(hour(9)):
        made.do("clerk", steps.check_in, booking)
    with clock.standing_at(hour(10)):
        done = made.do("clerk", steps.finish, booking)
        assert done.state is S.finished and done.ends_at == hour(10) + timedelta(minutes=1)
        assert made.book("回访室", 10.5, 11, purpose=Purpose.other, people=["dispatcher"])
        with pytest.raises(Taken):
            made.book("回访室", 9.75, 10.5, purpose=Purpose.other)


def test_not_before_it_begins(made):
    booking = made.book("回访室", 9, 12, purpose=Purpose.other)
    with clock.standing_at(hour(8.75)):
        made.do("clerk", steps.check_in, booking)
        with pytest.raises(WrongState):
            made.do("clerk", steps.finish, booking)


def test_others_leave_it_alone(made):
    """An adviser sees only own bookings; a dispatcher sees the centre's, and may not change them."""
    booking = made.book("法律服务室", 10, 11)
    with pytest.raises(NotAllowed, match="他人"):
        made.do("dispatcher", steps.cancel, booking, reason="x")
    with pytest.raises(NotFound):
        made.do("adviser.1", steps.cancel, booking, reason="x")
    assert made.do("centre_head", steps.cancel, booking, reason="室内漏水").state is S.cancelled


def test_cancelling_tells_everybody_and_is_not_done_twice(made, session):
    booking = made.book("法律服务室", 10, 11, people=["adviser.1"])
    version = booking.version
    made.do("clerk", steps.cancel, booking, version=version, reason="改期")
    assert told(session, "cancel") == {user_id("adviser.1")} and held(session) == 0
    with pytest.raises(Conflict) as caught:
        made.do("clerk", steps.cancel, booking, version=version, reason="改期")
    assert caught.value.extra["twice"]


# ---- moving


def test_moving_and_stretching(made, session):
    booking = made.book("法律服务室", 9, 10, people=["adviser.1"])
    done = made.do("clerk", steps.move, booking, start=hour(14), end=hour(15.5))
    assert (done.starts_at, done.ends_at, done.state) == (hour(14), hour(15.5), S.confirmed)
    assert done.occupied_until == hour(15.5) + timedelta(minutes=5) and done.release_at == hour(14.25)
    assert told(session, "move") == {user_id("adviser.1")}
    done = made.do("clerk", steps.move, booking, end=hour(16))
    assert (done.starts_at, done.ends_at) == (hour(14), hour(16))
    assert made.book("法律服务室", 9, 10, people=["adviser.1"])  # what it left is free
    with made.acting("clerk"):
        row = session.scalars(select(BookingStep).where(BookingStep.step == "move")).first()
    assert row.data["from"][0] == "法律服务室" and "14:00" in row.data["to"][1]


def test_a_move_that_cannot_be_leaves_it_where_it_was(made):
    booking, other = made.book("法律服务室", 9, 10), made.book("法律服务室", 11, 12)
    with pytest.raises(Taken) as caught:
        made.do("clerk", steps.move, booking, start=hour(11.5), end=hour(12.5))
    assert other.number in str(caught.value)
    with pytest.raises(Invalid):
        made.do("clerk", steps.move, booking, start=hour(19), end=hour(20))
    with pytest.raises(Invalid):
        made.do("clerk", steps.move, booking, start=hour(12), end=hour(11))
    assert booking.starts_at == hour(9)
    assert made.do("clerk", steps.move, booking, start=hour(9.5), end=hour(10.5))  # over its own old time


def test_to_a_room_that_asks_it_is_asked_again(made, session):
    booking = made.book("矛盾纠纷调处室", 9, 10, purpose=Purpose.other)
    with system_scope("test"):
        hearing = room_named("听证室")
        hearing.purposes = []
        session.commit()
    done = made.do("clerk", steps.move, booking, room=hearing, start=hour(9), end=hour(10))
    assert done.state is S.requested and user_id("centre_head") in told(session, "asked")
    back = made.do("clerk", steps.move, booking, room=room_named("矛盾纠纷调处室"), start=hour(9), end=hour(10))
    assert back.state is S.confirmed


def test_less_of_what_was_granted_needs_no_new_yes(made):
    booking = made.book("听证室", 9, 11, purpose=Purpose.hearing)
    made.do("centre_head", steps.confirm, booking)
    assert made.do("clerk", steps.move, booking, end=hour(10)).state is S.confirmed
    assert made.do("clerk", steps.move, booking, end=hour(12)).state is S.requested


def test_once_people_are_there_only_the_end_moves(made):
    booking = made.book("法律服务室", 9, 10)
    with clock.standing_at(hour(9.1)):
        made.do("clerk", steps.check_in, booking)
        with pytest.raises(Invalid):
            made.do("clerk", steps.move, booking, start=hour(10), end=hour(11))
        assert made.do("clerk", steps.move, booking, end=hour(11)).ends_at == hour(11)


def test_amending_people_keeps_them_from_being_taken_twice(made, session):
    booking, _other = made.book("法律服务室", 9, 10), made.book("诉讼服务室", 9, 10, people=["adviser.2"])
    with system_scope("test"):
        first, second = (session.get(Account, user_id(name)) for name in ("adviser.1", "adviser.2"))
    done = made.do("clerk", steps.amend, booking, people=[first], people_count=3, title="合同咨询")
    assert ([one.id for one in done.people], done.people_count, done.title) == ([first.id], 3, "合同咨询")
    with pytest.raises(Taken):
        made.do("clerk", steps.amend, booking, people=[second], people_count=3)
    assert told(session, "booked") >= {first.id}


# ---- by the clock


def test_nobody_came_is_known_at_once_and_settled_by_whoever_wants_the_room(made, session):
    booking = made.book("法律服务室", 9, 11, people=["adviser.1"])
    with clock.standing_at(hour(9.3)):  # not settled by any job yet
        second = made.book("法律服务室", 9.5, 10.5, who="centre_head", people=["adviser.1"])
        assert second.state is S.confirmed and booking.state is S.no_show
        assert told(session, "release") == {user_id("clerk"), user_id("adviser.1")}
        with pytest.raises(WrongState):
            made.do("clerk", steps.check_in, booking)


def test_too_late_to_check_in_even_if_nobody_else_wanted_it(made):
    booking = made.book("法律服务室", 9, 11)
    with clock.standing_at(hour(9.3)), pytest.raises(WrongState, match="09:15"):
        made.do("clerk", steps.check_in, booking)


def test_the_job_settles_what_the_clock_decided(made, session):
    missed = made.book("法律服务室", 9, 10)
    asked = made.book("听证室", 9, 10, purpose=Purpose.hearing)
    stays = made.book("诉讼服务室", 14, 15)
    there = made.book("回访室", 9, 10, purpose=Purpose.other)
    with clock.standing_at(hour(9)):
        made.do("clerk", steps.check_in, there)
    with clock.standing_at(hour(10.5)), acting(SYSTEM):
        assert booking_jobs.settle_due() == 3
        assert booking_jobs.settle_due() == 0
    states = [booking.state for booking in (missed, asked, stays, there)]
    assert states == [S.no_show, S.cancelled, S.confirmed, S.finished]
    assert told(session, "lapse") == {user_id("clerk")}
    assert held(session) == 2  # what stays, and the hour that was used


def test_the_job_runs_with_the_others(made):
    assert job.TASKS["rooms"][0] is booking_jobs.settle_due


# ---- the neighbours


def test_webhooks_are_told_in_numbers_and_states(made, session):
    with system_scope("test"):
        session.add(Webhook(name="省平台", url="https://hook.invalid/x", events="booking.*", secret="s" * 32))
        session.commit()
    booking = made.book("心理咨询室", 9, 10, purpose=Purpose.counselling, contact_name="于秀兰")
    made.do("clerk", steps.cancel, booking, reason="于秀兰有事")
    with system_scope("test"):
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [row.code for row in rows] == ["booking.book", "booking.admit", "booking.cancel"]
    assert "于秀兰" not in str([row.data for row in rows])
