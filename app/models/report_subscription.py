"""Reports that people have sent to their inbox, and which of them were delivered."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import Stamped
from app.models.organisation import Organisation


class Rhythm(LabelledEnum):
    """How often a report comes."""

    weekly = "weekly", _lp("rhythm", "Every Monday, of the week before")
    monthly = "monthly", _lp("rhythm", "On the first of each month, of the month before")


class ReportForm(LabelledEnum):
    """What the message leads to."""

    page = "page", _lp("report", "The page of the statistics")
    paper = "paper", _lp("report", "The report on A4, with Word and PDF")


class ReportSubscription(Stamped, Base):
    """That an account has the report of an organisation sent; nothing of the report itself is kept."""

    __tablename__ = "report_subscription"
    __indexed__ = ("user_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("rhythm", Rhythm),
        enum_check("form", ReportForm),
        UniqueConstraint("user_id", "rhythm", "organisation_id", "form", name="uq_report_subscription_once"),
    )

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), info={"label": _l("Account")}
    )
    rhythm: Mapped[Any] = enum_column(Rhythm, info={"label": _lp("report", "When")})
    form: Mapped[Any] = enum_column(ReportForm, info={"label": _lp("report", "What")})
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), index=True, info={"label": _l("Organisation")}
    )

    organisation: Mapped[Organisation] = relationship(info={"label": _l("Organisation")})

    def __repr__(self) -> str:
        return str(self.rhythm.label)


class ReportDelivery(Base):
    """That the report of one period was told of; the constraint lets it happen once, however many runners there are."""

    __tablename__ = "report_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "since", name="uq_report_delivery_period"),
        CheckConstraint("until >= since", name="period_in_order"),
    )

    id: Mapped[intpk]
    subscription_id: Mapped[int] = mapped_column(BigId, ForeignKey("report_subscription.id", ondelete="CASCADE"))
    since: Mapped[date]
    until: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
