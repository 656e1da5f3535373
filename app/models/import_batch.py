"""Tables brought in from a spreadsheet: the file that was tried, what became of it, and the rows it made."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime, code_text, count, hash_text, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import OrgOwned, Stamped, Versioned


class ImportState(LabelledEnum):
    """What became of a file."""

    waiting = "waiting", _lp("import", "Being tried"), "info"
    tried = "tried", _lp("import", "Tried, nothing kept yet"), "hold"
    running = "running", _lp("import", "Being imported"), "info"
    imported = "imported", _lp("import", "Imported"), "ok"
    undone = "undone", _lp("import", "Undone"), "plain"
    failed = "failed", _lp("import", "Failed"), "late"


class ImportBatch(OrgOwned, Stamped, Versioned, Base):
    """One file for one register: tried first, then imported as a whole, and undone as a whole."""

    __tablename__ = "import_batch"
    __table_args__ = (
        enum_check("state", ImportState),
        CheckConstraint("good >= 0 AND good <= total AND done >= 0", name="counts"),
        CheckConstraint("(state IN ('imported', 'undone')) = (imported_at IS NOT NULL)", name="imported_when"),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_when"),
    )

    id: Mapped[intpk]
    noun: Mapped[code_text] = mapped_column(info={"label": _lp("import", "Register"), "stamp": True})
    name: Mapped[str] = mapped_column(String(255), info={"label": _l("File name"), "stamp": True})
    size: Mapped[int] = mapped_column(Integer, info={"label": _l("Size"), "stamp": True})
    sha256: Mapped[hash_text] = mapped_column(info={"label": _l("Hash"), "stamp": True})
    storage_key: Mapped[str] = mapped_column(String(80), unique=True, info={"secret": True})
    state: Mapped[Any] = enum_column(
        ImportState, default=ImportState.waiting, info={"label": _l("State"), "stamp": True}
    )
    total: Mapped[count] = mapped_column(default=0, info={"label": _lp("import", "Rows"), "stamp": True})
    good: Mapped[count] = mapped_column(default=0, info={"label": _lp("import", "Can be imported"), "stamp": True})
    done: Mapped[count] = mapped_column(default=0, info={"label": _lp("import", "Rows done"), "stamp": True})
    error: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Error"), "stamp": True})
    imported_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("import", "Imported at"), "stamp": True}
    )
    undone_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("import", "Undone at"), "stamp": True}
    )

    @property
    def bad(self) -> int:
        """How many rows have faults."""
        return self.total - self.good

    def __repr__(self) -> str:
        return self.name


class ImportRow(Base):
    """One row of a file: its faults when it was tried, or the record it became."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "row", name="uq_import_row_batch_row"),
        CheckConstraint("(faults IS NULL) <> (record_id IS NULL)", name="faulty_or_made"),
        Index("ix_import_row_record", "record_id"),
    )

    id: Mapped[intpk]
    batch_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("import_batch.id", ondelete="CASCADE"), info={"label": _lp("import", "File")}
    )
    row: Mapped[count] = mapped_column(info={"label": _l("Row")})
    content: Mapped[title_text] = mapped_column(default="", info={"label": _l("Content")})
    faults: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), info={"label": _l("What is wrong")})
    record_id: Mapped[int | None] = mapped_column(BigId, info={"label": _l("Record number")})
