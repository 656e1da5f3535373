"""Proposals to other bodies: improve the work, complete a policy, hold an office to account; each with its answer."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, code_text, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.code_table import Category
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.step import StepRow


class ProposalKind(LabelledEnum):
    """What is proposed (信访工作条例 第三十六条 to 第三十八条)."""

    improve_work = "improve_work", _lp("proposal", "Improve the work")
    complete_policy = "complete_policy", _lp("proposal", "Complete a policy")
    hold_to_account = "hold_to_account", _lp("proposal", "Hold to account")


class ProposalState(LabelledEnum):
    """Where a proposal stands."""

    sent = "sent", _lp("proposal", "Awaiting answer"), "info"
    answered = "answered", _lp("proposal", "Answered"), "hold"
    closed = "closed", _lp("proposal", "Closed"), "ok"
    withdrawn = "withdrawn", _lp("proposal", "Withdrawn"), "plain"


class ProposalAnswer(LabelledEnum):
    """What the other body said."""

    adopted = "adopted", _lp("proposal", "Adopted"), "ok"
    partly = "partly", _lp("proposal", "Adopted in part"), "soon"
    declined = "declined", _lp("proposal", "Not adopted"), "late"


class Proposal(OrgOwned, Stamped, Versioned, Base):
    """One proposal: to whom, about which matter or which cause at which place, the day for an answer, the answer."""

    __tablename__ = "proposal"
    __display__ = "number"
    __table_args__ = (
        enum_check("kind", ProposalKind),
        enum_check("state", ProposalState),
        enum_check("outcome", ProposalAnswer, nullable=True),
        CheckConstraint("state NOT IN ('answered', 'closed') OR outcome IS NOT NULL", name="answered_has_outcome"),
        CheckConstraint("(outcome IS NULL) = (answered_on IS NULL)", name="answered_has_day"),
        Index("ix_proposal_state_due", "state", "due_on", "id"),
        Index("ix_proposal_cause", "category_id", "place_id"),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Number"), "stamp": True})
    kind: Mapped[Any] = enum_column(ProposalKind, info={"label": _lp("proposal", "Kind")})
    state: Mapped[Any] = enum_column(ProposalState, info={"label": _l("State"), "stamp": True})
    addressee: Mapped[title_text] = mapped_column(info={"label": _lp("proposal", "To which body")})
    subject: Mapped[title_text] = mapped_column(info={"label": _lp("proposal", "Subject")})
    text: Mapped[str] = mapped_column(String(5000), info={"label": _lp("proposal", "What is proposed"), "long": True})
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("category.id"), info={"label": _l("Category")})
    place_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), index=True, info={"label": _lp("proposal", "Place")}
    )
    sent_on: Mapped[date] = mapped_column(info={"label": _lp("proposal", "Sent on")})
    due_on: Mapped[date] = mapped_column(info={"label": _lp("proposal", "Answer due on")})
    outcome: Mapped[Any] = enum_column(ProposalAnswer, nullable=True, info={"label": _lp("proposal", "Outcome")})
    answer: Mapped[str | None] = mapped_column(
        String(5000), info={"label": _lp("proposal", "Answer"), "long": True, "stamp": True}
    )
    answered_on: Mapped[date | None] = mapped_column(info={"label": _lp("proposal", "Answered on")})

    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})
    category: Mapped[Category | None] = relationship(info={"label": _l("Category")})
    place: Mapped[Organisation | None] = relationship(foreign_keys=[place_id], info={"label": _lp("proposal", "Place")})

    def __repr__(self) -> str:
        return self.number


class ProposalStep(StepRow, Base):
    """One event of a proposal's course."""

    __tablename__ = "proposal_step"
    __table_args__ = (
        UniqueConstraint("proposal_id", "seq", name="uq_proposal_step_seq"),
        Index("ix_proposal_step_actor", "actor_id", "id", "proposal_id"),
    )

    proposal_id: Mapped[int] = mapped_column(BigId, ForeignKey("proposal.id"), info={"label": _l("Proposal")})
