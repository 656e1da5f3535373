"""Deadlines counted anew: why, and which of them moved from which day to which."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, count, flag, intpk, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import CaseOwned, Stamped


class RecountCause(LabelledEnum):
    """What made the days be counted anew."""

    calendar = "calendar", _lp("recount", "The calendar changed"), "info"
    rule = "rule", _lp("recount", "A rule changed"), "info"
    suspension = "suspension", _lp("recount", "Suspended"), "hold"
    resumption = "resumption", _lp("recount", "Resumed"), "ok"
    extension = "extension", _lp("recount", "Extension granted"), "soon"


class Recount(Stamped, Base):
    """One count anew, of one case or of all that run; `moved` fell on another day, `settled` only became certain."""

    __tablename__ = "recount"
    __table_args__ = (enum_check("cause", RecountCause),)

    id: Mapped[intpk]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    cause: Mapped[Any] = enum_column(RecountCause, info={"label": _lp("recount", "Cause")})
    subject: Mapped[title_text] = mapped_column(info={"label": _lp("recount", "What changed")})
    moved: Mapped[count] = mapped_column(default=0, info={"label": _lp("recount", "Moved")})
    settled: Mapped[count] = mapped_column(
        default=0, info={"label": _lp("recount", "Only certain, or provisional, from now on")}
    )

    moves: Mapped[list["DeadlineMove"]] = relationship(back_populates="recount", order_by="DeadlineMove.id")

    def __repr__(self) -> str:
        return f"{clock.local(self.at):%Y-%m-%d %H:%M} {self.subject}"


class DeadlineMove(CaseOwned, Base):
    """One deadline that was counted anew: its day before and afterwards, and why that day."""

    __tablename__ = "deadline_move"

    id: Mapped[intpk]
    recount_id: Mapped[int] = mapped_column(BigId, ForeignKey("recount.id"), index=True)
    deadline_id: Mapped[int] = mapped_column(BigId, ForeignKey("deadline.id", ondelete="CASCADE"), index=True)
    number: Mapped[code_text] = mapped_column(info={"label": _l("Number")})
    code: Mapped[code_text] = mapped_column(info={"label": _l("Deadline")})
    before_on: Mapped[date] = mapped_column(info={"label": _lp("recount", "Day before")})
    after_on: Mapped[date] = mapped_column(info={"label": _lp("recount", "Day now")})
    before_provisional: Mapped[flag] = mapped_column(default=False, info={"label": _lp("recount", "Was provisional")})
    provisional: Mapped[flag] = mapped_column(default=False, info={"label": _l("Provisional")})
    why: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Reckoning")})

    recount: Mapped[Recount] = relationship(back_populates="moves", info={"label": _lp("recount", "Count anew")})

    def __repr__(self) -> str:
        return f"{self.number} {self.code}"
