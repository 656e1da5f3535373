"""Requests for exports above the limit: asked, decided by somebody else, made, fetched once within some days."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, UtcDateTime, code_text, count, hash_text, intpk, long_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import OrgOwned, Stamped, Versioned


class ExportState(LabelledEnum):
    """Where a request stands."""

    asked = "asked", _lp("export", "Awaits a decision"), "hold"
    approved = "approved", _lp("export", "Approved, being made"), "info"
    ready = "ready", _lp("export", "Ready, can be fetched"), "ok"
    failed = "failed", _lp("export", "Could not be made"), "late"
    refused = "refused", _lp("export", "Refused"), "late"
    fetched = "fetched", _lp("export", "Fetched"), "plain"
    lapsed = "lapsed", _lp("export", "Not fetched in time"), "plain"


class ExportRequest(OrgOwned, Stamped, Versioned, Base):
    """Somebody asks for more rows of a list than are given at once: which list, which filter, which columns, why."""

    __tablename__ = "export_request"
    __table_args__ = (
        enum_check("state", ExportState),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="decided_by_another"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("(state IN ('asked', 'refused')) = (until IS NULL)", name="approved_until"),
        CheckConstraint("(state = 'fetched') = (fetched_at IS NOT NULL)", name="fetched_when"),
        CheckConstraint("(state = 'ready') = (storage_key IS NOT NULL)", name="ready_kept"),
        CheckConstraint("(state = 'ready') = (made_for IS NOT NULL)", name="ready_made_for"),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="failed_why"),
        CheckConstraint("done >= 0", name="done_counts"),
    )

    id: Mapped[intpk]
    asked_by_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id"), index=True, info={"label": _lp("export", "Asked by"), "stamp": True}
    )
    page: Mapped[code_text] = mapped_column(info={"label": _lp("export", "List"), "stamp": True})
    path: Mapped[title_text] = mapped_column(info={"label": _l("Address"), "stamp": True})
    query: Mapped[long_text] = mapped_column(default="", info={"label": _l("Filter as an address"), "stamp": True})
    told: Mapped[long_text] = mapped_column(default="", info={"label": _l("Filter"), "stamp": True})
    columns: Mapped[long_text] = mapped_column(default="", info={"label": _l("Columns"), "stamp": True})
    form: Mapped[code_text] = mapped_column(info={"label": _lp("export", "Form of the file"), "stamp": True})
    rows: Mapped[count] = mapped_column(info={"label": _lp("export", "Rows"), "stamp": True})
    reason: Mapped[str] = mapped_column(String(500), info={"label": _l("Reason"), "stamp": True})
    state: Mapped[Any] = enum_column(ExportState, default=ExportState.asked, info={"label": _l("State"), "stamp": True})
    decided_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _lp("export", "Decided by"), "stamp": True}
    )
    decided_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("export", "Decided at"), "stamp": True}
    )
    decision: Mapped[str | None] = mapped_column(
        String(500), info={"label": _lp("export", "Note on the decision"), "stamp": True}
    )
    until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("export", "Can be fetched until"), "stamp": True}
    )
    fetched_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("export", "Fetched at"), "stamp": True}
    )

    done: Mapped[count] = mapped_column(
        default=0, server_default="0", info={"label": _lp("export", "Rows written"), "stamp": True}
    )
    storage_key: Mapped[str | None] = mapped_column(String(80), unique=True, info={"secret": True})
    made_for: Mapped[hash_text | None] = mapped_column(info={"secret": True})  # the rights the file was made with
    error: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Error"), "stamp": True})

    asked_by: Mapped[Account] = relationship(
        foreign_keys=[asked_by_id], info={"label": _lp("export", "Asked by"), "stamp": True}
    )
    decided_by: Mapped[Account | None] = relationship(
        foreign_keys=[decided_by_id], info={"label": _lp("export", "Decided by"), "stamp": True}
    )

    def __repr__(self) -> str:
        return f"{self.page} {self.created_at:%Y-%m-%d %H:%M}"
