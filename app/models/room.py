"""The function rooms: data, never code; an administrator renames and adds them."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, count, flag, intpk, short_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account, RoleProfile
from app.models.code_table import CodeItem
from app.models.mixins import OrgOwned, Stamped, Versioned


class RoomKind(LabelledEnum):
    """How a room can be had."""

    open = "open", _l("Booked directly"), "ok"
    approval = "approval", _l("Booked with approval"), "soon"
    private = "private", _l("Not bookable"), "hold"


class PublicService(LabelledEnum):
    """What the public books by itself, without an account and without a case."""

    legal_consultation = "legal_consultation", _l("Legal consultation")
    counselling = "counselling", _l("Psychological counselling")
    visit = "visit", _l("Visit to the centre")


room_equipment = Table(
    "room_equipment",
    Base.metadata,
    Column("room_id", BigId, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)
room_purpose = Table(
    "room_purpose",
    Base.metadata,
    Column("room_id", BigId, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)
room_booker = Table(
    "room_booker",
    Base.metadata,
    Column("room_id", BigId, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Integer, ForeignKey("role_profile.role_id", ondelete="CASCADE"), primary_key=True),
)


class Room(OrgOwned, Stamped, Versioned, Base):
    """A function room with its capacity, hours, buffers (minutes before and after) and manager."""

    __tablename__ = "room"
    __table_args__ = (
        enum_check("kind", RoomKind),
        CheckConstraint("closes_at > opens_at", name="hours_order"),
        CheckConstraint("capacity >= 1", name="capacity_positive"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers_not_negative"),
        CheckConstraint("lead_minutes BETWEEN 0 AND 43200", name="lead_bounded"),
        CheckConstraint("ahead_days BETWEEN 1 AND 731", name="ahead_bounded"),
        CheckConstraint("longest_minutes BETWEEN 15 AND 44640", name="longest_bounded"),
        CheckConstraint("no_show_minutes BETWEEN 5 AND 240", name="no_show_bounded"),
        CheckConstraint("public_minutes BETWEEN 10 AND 240", name="public_bounded"),
        enum_check("public_service", PublicService, nullable=True),
        UniqueConstraint("organisation_id", "name", name="uq_room_organisation_name"),
    )

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    kind: Mapped[Any] = enum_column(RoomKind, default=RoomKind.open, info={"label": _lp("room", "Kind")})
    purpose: Mapped[str | None] = mapped_column(String(200), info={"label": _l("Purpose")})
    place: Mapped[short_text | None] = mapped_column(info={"label": _lp("room", "Place")})
    capacity: Mapped[count] = mapped_column(info={"label": _lp("room", "Capacity"), "help": _l("Number of persons")})
    opens_at: Mapped[time] = mapped_column(info={"label": _l("Opens at")})
    closes_at: Mapped[time] = mapped_column(info={"label": _l("Closes at")})
    buffer_before: Mapped[count] = mapped_column(default=0, info={"label": _l("Buffer before"), "help": _l("Minutes")})
    buffer_after: Mapped[count] = mapped_column(default=0, info={"label": _l("Buffer after"), "help": _l("Minutes")})
    lead_minutes: Mapped[count] = mapped_column(
        default=0, server_default="0", info={"label": _l("Least notice"), "help": _l("Minutes before the beginning")}
    )
    ahead_days: Mapped[count] = mapped_column(
        default=180, server_default="180", info={"label": _l("Bookable ahead"), "help": _l("Days")}
    )
    longest_minutes: Mapped[count] = mapped_column(
        default=600, server_default="600", info={"label": _l("Longest booking"), "help": _l("Minutes")}
    )
    no_show_minutes: Mapped[count] = mapped_column(
        default=15,
        server_default="15",
        info={"label": _l("Released when nobody comes"), "help": _l("Minutes after the beginning")},
    )
    on_rest_days: Mapped[flag] = mapped_column(
        default=False, server_default="0", info={"label": _l("Open on rest days")}
    )
    public_service: Mapped[Any] = enum_column(
        PublicService,
        nullable=True,
        info={
            "label": _l("Booked by the public for"),
            "help": _l("Left empty: not on the public page. A consultation also needs somebody on duty."),
        },
    )
    public_minutes: Mapped[count] = mapped_column(
        default=30, server_default="30", info={"label": _l("Length of a public booking"), "help": _l("Minutes")}
    )
    manager_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _l("Room manager")}
    )
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("code", "In use")})
    sort: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})

    purposes: Mapped[list[CodeItem]] = relationship(
        secondary=room_purpose, info={"label": _l("May be booked for"), "help": _l("Left empty: for everything.")}
    )
    bookers: Mapped[list[RoleProfile]] = relationship(
        secondary=room_booker,
        info={"label": _l("Who may book it"), "help": _l("Left empty: every role that may book rooms.")},
    )
    equipment: Mapped[list[CodeItem]] = relationship(secondary=room_equipment, info={"label": _l("Equipment")})
    manager: Mapped[Account | None] = relationship(info={"label": _l("Room manager")})

    def __repr__(self) -> str:
        return self.name
