"""Who should see which booking, by the words of domain §6, in plain Python."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from app.core.db import Base

DRAWS_UP = {"business_admin", "centre_head"}


class RoomOracle:
    """The rules of the rooms; mixed into Oracle."""

    def learn_rooms(self: Any) -> None:
        """Read what the rules look at."""
        self.room = {row.id: row for row in self.rows("room")}
        self.booking = {row.id: row for row in self.rows("booking")}
        self.change = {row.id: row for row in self.rows("duty_change")}
        self.taking_part = defaultdict(set)
        for row in self.connection.execute(select(Base.metadata.tables["booking_person"])):
            self.taking_part[row.booking_id].add(row.account_id)

    def sees_booking(self: Any, who: Any, row: Any) -> bool:
        """Those who made it or take part; others never a confidential one; else the centre, the manager, the case."""
        if row.booked_by_id == who.user or who.user in self.taking_part[row.id]:
            return True
        if row.secret:
            return False
        about = row.case_id is not None and self.sees_case(who, row.case_id)
        at_home = who.role in self.subtree_roles and self.inside(who, row.organisation_id)
        manages = self.room[row.room_id].manager_id == who.user
        hidden = row.case_id is not None and self.complained_of(who, row.case_id)
        return about or (at_home and row.case_id is None) or (manages and not hidden)

    def sees_change(self: Any, who: Any, row: Any) -> bool:
        """Those who ask or are asked; for those who decide all of the own subtree."""
        decides = who.role in DRAWS_UP and self.inside(who, row.organisation_id)
        return who.user in (row.account_id, row.other_id) or decides

    def open_or_mine(self: Any, who: Any, row: Any, owner: int, secret: bool) -> bool:
        """What belongs to rooms of the own centre unless it is confidential, and one's own."""
        at_home = who.role in self.subtree_roles and self.inside(who, row.organisation_id)
        return owner == who.user or (at_home and not secret)

    def room_rules(self: Any) -> dict[str, Any]:
        """One rule for each table of the rooms."""
        return {
            "booking": self.sees_booking,
            "booking_step": lambda who, row: self.sees_booking(who, self.booking[row.booking_id]),
            "booking_series": lambda who, row: self.open_or_mine(who, row, row.booked_by_id, row.secret),
            "waiting_entry": lambda who, row: self.open_or_mine(
                who, row, row.account_id, row.purpose.value == "counselling"
            ),
            "room_hours": lambda who, row: self.shares(who, self.room[row.room_id].organisation_id),
            "closure": lambda who, row: self.shares(who, row.organisation_id),
            "shift": lambda who, row: self.shares(who, row.organisation_id) and (row.published or who.role in DRAWS_UP),
            "roster": lambda who, row: (
                self.shares(who, row.organisation_id) and (row.published_at is not None or who.role in DRAWS_UP)
            ),
            "roster_rule": lambda who, row: who.role in DRAWS_UP and self.shares(who, row.organisation_id),
            "duty_change": self.sees_change,
            "duty_step": lambda who, row: self.sees_change(who, self.change[row.change_id]),
            "feed_address": lambda who, row: row.user_id == who.user,
        }
