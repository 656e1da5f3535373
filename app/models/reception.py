"""Leader receptions: a leader on the roster receives the parties and keeps the case until it ends (一站到底)."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, count, flag, intpk, long_text, title_text
from app.models.account import Account
from app.models.mixins import CaseOwned, Stamped
from app.models.roster import Shift


class LeaderReception(CaseOwned, Stamped, Base):
    """One reception by one leader within one of his or her shifts."""

    __tablename__ = "leader_reception"
    __table_args__ = (
        CheckConstraint("head_count >= 1", name="head_count_positive"),
        Index("ix_leader_reception_at", "at"),
    )

    id: Mapped[intpk]
    leader_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"), index=True, info={"label": _l("Leader")})
    shift_id: Mapped[int] = mapped_column(BigId, ForeignKey("shift.id"), index=True, info={"label": _l("Shift")})
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    video: Mapped[flag] = mapped_column(default=False, info={"label": _l("By video")})
    head_count: Mapped[count] = mapped_column(default=1, info={"label": _l("Persons who came")})
    said: Mapped[long_text] = mapped_column(info={"label": _l("What the parties said")})
    instruction: Mapped[long_text] = mapped_column(info={"label": _l("What the leader instructed")})
    settled: Mapped[flag] = mapped_column(default=False, info={"label": _l("Settled on the spot")})
    recording: Mapped[title_text | None] = mapped_column(info={"label": _l("Recording")})

    leader: Mapped[Account] = relationship(info={"label": _l("Leader")})
    shift: Mapped[Shift] = relationship(info={"label": _l("Shift")})
