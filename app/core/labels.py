"""Enums that carry their label and tone: one place feeds list, form, badge, export and REST."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator


class LabelledEnum(StrEnum):
    """A code with a translated label and a tone (info, ok, soon, late, hold or plain) for its badge."""

    label: Any
    tone: str
    __hash__ = str.__hash__  # as it compares; the enum's own is a Python call for every look into a set

    def __new__(cls, code: str, label: Any = None, tone: str = "plain") -> "LabelledEnum":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label if label is not None else code
        member.tone = tone
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        """(code, label) of every member, in the order they are written."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def of(cls, code: Any) -> "LabelledEnum | None":
        """The member of that code, or None for anything else."""
        return cls._value2member_map_.get(code) if isinstance(code, str) else None  # type: ignore[return-value]


class EnumCode(TypeDecorator[Any]):
    """Stores the code of a LabelledEnum as text."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[LabelledEnum], length: int = 32) -> None:
        super().__init__(length)
        self.enum = enum
        self.known: Any = enum._value2member_map_  # as the enum itself looks, without a call of Python for every value

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return None if value is None else self.known.get(value) or self.enum(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self


def enum_column(enum: type[LabelledEnum], **kw: Any) -> MappedColumn[Any]:
    """A column that holds a code of `enum`; the table adds `enum_check` for it."""
    return mapped_column(EnumCode(enum), **kw)


def enum_check(column: str, enum: type[LabelledEnum], nullable: bool = False) -> CheckConstraint:
    """The CHECK that keeps a column to the codes of `enum`; its name follows the convention."""
    codes = ", ".join(f"'{member.value}'" for member in enum)
    text = f"{column} IN ({codes})" + (f" OR {column} IS NULL" if nullable else "")
    return CheckConstraint(text, name=f"{column}_code")
