"""What belongs to one person alone: drafts, saved filters, the list as it was left, phrases."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.crypto import EncryptedText
from app.core.db import Base, UtcDateTime, code_text, flag, intpk, short_text
from app.models.mixins import Versioned


class Draft(Versioned, Base):
    """A registration still being typed, kept on the server; its text is encrypted, it holds personal data."""

    __tablename__ = "draft"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    form: Mapped[code_text]
    title: Mapped[str] = mapped_column(String(200), default="", info={"label": _l("Title")})
    content: Mapped[str] = mapped_column(EncryptedText("draft.content"), info={"secret": True})
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Saved at")})


class SavedView(Versioned, Base):
    """A named filter of a list; mine, or shared with my organisation."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "view", "name", name="uq_saved_view_user_view_name"),)

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    view: Mapped[short_text]
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    query: Mapped[str] = mapped_column(String(1000))
    shared: Mapped[flag] = mapped_column(default=False, info={"label": _l("Shared")})
    sort: Mapped[int] = mapped_column(default=0)


class ListPreference(Base):
    """How a person left a list: columns, page size, last filter."""

    __tablename__ = "list_preference"

    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    view: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[str | None] = mapped_column(String(1000))
    page_size: Mapped[int | None]
    query: Mapped[str | None] = mapped_column(String(1000))


class IdempotencyKey(Base):
    """A form or call already carried out: the same key again gets the same answer, not a second row."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    answer: Mapped[Any] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
