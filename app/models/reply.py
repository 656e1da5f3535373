"""Reply versions: each answers every claim, is checked and approved by others than its drafter, and never changes."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, count, flag, intpk, long_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.party import Claim, ClaimResult, Party
from app.models.signature import Signature


class ReplyState(LabelledEnum):
    """Where a version of the reply stands."""

    checking = "checking", _l("Awaits the check of the organisation"), "info"
    checked = "checked", _l("Awaits approval"), "info"
    returned = "returned", _l("Returned"), "hold"
    approved = "approved", _lp("reply", "Approved"), "ok"
    replaced = "replaced", _l("Replaced by a new version"), "plain"


reply_evidence = Table(
    "reply_evidence",
    Base.metadata,
    Column("reply_id", BigId, ForeignKey("reply.id", ondelete="CASCADE"), primary_key=True),
    Column("attachment_id", BigId, ForeignKey("attachment.id"), primary_key=True),
)


class Reply(CaseOwned, Stamped, Versioned, Base):
    """One version of the written reply 答复意见; what was approved is never edited, a new version follows."""

    __tablename__ = "reply"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("state", ReplyState),
        UniqueConstraint("case_id", "number", name="uq_reply_case_number"),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> drafted_by_id", name="checker_is_another"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> drafted_by_id", name="approver_is_another"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> checked_by_id", name="two_persons_approve"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_somebody"),
        CheckConstraint("state <> 'approved' OR approved_at IS NOT NULL OR on_spot", name="approved_has_moment"),
    )

    id: Mapped[intpk]
    number: Mapped[count] = mapped_column(info={"label": _l("Reply version")})
    round: Mapped[int] = mapped_column(default=1, info={"label": _l("Round")})
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Organisation that replies")}
    )
    state: Mapped[Any] = enum_column(ReplyState, default=ReplyState.checking, info={"label": _l("State")})
    on_spot: Mapped[flag] = mapped_column(  # agreed with the parties at once: it stands by their signatures
        default=False, info={"label": _l("Settled on the spot")}
    )
    findings: Mapped[long_text] = mapped_column(
        info={"label": _l("Findings"), "help": _l("What was found out, in which way.")}
    )
    basis: Mapped[long_text] = mapped_column(
        info={"label": _l("Basis"), "help": _l("The laws, rules and facts on which the reply rests.")}
    )
    drafted_by_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Drafted at")})
    checked_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Checked at")})
    approved_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Approved at")})

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    organisation: Mapped[Organisation] = relationship(info={"label": _l("Organisation that replies")})
    points: Mapped[list["ReplyPoint"]] = relationship(
        back_populates="reply", order_by="ReplyPoint.number", info={"label": _l("Points of the reply")}
    )
    evidence: Mapped[list[Attachment]] = relationship(secondary=reply_evidence, info={"label": _l("Evidence")})

    def __repr__(self) -> str:
        return f"v{self.number}"


class ReplyPoint(CaseOwned, Stamped, Base):
    """What the reply says to one claim: its result, whether it is resolved, and why."""

    __tablename__ = "reply_point"
    __table_args__ = (
        enum_check("result", ClaimResult),
        UniqueConstraint("reply_id", "number", name="uq_reply_point_reply_number"),
        UniqueConstraint("reply_id", "claim_id", name="uq_reply_point_reply_claim"),
    )

    id: Mapped[intpk]
    reply_id: Mapped[int] = mapped_column(BigId, ForeignKey("reply.id", ondelete="CASCADE"))
    claim_id: Mapped[int] = mapped_column(BigId, ForeignKey("claim.id"), index=True, info={"label": _l("Claim")})
    number: Mapped[count] = mapped_column(info={"label": _l("No.")})
    result: Mapped[Any] = enum_column(ClaimResult, info={"label": _l("Result")})
    resolved: Mapped[flag] = mapped_column(info={"label": _l("Resolved")})
    text: Mapped[long_text] = mapped_column(info={"label": _l("Answer")})

    reply: Mapped[Reply] = relationship(back_populates="points")
    claim: Mapped[Claim] = relationship(info={"label": _l("Claim")})


class Acknowledgement(CaseOwned, Stamped, Base):
    """A party signs for a reply and says whether he or she is satisfied; silence never stands here."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("reply_id", "party_id", name="uq_acknowledgement_reply_party"),)

    id: Mapped[intpk]
    reply_id: Mapped[int] = mapped_column(BigId, ForeignKey("reply.id"))
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    satisfied: Mapped[flag] = mapped_column(info={"label": _l("Satisfied")})
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    signature_id: Mapped[int] = mapped_column(BigId, ForeignKey("signature.id"))

    reply: Mapped[Reply] = relationship()
    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    signature: Mapped[Signature] = relationship(info={"label": _l("Signature")})
