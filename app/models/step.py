"""The course of a record with steps: one row for each step, never changed; each flow has a table of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, count, intpk, short_text, title_text
from app.models.mixins import CaseOwned


class StepRow:
    """One event of a course: who, when, from, to, why, from where; written by the engine, never changed."""

    id: Mapped[intpk]
    seq: Mapped[count]
    round: Mapped[count] = mapped_column(default=1)
    step: Mapped[code_text]
    from_state: Mapped[code_text | None]
    to_state: Mapped[code_text]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    actor_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="SET NULL"))
    actor_name: Mapped[short_text]
    actor_post: Mapped[short_text | None]
    organisation_name: Mapped[title_text | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    address: Mapped[short_text | None]


class CaseStep(CaseOwned, StepRow, Base):
    """One event of a case's course."""

    __tablename__ = "case_step"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        UniqueConstraint("case_id", "seq", name="uq_case_step_case_seq"),
        Index("ix_case_step_actor", "actor_id", "id", "case_id"),
    )


class ReviewStep(CaseOwned, StepRow, Base):
    """One event of the course of an expert review."""

    __tablename__ = "review_step"
    __table_args__ = (
        UniqueConstraint("review_id", "seq", name="uq_review_step_review_seq"),
        Index("ix_review_step_actor", "actor_id", "id", "review_id"),
    )

    review_id: Mapped[int] = mapped_column(BigId, ForeignKey("review.id"))
