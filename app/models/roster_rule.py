"""How a roster is drawn up: the rules of a centre, whose turn it is, and the roster of one month."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, UtcDateTime, count, day, flag, intpk, short_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.room import Room
from app.models.roster import DutyKind


class DutyDays(LabelledEnum):
    """On which days a rule wants somebody."""

    workdays = "workdays", _l("Every working day")
    every_day = "every_day", _l("Every day")
    mon = "mon", _l("Mondays")
    tue = "tue", _l("Tuesdays")
    wed = "wed", _l("Wednesdays")
    thu = "thu", _l("Thursdays")
    fri = "fri", _l("Fridays")
    sat = "sat", _l("Saturdays")
    sun = "sun", _l("Sundays")


class OnRestDay(LabelledEnum):
    """What becomes of a weekday's duty when that day is a rest day."""

    move = "move", _l("On the next working day")
    skip = "skip", _l("Left out")
    keep = "keep", _l("Held all the same")


# The people of a rule in the order of their turns: the key rises as they were chosen.
roster_turn = Table(
    "roster_turn",
    Base.metadata,
    Column("id", BigId, primary_key=True),
    Column("rule_id", BigId, ForeignKey("roster_rule.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Integer, ForeignKey("ab_user.id"), nullable=False, index=True),
    Index("uq_roster_turn_rule_account", "rule_id", "account_id", unique=True),
)


class RosterRule(OrgOwned, Stamped, Versioned, Base):
    """One rule: which days, which hours, who takes turns."""

    __tablename__ = "roster_rule"
    __table_args__ = (
        enum_check("kind", DutyKind),
        enum_check("days", DutyDays),
        enum_check("on_rest_day", OnRestDay),
        CheckConstraint("ends_at > starts_at", name="hours_order"),
        CheckConstraint("every_weeks BETWEEN 1 AND 8", name="every_few_weeks"),
        CheckConstraint("at_once BETWEEN 1 AND 20", name="some_people"),
    )

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    kind: Mapped[Any] = enum_column(DutyKind, info={"label": _lp("shift", "Kind")})
    days: Mapped[Any] = enum_column(DutyDays, default=DutyDays.workdays, info={"label": _l("On which days")})
    every_weeks: Mapped[count] = mapped_column(
        default=1,
        info={
            "label": _l("Every so many weeks"),
            "help": _l("1: every week; 2: every second week, counted from the first day"),
        },
    )
    since: Mapped[day] = mapped_column(info={"label": _lp("roster rule", "First day")})
    on_rest_day: Mapped[Any] = enum_column(
        OnRestDay,
        default=OnRestDay.move,
        info={"label": _l("When a weekday is a rest day"), "help": _l("By the working calendar")},
    )
    starts_at: Mapped[time] = mapped_column(info={"label": _lp("shift", "From")})
    ends_at: Mapped[time] = mapped_column(info={"label": _lp("shift", "To")})
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"), index=True, info={"label": _l("Room")})
    at_once: Mapped[count] = mapped_column(default=1, info={"label": _l("How many at once")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _l("Active")})

    room: Mapped[Room | None] = relationship(info={"label": _l("Room")})
    people: Mapped[list[Account]] = relationship(
        secondary=roster_turn,
        order_by=roster_turn.c.id,
        info={
            "label": _l("Who takes turns"),
            "help": _l("In this order; next month goes on after whoever was last"),
            "required": True,
        },
    )

    def __repr__(self) -> str:
        return self.name


class Roster(OrgOwned, Stamped, Versioned, Base):
    """The roster of one kind at one centre for one month: a draft until it is published."""

    __tablename__ = "roster"
    __indexed__ = ("organisation_id",)
    __table_args__ = (
        enum_check("kind", DutyKind),
        Index("uq_roster_month", "organisation_id", "kind", "month", unique=True),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(DutyKind, info={"label": _lp("shift", "Kind")})
    month: Mapped[date] = mapped_column(info={"label": _lp("roster", "Month")})
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Published at")})
    published_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _l("Published by")}
    )

    def __repr__(self) -> str:
        return f"{self.month:%Y-%m}"
