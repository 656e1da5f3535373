"""Secret addresses: a calendar of a room or a person, and the display on the wall; each can be revoked."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, hash_text, intpk, moment
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.room import Room


class FeedKind(LabelledEnum):
    """What an address leads to."""

    person = "person", _l("My own calendar")
    room = "room", _l("Calendar of a room")
    wall = "wall", _l("Wall display")


class FeedAddress(Base):
    """A secret address of one account; whoever has it sees what that account sees, until it is revoked."""

    __tablename__ = "feed_address"
    __table_args__ = (
        enum_check("kind", FeedKind),
        CheckConstraint("(kind = 'room') = (room_id IS NOT NULL)", name="room_of_a_room"),
    )

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True, info={"label": _l("Account")}
    )
    kind: Mapped[Any] = enum_column(FeedKind, info={"label": _lp("feed", "Kind")})
    room_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("room.id", ondelete="CASCADE"), index=True, info={"label": _l("Room")}
    )
    token_hash: Mapped[hash_text] = mapped_column(unique=True, info={"secret": True})
    made_at: Mapped[moment] = mapped_column(default=clock.now, info={"label": _l("Created at")})
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Revoked at")})

    room: Mapped[Room | None] = relationship(info={"label": _l("Room")})
