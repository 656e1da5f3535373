"""The roster of a month: drawn up by rule, gaps, leave, substitutes, swaps, taking over; nobody in two places."""

from datetime import date, datetime, time
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.core.workdays import Calendar
from app.models.account import Account
from app.models.audit import Notice
from app.models.booking import Purpose
from app.models.duty_change import ChangeKind, ChangeState, DutyChange
from app.models.organisation import Organisation
from app.models.roster import DutyKind, Shift
from app.models.roster_rule import DutyDays, OnRestDay, RosterRule
from app.services import duty_change, roster, roster_rule, takeover
from app.services import shift as shifts
from app.services.queries import duty
from app.services.queries.shifts import shift_at
from app.services.roster_plan import duty_days, turns
from tests.booking_factory import Bookings, room_named

MONTH = date(2027, 3, 1)
NOW = datetime(2027, 2, 10, 9, tzinfo=clock.LOCAL)


class Hand:
    """Does things as somebody, on a standing clock."""

    def __init__(self, actor):
        self.actor = actor
        with system_scope("test"):
            self.city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()

    def do(self, who, verb, *args, **kw):
        actor = self.actor(who)
        with acting(actor):
            return verb(actor, *args, **kw)

    def account(self, name):
        with system_scope("test"):
            return db.session.scalars(select(Account).where(Account.username == name)).one()

    def rule(self, *names, **said):
        given = {
            "name": "领导接访",
            "kind": DutyKind.leader,
            "organisation": self.city,
            "days": DutyDays.workdays,
            "every_weeks": 1,
            "since": date(2027, 1, 4),
            "on_rest_day": OnRestDay.move,
            "starts_at": time(9),
            "ends_at": time(12),
            "at_once": 1,
            "people": [self.account(name) for name in names],
            **said,
        }
        return self.do("business_admin", roster_rule.add_rule, given)

    def draw(self, month=MONTH):
        return self.do("business_admin", roster.draw_up, self.city.id, DutyKind.leader, month)

    def drawn(self, record):
        return [(one.on, one.account_id, one.gap) for one in roster.shifts_of(record)]

    def leave(self, who, first, last):
        given = {"kind": ChangeKind.leave, "first_on": first, "last_on": last}
        change = self.do(who, duty_change.ask, given)
        return self.do("centre_head", duty_change.approve, change.id, {})

    def published(self):
        """Three leaders in turn through March."""
        self.rule("leader", "leader.1", "leader.2")
        return self.do("business_admin", roster.publish, self.draw().id)

    def shift_of(self, who, after=MONTH):
        wanted = (Shift.account_id == self.account(who).id, Shift.on >= after, Shift.published)
        with system_scope("test"):
            return db.session.scalars(select(Shift).where(*wanted).order_by(Shift.on)).first()


@pytest.fixture
def hand(session, actor):
    with clock.standing_at(NOW):
        yield Hand(actor)


def rule(**said):
    base = {"days": DutyDays.workdays, "every_weeks": 1, "since": date(2026, 9, 1), "on_rest_day": OnRestDay.move}
    return SimpleNamespace(**{**base, **said})


NATIONAL_DAY = Calendar(
    {**{date(2026, 10, day): False for day in range(1, 8)}, date(2026, 10, 10): True}, frozenset({2026})
)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({}, [8, 9, 10, 12, 13, 14]),  # the make-up Saturday is worked
        ({"days": DutyDays.every_day}, list(range(1, 15))),
        ({"days": DutyDays.fri}, [8, 9]),  # Friday the 2nd is held on the next working day
        ({"days": DutyDays.fri, "on_rest_day": OnRestDay.skip}, [9]),
        ({"days": DutyDays.fri, "on_rest_day": OnRestDay.keep}, [2, 9]),
        ({"days": DutyDays.tue, "every_weeks": 2, "since": date(2026, 9, 29)}, [13]),
        ({"days": DutyDays.tue, "since": date(2026, 10, 13)}, [13]),
    ],
)
def test_the_days_of_a_rule_follow_the_working_calendar(said, days):
    found = duty_days(rule(**said), date(2026, 10, 1), date(2026, 10, 14), NATIONAL_DAY)
    assert [day.day for day in found] == days


def test_turns_go_on_after_whoever_was_last():
    assert turns([1, 2, 3], 2, 4) == [3, 1, 2, 3]
    assert turns([1, 2], 9, 3) == [1, 2, 1] and turns([], None, 3) == []


def test_the_month_is_drawn_up_in_turn_and_the_next_goes_on(hand):
    hand.rule("leader.2", "leader", "leader.1")  # the order chosen is the order of the turns
    march = hand.drawn(hand.draw())
    order = [hand.account(name).id for name in ("leader.2", "leader", "leader.1")]
    assert [who for _on, who, _gap in march] == [order[place % 3] for place in range(len(march))]
    assert len(march) == 23 and not any(gap for *_said, gap in march)
    april = hand.drawn(hand.draw(date(2027, 4, 1)))
    assert april[0][1] == order[len(march) % 3]
    again = hand.drawn(hand.draw())
    assert again == march  # drawing up anew begins anew


def test_leave_leaves_a_gap_that_stops_publishing_until_a_substitute_is_found(hand):
    hand.rule("leader", "leader.1", "leader.2")
    hand.leave("leader.1", date(2027, 3, 1), date(2027, 3, 3))
    record = hand.draw()
    found = duty.faults(roster.shifts_of(record))
    assert [(one.kind.value, "03-02" in str(one.sentence)) for one in found] == [("gap", True)]
    with pytest.raises(Conflict) as refused:
        hand.do("business_admin", roster.publish, record.id)
    assert "03-02" in str(refused.value)
    free = [row.id for row in duty.substitutes(DutyKind.leader, hand.city.path, roster.shifts_of(record)[1])]
    assert hand.account("leader.1").id not in free
    with pytest.raises(Invalid):
        hand.do("business_admin", roster.fill, found[0].shift_id, hand.account("leader.1").id)
    hand.do("business_admin", roster.fill, found[0].shift_id, hand.account("leader.2").id)
    hand.do("business_admin", roster.publish, record.id)
    filled = roster.shifts_of(record)[1]
    names = (hand.account("leader.2").id, hand.account("leader.1").id)
    assert (filled.account_id, filled.instead_of_id, filled.published) == (*names, True)
    with pytest.raises(WrongState):
        hand.draw()


def test_a_booking_elsewhere_is_shown_before_publishing(hand, actor):
    """Two places at once: booked in another room while the draft has that person sit."""
    hand.rule("leader", "leader.1", "leader.2", room=room_named("领导接访室"))
    record = hand.draw()
    mine = next(one for one in roster.shifts_of(record) if one.account_id == hand.account("leader.1").id)
    made, days = Bookings(actor), (mine.on - NOW.date()).days
    made.book(
        "领导接访室", 9, 10, purpose=Purpose.leader_reception, people=["leader.1"], days=(mine.on - NOW.date()).days
    )
    assert duty.faults(roster.shifts_of(record)) == []  # where the duty is
    made.book("联合会商室", 10, 11, purpose=Purpose.conference, people=["leader.1"], days=days)
    (fault,) = duty.faults(roster.shifts_of(record))
    assert (fault.shift_id, fault.kind.value) == (mine.id, "elsewhere")
    assert "10:00–11:00" in str(fault.sentence) and "李国华" in str(fault.sentence)
    with pytest.raises(Conflict):
        hand.do("business_admin", roster.publish, record.id)
    assert [one.gap for one in roster.shifts_of(hand.draw()) if one.on == mine.on] == [True]  # drawn up anew: a gap


def test_leave_after_publishing_shows_and_is_settled(hand):
    record = hand.published()
    mine = hand.shift_of("leader.1")
    hand.leave("leader.1", mine.on, mine.on)
    assert [(one.shift_id, one.kind.value) for one in duty.faults(roster.shifts_of(record))] == [(mine.id, "leave")]
    hand.do("centre_head", roster.fill, mine.id, hand.account("leader.2").id)
    assert duty.faults(roster.shifts_of(record)) == []


def test_a_draft_counts_for_nobody_until_it_is_published(hand, actor):
    hand.rule("leader.1")
    record = hand.draw()
    noon = datetime(2027, 3, 1, 10, tzinfo=clock.LOCAL)
    leader = hand.account("leader.1").id
    with acting(actor("leader.1")):
        assert shift_at(leader, noon) is None
        assert db.session.scalars(select(Shift).where(Shift.roster_id == record.id)).all() == []
    hand.do("business_admin", roster.publish, record.id)
    with acting(actor("leader.1")):
        assert shift_at(leader, noon) is not None
    with system_scope("test"):
        told = db.session.scalars(select(Notice).where(Notice.user_id == leader, Notice.code == "duty_published")).one()
    assert told.data["count"] == 23


def test_nobody_is_twice_on_duty_whoever_writes_it(hand):
    """The constraint itself, not the verbs: both engines."""
    hand.published()
    mine = hand.shift_of("leader.1")
    twin = Shift(kind=DutyKind.clerk, on=mine.on, starts_at=time(11), ends_at=time(13), published=False)
    twin.account_id, twin.organisation_id = mine.account_id, mine.organisation_id
    given = {"kind": "clerk", "account": mine.account, "organisation": hand.city, "on": mine.on}
    with system_scope("test"), pytest.raises(Exception, match="ex_shift_twice"), db.session.begin_nested():
        db.session.add(twin)
        db.session.flush()
    hand.do("business_admin", shifts.add_shift, {**given, "starts_at": time(12), "ends_at": time(13)})  # touching
    with system_scope("test"), pytest.raises(Exception, match="ex_shift_twice"), db.session.begin_nested():
        mine.ends_at = time(12, 30)
        db.session.flush()


def test_a_swap_is_asked_agreed_and_approved(hand):
    record = hand.published()
    mine, theirs = hand.shift_of("leader.1"), hand.shift_of("leader.2")
    days = mine.on, theirs.on
    given = {"kind": ChangeKind.swap, "shift": mine, "other_shift": theirs}
    change = hand.do("leader.1", duty_change.ask, given)
    with pytest.raises(WrongState):
        hand.do("centre_head", duty_change.approve, change.id, {})
    with pytest.raises(NotAllowed):
        hand.do("leader.1", duty_change.agree, change.id, {})
    hand.do("leader.2", duty_change.agree, change.id, {})
    assert hand.shift_of("leader.1").on == days[0]  # nothing moves before it is approved
    hand.do("centre_head", duty_change.approve, change.id, {})
    assert change.state is ChangeState.approved
    by_day = {one.on: one for one in roster.shifts_of(record)}
    first, second = hand.account("leader.1").id, hand.account("leader.2").id
    assert (by_day[days[0]].account_id, by_day[days[1]].account_id) == (second, first)
    with pytest.raises(WrongState):
        hand.do("leader.1", duty_change.withdraw, change.id, {})


def test_only_ones_own_coming_shift_for_another_of_the_same_roster(hand):
    hand.published()
    mine, theirs = hand.shift_of("leader.1"), hand.shift_of("leader.2")
    for given, field in (
        ({"shift": theirs, "other_shift": mine}, "shift"),
        ({"shift": mine, "other_shift": mine}, "other_shift"),
        ({"shift": mine, "other_shift": None}, "other_shift"),
    ):
        with pytest.raises(Invalid) as refused:
            hand.do("leader.1", duty_change.ask, {"kind": ChangeKind.swap, **given})
        assert field in refused.value.errors
    hand.leave("leader.2", mine.on, mine.on)
    with pytest.raises(Invalid) as refused:
        hand.do("leader.1", duty_change.ask, {"kind": ChangeKind.swap, "shift": mine, "other_shift": theirs})
    assert "other_shift" in refused.value.errors


def test_what_happens_meanwhile_is_looked_at_again(hand):
    """Agreed, then the other person goes on leave: the approval is refused, the roster stands."""
    hand.published()
    mine = hand.shift_of("leader.1")
    given = {"kind": ChangeKind.substitute, "shift": mine, "other": hand.account("leader.2")}
    change = hand.do("leader.1", duty_change.ask, given)
    hand.do("leader.2", duty_change.agree, change.id, {})
    hand.leave("leader.2", mine.on, mine.on)
    with pytest.raises(WrongState):
        hand.do("centre_head", duty_change.approve, change.id, {})
    assert mine.account_id == hand.account("leader.1").id


def test_who_asks_for_leave_does_not_approve_it(hand, actor):
    change = hand.do("leader.1", duty_change.ask, {"kind": "leave", "first_on": MONTH, "last_on": MONTH})
    with pytest.raises(NotAllowed):
        hand.do("leader.1", duty_change.approve, change.id, {})
    with pytest.raises(Invalid) as refused:
        hand.do("leader.1", duty_change.ask, {"kind": "leave", "first_on": MONTH, "last_on": NOW.date()})
    assert "last_on" in refused.value.errors
    with acting(actor("leader.2")):
        assert db.session.scalars(select(DutyChange)).all() == []  # not named in it


def test_taking_over_splits_what_has_begun(hand):
    record = hand.published()
    mine = hand.shift_of("leader.1")
    with clock.standing_at(datetime.combine(mine.on, time(10, 15), clock.LOCAL)):
        rest = hand.do("leader.2", takeover.take_over, mine.id)
        assert (mine.starts_at, mine.ends_at, rest.starts_at, rest.ends_at) == (
            time(9),
            time(10, 15),
            time(10, 15),
            time(12),
        )
        assert (rest.account_id, rest.instead_of_id) == (hand.account("leader.2").id, hand.account("leader.1").id)
        with system_scope("test"):
            kept = db.session.scalars(select(DutyChange)).one()
        assert (kept.kind, kept.state) == (ChangeKind.takeover, ChangeState.approved)
        with pytest.raises(NotAllowed):
            hand.do("clerk", takeover.take_over, rest.id)
    tomorrow = roster.shifts_of(record)[-1]
    with pytest.raises(WrongState):
        hand.do("leader", takeover.take_over, tomorrow.id)


def test_a_rule_wants_people_of_the_role(hand):
    with pytest.raises(Invalid) as refused:
        hand.rule("clerk", at_once=2, ends_at=time(8), every_weeks=9)
    assert set(refused.value.errors) == {"people", "at_once", "ends_at", "every_weeks"}
    kept = hand.rule("leader", "leader.1")
    people = [hand.account("leader.1"), hand.account("leader")]
    hand.do("business_admin", roster_rule.change_rule, kept, {"people": people})
    db.session.expire_all()
    with system_scope("test"):
        assert [row.username for row in db.session.get_one(RosterRule, kept.id).people] == ["leader.1", "leader"]


def test_a_town_draws_up_its_own_only(hand):
    with pytest.raises(NotFound):
        hand.do("centre_head.t1", roster.draw_up, hand.city.id, DutyKind.leader, MONTH)
