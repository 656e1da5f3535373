"""Bookings: a room and people for an interval; and the one table that keeps everything from being taken twice."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, code_text, count, flag, hash_text, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.room import Room
from app.models.step import StepRow


class Purpose(LabelledEnum):
    """What a room is booked for (the codes of the contract)."""

    legal_consultation = "legal_consultation", _l("Legal consultation"), "info"
    counselling = "counselling", _l("Psychological counselling"), "hold"
    mediation = "mediation", _lp("booking", "Mediation"), "ok"
    leader_reception = "leader_reception", _l("Leader reception"), "late"
    video_reception = "video_reception", _l("Video reception"), "late"
    expert_review = "expert_review", _l("Expert review"), "soon"
    hearing = "hearing", _lp("booking", "Hearing"), "soon"
    conference = "conference", _lp("booking", "Conference"), "plain"
    other = "other", _lp("booking", "Other"), "plain"


class BookingState(LabelledEnum):
    """The states of domain §6."""

    requested = "requested", _l("Awaiting approval"), "soon"
    confirmed = "confirmed", _lp("booking", "Confirmed"), "info"
    rejected = "rejected", _lp("booking", "Turned down"), "plain"
    checked_in = "checked_in", _l("Checked in"), "ok"
    finished = "finished", _lp("booking", "Finished"), "plain"
    no_show = "no_show", _l("Nobody came"), "late"
    cancelled = "cancelled", _lp("booking", "Cancelled"), "plain"


HOLDING = (BookingState.requested, BookingState.confirmed, BookingState.checked_in)  # the room is kept
UNSETTLED = (BookingState.requested, BookingState.confirmed)  # it lets the room go if nobody comes or decides
SECRET_PURPOSES = frozenset({Purpose.counselling})  # who comes is nobody's business (domain §6)
# Of a secret booking the trail keeps that it was changed, never what stood in these.
VEILED = frozenset(
    {"title", "case_id", "people_count", "people", "contact_name", "contact_phone", "notes", "reason", "equipment"}
)

booking_person = Table(
    "booking_person",
    Base.metadata,
    Column("booking_id", BigId, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Integer, ForeignKey("ab_user.id"), primary_key=True),
    Index("ix_booking_person_account", "account_id", "booking_id"),
)
booking_equipment = Table(
    "booking_equipment",
    Base.metadata,
    Column("booking_id", BigId, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)
# Who or what is taken from when until when, in seconds since 1970, half-open. `resource` is twice the room's key, or
# twice the account's plus one. The migration makes overlaps impossible: by an exclusion constraint on PostgreSQL, by a
# trigger on SQLite; neither needs an extension, and an interval of many days is one row like any other.
occupancy = Table(
    "occupancy",
    Base.metadata,
    Column("resource", BigId, primary_key=True, autoincrement=False),
    Column("begins", BigInteger, primary_key=True, autoincrement=False),
    Column("ends", BigInteger, nullable=False),
    Column("booking_id", BigId, ForeignKey("booking.id", ondelete="CASCADE"), index=True),
    Column("waiting_id", BigId, ForeignKey("waiting_entry.id", ondelete="CASCADE"), index=True),
    Column("hold_id", BigId, ForeignKey("public_hold.id", ondelete="CASCADE"), index=True),
    CheckConstraint("ends > begins", name="order"),
    CheckConstraint("begins >= 0 AND ends < 17179869184 AND resource >= 0 AND resource < 134217728", name="range"),
    CheckConstraint(
        "CASE WHEN booking_id IS NULL THEN 0 ELSE 1 END + CASE WHEN waiting_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END = 1",
        name="one_owner",
    ),
)


class BookingSeries(OrgOwned, Stamped, Versioned, Base):
    """Bookings that repeat: every n weeks on the weekday of the first, until a day."""

    __tablename__ = "booking_series"
    __table_args__ = (CheckConstraint("every_weeks BETWEEN 1 AND 8", name="every_few_weeks"),)

    id: Mapped[intpk]
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("room.id"), index=True, info={"label": _l("Room")})
    every_weeks: Mapped[count] = mapped_column(default=1, info={"label": _l("Every so many weeks")})
    times: Mapped[count] = mapped_column(info={"label": _l("How many times")})
    booked_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), index=True, info={"label": _l("Booked by")}
    )
    secret: Mapped[flag] = mapped_column(default=False, info={"label": _lp("booking", "Confidential")})


class Booking(OrgOwned, Stamped, Versioned, Base):
    """A room and people for an interval [starts_at, ends_at); with the room's buffers it is occupied longer."""

    __tablename__ = "booking"
    __indexed__ = ("organisation_id",)
    __choice_search__ = ("number",)
    __table_args__ = (
        enum_check("purpose", Purpose),
        enum_check("state", BookingState),
        CheckConstraint("ends_at > starts_at", name="time_order"),
        CheckConstraint("occupied_from <= starts_at AND occupied_until >= ends_at", name="buffers_outside"),
        CheckConstraint("people_count >= 1", name="people_positive"),
        CheckConstraint("purpose <> 'counselling' OR secret", name="counselling_secret"),
        CheckConstraint("NOT secret OR (title IS NULL AND case_id IS NULL)", name="secret_tells_nothing"),
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="rejected_with_reason"),
        Index("ix_booking_room_from", "room_id", "occupied_from"),
        Index(
            "ix_booking_overnight",
            "room_id",
            "occupied_until",
            sqlite_where=sql_text("overnight"),
            postgresql_where=sql_text("overnight"),
        ),
        Index("ix_booking_starts", "starts_at", "id"),
        Index("ix_booking_state_starts", "state", "starts_at", "id"),
        Index("ix_booking_state_release", "state", "release_at"),
        Index("ix_booking_organisation_starts", "organisation_id", "starts_at", "id"),
        Index("ix_booking_booked_by_starts", "booked_by_id", "starts_at"),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Number"), "stamp": True})
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("room.id"), info={"label": _l("Room")})
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "From")})
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "Until")})
    occupied_from: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Occupied from"), "stamp": True})
    occupied_until: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Occupied until"), "stamp": True})
    overnight: Mapped[flag] = mapped_column(default=False, info={"stamp": True})
    release_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Released at"), "stamp": True})
    purpose: Mapped[Any] = enum_column(Purpose, info={"label": _lp("booking", "Purpose")})
    title: Mapped[title_text | None] = mapped_column(info={"label": _lp("booking", "Subject")})
    people_count: Mapped[count] = mapped_column(default=1, info={"label": _l("How many people")})
    state: Mapped[Any] = enum_column(BookingState, info={"label": _l("State"), "stamp": True})
    secret: Mapped[flag] = mapped_column(default=False, info={"label": _lp("booking", "Confidential")})
    booked_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _l("Booked by"), "stamp": True}
    )
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    series_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("booking_series.id"), index=True, info={"label": _l("Series"), "stamp": True}
    )
    contact_name: Mapped[str | None] = mapped_column(
        EncryptedText("booking.contact_name"), info={"label": _lp("booking", "Contact")}
    )
    contact_phone: Mapped[str | None] = mapped_column(
        EncryptedText("booking.contact_phone"), info={"label": _l("Contact's phone")}
    )
    notes: Mapped[str | None] = mapped_column(
        EncryptedText("booking.notes"), info={"label": _lp("booking", "Notes"), "long": True}
    )
    reason: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason"), "stamp": True})
    checked_in_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _l("Checked in at"), "stamp": True}
    )
    # Of a booking made on the public page: all that is kept of the code that shows and cancels it.
    cancel_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True, "stamp": True})

    room: Mapped[Room] = relationship(info={"label": _l("Room")})
    booked_by: Mapped[Account | None] = relationship(
        foreign_keys=[booked_by_id], info={"label": _l("Booked by"), "stamp": True}
    )
    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})
    people: Mapped[list[Account]] = relationship(
        secondary=booking_person, order_by=Account.id, info={"label": _l("Taking part")}
    )
    equipment: Mapped[list[CodeItem]] = relationship(secondary=booking_equipment, info={"label": _l("Equipment")})

    @property
    def audit_veiled(self) -> Collection[str]:
        """What the trail must not tell of this row."""
        return VEILED if self.secret else ()

    def __repr__(self) -> str:
        return self.number


class BookingStep(StepRow, Base):
    """One event of a booking's course."""

    __tablename__ = "booking_step"
    __table_args__ = (
        UniqueConstraint("booking_id", "seq", name="uq_booking_step_booking_seq"),
        Index("ix_booking_step_actor", "actor_id", "id", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), info={"label": _l("Booking")})


class WaitingState(LabelledEnum):
    """Where a place in the waiting list stands."""

    waiting = "waiting", _lp("waiting list", "Waiting"), "info"
    offered = "offered", _lp("waiting list", "Offered"), "soon"
    taken = "taken", _lp("waiting list", "Taken"), "ok"
    expired = "expired", _lp("waiting list", "Offer expired"), "plain"
    withdrawn = "withdrawn", _lp("waiting list", "Withdrawn"), "plain"


class WaitingEntry(OrgOwned, Stamped, Versioned, Base):
    """Somebody waits for a room at a time that is taken; whoever came first gets the first offer."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        enum_check("state", WaitingState),
        enum_check("purpose", Purpose),
        CheckConstraint("ends_at > starts_at", name="time_order"),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offer_has_an_end"),
        CheckConstraint("(state = 'taken') = (booking_id IS NOT NULL)", name="taken_is_booked"),
        Index("ix_waiting_entry_room_state", "room_id", "state", "starts_at"),
        Index("ix_waiting_entry_account", "account_id", "state"),
    )

    id: Mapped[intpk]
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("room.id"), info={"label": _l("Room")})
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "From")})
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "Until")})
    purpose: Mapped[Any] = enum_column(Purpose, info={"label": _lp("booking", "Purpose")})
    people_count: Mapped[count] = mapped_column(default=1, info={"label": _l("How many people")})
    account_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _lp("waiting list", "Who waits"), "stamp": True}
    )
    state: Mapped[Any] = enum_column(
        WaitingState, default=WaitingState.waiting, info={"label": _l("State"), "stamp": True}
    )
    offered_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _l("Offer stands until"), "stamp": True}
    )
    booking_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("booking.id"), index=True, info={"label": _l("Booking"), "stamp": True}
    )

    room: Mapped[Room] = relationship(info={"label": _l("Room")})
    account: Mapped[Account] = relationship(info={"label": _lp("waiting list", "Who waits"), "stamp": True})

    def __repr__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
