"""Reminders given: one row for each clock, day and level, so that nobody is told the same thing twice."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, count, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column


class ReminderLevel(LabelledEnum):
    """How pressing it is: the day comes near, is here, or is past."""

    soon = "soon", _l("The day comes near"), "soon"
    due = "due", _l("Due today"), "soon"
    late = "late", _l("Overdue"), "late"


class Reminder(Base):
    """That a clock was reminded of at one level; a day that moved is reminded of anew."""

    __tablename__ = "reminder"
    __table_args__ = (
        enum_check("level", ReminderLevel),
        UniqueConstraint("deadline_id", "due_on", "level", "nth", name="uq_reminder_deadline_level"),
    )

    id: Mapped[intpk]
    deadline_id: Mapped[int] = mapped_column(BigId, ForeignKey("deadline.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    level: Mapped[Any] = enum_column(ReminderLevel)
    nth: Mapped[count] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
