"""The waiting list and series: order kept, offers that expire, the fate of each time said before anything is kept."""

from datetime import datetime, timedelta

import pytest
from booking_factory import Bookings, hour, room_named, user_id
from sqlalchemy import select

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models.audit import Notice
from app.models.booking import Booking, BookingSeries, BookingState, Purpose, WaitingEntry, WaitingState
from app.models.closure import Closure
from app.services import booking_jobs, series, waiting
from app.services import booking_steps as steps
from app.services import closure as closures
from app.services.booking_rules import Wish
from app.services.occupancy import Taken
from app.services.queries import free_slots
from app.services.series import Fate

W = WaitingState
OTHER = Purpose.other


@pytest.fixture
def made(session, actor):
    """A Wednesday, eight in the morning."""
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        yield Bookings(actor)


def wait(made, who: str, start: float, end: float, room: str = "回访室", purpose=OTHER) -> WaitingEntry:
    actor = made.actor(who)
    with acting(actor):
        given = {"room": room_named(room), "starts_at": hour(start), "ends_at": hour(end), "purpose": purpose}
        return waiting.join(actor, {**given, "people_count": 1})


def take(made, who: str, entry: WaitingEntry) -> Booking:
    actor = made.actor(who)
    with acting(actor):
        return waiting.take(actor, entry.id)


# ---- the waiting list


def test_what_is_free_is_booked_not_waited_for(made):
    with pytest.raises(Invalid, match="空闲"):
        wait(made, "dispatcher", 9, 10)
    with pytest.raises(NotAllowed):
        wait(made, "expert.1", 9, 10)


def test_offers_go_in_order_and_hold_the_room(made, session):
    booking = made.book("回访室", 9, 12, purpose=OTHER)
    first, second = wait(made, "dispatcher", 9, 11), wait(made, "centre_head", 10, 12)
    third = wait(made, "handler", 11, 12)
    made.do("clerk", steps.cancel, booking, reason="改期")
    assert [entry.state for entry in (first, second, third)] == [W.offered, W.waiting, W.offered]
    assert first.offered_until == hour(9)  # an hour, but not beyond the beginning
    with system_scope("test"):
        notes = session.scalars(select(Notice).where(Notice.code == "waiting_offered")).all()
    assert {note.user_id for note in notes} == {user_id("dispatcher"), user_id("handler")}
    with pytest.raises(Taken, match="候补"):
        made.book("回访室", 10, 11, purpose=OTHER)
    taken = take(made, "dispatcher", first)
    assert (taken.state, taken.booked_by_id, first.booking_id) == (
        BookingState.confirmed,
        user_id("dispatcher"),
        taken.id,
    )
    assert first.state is W.taken and first.offered_until is None


def test_an_offer_nobody_takes_goes_to_the_next(made):
    booking = made.book("回访室", 14, 15, purpose=OTHER)
    first, second = wait(made, "dispatcher", 14, 15), wait(made, "handler", 14, 15)
    made.do("clerk", steps.cancel, booking, reason="改期")
    assert first.offered_until == hour(9)
    with clock.standing_at(hour(9.1)):
        with pytest.raises(Conflict, match="过期"):
            take(made, "dispatcher", first)
        with pytest.raises(Taken):  # somebody walks in: the line comes first
            made.book("回访室", 14, 15, purpose=OTHER)
    with clock.standing_at(hour(9.1)), acting(SYSTEM):
        booking_jobs.settle_due()
        assert (first.state, second.state) == (W.expired, W.offered)
        assert second.offered_until == hour(10.1)
    with clock.standing_at(hour(10)):
        assert take(made, "handler", second).number


def test_leaving_passes_the_offer_on(made):
    booking = made.book("回访室", 14, 15, purpose=OTHER)
    first, second = wait(made, "dispatcher", 14, 15), wait(made, "handler", 14, 15)
    made.do("clerk", steps.cancel, booking, reason="改期")
    actor = made.actor("dispatcher")
    with acting(actor):
        waiting.leave(actor, first.id)
    assert (first.state, second.state) == (W.withdrawn, W.offered)
    with acting(actor), pytest.raises(NotFound):
        waiting.leave(actor, second.id)  # another's
    with acting(actor), pytest.raises(Conflict):
        waiting.leave(actor, first.id)


@pytest.mark.parametrize("way", ["move", "reject", "finish", "no show"])
def test_however_it_becomes_free(made, session, way):
    room, purpose = ("听证室", Purpose.hearing) if way == "reject" else ("回访室", OTHER)
    booking = made.book(room, 9, 12, purpose=purpose)
    entry = wait(made, "dispatcher", 10, 11, room, purpose)
    if way == "move":
        made.do("clerk", steps.move, booking, start=hour(14), end=hour(15))
    elif way == "reject":
        made.do("centre_head", steps.reject, booking, reason="有会")
    elif way == "finish":
        with clock.standing_at(hour(9)):
            made.do("clerk", steps.check_in, booking)
        with clock.standing_at(hour(9.5)):
            made.do("clerk", steps.finish, booking)
    else:
        with clock.standing_at(hour(9.5)), acting(SYSTEM):
            booking_jobs.settle_due()
    assert entry.state is W.offered


def test_a_place_in_line_ends_with_its_time(made):
    made.book("回访室", 9, 10, purpose=OTHER)
    entry = wait(made, "dispatcher", 9, 10)
    with clock.standing_at(hour(9)), acting(SYSTEM):
        booking_jobs.settle_due()
    assert entry.state is W.expired


# ---- series


def plan_of(made, who: str = "clerk", times: int = 6, room: str = "回访室", start: float = 14, every: int = 1):
    actor = made.actor(who)
    with acting(actor):
        wish = Wish(room_named(room), hour(start), hour(start + 1), OTHER, title="每周例会")
        return actor, wish, series.plan(actor, wish, every, times)


def test_the_fate_of_each_time_is_told(made, session):
    with system_scope("test"):
        room = room_named("回访室")
        closed = Closure(organisation_id=room.organisation_id, reason="检修")
        closed.starts_at, closed.ends_at = hour(0, 14), hour(24, 14)
        session.add(closed)
        session.commit()
    standing = made.book("回访室", 14.5, 15.5, purpose=OTHER, days=7)
    _actor, _wish, plan = plan_of(made, times=5)
    assert [one.fate for one in plan] == [Fate.ok, Fate.clash, Fate.closed, Fate.ok, Fate.ok]
    assert standing.number in str(plan[1].why) and "检修" in str(plan[2].why)


def test_a_weekly_series_of_twelve_meets_a_holiday(made, session):
    """Started so that it crosses the National Day; nothing is left out unsaid."""
    with clock.standing_at(datetime(2026, 8, 20, 8, 0, tzinfo=clock.LOCAL)):
        actor, wish, plan = plan_of(made, times=12)
        assert [one.fate for one in plan].count(Fate.rest) == 1
        rest = next(one for one in plan if one.fate is Fate.rest)
        assert rest.start.date().isoformat() == "2026-10-01" and "国庆节" in str(rest.why)
        with acting(actor):
            with pytest.raises(Conflict, match="1"):
                series.book_series(actor, wish, 1, 12, skip=False, seen=series.seal(plan))
            with system_scope("test"):
                assert session.scalar(select(Booking.id).limit(1)) is None
            made_ = series.book_series(actor, wish, 1, 12, skip=True, seen=series.seal(plan))
        assert len(made_) == 11 and len({one.series_id for one in made_}) == 1
        with system_scope("test"):
            row = session.scalars(select(BookingSeries)).one()
        assert (row.times, row.every_weeks, row.booked_by_id) == (12, 1, user_id("clerk"))


def test_what_changed_since_the_plan_is_shown_again(made):
    actor, wish, plan = plan_of(made)
    made.book("回访室", 14, 15, purpose=OTHER, days=7, who="centre_head")
    with acting(actor), pytest.raises(Conflict, match="变化"):
        series.book_series(actor, wish, 1, 6, skip=True, seen=series.seal(plan))


def test_limits_of_a_series(made):
    for every, times, field in ((0, 5, "every_weeks"), (9, 5, "every_weeks"), (1, 1, "times"), (1, 61, "times")):
        with pytest.raises(Invalid) as caught:
            plan_of(made, times=times, every=every)
        assert set(caught.value.errors) == {field}
    _actor, _wish, plan = plan_of(made, start=20)
    assert {one.fate for one in plan} == {Fate.hours}
    with acting(_actor), pytest.raises(Invalid):
        series.book_series(_actor, _wish, 1, 6, skip=True)


# ---- closures


def test_a_closure_lists_what_it_hits_and_tells_whoever_booked(made, session):
    first = made.book("回访室", 9, 10, purpose=OTHER, people=["dispatcher"])
    made.book("法律服务室", 9, 10)
    made.book("心理咨询室", 11, 12, who="counsellor.1", purpose=Purpose.counselling, people=["counsellor.1"])
    actor = made.actor("centre_head")
    with acting(actor):
        room = room_named("回访室")
        said = {"organisation": room.organisation, "starts_at": hour(8), "ends_at": hour(18), "reason": "消防检查"}
        one = closures.add_closure(actor, {**said, "room": room})
        assert [hit.id for hit in closures.hits(actor, one)] == [first.id]
        whole = closures.add_closure(actor, {**said, "room": None})
        found = closures.hits(actor, whole)
    assert {hit.room for hit in found} == {"法律服务室", "回访室", "心理咨询室"}
    hidden = next(hit for hit in found if hit.room == "心理咨询室")
    assert (hidden.id, hidden.number, hidden.by) == (None, None, None)
    with system_scope("test"):
        told = set(session.scalars(select(Notice.user_id).where(Notice.code == "booking_closure")))
    assert told == {user_id("clerk"), user_id("dispatcher"), user_id("counsellor.1")}
    with acting(actor):
        assert closures.cancel_hits(actor, whole) == (2, 1)
        assert [hit.room for hit in closures.hits(actor, whole)] == ["心理咨询室"]
    with system_scope("test"):
        kept = session.scalars(select(Booking).where(Booking.id == first.id)).one()
    assert (kept.state, kept.reason) == ("cancelled", "消防检查")


def test_a_closure_belongs_to_its_centre(made):
    actor = made.actor("centre_head.t2")
    with acting(actor), pytest.raises(NotAllowed):
        room = room_named("回访室")
        closures.add_closure(
            actor,
            {
                "organisation": room.organisation,
                "room": room,
                "starts_at": hour(8),
                "ends_at": hour(9),
                "reason": "检修",
            },
        )


# ---- free times


def find(made, who: str = "clerk", **asked):
    actor = made.actor(who)
    with acting(actor):
        return free_slots.find(actor, free_slots.Asked(**asked))


def test_the_next_free_times_suit_room_people_and_equipment(made, session):
    made.book("法律服务室", 9, 12, people=["adviser.1"])
    slots = find(made, minutes=60, purpose=Purpose.legal_consultation, people=[user_id("adviser.1")])
    today = [slot for slot in slots if slot.start.date() == clock.today()]
    assert [(slot.room.name, slot.start) for slot in today] == [
        ("诉讼服务室", hour(12)),
        ("法律服务室", hour(12.5)),  # five minutes of buffer
    ]
    with system_scope("test"):
        sandplay = next(item.id for item in room_named("心理咨询室").equipment if item.code == "sandplay")
    assert {slot.room.name for slot in find(made, minutes=60, equipment=[sandplay])} == {"心理咨询室"}
    assert {slot.room.name for slot in find(made, minutes=60, people_count=30)} == {"听证室"}


def test_every_time_found_can_be_booked(made):
    made.book("听证室", 9, 10, purpose=Purpose.hearing)
    made.book("听证室", 13, 14, purpose=Purpose.hearing)
    slots = find(made, minutes=90, purpose=Purpose.hearing)
    assert slots
    for slot in slots[:6]:
        start = (slot.start - hour(0)) / timedelta(hours=1)
        made.do(
            "clerk", steps.cancel, made.book(slot.room.name, start, start + 1.5, purpose=Purpose.hearing), reason="x"
        )


def test_closed_days_and_rest_days_are_left_out(made, session):
    with system_scope("test"):
        room = room_named("回访室")
        session.add(
            Closure(organisation_id=room.organisation_id, starts_at=hour(0), ends_at=hour(24, 1), reason="停电")
        )
        session.commit()
    slots = find(made, minutes=60)
    assert slots[0].start == hour(8.5, 2)  # Friday
    assert all(slot.start.weekday() < 5 for slot in slots)
