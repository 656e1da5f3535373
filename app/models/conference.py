"""Conferences 会商: several organisations meet on one case, led by the leader in charge."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Column, ForeignKey, Integer, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, flag, intpk, long_text, title_text
from app.core.labels import enum_check, enum_column
from app.models.account import Account
from app.models.mixins import CaseOwned, Stamped
from app.models.organisation import Level, Organisation

conference_organisation = Table(
    "conference_organisation",
    Base.metadata,
    Column("conference_id", BigId, ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation_id", BigId, ForeignKey("organisation.id"), primary_key=True),
)


class Conference(CaseOwned, Stamped, Base):
    """One meeting with its minutes and whether it brought a solution; at least two organisations."""

    __tablename__ = "conference"
    __table_args__ = (enum_check("level", Level),)

    id: Mapped[intpk]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    level: Mapped[Any] = enum_column(Level, info={"label": _l("Level")})
    place: Mapped[title_text | None] = mapped_column(info={"label": _l("Place")})
    chaired_by_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"label": _l("Chaired by")})
    minutes: Mapped[long_text] = mapped_column(info={"label": _lp("meeting", "Minutes")})
    conclusion: Mapped[long_text] = mapped_column(info={"label": _l("Conclusion")})
    solved: Mapped[flag] = mapped_column(default=False, info={"label": _l("A solution was found")})

    chaired_by: Mapped[Account] = relationship(info={"label": _l("Chaired by")})
    organisations: Mapped[list[Organisation]] = relationship(
        secondary=conference_organisation, info={"label": _l("Organisations that met")}
    )
