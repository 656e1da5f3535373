"""More time and stopped time: one extension of at most thirty days, and suspensions with an end."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, count, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.code_table import CodeItem
from app.models.mixins import CaseOwned, Stamped, Versioned

EXTENSION_MOST = 30  # 信访工作条例 第三十四条


class ExtensionState(LabelledEnum):
    """Whether an extension was granted."""

    asked = "asked", _lp("extension", "Asked for"), "soon"
    approved = "approved", _lp("extension", "Approved"), "ok"
    refused = "refused", _lp("extension", "Refused"), "late"


class Extension(CaseOwned, Stamped, Versioned, Base):
    """A wish for more days to handle a case; one only is granted in a round, by another than who asks."""

    __tablename__ = "extension"
    __table_args__ = (
        enum_check("state", ExtensionState),
        CheckConstraint(f"days BETWEEN 1 AND {EXTENSION_MOST}", name="days_within_law"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="decided_by_another"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'approved') = (new_due_on IS NOT NULL)", name="approved_has_day"),
        Index(
            "uq_extension_case_round",
            "case_id",
            "round",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: Mapped[intpk]
    round: Mapped[int] = mapped_column(default=1)
    days: Mapped[count] = mapped_column(info={"label": _l("Days")})
    reason: Mapped[str] = mapped_column(String(2000), info={"label": _l("Reason")})
    state: Mapped[Any] = enum_column(ExtensionState, default=ExtensionState.asked, info={"label": _l("State")})
    asked_by_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Asked at")})
    decided_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Decided at")})
    old_due_on: Mapped[date] = mapped_column(info={"label": _l("Due on before")})
    new_due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due on afterwards")})


class Suspension(CaseOwned, Stamped, Versioned, Base):
    """The local clocks stand still from a day until the day before another, for a listed ground."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint("until_on > from_on", name="has_an_end"),
        Index(
            "uq_suspension_open",
            "case_id",
            unique=True,
            sqlite_where=text("resumed_on IS NULL"),
            postgresql_where=text("resumed_on IS NULL"),
        ),
    )

    id: Mapped[intpk]
    ground_id: Mapped[int] = mapped_column(BigId, ForeignKey("code_item.id"), info={"label": _l("Ground")})
    reason: Mapped[str] = mapped_column(String(2000), info={"label": _l("Reason")})
    from_on: Mapped[date] = mapped_column(info={"label": _l("Stands still from")})
    until_on: Mapped[date] = mapped_column(info={"label": _l("Runs on from")})
    resumed_on: Mapped[date | None] = mapped_column(info={"label": _l("Resumed on")})

    ground: Mapped[CodeItem] = relationship(info={"label": _l("Ground")})
