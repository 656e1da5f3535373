"""When rooms can be had: their hours on each weekday, and the days on which they are closed."""

from datetime import datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, UtcDateTime, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.room import Room


class Weekday(LabelledEnum):
    """The days of the week, Monday first."""

    mon = "mon", _l("Monday")
    tue = "tue", _l("Tuesday")
    wed = "wed", _l("Wednesday")
    thu = "thu", _l("Thursday")
    fri = "fri", _l("Friday")
    sat = "sat", _l("Saturday")
    sun = "sun", _l("Sunday")


WEEK = tuple(Weekday)


class RoomHours(Stamped, Versioned, Base):
    """From when until when a room can be booked on one weekday; a room with such rows is closed on the other days."""

    __tablename__ = "room_hours"
    __indexed__ = ("room_id",)
    __table_args__ = (
        enum_check("weekday", Weekday),
        CheckConstraint("closes_at > opens_at", name="hours_order"),
        UniqueConstraint("room_id", "weekday", "opens_at", name="uq_room_hours_room_weekday"),
    )

    id: Mapped[intpk]
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("room.id", ondelete="CASCADE"), info={"label": _l("Room")})
    weekday: Mapped[Any] = enum_column(Weekday, info={"label": _l("Weekday")})
    opens_at: Mapped[time] = mapped_column(info={"label": _l("Opens at")})
    closes_at: Mapped[time] = mapped_column(info={"label": _l("Closes at")})

    room: Mapped[Room] = relationship(info={"label": _l("Room")})

    def __repr__(self) -> str:
        return f"{self.weekday.label} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class Closure(OrgOwned, Stamped, Versioned, Base):
    """A room, or every room of a centre, cannot be had for a time; bookings that stand there already are listed."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="time_order"),
        Index("ix_closure_ends", "ends_at", "organisation_id"),
    )

    id: Mapped[intpk]
    room_id: Mapped[int | None] = mapped_column(
        BigId,
        ForeignKey("room.id", ondelete="CASCADE"),
        index=True,
        info={"label": _l("Room"), "help": _l("Left empty: all rooms of the centre.")},
    )
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "From")})
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "Until")})
    reason: Mapped[title_text] = mapped_column(info={"label": _l("Reason")})

    room: Mapped[Room | None] = relationship(
        info={"label": _l("Room"), "help": _l("Left empty: all rooms of the centre.")}
    )

    def __repr__(self) -> str:
        return self.reason
