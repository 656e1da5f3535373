"""The working calendar and the rules of deadlines: data that administrators complete each December."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, code_text, day, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import Stamped, Versioned


class CalendarYear(Stamped, Versioned, Base):
    """A year whose holiday notice is loaded; dates in any other year are provisional."""

    __tablename__ = "calendar_year"

    id: Mapped[intpk]
    year: Mapped[int] = mapped_column(unique=True, info={"label": _l("Year")})
    published: Mapped[flag] = mapped_column(default=False, info={"label": _l("Published")})
    source: Mapped[title_text | None] = mapped_column(info={"label": _l("Source")})

    def __repr__(self) -> str:
        return str(self.year)


class CalendarDay(Stamped, Versioned, Base):
    """A day that differs from the plain week: a holiday, or a weekend worked to make up for one."""

    __tablename__ = "calendar_day"

    id: Mapped[intpk]
    on: Mapped[day] = mapped_column(unique=True, info={"label": _l("Day")})
    workday: Mapped[flag] = mapped_column(info={"label": _l("Working day")})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})

    def __repr__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.name}"


class Unit(LabelledEnum):
    """How days are counted."""

    calendar = "calendar", _l("Calendar days")
    working = "working", _l("Working days")


class Nature(LabelledEnum):
    """Where a rule comes from; a rule from law can be made stricter, never looser."""

    law = "law", _l("Law"), "info"
    local = "local", _l("Local rule")


class DeadlineRule(Stamped, Versioned, Base):
    """How long a step may take. A rule from law is only made stricter: `least` and `most` bound it (domain §5)."""

    __tablename__ = "deadline_rule"
    __table_args__ = (
        enum_check("unit", Unit),
        enum_check("nature", Nature),
        CheckConstraint("length > 0", name="length_positive"),
        CheckConstraint(
            "(least IS NULL OR length >= least) AND (most IS NULL OR length <= most)", name="law_not_looser"
        ),
        CheckConstraint("nature = 'local' OR least IS NOT NULL OR most IS NOT NULL", name="law_has_bound"),
    )

    id: Mapped[intpk]
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code"), "stamp": True})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    starts_from: Mapped[short_text] = mapped_column(info={"label": _l("Counted from"), "stamp": True})
    length: Mapped[int] = mapped_column(Integer, info={"label": _l("Days")})
    unit: Mapped[Any] = enum_column(Unit, info={"label": _l("Counted in")})
    nature: Mapped[Any] = enum_column(Nature, info={"label": _l("Nature"), "stamp": True})
    least: Mapped[int | None] = mapped_column(info={"label": _l("Shortest by law"), "stamp": True})
    most: Mapped[int | None] = mapped_column(info={"label": _l("Longest by law"), "stamp": True})
    source: Mapped[title_text | None] = mapped_column(info={"label": _l("Source")})
    active_from: Mapped[date | None] = mapped_column(info={"label": _l("In force from")})

    def __repr__(self) -> str:
        return self.name
