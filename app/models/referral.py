"""Referrals: a case handed to organisations, each with its own due date."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.organisation import Organisation


class ReferralKind(LabelledEnum):
    """In what capacity an organisation received the case."""

    lead = "lead", _l("Lead")
    co = "co", _l("Co-organisation")


class ReferralState(LabelledEnum):
    """Where a referral stands."""

    sent = "sent", _l("Awaiting signature"), "soon"
    signed = "signed", _l("Signed for"), "info"
    objected = "objected", _l("Objected"), "hold"
    ended = "ended", _lp("referral", "Ended"), "plain"


class Referral(CaseOwned, Stamped, Versioned, Base):
    """A case handed to an organisation, with its own due date."""

    __tablename__ = "referral"
    __table_args__ = (
        enum_check("kind", ReferralKind),
        enum_check("state", ReferralState),
        Index("ix_referral_organisation_case", "organisation_id", "case_id"),
        Index(
            "uq_referral_open_lead",
            "case_id",
            unique=True,
            sqlite_where=sql_text("kind = 'lead' AND state <> 'ended'"),
            postgresql_where=sql_text("kind = 'lead' AND state <> 'ended'"),
        ),
    )

    id: Mapped[intpk]
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Organisation")}
    )
    kind: Mapped[Any] = enum_column(ReferralKind, info={"label": _l("Capacity")})
    state: Mapped[Any] = enum_column(
        ReferralState, default=ReferralState.sent, info={"label": _l("State"), "stamp": True}
    )
    sent_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, info={"label": _l("Sent at"), "stamp": True}
    )
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Signed for at"), "stamp": True})
    signed_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"stamp": True})
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due on")})
    objection_due_on: Mapped[date | None] = mapped_column(info={"label": _l("Last day to object"), "stamp": True})
    note: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Note")})

    case: Mapped[Case] = relationship(back_populates="referrals", info={"label": _l("Case")})
    organisation: Mapped[Organisation] = relationship(info={"label": _l("Organisation")})
