"""Bookings of every centre for the world: plain ones, about a case, about an accusation, confidential ones."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.booking import (
    Booking,
    BookingSeries,
    BookingState,
    BookingStep,
    Purpose,
    WaitingEntry,
    WaitingState,
    occupancy,
)
from app.models.closure import Closure, RoomHours, Weekday
from app.models.duty_change import ChangeKind, ChangeState, DutyChange, DutyStep
from app.models.feed import FeedAddress, FeedKind
from app.models.public_hold import PublicHold
from app.models.room import PublicService, Room
from app.models.roster import DutyKind, Shift
from app.models.roster_rule import DutyDays, OnRestDay, Roster, RosterRule, roster_turn
from app.services.occupancy import of_room, seconds
from security.cast import CANARIES

CENTRES = ("clerk", "clerk.t1", "clerk.t2")
ABOUT = {"clerk": "city", "clerk.t1": "t1", "clerk.t2": "to_d1"}


class RoomFurniture:
    """Puts the same bookings into the rooms of three centres; mixed into World."""

    cases: dict[str, int]
    home: dict[str, int]
    users: dict[str, int]

    def _duty(self) -> None:
        """Drafts, rules, rosters and requests of three centres: of people of the centre, and one across."""
        for place, user in enumerate(CENTRES):
            home, month, by = self.home[user], date(2027, 3, 1), self.users[user]
            rule = RosterRule(name=f"规则{place}", kind=DutyKind.clerk, since=month, starts_at=time(8), ends_at=time(9))
            rule.days, rule.on_rest_day, rule.organisation_id = DutyDays.workdays, OnRestDay.move, home
            draft = Roster(organisation_id=home, kind=DutyKind.clerk, month=month)
            out = Roster(organisation_id=home, kind=DutyKind.leader, month=month, published_at=clock.now())
            db.session.add_all((rule, draft, out))
            db.session.flush()
            db.session.execute(insert(roster_turn), {"rule_id": rule.id, "account_id": by})
            hours = {"kind": DutyKind.clerk, "starts_at": time(8), "ends_at": time(9), "note": "备注"}
            kept = [
                Shift(organisation_id=home, on=month + timedelta(days=day), account_id=by, published=day != 1, **hours)
                for day in range(3)
            ]
            kept[1].gap = True
            db.session.add_all(kept)
            db.session.flush()
            other = self.users[("leader.1", "clerk.t2", "adviser.1")[place]]
            base: dict[str, Any] = {"organisation_id": home, "account_id": by, "reason": "家中有事"}
            about = {"shift_id": kept[0].id, "other_id": other, "state": ChangeState.agreed}
            asks = (
                DutyChange(**base, kind=ChangeKind.leave, state=ChangeState.asked, first_on=month, last_on=month),
                DutyChange(**base, kind=ChangeKind.substitute, **about),
            )
            db.session.add_all(asks)
            db.session.flush()
            for one in asks:
                said = {"step": "ask_change", "to_state": "asked", "actor_id": by, "actor_name": "x"}
                db.session.add(DutyStep(change_id=one.id, seq=1, **said))

    def _bookings(self) -> None:
        self._duty()
        for place, user in enumerate(CENTRES):
            room = db.session.scalars(select(Room).where(Room.name == f"样例室{place}")).one()
            room.manager_id = self.users[("leader.2", "adviser.1", "handler.d1")[place]]
            by, start = self.users[user], clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
            self._one(room, by, start, title="调解室使用")
            self._one(room, by, start + timedelta(hours=1), title="办案", case_id=self.cases[ABOUT[user]])
            accused = self.cases["accuses_clerk.t1"]
            self._one(room, self.users["clerk"], start + timedelta(hours=2), title="检举核实", case_id=accused)
            self._one(room, by, start + timedelta(hours=3), people=("expert.5", "handler.d2"), title="座谈")
            series = self._series(room, by, False)
            self._one(room, by, start + timedelta(hours=4), series_id=series, title="例会")
            self._secret(room, by, start + timedelta(hours=5), self._series(room, by, True), place)
            for purpose in (Purpose.mediation, Purpose.counselling):
                self._waits(room, by, start, purpose)
            db.session.add(RoomHours(room_id=room.id, weekday=Weekday.mon, opens_at=time(8), closes_at=time(18)))
            owner: dict[str, Any] = {"organisation_id": room.organisation_id, "reason": "检修"}
            far = start + timedelta(days=40)
            db.session.add(Closure(room_id=room.id, starts_at=far, ends_at=far + timedelta(days=1), **owner))
            db.session.add(
                PublicHold(
                    token_hash=f"{place}" * 64, address_hash="0" * 64, service=PublicService.visit, room_id=room.id,
                    starts_at=far, ends_at=far + timedelta(hours=1), expires_at=far,
                )
            )  # fmt: skip
            db.session.add(FeedAddress(user_id=by, kind=FeedKind.person, token_hash=f"{place}" * 64))

    def _series(self, room: Room, by: int, secret: bool) -> int:
        series = BookingSeries(
            room_id=room.id, organisation_id=room.organisation_id, times=4, booked_by_id=by, secret=secret
        )
        db.session.add(series)
        db.session.flush()
        return int(series.id)

    def _waits(self, room: Room, by: int, start: datetime, purpose: Purpose) -> None:
        db.session.add(
            WaitingEntry(
                room_id=room.id,
                organisation_id=room.organisation_id,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                purpose=purpose,
                account_id=by,
                state=WaitingState.waiting,
            )
        )

    def _secret(self, room: Room, by: int, start: datetime, series: int, place: int) -> None:
        who = CANARIES[place]
        self._one(
            room,
            by,
            start,
            people=("counsellor.1",),
            purpose=Purpose.counselling,
            secret=True,
            series_id=series,
            contact_name=who.name,
            contact_phone=who.phone,
            notes=f"{who.name} {who.id_number}",
        )

    def _one(self, room: Room, by: int, start: datetime, people: tuple[str, ...] = (), **more: Any) -> None:
        end = start + timedelta(minutes=45)
        booking = Booking(
            **{"purpose": Purpose.other, **more},
            number=f"YY-样例-{room.id}-{seconds(start)}",
            room_id=room.id,
            organisation_id=room.organisation_id,
            starts_at=start,
            ends_at=end,
            occupied_from=start,
            occupied_until=end,
            release_at=start + timedelta(minutes=15),
            state=BookingState.confirmed,
            booked_by_id=by,
        )
        booking.people = [db.session.get_one(Account, self.users[name]) for name in people]
        db.session.add(booking)
        db.session.flush()
        step: dict[str, Any] = {"booking_id": booking.id, "seq": 1, "step": "book", "to_state": "confirmed"}
        db.session.add(BookingStep(**step, actor_name="x", data={}))
        db.session.connection().execute(
            insert(occupancy).values(
                resource=of_room(room.id), begins=seconds(start), ends=seconds(end), booking_id=booking.id
            )
        )
