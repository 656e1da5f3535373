"""Mediations 调解: only with the consent of every side; an agreement may be confirmed by the court."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, flag, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.party import Party
from app.models.signature import Signature


class MediationState(LabelledEnum):
    """How a mediation stands or ended."""

    open = "open", _lp("mediation", "Under way"), "info"
    agreed = "agreed", _lp("mediation", "Agreement reached"), "ok"
    failed = "failed", _lp("mediation", "No agreement"), "plain"
    refused = "refused", _lp("mediation", "A side refused"), "plain"


class Confirmation(LabelledEnum):
    """Whether the court confirmed the agreement (司法确认)."""

    applied = "applied", _lp("confirmation", "Applied for"), "info"
    confirmed = "confirmed", _lp("confirmation", "Confirmed"), "ok"
    rejected = "rejected", _lp("confirmation", "Rejected"), "late"


class Mediation(CaseOwned, Stamped, Versioned, Base):
    """One mediation; its refusal ends it, and the clocks go on."""

    __tablename__ = "mediation"
    __table_args__ = (
        enum_check("state", MediationState),
        enum_check("confirmation", Confirmation, nullable=True),
        CheckConstraint("(state = 'agreed') = (effective_on IS NOT NULL)", name="agreement_has_day"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_moment"),
        CheckConstraint("confirmation IS NULL OR state = 'agreed'", name="only_agreements_confirmed"),
        Index(
            "uq_mediation_open",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[intpk]
    state: Mapped[Any] = enum_column(MediationState, default=MediationState.open, info={"label": _l("State")})
    mediator_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"label": _l("Mediator")})
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Began at")})
    place: Mapped[title_text | None] = mapped_column(info={"label": _l("Place")})
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Ended at")})
    minutes: Mapped[str | None] = mapped_column(String(5000), info={"label": _lp("meeting", "Minutes")})
    agreement: Mapped[str | None] = mapped_column(String(5000), info={"label": _l("Agreement")})
    effective_on: Mapped[date | None] = mapped_column(info={"label": _l("In force from")})
    confirmation: Mapped[Any] = enum_column(Confirmation, nullable=True, info={"label": _l("Judicial confirmation")})
    confirmed_on: Mapped[date | None] = mapped_column(info={"label": _l("Decided on")})

    mediator: Mapped[Account] = relationship(info={"label": _l("Mediator")})
    consents: Mapped[list["MediationConsent"]] = relationship(
        back_populates="mediation", order_by="MediationConsent.id"
    )


class MediationConsent(CaseOwned, Stamped, Base):
    """The consent of one side, or its refusal."""

    __tablename__ = "mediation_consent"
    __table_args__ = (UniqueConstraint("mediation_id", "party_id", name="uq_mediation_consent_party"),)

    id: Mapped[intpk]
    mediation_id: Mapped[int] = mapped_column(BigId, ForeignKey("mediation.id", ondelete="CASCADE"))
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    consents: Mapped[flag] = mapped_column(info={"label": _l("Consents")})
    signature_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("signature.id"))

    mediation: Mapped[Mediation] = relationship(back_populates="consents")
    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    signature: Mapped[Signature | None] = relationship()
