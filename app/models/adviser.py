"""Law firms and the legal advisers who sit in the centres."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, code_text, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.mixins import OrgOwned, Stamped, Versioned


class AdviserKind(LabelledEnum):
    """The three kinds of the article."""

    law_scholar = "law_scholar", _l("Law scholar")
    lawyer = "lawyer", _l("Lawyer")
    legal_worker = "legal_worker", _l("Legal worker")


class LawFirm(Stamped, Versioned, Base):
    """A law firm or legal service office."""

    __tablename__ = "law_firm"

    id: Mapped[intpk]
    name: Mapped[title_text] = mapped_column(unique=True, info={"label": _l("Name")})
    licence: Mapped[code_text | None] = mapped_column(unique=True, info={"label": _l("Licence number")})
    contact: Mapped[short_text | None] = mapped_column(info={"label": _l("Contact")})
    phone: Mapped[code_text | None] = mapped_column(info={"label": _l("Telephone")})
    address: Mapped[title_text | None] = mapped_column(info={"label": _l("Address")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("law firm", "Active")})

    def __repr__(self) -> str:
        return self.name


class LegalAdviser(OrgOwned, Stamped, Versioned, Base):
    """A legal adviser appointed by a centre."""

    __tablename__ = "legal_adviser"
    __table_args__ = (
        enum_check("kind", AdviserKind),
        CheckConstraint("appointed_until >= appointed_from", name="appointment_order"),
    )

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(index=True, info={"label": _lp("person", "Name")})
    pinyin: Mapped[str] = mapped_column(String(200), default="", info={"label": _l("Pinyin initials"), "stamp": True})
    kind: Mapped[Any] = enum_column(AdviserKind, info={"label": _lp("adviser", "Kind")})
    firm_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("law_firm.id"), info={"label": _l("Law firm")})
    licence: Mapped[code_text | None] = mapped_column(unique=True, info={"label": _l("Licence number")})
    specialty: Mapped[title_text | None] = mapped_column(info={"label": _l("Specialty")})
    phone: Mapped[str | None] = mapped_column(
        EncryptedText("adviser.phone"), info={"label": _l("Phone"), "mask": "phone"}
    )
    introduction: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Introduction")})
    appointed_from: Mapped[date] = mapped_column(info={"label": _l("Appointed from")})
    appointed_until: Mapped[date] = mapped_column(info={"label": _l("Appointed until")})
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("adviser", "In service")})
    account_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), unique=True, info={"label": _l("Account")}
    )

    firm: Mapped[LawFirm | None] = relationship(info={"label": _l("Law firm")})
    account: Mapped[Account | None] = relationship(info={"label": _l("Account")})

    def __repr__(self) -> str:
        return self.name
