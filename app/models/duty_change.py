"""What changes a published roster: swaps, substitutes, leave, taking over on the spot; and the course of each."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.roster import Shift
from app.models.step import StepRow


class ChangeKind(LabelledEnum):
    """What is asked for."""

    swap = "swap", _l("Swap")
    substitute = "substitute", _l("Substitute")
    leave = "leave", _lp("duty change", "Leave")
    takeover = "takeover", _l("Taken over on the spot")


class ChangeState(LabelledEnum):
    """Where it stands."""

    asked = "asked", _lp("duty change", "Asked"), "soon"
    agreed = "agreed", _lp("duty change", "Agreed, to be approved"), "soon"
    approved = "approved", _lp("duty change", "Approved"), "ok"
    declined = "declined", _lp("duty change", "Declined"), "plain"
    refused = "refused", _lp("duty change", "Refused"), "late"
    withdrawn = "withdrawn", _lp("duty change", "Withdrawn"), "plain"


class DutyChange(OrgOwned, Stamped, Versioned, Base):
    """One request: `account` gives a shift away (for another one in a swap), or is away from a day until a day."""

    __tablename__ = "duty_change"
    __table_args__ = (
        enum_check("kind", ChangeKind),
        enum_check("state", ChangeState),
        CheckConstraint("(kind = 'leave') = (shift_id IS NULL)", name="shift_unless_leave"),
        CheckConstraint("(kind = 'leave') = (other_id IS NULL)", name="other_unless_leave"),
        CheckConstraint("(kind = 'leave') = (first_on IS NOT NULL AND last_on IS NOT NULL)", name="leave_has_days"),
        CheckConstraint("(kind = 'swap') = (other_shift_id IS NOT NULL)", name="swap_has_two"),
        CheckConstraint("last_on >= first_on", name="days_order"),
        CheckConstraint("other_id <> account_id", name="two_people"),
        Index("ix_duty_change_account", "account_id", "state", "first_on", "last_on"),
        Index("ix_duty_change_other", "other_id", "state"),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(ChangeKind, info={"label": _l("What is asked for")})
    state: Mapped[Any] = enum_column(ChangeState, info={"label": _l("State"), "stamp": True})
    account_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _lp("duty change", "Who asks"), "stamp": True}
    )
    shift_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("shift.id"), index=True, info={"label": _l("My shift")}
    )
    other_shift_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("shift.id"), index=True, info={"label": _l("In exchange for")}
    )
    other_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"label": _l("Who steps in")})
    first_on: Mapped[date | None] = mapped_column(info={"label": _lp("duty change", "First day")})
    last_on: Mapped[date | None] = mapped_column(info={"label": _lp("duty change", "Last day")})
    reason: Mapped[str | None] = mapped_column(String(200), info={"label": _l("Reason")})

    account: Mapped[Account] = relationship(
        foreign_keys=[account_id], info={"label": _lp("duty change", "Who asks"), "stamp": True}
    )
    other: Mapped[Account | None] = relationship(foreign_keys=[other_id], info={"label": _l("Who steps in")})
    shift: Mapped[Shift | None] = relationship(foreign_keys=[shift_id], info={"label": _l("My shift")})
    other_shift: Mapped[Shift | None] = relationship(
        foreign_keys=[other_shift_id], info={"label": _l("In exchange for")}
    )

    def __repr__(self) -> str:
        return f"{self.kind.label}"


class DutyStep(StepRow, Base):
    """One event of the course of a request."""

    __tablename__ = "duty_step"
    __table_args__ = (
        UniqueConstraint("change_id", "seq", name="uq_duty_step_change_seq"),
        Index("ix_duty_step_actor", "actor_id", "id", "change_id"),
    )

    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("duty_change.id"))
