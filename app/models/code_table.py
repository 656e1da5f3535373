"""What administrators add without a programmer: categories, code tables, number sequences."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, code_text, flag, intpk, short_text, title_text
from app.models.mixins import Stamped, Versioned


class Category(Stamped, Versioned, Base):
    """What a case is about; cases take leaves only."""

    __tablename__ = "category"

    id: Mapped[intpk]
    parent_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("category.id"), index=True, info={"label": _l("Superior category")}
    )
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    leaf: Mapped[flag] = mapped_column(
        default=True, info={"label": _l("Leaf"), "help": _l("Only leaves can be chosen for a case.")}
    )
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("code", "In use")})
    sort: Mapped[int] = mapped_column(default=0, info={"label": _l("Order"), "help": _l("0 puts a new entry last.")})

    parent: Mapped["Category | None"] = relationship(remote_side="Category.id", info={"label": _l("Superior category")})

    def __repr__(self) -> str:
        return self.name


class CodeTable(Stamped, Versioned, Base):
    """A named list of codes, such as specialties or legal routes."""

    __tablename__ = "code_table"

    id: Mapped[intpk]
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})
    locked: Mapped[flag] = mapped_column(
        default=False,
        info={"label": _l("Locked"), "help": _l("Its codes are used by the program and cannot be removed.")},
    )
    items: Mapped[list["CodeItem"]] = relationship(back_populates="table", order_by="CodeItem.sort")

    def __repr__(self) -> str:
        return self.name


class CodeItem(Stamped, Versioned, Base):
    """One code of a table."""

    __tablename__ = "code_item"
    __table_args__ = (UniqueConstraint("table_id", "code", name="uq_code_item_table_code"),)

    id: Mapped[intpk]
    table_id: Mapped[int] = mapped_column(BigId, ForeignKey("code_table.id"), info={"label": _l("Code table")})
    code: Mapped[code_text] = mapped_column(info={"label": _l("Code")})
    name: Mapped[title_text] = mapped_column(info={"label": _l("Name")})
    sort: Mapped[int] = mapped_column(default=0, info={"label": _l("Order"), "help": _l("0 puts a new entry last.")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("code", "In use")})
    table: Mapped[CodeTable] = relationship(back_populates="items", info={"label": _l("Code table")})

    def __repr__(self) -> str:
        return self.name


class NumberSequence(Base):
    """The last number given by a centre in a year; the row is locked while the next is taken."""

    __tablename__ = "number_sequence"

    prefix: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[Any] = mapped_column(Integer, default=0)
