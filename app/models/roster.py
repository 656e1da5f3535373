"""Who is on duty when: one row for one person's shift."""

from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, flag, intpk
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
    """One person on duty at one centre, from an hour to an hour of one day; a draft may have a gap: it is that
    person's turn, who cannot come, and nobody is found yet.

    Only published shifts count. The migration makes it impossible that a person has two shifts that overlap: by an
    exclusion constraint on PostgreSQL, by triggers on SQLite; a gap holds nobody.
    `instead_of` is whose turn it was by the rule. `held_note` is what was confirmed of a leader's session to which
    nobody came."""

    __tablename__ = "shift"
    __table_args__ = (
        enum_check("kind", DutyKind),
        CheckConstraint("ends_at > starts_at", name="hours_order"),
        CheckConstraint("NOT (gap AND published)", name="published_has_person"),
        Index("ix_shift_account_on", "account_id", "on"),
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
    published: Mapped[flag] = mapped_column(
        default=True, server_default=true(), info={"label": _lp("shift", "Published"), "stamp": True}
    )
    gap: Mapped[flag] = mapped_column(
        default=False, server_default=false(), info={"label": _lp("shift", "Nobody yet"), "stamp": True}
    )
    roster_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("roster.id"), index=True, info={"label": _l("Monthly roster"), "stamp": True}
    )
    rule_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("roster_rule.id"), index=True, info={"label": _l("Roster rule"), "stamp": True}
    )
    instead_of_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), info={"label": _lp("shift", "In place of"), "stamp": True}
    )

    held_note: Mapped[str | None] = mapped_column(
        String(200), info={"label": _lp("shift", "Held though nobody came"), "stamp": True}
    )
    held_by_id: Mapped[int | None] = mapped_column(BigId, info={"label": _lp("shift", "Confirmed by"), "stamp": True})

    account: Mapped[Account] = relationship(foreign_keys=[account_id], info={"label": _l("Person on duty")})
    instead_of: Mapped[Account | None] = relationship(
        foreign_keys=[instead_of_id], info={"label": _lp("shift", "In place of"), "stamp": True}
    )
    room: Mapped[Room | None] = relationship(info={"label": _l("Room")})

    @property
    def choice_label(self) -> str:
        """How a drop-down calls the shift: who, when."""
        return f"{self.account.first_name} {self.on:%Y-%m-%d} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def __repr__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.starts_at:%H:%M}"
