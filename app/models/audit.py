"""The audit trail (hash-chained), notices to people, and jobs."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column


class AuditKind(LabelledEnum):
    """What sort of event an entry tells of."""

    change = "change", _lp("audit", "Change"), "info"
    access = "access", _lp("audit", "Access"), "plain"
    security = "security", _lp("audit", "Security"), "soon"
    refusal = "refusal", _lp("audit", "Refused"), "late"


class AuditEntry(Base):
    """Who did what to which row, when, from where; each entry carries the hash of the one before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        enum_check("kind", AuditKind),
        Index("ix_audit_entry_subject", "subject_type", "subject_id"),
        Index("ix_audit_entry_actor_at", "actor_id", "at"),
        Index("ix_audit_entry_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, info={"label": _l("No.")})
    at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Time")})
    kind: Mapped[Any] = enum_column(AuditKind, info={"label": _lp("audit", "Kind")})
    code: Mapped[str] = mapped_column(String(64), info={"label": _lp("audit", "Action")})
    actor_id: Mapped[int | None] = mapped_column(Integer, info={"label": _l("Account number")})
    actor_name: Mapped[short_text] = mapped_column(info={"label": _l("Person")})
    organisation: Mapped[title_text | None] = mapped_column(info={"label": _l("Organisation")})
    subject_type: Mapped[code_text | None] = mapped_column(info={"label": _l("Record type")})
    subject_id: Mapped[int | None] = mapped_column(BigId, info={"label": _l("Record number")})
    subject: Mapped[title_text | None] = mapped_column(info={"label": _l("Record")})
    reason: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason")})
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON, info={"label": _l("Changes")})
    address: Mapped[short_text | None] = mapped_column(info={"label": _l("Network address")})
    hash: Mapped[hash_text] = mapped_column(info={"label": _l("Hash")})


class AuditHead(Base):
    """The last link of the chain; locked while the next is forged."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[intpk]
    last_id: Mapped[int] = mapped_column(BigId, default=0)
    hash: Mapped[hash_text] = mapped_column(default="0" * 64)


class Notice(Base):
    """A message to one account, written in the transaction of the step that caused it."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_read", "user_id", "read_at"),
        Index("ix_notice_user_case", "user_id", "case_id", "id"),
        Index("ix_notice_user_id", "user_id", "id"),
    )

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), info={"label": _l("Recipient")}
    )
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    code: Mapped[code_text] = mapped_column(info={"label": _l("Kind")})
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    link: Mapped[title_text | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Time")})
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Read at")})


class JobState(LabelledEnum):
    """Where a job stands."""

    waiting = "waiting", _lp("job", "Waiting"), "info"
    running = "running", _lp("job", "Running"), "info"
    done = "done", _lp("job", "Done"), "ok"
    failed = "failed", _lp("job", "Failed"), "late"


class Job(Base):
    """Work done outside a request; leased by one runner at a time, safe to run twice."""

    __tablename__ = "job"
    __table_args__ = (enum_check("state", JobState), Index("ix_job_state_due", "state", "due_at"))

    id: Mapped[intpk]
    kind: Mapped[code_text] = mapped_column(info={"label": _lp("job", "Kind")})
    key: Mapped[str] = mapped_column(String(128), unique=True, info={"label": _l("Key")})
    state: Mapped[Any] = enum_column(JobState, default=JobState.waiting, info={"label": _l("State")})
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Due at")})
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0, info={"label": _l("Tries")})
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Error")})
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Ended at")})
