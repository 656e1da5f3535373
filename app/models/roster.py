"""Who is on duty when: one row for one person's shift."""

from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.room import Room


class DutyKind(LabelledEnum):
    """The five rosters of domain §1."""

    leader = "leader", _l("Leader reception")
    adviser = "adviser", _l("Legal adviser")
    mediator = "mediator", _l("Mediator")
    counsellor = "counsellor", _l("Counsellor")
    clerk = "clerk", _l("Reception clerk")


class Shift(OrgOwned, Stamped, Versioned, Base):
    """One person on duty at one centre, from an hour to an hour of one day."""

    __tablename__ = "shift"
    __table_args__ = (
        enum_check("kind", DutyKind),
        CheckConstraint("ends_at > starts_at", name="hours_order"),
        Index("uq_shift_account_start", "account_id", "on", "starts_at", unique=True),
        Index("ix_shift_on", "on", "kind"),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(DutyKind, info={"label": _lp("shift", "Kind")})
    on: Mapped[date] = mapped_column(info={"label": _l("Day")})
    starts_at: Mapped[time] = mapped_column(info={"label": _lp("shift", "From")})
    ends_at: Mapped[time] = mapped_column(info={"label": _lp("shift", "To")})
    account_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"label": _l("Person on duty")})
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"), info={"label": _l("Room")})
    note: Mapped[str | None] = mapped_column(String(200), info={"label": _l("Note")})

    account: Mapped[Account] = relationship(info={"label": _l("Person on duty")})
    room: Mapped[Room | None] = relationship(info={"label": _l("Room")})

    def __repr__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.starts_at:%H:%M}"
