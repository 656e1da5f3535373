"""Hearings 听证: on a case, or before a decision (事前听证); called at least seven days before.

Those on a case move on by its steps; one before a decision has a flow of its own (workflow/hearing_flow.py)."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, count, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.case import Case
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.step import StepRow


class HearingKind(LabelledEnum):
    """On what a hearing is held."""

    case = "case", _lp("hearing", "On a case")
    decision = "decision", _lp("hearing", "Before a decision")


class HearingState(LabelledEnum):
    """Where a hearing stands."""

    called = "called", _lp("hearing", "Called"), "info"
    held = "held", _lp("hearing", "Held"), "soon"
    concluded = "concluded", _lp("hearing", "Concluded"), "ok"
    cancelled = "cancelled", _lp("hearing", "Cancelled"), "plain"


class HowChosen(LabelledEnum):
    """How somebody came to take part."""

    drawn = "drawn", _lp("participant", "Drawn by lot")
    registered = "registered", _lp("participant", "Registered")
    elected = "elected", _lp("participant", "Elected")
    invited = "invited", _lp("participant", "Invited")
    concerned = "concerned", _lp("participant", "Concerned")


class MinutesSigned(LabelledEnum):
    """What somebody did when the minutes were read out."""

    screen = "screen", _l("Signed on the screen"), "ok"
    paper = "paper", _lp("minutes", "Signed on paper"), "ok"
    refused = "refused", _lp("minutes", "Did not sign"), "late"


class Hearing(OrgOwned, Stamped, Versioned, Base):
    """One hearing with its notice, participants and minutes."""

    __tablename__ = "hearing"
    __table_args__ = (
        enum_check("kind", HearingKind),
        enum_check("state", HearingState),
        CheckConstraint("(kind = 'case') = (case_id IS NOT NULL)", name="case_is_named"),
        CheckConstraint("state NOT IN ('held', 'concluded') OR minutes IS NOT NULL", name="held_has_minutes"),
        CheckConstraint("state <> 'concluded' OR conclusion IS NOT NULL", name="concluded_says_what"),
        Index("ix_hearing_held_at", "held_at"),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(HearingKind, info={"label": _lp("hearing", "Kind")})
    state: Mapped[Any] = enum_column(HearingState, default=HearingState.called, info={"label": _l("State")})
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    subject: Mapped[title_text] = mapped_column(info={"label": _l("Subject")})
    noticed_on: Mapped[date] = mapped_column(info={"label": _l("Notice given on")})
    held_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"label": _l("Date and time")})
    place: Mapped[title_text | None] = mapped_column(info={"label": _l("Place")})
    chaired_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _l("Chaired by")}
    )
    chosen_how: Mapped[str | None] = mapped_column(String(500), info={"label": _l("How participants were chosen")})
    attendance: Mapped[count | None] = mapped_column(info={"label": _lp("meeting", "Persons who came")})
    minutes: Mapped[str | None] = mapped_column(String(10000), info={"label": _lp("meeting", "Minutes")})
    conclusion: Mapped[str | None] = mapped_column(
        String(5000), info={"label": _lp("hearing", "Conclusion"), "stamp": True}
    )
    concluded_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("hearing", "Concluded at"), "stamp": True}
    )
    reason: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason"), "stamp": True})

    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})
    chaired_by: Mapped[Account | None] = relationship(info={"label": _l("Chaired by")})
    participants: Mapped[list["HearingParticipant"]] = relationship(
        back_populates="hearing", order_by="HearingParticipant.id", info={"label": _l("Participants")}
    )
    opinions: Mapped[list["HearingOpinion"]] = relationship(
        back_populates="hearing", order_by="HearingOpinion.id", info={"label": _l("Opinions")}
    )

    def __repr__(self) -> str:
        return self.subject


class HearingStep(StepRow, Base):
    """One event of the course of a hearing before a decision."""

    __tablename__ = "hearing_step"
    __table_args__ = (UniqueConstraint("hearing_id", "seq", name="uq_hearing_step_hearing_seq"),)

    hearing_id: Mapped[int] = mapped_column(BigId, ForeignKey("hearing.id"), info={"label": _lp("hearing", "Hearing")})


class HearingParticipant(Stamped, Base):
    """Somebody who took part: in what capacity, how chosen, and whether he or she signed the minutes."""

    __tablename__ = "hearing_participant"
    __table_args__ = (
        enum_check("chosen", HowChosen, nullable=True),
        enum_check("signed", MinutesSigned, nullable=True),
        CheckConstraint("signed <> 'screen' OR strokes IS NOT NULL", name="screen_has_strokes"),
        CheckConstraint("signed <> 'refused' OR sign_note IS NOT NULL", name="refusal_has_reason"),
    )

    id: Mapped[intpk]
    hearing_id: Mapped[int] = mapped_column(BigId, ForeignKey("hearing.id", ondelete="CASCADE"), index=True)
    name: Mapped[short_text] = mapped_column(info={"label": _lp("person", "Name")})
    capacity: Mapped[short_text | None] = mapped_column(info={"label": _l("Capacity")})
    chosen: Mapped[Any | None] = enum_column(HowChosen, info={"label": _l("How chosen")})
    signed: Mapped[Any | None] = enum_column(MinutesSigned, info={"label": _l("Signature")})
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Signed at")})
    strokes: Mapped[str | None] = mapped_column(EncryptedText("hearing.strokes"), info={"secret": True})
    sign_note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})

    hearing: Mapped[Hearing] = relationship(back_populates="participants")


class HearingOpinion(Stamped, Versioned, Base):
    """An opinion voiced, and whether it was adopted; if not, why."""

    __tablename__ = "hearing_opinion"
    __table_args__ = (CheckConstraint("adopted IS NOT FALSE OR reason IS NOT NULL", name="rejection_has_reason"),)

    id: Mapped[intpk]
    hearing_id: Mapped[int] = mapped_column(BigId, ForeignKey("hearing.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(2000), info={"label": _l("Opinion")})
    adopted: Mapped[bool | None] = mapped_column(info={"label": _l("Adopted")})
    reason: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Reason")})

    hearing: Mapped[Hearing] = relationship(back_populates="opinions")
