"""A time kept for a few minutes for somebody on the public page, while name and telephone are typed."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, hash_text, intpk, moment
from app.core.labels import enum_check, enum_column
from app.models.booking import Purpose
from app.models.room import PublicService, Room

PURPOSES = {
    PublicService.legal_consultation: Purpose.legal_consultation,
    PublicService.counselling: Purpose.counselling,
    PublicService.visit: Purpose.other,
}


class PublicHold(Base):
    """Room and adviser or counsellor, kept until `expires_at`; afterwards it becomes a booking, or lets go."""

    __tablename__ = "public_hold"
    __table_args__ = (
        enum_check("service", PublicService),
        CheckConstraint("ends_at > starts_at", name="time_order"),
        Index("ix_public_hold_room", "room_id", "expires_at"),
        Index("ix_public_hold_address", "address_hash", "made_at"),
    )

    id: Mapped[intpk]
    token_hash: Mapped[hash_text] = mapped_column(unique=True, info={"secret": True})
    address_hash: Mapped[hash_text] = mapped_column(info={"secret": True})
    service: Mapped[Any] = enum_column(PublicService, info={"label": _lp("booking", "Purpose")})
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("room.id", ondelete="CASCADE"), info={"label": _l("Room")})
    account_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True, info={"label": _l("Taking part")}
    )
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "From")})
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "Until")})
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _lp("booking", "Kept until")})
    made_at: Mapped[moment] = mapped_column(default=clock.now, info={"label": _l("Created at")})
    booking_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("booking.id", ondelete="CASCADE"), index=True, info={"label": _l("Booking")}
    )

    room: Mapped[Room] = relationship(info={"label": _l("Room")})
