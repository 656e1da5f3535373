"""Rectifications 整改: what follows a low score; reported by the organisation, accepted by a supervisor."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.follow_up import FollowUp
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.organisation import Organisation


class RectificationState(LabelledEnum):
    """Where a rectification stands."""

    ordered = "ordered", _lp("rectification", "Ordered"), "soon"
    reported = "reported", _lp("rectification", "Reported"), "info"
    accepted = "accepted", _lp("rectification", "Accepted"), "ok"


rectification_evidence = Table(
    "rectification_evidence",
    Base.metadata,
    Column("rectification_id", BigId, ForeignKey("rectification.id", ondelete="CASCADE"), primary_key=True),
    Column("attachment_id", BigId, ForeignKey("attachment.id"), primary_key=True),
)


class Rectification(CaseOwned, Stamped, Versioned, Base):
    """One order to mend what the party was not content with: cause, owner, day, evidence, acceptance."""

    __tablename__ = "rectification"
    __table_args__ = (
        enum_check("state", RectificationState),
        CheckConstraint("state = 'ordered' OR report IS NOT NULL", name="reported_has_text"),
        CheckConstraint("(state = 'accepted') = (accepted_by_id IS NOT NULL)", name="accepted_by_somebody"),
        CheckConstraint("accepted_by_id IS NULL OR accepted_by_id <> reported_by_id", name="accepted_by_another"),
        Index(
            "uq_rectification_open",
            "case_id",
            unique=True,
            sqlite_where=text("state <> 'accepted'"),
            postgresql_where=text("state <> 'accepted'"),
        ),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Number"), "stamp": True})
    round: Mapped[int] = mapped_column(default=1)
    follow_up_id: Mapped[int] = mapped_column(BigId, ForeignKey("follow_up.id"))
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), index=True, info={"label": _l("Organisation that rectifies")}
    )
    state: Mapped[Any] = enum_column(
        RectificationState, default=RectificationState.ordered, info={"label": _l("State"), "stamp": True}
    )
    cause: Mapped[str] = mapped_column(String(2000), info={"label": _l("Cause")})
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Ordered at")})
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due on")})
    report: Mapped[str | None] = mapped_column(String(5000), info={"label": _l("What was mended")})
    reported_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Reported at")})
    accepted_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Accepted at")})

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    follow_up: Mapped[FollowUp] = relationship()
    organisation: Mapped[Organisation] = relationship(info={"label": _l("Organisation that rectifies")})
    evidence: Mapped[list[Attachment]] = relationship(secondary=rectification_evidence, info={"label": _l("Evidence")})

    def __repr__(self) -> str:
        return self.number
