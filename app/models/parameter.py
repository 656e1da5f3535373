"""The settings of the house that its administrators may turn, each between bounds of its own."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, code_text, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import Stamped, Versioned

TEXT_MOST = 1000  # room for a map of nine rows of nine places


class ParameterKind(LabelledEnum):
    """What a parameter holds."""

    integer = "integer", _l("Whole number")
    text = "text", _l("Text")
    flag = "flag", _l("Yes or no")


class Parameter(Stamped, Versioned, Base):
    """A setting of the business: what it holds, how far it may be turned, and where that comes from."""

    __tablename__ = "parameter"
    __table_args__ = (
        enum_check("kind", ParameterKind),
        CheckConstraint("kind = 'integer' OR (least IS NULL AND most IS NULL)", name="bounds_of_numbers"),
        CheckConstraint("kind <> 'integer' OR (least IS NOT NULL AND most IS NOT NULL)", name="numbers_bounded"),
        CheckConstraint("least <= most", name="bounds_in_order"),
        CheckConstraint("kind <> 'flag' OR value IN ('yes', 'no')", name="flag_yes_or_no"),
        CheckConstraint(
            "CASE WHEN kind = 'integer' THEN CAST(value AS INTEGER) BETWEEN least AND most ELSE 1 = 1 END",
            name="within_bounds",
        ),
    )

    id: Mapped[intpk]
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code"), "stamp": True})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name"), "stamp": True})
    kind: Mapped[Any] = enum_column(ParameterKind, info={"label": _l("Type"), "stamp": True})
    value: Mapped[str] = mapped_column(String(TEXT_MOST), info={"label": _l("Value")})
    unit: Mapped[short_text | None] = mapped_column(info={"label": _l("Unit of measure"), "stamp": True})
    least: Mapped[int | None] = mapped_column(info={"label": _l("Least"), "stamp": True})
    most: Mapped[int | None] = mapped_column(info={"label": _l("Most"), "stamp": True})
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note"), "stamp": True})
    source: Mapped[title_text | None] = mapped_column(info={"label": _l("Source"), "stamp": True})
    locked: Mapped[flag] = mapped_column(default=False, info={"label": _l("Locked"), "stamp": True})

    def __repr__(self) -> str:
        return self.name
