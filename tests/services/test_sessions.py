"""The sessions of leaders: counted from the cases, and only from those that the reader may see."""

from datetime import date, datetime, time, timedelta

import pytest

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, WrongState
from app.services import reception_session
from app.services.queries import sessions, timetable
from app.services.queries.sessions import Held
from tests.case_factory import Cases
from tests.services.test_handling import on_duty, present, receive

DAY = date(2027, 3, 10)


@pytest.fixture
def cases(actor, session, app):
    with app.test_request_context("/"):
        yield Cases(actor)


def test_a_session_receives_three_matters_and_its_counts_are_right(cases, actor):
    with clock.standing_at(datetime.combine(DAY, time(10), clock.LOCAL)):
        shift = on_duty(actor, starts=time(9), ends=time(12))
        matters = [cases.handling() for _place in range(3)]
        for place, case in enumerate(matters):
            present(cases, case, shift)
            receive(cases, case, head_count=place + 1, settled=place == 0)
        receive(cases, matters[2], head_count=4)  # the same matter again in the same session
        with system_scope("test"):
            matters[1].resolved = True
            db.session.flush()
        with acting(actor("clerk")):
            found = sessions.find(shift.id)
            assert found is not None and found.state is Held.held
            counts = (found.receptions, found.persons, found.matters, found.settled, found.resolved)
            assert counts == (4, 10, 3, 1, 1)
            assert [row.number for row in sessions.received(shift.id)][:2] == [matters[0].number, matters[1].number]
        with acting(actor("leader.2")):  # the session exists, its matters do not
            other = sessions.find(shift.id)
            assert other is not None and (other.receptions, other.persons, other.matters) == (0, 0, 0)
            assert sessions.received(shift.id) == []


def test_planned_are_those_that_are_over(actor, session):
    with clock.standing_at(datetime.combine(DAY, time(10), clock.LOCAL)):
        on_duty(actor, "leader.1", day=DAY - timedelta(days=1), starts=time(9), ends=time(12))
        coming = on_duty(actor, "leader.2", day=DAY + timedelta(days=1), starts=time(9), ends=time(12))
        draft = on_duty(actor, "leader.1", day=DAY + timedelta(days=2), starts=time(9), ends=time(12))
        with system_scope("test"):
            draft.published = False
            db.session.flush()
        with acting(actor("clerk")):
            rows = sessions.of_month(coming.organisation_id, DAY.replace(day=1), DAY + timedelta(days=20))
            assert [one.state for one in rows] == [Held.empty, Held.coming]
            total = sessions.total(rows)
            assert (total.planned, total.held, total.receptions) == (1, 0, 0)
            assert sessions.find(draft.id) is None
        public = timetable.for_the_public(coming.organisation_id)
        assert [row.id for row in public] == [coming.id]


def test_a_session_to_which_nobody_came_counts_as_held_once_confirmed(actor, session):
    """The leader who sat, or the desk, says so with a word on it; before, nothing is recorded."""
    yesterday = DAY - timedelta(days=1)
    with clock.standing_at(datetime.combine(DAY, time(10), clock.LOCAL)):
        past = on_duty(actor, "leader.1", day=yesterday, starts=time(9), ends=time(12))
        other = on_duty(actor, "leader.2", day=yesterday, starts=time(14), ends=time(17))
        going_on = on_duty(actor, "leader.1", starts=time(9), ends=time(12))
        for who, shift, refusal in (
            ("leader.2", past, NotAllowed),  # neither sat nor is at the desk
            ("handler", past, NotAllowed),
            ("centre_head.t1", past, NotAllowed),
            ("leader.1", going_on, WrongState),
        ):
            with acting(actor(who)), pytest.raises(refusal):
                reception_session.confirm_held(actor(who), shift.id, "已公示，无人来访")
        with acting(actor("leader.1")):
            with pytest.raises(Invalid) as refused:
                reception_session.confirm_held(actor("leader.1"), past.id, "  ")
            assert "reason" in refused.value.errors
            reception_session.confirm_held(actor("leader.1"), past.id, " 已公示，无人来访 ")
            with pytest.raises(WrongState):
                reception_session.confirm_held(actor("leader.1"), past.id, "再说一次")
        with acting(actor("clerk")):
            reception_session.confirm_held(actor("clerk"), other.id, "领导按时坐班")
            rows = sessions.of_month(past.organisation_id, DAY.replace(day=1), DAY)
            assert [one.state for one in rows] == [Held.nobody, Held.nobody, Held.coming]
            total = sessions.total(rows)
            assert (total.planned, total.held, total.receptions) == (2, 2, 0)
            kept = timetable.shift_row(past.id)
            assert (kept.held_note, kept.held_by_id) == ("已公示，无人来访", actor("leader.1").user_id)


def test_a_session_in_which_somebody_was_received_needs_no_confirmation(cases, actor):
    with clock.standing_at(datetime.combine(DAY, time(10), clock.LOCAL)):
        shift = on_duty(actor, starts=time(9), ends=time(12))
        case = cases.handling()
        present(cases, case, shift)
        receive(cases, case)
    with (
        clock.standing_at(datetime.combine(DAY, time(13), clock.LOCAL)),
        acting(actor("clerk")),
        pytest.raises(WrongState),
    ):
        reception_session.confirm_held(actor("clerk"), shift.id, "无人来访")
