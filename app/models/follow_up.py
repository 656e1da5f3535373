"""Follow-ups 回访 and ratings: solved and satisfied are asked apart; nothing is satisfied by default."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, count, flag, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped
from app.models.party import Party


class FollowUpMode(LabelledEnum):
    """How the party was asked."""

    in_person = "in_person", _l("Face to face")
    phone = "phone", _l("By phone")
    sms = "sms", _l("By SMS")


class Satisfaction(LabelledEnum):
    """What the party says; who does not answer is not rated."""

    satisfied = "satisfied", _lp("rating", "Satisfied"), "ok"
    fairly_satisfied = "fairly_satisfied", _lp("rating", "Fairly satisfied"), "ok"
    dissatisfied = "dissatisfied", _lp("rating", "Dissatisfied"), "late"
    not_rated = "not_rated", _lp("rating", "Not rated"), "plain"


_SCORES = " AND ".join(f"({name} IS NULL OR {name} BETWEEN 1 AND 5)" for name in ("quality", "conduct", "centre"))


class FollowUp(CaseOwned, Stamped, Base):
    """One try to ask one party: reached or not, solved or not, satisfied or not, and what else was said."""

    __tablename__ = "follow_up"
    __indexed__ = ("case_id",)  # by the index of what was said
    __table_args__ = (
        enum_check("mode", FollowUpMode),
        enum_check("satisfied", Satisfaction, nullable=True),
        CheckConstraint("reached = (solved IS NOT NULL)", name="reached_says_solved"),
        CheckConstraint("reached = (satisfied IS NOT NULL)", name="reached_says_satisfied"),
        CheckConstraint(_SCORES, name="scores_one_to_five"),
        CheckConstraint("attempt >= 1", name="attempt_positive"),
        Index("ix_follow_up_at", "at"),
        Index("ix_follow_up_case_satisfied", "case_id", "satisfied"),
    )

    id: Mapped[intpk]
    round: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[count] = mapped_column(info={"label": _l("Try"), "stamp": True})
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    by_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    mode: Mapped[Any] = enum_column(FollowUpMode, info={"label": _l("Way of asking")})
    reached: Mapped[flag] = mapped_column(info={"label": _l("Reached")})
    solved: Mapped[bool | None] = mapped_column(info={"label": _l("Really solved")})
    satisfied: Mapped[Any] = enum_column(Satisfaction, nullable=True, info={"label": _l("Satisfied overall")})
    quality: Mapped[int | None] = mapped_column(info={"label": _l("Quality of handling")})
    conduct: Mapped[int | None] = mapped_column(info={"label": _l("Conduct of the staff")})
    centre: Mapped[int | None] = mapped_column(info={"label": _l("The centre")})
    opinion: Mapped[str | None] = mapped_column(String(2000), info={"label": _l("Opinions and suggestions")})

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    party: Mapped[Party] = relationship(info={"label": _l("Party")})


class Rating(CaseOwned, Stamped, Base):
    """What a party says of the service on the public page; once for a round of a case."""

    __tablename__ = "rating"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("satisfied", Satisfaction),
        CheckConstraint(_SCORES, name="scores_one_to_five"),
        UniqueConstraint("case_id", "round", name="uq_rating_case_round"),
    )

    id: Mapped[intpk]
    round: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})
    satisfied: Mapped[Any] = enum_column(Satisfaction, info={"label": _l("Satisfied overall")})
    quality: Mapped[int | None] = mapped_column(info={"label": _l("Quality of handling")})
    conduct: Mapped[int | None] = mapped_column(info={"label": _l("Conduct of the staff")})
    centre: Mapped[int | None] = mapped_column(info={"label": _l("The centre")})
    opinion: Mapped[str | None] = mapped_column(String(2000), info={"label": _l("Opinions and suggestions")})
