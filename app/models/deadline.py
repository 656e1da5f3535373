"""Deadlines that run for a case or a party; their light is computed when they are read."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, code_text, flag, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.calendar import DeadlineRule
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped, Versioned


class DeadlineState(LabelledEnum):
    """What became of a deadline."""

    running = "running", _l("Running"), "info"
    paused = "paused", _lp("deadline", "Paused"), "hold"
    met = "met", _l("Met"), "ok"
    late = "late", _l("Met late"), "late"
    cancelled = "cancelled", _l("No longer applies"), "plain"


class Deadline(CaseOwned, Stamped, Versioned, Base):
    """One clock: from when, until when, and why that day (`why` is the proof, as data)."""

    __tablename__ = "deadline"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("state", DeadlineState),
        CheckConstraint("due_on >= starts_on", name="due_after_start"),
        CheckConstraint("(state IN ('met', 'late')) = (met_on IS NOT NULL)", name="met_has_day"),
        UniqueConstraint("case_id", "code", "round", "party_id", "referral_id", name="uq_deadline_case_code"),
        Index("ix_deadline_state_due", "state", "due_on", "code"),
    )

    id: Mapped[intpk]
    rule_id: Mapped[int] = mapped_column(BigId, ForeignKey("deadline_rule.id"))
    code: Mapped[code_text] = mapped_column(info={"label": _l("Deadline")})
    round: Mapped[int] = mapped_column(default=1)
    party_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("party.id"))
    referral_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("referral.id"))
    starts_on: Mapped[date] = mapped_column(info={"label": _l("Counted from")})
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due on")})
    provisional: Mapped[flag] = mapped_column(default=False, info={"label": _l("Provisional")})
    state: Mapped[Any] = enum_column(DeadlineState, default=DeadlineState.running, info={"label": _l("State")})
    met_on: Mapped[date | None]
    cap_on: Mapped[date | None]  # a day it may not pass, whatever is counted
    why: Mapped[list[Any]] = mapped_column(JSON, default=list)

    case: Mapped[Case] = relationship()
    rule: Mapped[DeadlineRule] = relationship()
