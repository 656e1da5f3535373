"""Supervision orders 督办: raised by a rule or by a supervisor, put into a letter, answered by the office, closed."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.step import StepRow


class SupervisionCause(LabelledEnum):
    """Why a matter is supervised: a person's judgement, or one of the rules of domain §5."""

    judgement = "judgement", _lp("supervision", "Ordered by a supervisor")
    half_time = "half_time", _lp("supervision", "Half of the time gone, no record"), "soon"
    came_again = "came_again", _lp("supervision", "The party came again"), "soon"
    reply_idle = "reply_idle", _lp("supervision", "Returned reply left lying"), "soon"
    co_silent = "co_silent", _lp("supervision", "Co-organisation silent"), "soon"


class SupervisionState(LabelledEnum):
    """Where an order stands."""

    raised = "raised", _lp("supervision", "To be looked at"), "soon"
    ordered = "ordered", _lp("supervision", "Awaiting answer"), "info"
    answered = "answered", _lp("supervision", "Answered"), "hold"
    closed = "closed", _lp("supervision", "Closed"), "ok"
    dropped = "dropped", _lp("supervision", "Dropped"), "plain"


AT_WORK = (SupervisionState.ordered, SupervisionState.answered)  # a letter is out
RUNNING = (SupervisionState.raised, *AT_WORK)


class Supervision(CaseOwned, Stamped, Versioned, Base):
    """One order on one case: its cause, the office it is put to, what is asked of it until when, and the answer."""

    __tablename__ = "supervision"
    __display__ = "number"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("cause", SupervisionCause),
        enum_check("state", SupervisionState),
        UniqueConstraint("case_id", "cause", "occasion", name="uq_supervision_occasion"),
        CheckConstraint("state NOT IN ('ordered', 'answered') OR requirement IS NOT NULL", name="letter_asks"),
        CheckConstraint("state NOT IN ('ordered', 'answered') OR due_on IS NOT NULL", name="letter_has_day"),
        CheckConstraint("state <> 'answered' OR answer IS NOT NULL", name="answered_has_text"),
        CheckConstraint("closed_by_id IS NULL OR closed_by_id <> answered_by_id", name="closed_by_another"),
        Index("ix_supervision_state_due", "state", "due_on", "id"),
        Index("ix_supervision_organisation_state", "organisation_id", "state"),
        Index(
            "uq_supervision_letter",
            "case_id",
            "organisation_id",
            unique=True,
            sqlite_where=sql_text("state IN ('ordered', 'answered')"),
            postgresql_where=sql_text("state IN ('ordered', 'answered')"),
        ),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Number"), "stamp": True})
    cause: Mapped[Any] = enum_column(SupervisionCause, info={"label": _lp("supervision", "Cause")})
    occasion: Mapped[int] = mapped_column(BigId, info={"stamp": True})  # of one cause: which visit, referral, round
    state: Mapped[Any] = enum_column(SupervisionState, info={"label": _l("State"), "stamp": True})
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _lp("supervision", "Office supervised")}
    )
    why: Mapped[str | None] = mapped_column(String(2000), info={"label": _lp("supervision", "What was found")})
    requirement: Mapped[str | None] = mapped_column(String(2000), info={"label": _lp("supervision", "What is asked")})
    raised_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, info={"label": _lp("supervision", "Raised at")}
    )
    ordered_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("supervision", "Letter sent at")}
    )
    due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due on")})
    answer: Mapped[str | None] = mapped_column(String(5000), info={"label": _lp("supervision", "Answer")})
    answered_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _lp("supervision", "Answered at")})
    closed_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _lp("supervision", "Closed at")})

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    organisation: Mapped[Organisation] = relationship(info={"label": _lp("supervision", "Office supervised")})

    def __repr__(self) -> str:
        return self.number


class SupervisionStep(CaseOwned, StepRow, Base):
    """One event of the course of an order."""

    __tablename__ = "supervision_step"
    __table_args__ = (
        UniqueConstraint("supervision_id", "seq", name="uq_supervision_step_seq"),
        Index("ix_supervision_step_actor", "actor_id", "id", "supervision_id"),
    )

    supervision_id: Mapped[int] = mapped_column(BigId, ForeignKey("supervision.id"))
