"""Attachments: the paper that comes with a case; bytes lie in the instance folder, served row by row only."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, hash_text, intpk, short_text
from app.models.case import Case
from app.models.mixins import Stamped, Versioned
from app.models.preference import Draft

_LOOKS = {"image/jpeg": "image", "image/png": "image", "application/pdf": "pdf"}


def look_of(mime: str) -> str | None:
    """How a file of that type can be looked at without saving it: "image", "pdf", or not at all."""
    return _LOOKS.get(mime)


def size_text(size: int) -> str:
    """1.2 MB."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size // 1024, 1)} KB"


class Attachment(Stamped, Versioned, Base):
    """One file with its original Chinese name, type by content, size, hash and owner row (a case, or still a draft)."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (draft_id IS NULL)", name="one_owner"),
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_attachment_case", "case_id"),
        Index("ix_attachment_draft", "draft_id"),
    )

    id: Mapped[intpk]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"))
    draft_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("draft.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255), info={"label": _l("File name")})
    mime: Mapped[short_text] = mapped_column(String(128), info={"label": _l("Type")})
    size: Mapped[int] = mapped_column(Integer, info={"label": _l("Size")})
    sha256: Mapped[hash_text] = mapped_column(info={"label": _l("Hash")})
    storage_key: Mapped[str] = mapped_column(String(80), unique=True, info={"secret": True})
    note: Mapped[str | None] = mapped_column(String(200), info={"label": _l("Note")})

    case: Mapped[Case | None] = relationship(back_populates="attachments")
    draft: Mapped[Draft | None] = relationship()

    @property
    def look(self) -> str | None:
        """How it can be looked at without saving it: "image", "pdf", or not at all."""
        return look_of(self.mime)

    @property
    def size_text(self) -> str:
        """1.2 MB."""
        return size_text(self.size)

    def __repr__(self) -> str:
        return self.name
