"""Consultations: somebody asked a legal adviser or a counsellor; what is confidential only its writer can read."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, count, flag, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.adviser import LegalAdviser
from app.models.booking import Booking
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.mixins import OrgOwned, Stamped, Versioned


class ConsultationKind(LabelledEnum):
    """Law, or the soul."""

    legal = "legal", _l("Legal consultation"), "info"
    psychological = "psychological", _l("Psychological counselling"), "hold"


class ConsultationResult(LabelledEnum):
    """What became of it."""

    answered = "answered", _lp("consultation", "Answered"), "ok"
    redirected = "redirected", _lp("consultation", "Shown the legal route"), "info"
    registered = "registered", _lp("consultation", "Registered as a matter"), "info"
    referred = "referred", _lp("consultation", "Sent on to another office"), "plain"
    continuing = "continuing", _lp("consultation", "To be continued"), "soon"


# What is sealed of a confidential consultation: the row itself holds none of it.
SEALED = ("visitor_name", "visitor_phone", "summary", "advice", "result")
# Of a confidential one the trail keeps that it was changed, never what stood in these.
VEILED = frozenset({*SEALED, "topics", "case_id", "booking_id", "at", "month", "minutes", "head_count", "sealed"})

consultation_topic = Table(
    "consultation_topic",
    Base.metadata,
    Column("consultation_id", BigId, ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)


class Consultation(OrgOwned, Stamped, Versioned, Base):
    """One consultation: who gave it, when, how long, to how many; on a case or on none, with a name or without.

    `sealed` holds what its writer alone can read (services/private_notes.py): of every one the private notes, of a
    confidential one everything that was said."""

    __tablename__ = "consultation"
    __table_args__ = (
        enum_check("kind", ConsultationKind),
        enum_check("result", ConsultationResult, nullable=True),
        CheckConstraint("adviser_id IS NOT NULL OR consultant_id IS NOT NULL", name="somebody_advised"),
        CheckConstraint(
            "kind <> 'psychological' OR (secret AND adviser_id IS NULL)",
            name="counselling_secret",
        ),
        CheckConstraint("NOT secret OR consultant_id IS NOT NULL", name="secret_has_writer"),
        CheckConstraint(
            "NOT secret OR (visitor_name IS NULL AND visitor_phone IS NULL AND summary IS NULL AND advice IS NULL"
            " AND result IS NULL AND case_id IS NULL)",
            name="secret_tells_nothing",
        ),
        CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes_bounded"),
        CheckConstraint("head_count BETWEEN 1 AND 999", name="heads_bounded"),
        Index("ix_consultation_at", "at", "id"),
        Index("ix_consultation_consultant_at", "consultant_id", "at"),
        Index("ix_consultation_organisation_at", "organisation_id", "at", "kind"),
        Index("ix_consultation_month", "month", "organisation_id", "secret"),
    )
    __indexed__ = ("organisation_id",)

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(ConsultationKind, info={"label": _lp("consultation", "Kind")})
    adviser_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("legal_adviser.id"), index=True, info={"label": _l("Legal adviser")}
    )
    consultant_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _l("Given by"), "stamp": True}
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Date and time")})
    month: Mapped[date] = mapped_column(
        info={"label": _lp("consultation", "Month"), "stamp": True}
    )  # its first day, by which confidential ones are counted
    minutes: Mapped[count] = mapped_column(default=30, info={"label": _l("How many minutes")})
    head_count: Mapped[count] = mapped_column(default=1, info={"label": _l("How many people")})
    visitor_name: Mapped[str | None] = mapped_column(
        EncryptedText("consultation.visitor_name"),
        info={"label": _lp("consultation", "Visitor"), "help": _l("Left empty: without a name."), "mask": "name"},
    )
    visitor_phone: Mapped[str | None] = mapped_column(
        EncryptedText("consultation.visitor_phone"), info={"label": _l("Phone"), "mask": "phone"}
    )
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    booking_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("booking.id"), unique=True, info={"label": _l("Booking")}
    )
    summary: Mapped[str | None] = mapped_column(String(4000), info={"label": _lp("consultation", "What was asked")})
    advice: Mapped[str | None] = mapped_column(String(4000), info={"label": _lp("consultation", "What was advised")})
    result: Mapped[Any | None] = enum_column(ConsultationResult, info={"label": _lp("consultation", "Result")})
    secret: Mapped[flag] = mapped_column(
        default=False,
        info={
            "label": _lp("consultation", "Confidential"),
            "help": _l("Nobody but you learns of it; everything written here is sealed for you alone."),
        },
    )
    sealed: Mapped[str | None] = mapped_column(Text, info={"label": _l("Private notes"), "secret": True})

    adviser: Mapped[LegalAdviser | None] = relationship(info={"label": _l("Legal adviser")})
    consultant: Mapped[Account | None] = relationship(info={"label": _l("Given by"), "stamp": True})
    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})
    booking: Mapped[Booking | None] = relationship(info={"label": _l("Booking")})
    topics: Mapped[list[CodeItem]] = relationship(
        secondary=consultation_topic, order_by=CodeItem.sort, info={"label": _l("Topics")}
    )

    @property
    def audit_veiled(self) -> Collection[str]:
        """What the trail must not tell of this row."""
        return VEILED if self.secret else ()

    def __repr__(self) -> str:
        return str(self.kind.label)
