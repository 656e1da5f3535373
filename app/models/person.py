"""Persons as the desk knows them; number, phone and address are kept encrypted (security G2)."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedText
from app.core.db import Base, code_text, flag, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import OrgOwned, Stamped, Versioned


class Sex(LabelledEnum):
    """Derived from the ID number where there is one."""

    male = "male", _l("Male")
    female = "female", _l("Female")


class IdType(LabelledEnum):
    """The paper a person shows."""

    id_card = "id_card", _l("Resident identity card")
    residence_permit = "residence_permit", _l("Residence permit")
    passport = "passport", _l("Passport")
    officer_card = "officer_card", _l("Officer card")
    none = "none", _l("No paper")


class Person(OrgOwned, Stamped, Versioned, Base):
    """Somebody in a case. Looked up by keyed hashes only; shown masked; revealed with a reason, and audited."""

    __tablename__ = "person"
    __table_args__ = (
        enum_check("sex", Sex, nullable=True),
        enum_check("id_type", IdType),
        Index("ix_person_id_number_hash", "id_number_hash"),
        Index("ix_person_phone_hash", "phone_hash"),
        Index("ix_person_phone_tail_hash", "phone_tail_hash"),
    )

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(index=True, info={"label": _lp("person", "Name")})
    pinyin: Mapped[str] = mapped_column(String(200), default="", info={"label": _l("Pinyin initials"), "stamp": True})
    sex: Mapped[Any] = enum_column(Sex, nullable=True, info={"label": _l("Sex")})
    birth: Mapped[date | None] = mapped_column(info={"label": _l("Birthday")})
    ethnic: Mapped[code_text | None] = mapped_column(info={"label": _l("Ethnic group")})
    id_type: Mapped[Any] = enum_column(IdType, default=IdType.none, info={"label": _l("ID type")})
    id_number: Mapped[str | None] = mapped_column(
        EncryptedText("person.id_number"), info={"label": _l("ID number"), "mask": "id"}
    )
    id_number_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True})
    phone: Mapped[str | None] = mapped_column(
        EncryptedText("person.phone"), info={"label": _l("Phone"), "mask": "phone"}
    )
    phone_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True})
    phone_tail_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True})
    address: Mapped[str | None] = mapped_column(
        EncryptedText("person.address"), info={"label": _l("Address"), "mask": "address"}
    )
    employer: Mapped[title_text | None] = mapped_column(info={"label": _l("Employer")})
    unverified: Mapped[flag] = mapped_column(
        default=False,
        info={"label": _l("To be verified"), "help": _l("The ID number could not be checked at the desk.")},
    )

    def __repr__(self) -> str:
        return self.name
