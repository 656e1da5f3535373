"""Visits: each contact with the centre, with its head count."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, UtcDateTime, count, flag, intpk, title_text
from app.core.labels import enum_check, enum_column
from app.models.case import Case, Channel
from app.models.mixins import CaseOwned, Stamped, Versioned


class Visit(CaseOwned, Stamped, Versioned, Base):
    """One contact with the centre about a case: when, how, how many persons."""

    __tablename__ = "visit"
    __table_args__ = (
        enum_check("channel", Channel),
        CheckConstraint("head_count >= 1", name="head_count_positive"),
        Index("ix_visit_at", "at", "id"),
    )

    id: Mapped[intpk]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    channel: Mapped[Any] = enum_column(Channel, default=Channel.visit, info={"label": _l("Channel")})
    head_count: Mapped[count] = mapped_column(default=1, info={"label": _l("Persons who came")})
    first: Mapped[flag] = mapped_column(default=False, info={"label": _l("First visit"), "stamp": True})
    note: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Note")})
    recording: Mapped[title_text | None] = mapped_column(
        info={"label": _l("Recording"), "help": _l("Camera, interval and checksum; never the video itself.")}
    )

    case: Mapped[Case] = relationship(back_populates="visits", info={"label": _l("Case")})

    def __repr__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
