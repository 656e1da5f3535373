"""Data exchange with neighbouring systems: who they are, how their codes read in ours, and every parcel in or out."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, code_text, count, flag, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import OrgOwned, Stamped, Versioned


class Partner(Stamped, Versioned, Base):
    """A neighbouring system that cases are exchanged with."""

    __tablename__ = "partner"

    id: Mapped[intpk]
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[short_text] = mapped_column(unique=True, info={"label": _l("Name")})
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("code", "In use")})

    def __repr__(self) -> str:
        return self.name


class MappedField(LabelledEnum):
    """The fields of the envelope whose codes may differ over there."""

    category = "category", _l("Category")
    channel = "channel", _l("Channel")
    kind = "kind", _l("Kind")
    organisation = "organisation", _l("Organisation")
    state = "state", _l("State")
    result = "result", _l("Result")


class CodeMapping(Stamped, Versioned, Base):
    """One code of ours and what the neighbouring system writes for it."""

    __tablename__ = "code_mapping"
    __table_args__ = (
        enum_check("field", MappedField),
        UniqueConstraint("partner_id", "field", "theirs", name="uq_code_mapping_theirs"),
        Index("ix_code_mapping_ours", "partner_id", "field", "ours"),
    )

    id: Mapped[intpk]
    partner_id: Mapped[int] = mapped_column(BigId, ForeignKey("partner.id"), info={"label": _l("Neighbouring system")})
    field: Mapped[Any] = enum_column(MappedField, info={"label": _lp("mapping", "Field")})
    ours: Mapped[str] = mapped_column(String(64), info={"label": _l("Our code")})
    theirs: Mapped[str] = mapped_column(String(64), info={"label": _l("Their code")})

    partner: Mapped[Partner] = relationship(info={"label": _l("Neighbouring system")})

    def __repr__(self) -> str:
        return f"{self.ours} = {self.theirs}"


class Direction(LabelledEnum):
    """What a parcel is."""

    sent = "sent", _lp("exchange", "Sent"), "info"
    received = "received", _lp("exchange", "Received"), "ok"
    compared = "compared", _lp("exchange", "Compared"), "plain"


class Exchange(OrgOwned, Stamped, Versioned, Base):
    """One parcel: an envelope that left or came in with its receipt, or a list that was compared with ours."""

    __tablename__ = "exchange"
    __table_args__ = (
        enum_check("direction", Direction),
        CheckConstraint("accepted >= 0 AND rejected >= 0 AND accepted + rejected <= records", name="counts"),
        Index("uq_exchange_parcel", "partner_id", "direction", "batch_code", unique=True),
    )

    id: Mapped[intpk]
    partner_id: Mapped[int] = mapped_column(BigId, ForeignKey("partner.id"), info={"label": _l("Neighbouring system")})
    direction: Mapped[Any] = enum_column(Direction, info={"label": _lp("exchange", "Direction"), "stamp": True})
    batch_code: Mapped[short_text] = mapped_column(info={"label": _lp("exchange", "Batch"), "stamp": True})
    sha256: Mapped[hash_text] = mapped_column(info={"label": _l("Hash"), "stamp": True})
    period_from: Mapped[date | None] = mapped_column(info={"label": _l("From"), "stamp": True})
    period_until: Mapped[date | None] = mapped_column(info={"label": _l("Until"), "stamp": True})
    records: Mapped[count] = mapped_column(info={"label": _lp("exchange", "Records"), "stamp": True})
    accepted: Mapped[count] = mapped_column(default=0, info={"label": _lp("exchange", "Accepted"), "stamp": True})
    rejected: Mapped[count] = mapped_column(default=0, info={"label": _lp("exchange", "Rejected"), "stamp": True})
    receipt: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Receipt"), "stamp": True})

    partner: Mapped[Partner] = relationship(info={"label": _l("Neighbouring system")})

    def __repr__(self) -> str:
        return self.batch_code
