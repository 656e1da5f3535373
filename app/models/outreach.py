"""Outreach: legal service events out in the communities, and which law firm helps which community."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, UtcDateTime, count, flag, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.adviser import LawFirm, LegalAdviser
from app.models.code_table import CodeItem
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.step import StepRow


class OutreachState(LabelledEnum):
    """Where an event stands."""

    planned = "planned", _lp("outreach", "Planned"), "info"
    held = "held", _lp("outreach", "Held"), "ok"
    cancelled = "cancelled", _lp("outreach", "Cancelled"), "plain"


outreach_adviser = Table(
    "outreach_adviser",
    Base.metadata,
    Column("event_id", BigId, ForeignKey("outreach_event.id", ondelete="CASCADE"), primary_key=True),
    Column("adviser_id", BigId, ForeignKey("legal_adviser.id"), primary_key=True),
)
outreach_topic = Table(
    "outreach_topic",
    Base.metadata,
    Column("event_id", BigId, ForeignKey("outreach_event.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)


class OutreachEvent(OrgOwned, Stamped, Versioned, Base):
    """A legal service event: advisers go out to a community; at least two a month."""

    __tablename__ = "outreach_event"
    __display__ = "title"
    __table_args__ = (
        enum_check("state", OutreachState),
        CheckConstraint("state <> 'held' OR attendance IS NOT NULL", name="held_was_attended"),
        CheckConstraint("attendance BETWEEN 1 AND 9999", name="attendance_bounded"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_bounded"),
        CheckConstraint("state <> 'cancelled' OR reason IS NOT NULL", name="cancelled_with_reason"),
        Index("ix_outreach_event_starts", "starts_at", "id"),
        Index("ix_outreach_event_state_starts", "state", "starts_at"),
    )

    id: Mapped[intpk]
    title: Mapped[title_text] = mapped_column(info={"label": _lp("outreach", "Event")})
    state: Mapped[Any] = enum_column(OutreachState, info={"label": _l("State"), "stamp": True})
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Date and time")})
    minutes: Mapped[count] = mapped_column(default=120, info={"label": _l("How many minutes")})
    place: Mapped[title_text] = mapped_column(info={"label": _l("Place")})
    community_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), index=True, info={"label": _l("Community")}
    )
    firm_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("law_firm.id"), index=True, info={"label": _l("Law firm")}
    )
    attendance: Mapped[count | None] = mapped_column(info={"label": _lp("meeting", "Persons who came"), "stamp": True})
    summary: Mapped[str | None] = mapped_column(
        String(4000), info={"label": _lp("outreach", "How it went"), "stamp": True}
    )
    reason: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason"), "stamp": True})

    community: Mapped[Organisation | None] = relationship(foreign_keys=[community_id], info={"label": _l("Community")})
    firm: Mapped[LawFirm | None] = relationship(info={"label": _l("Law firm")})
    advisers: Mapped[list[LegalAdviser]] = relationship(
        secondary=outreach_adviser, order_by=LegalAdviser.id, info={"label": _l("Legal advisers")}
    )
    topics: Mapped[list[CodeItem]] = relationship(
        secondary=outreach_topic, order_by=CodeItem.sort, info={"label": _l("Topics")}
    )

    def __repr__(self) -> str:
        return self.title


class OutreachStep(StepRow, Base):
    """One event of the course of an outreach event."""

    __tablename__ = "outreach_step"
    __table_args__ = (UniqueConstraint("event_id", "seq", name="uq_outreach_step_event_seq"),)

    event_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("outreach_event.id"), info={"label": _lp("outreach", "Event")}
    )


class FirmPair(OrgOwned, Stamped, Versioned, Base):
    """A law firm helps a community, one to one; a community has one firm at a time."""

    __tablename__ = "firm_pair"
    __table_args__ = (
        CheckConstraint("until >= since", name="days_order"),
        CheckConstraint("active OR until IS NOT NULL", name="ended_has_a_day"),
        Index(
            "uq_firm_pair_active",
            "organisation_id",
            unique=True,
            sqlite_where=sql_text("active"),
            postgresql_where=sql_text("active"),
        ),
    )

    id: Mapped[intpk]
    firm_id: Mapped[int] = mapped_column(BigId, ForeignKey("law_firm.id"), index=True, info={"label": _l("Law firm")})
    adviser_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("legal_adviser.id"), index=True, info={"label": _l("Adviser in charge")}
    )
    since: Mapped[date] = mapped_column(info={"label": _lp("pair", "From")})
    until: Mapped[date | None] = mapped_column(info={"label": _lp("pair", "Until")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("pair", "In force")})
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})

    organisation: Mapped[Organisation] = relationship(info={"label": _l("Community")})
    firm: Mapped[LawFirm] = relationship(info={"label": _l("Law firm")})
    adviser: Mapped[LegalAdviser | None] = relationship(info={"label": _l("Adviser in charge")})

    def __repr__(self) -> str:
        return f"{self.firm.name} – {self.organisation.name}" if self.firm and self.organisation else ""
