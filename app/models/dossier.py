"""Dossiers 卷宗: a closed case as a read-only file with catalogue and retention; recordings by reference."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, count, hash_text, intpk, short_text
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.mixins import CaseOwned, Stamped, Versioned


class Dossier(CaseOwned, Stamped, Versioned, Base):
    """One volume: its number, what lies in it, how long it is kept; `retain_until` empty is for ever."""

    __tablename__ = "dossier"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        UniqueConstraint("case_id", "round", name="uq_dossier_case_round"),
        CheckConstraint("pages IS NULL OR pages > 0", name="pages_positive"),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Dossier number"), "stamp": True})
    round: Mapped[int] = mapped_column(default=1)
    retention_id: Mapped[int] = mapped_column(BigId, ForeignKey("code_item.id"), info={"label": _l("Retention")})
    retain_until: Mapped[date | None] = mapped_column(info={"label": _l("Kept until")})
    catalogue: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Catalogue")})
    pages: Mapped[count | None] = mapped_column(info={"label": _lp("dossier", "Pages")})
    storage_key: Mapped[str | None] = mapped_column(String(80), unique=True, info={"secret": True})
    sha256: Mapped[hash_text | None] = mapped_column(info={"label": _l("Hash")})
    archived_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Archived at")})
    archived_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    retention: Mapped[CodeItem] = relationship(info={"label": _l("Retention")})

    def __repr__(self) -> str:
        return self.number


class Recording(CaseOwned, Stamped, Base):
    """Where a recording of the camera system is found: camera, interval, checksum; never the video itself."""

    __tablename__ = "recording"
    __table_args__ = (CheckConstraint("until_at > from_at", name="interval_order"),)

    id: Mapped[intpk]
    camera: Mapped[short_text] = mapped_column(info={"label": _l("Camera")})
    from_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("recording", "From")})
    until_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("recording", "To")})
    checksum: Mapped[str | None] = mapped_column(String(128), info={"label": _l("Checksum")})
    note: Mapped[str | None] = mapped_column(String(200), info={"label": _l("Note")})
