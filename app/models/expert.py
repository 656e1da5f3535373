"""The expert pool: who may be asked to review, in which field, and what stands in the way."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.code_table import CodeItem
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.person import Person


class ExpertCategory(LabelledEnum):
    """The seven kinds of experts (domain §1)."""

    congress_deputy = "congress_deputy", _l("People's congress deputy")
    cppcc_member = "cppcc_member", _l("CPPCC member")
    party_delegate = "party_delegate", _l("Party delegate")
    legal_adviser = "legal_adviser", _l("Legal adviser")
    department_head = "department_head", _l("Head of department")
    scholar = "scholar", _l("Scholar")
    other = "other", _lp("expert", "Other")


class ExpertStatus(LabelledEnum):
    """Whether an expert can be asked now."""

    serving = "serving", _lp("expert", "In service"), "ok"
    leave = "leave", _l("On leave"), "hold"
    ended = "ended", _lp("expert", "Ended"), "plain"


expert_specialty = Table(
    "expert_specialty",
    Base.metadata,
    Column("expert_id", BigId, ForeignKey("expert.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", BigId, ForeignKey("code_item.id"), primary_key=True),
)


class Expert(OrgOwned, Stamped, Versioned, Base):
    """A member of the pool. `organisation` is the pool: a town's own team, or the city pool."""

    __tablename__ = "expert"
    __table_args__ = (
        enum_check("category", ExpertCategory),
        enum_check("status", ExpertStatus),
        CheckConstraint("appointed_until >= appointed_from", name="appointment_order"),
        Index("uq_expert_photo", "photo_key", unique=True),
    )

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(index=True, info={"label": _lp("person", "Name")})
    pinyin: Mapped[str] = mapped_column(String(200), default="", info={"label": _l("Pinyin initials"), "stamp": True})
    category: Mapped[Any] = enum_column(ExpertCategory, info={"label": _lp("expert", "Category")})
    title: Mapped[short_text | None] = mapped_column(info={"label": _lp("person", "Professional title")})
    phone: Mapped[str | None] = mapped_column(
        EncryptedText("expert.phone"), info={"label": _l("Phone"), "mask": "phone"}
    )
    id_number_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True})
    village_id: Mapped[int | None] = mapped_column(
        BigId,
        ForeignKey("organisation.id"),
        info={"label": _l("Home village"), "help": _l("Used to find conflicts of interest.")},
    )
    photo_key: Mapped[str | None] = mapped_column(String(80), info={"secret": True})
    introduction: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Introduction")})
    appointed_from: Mapped[date] = mapped_column(info={"label": _l("Appointed from")})
    appointed_until: Mapped[date] = mapped_column(info={"label": _l("Appointed until")})
    status: Mapped[Any] = enum_column(ExpertStatus, default=ExpertStatus.serving, info={"label": _l("Status")})
    account_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id"), unique=True, info={"label": _l("Account")}
    )

    organisation: Mapped[Organisation] = relationship(
        foreign_keys="Expert.organisation_id",
        info={"label": _l("Pool"), "help": _l("A town's own team, or the city pool.")},
    )
    specialties: Mapped[list[CodeItem]] = relationship(secondary=expert_specialty, info={"label": _l("Specialties")})
    village: Mapped[Organisation | None] = relationship(foreign_keys=[village_id], info={"label": _l("Home village")})
    account: Mapped[Account | None] = relationship(info={"label": _l("Account")})
    employments: Mapped[list["ExpertEmployment"]] = relationship(
        back_populates="expert", info={"label": _l("Employers")}
    )
    kin: Mapped[list["ExpertKin"]] = relationship(back_populates="expert", info={"label": _l("Kin")})

    @property
    def id_number(self) -> None:
        """Typed to find conflicts of interest; only its keyed hash is kept, so there is nothing to read."""
        return None

    def __repr__(self) -> str:
        return self.name


class ExpertEmployment(Stamped, Versioned, Base):
    """Where an expert works or worked; within three years it is a conflict (domain §4)."""

    __tablename__ = "expert_employment"
    __table_args__ = (CheckConstraint("until IS NULL OR until >= since", name="employment_order"),)

    id: Mapped[intpk]
    expert_id: Mapped[int] = mapped_column(BigId, ForeignKey("expert.id"), index=True, info={"label": _l("Expert")})
    employer_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Employing organisation")}
    )
    employer_name: Mapped[title_text] = mapped_column(info={"label": _l("Employer")})
    post: Mapped[short_text | None] = mapped_column(info={"label": _l("Post")})
    since: Mapped[date] = mapped_column(info={"label": _l("Since")})
    until: Mapped[date | None] = mapped_column(info={"label": _l("Until")})

    expert: Mapped[Expert] = relationship(back_populates="employments", info={"label": _l("Expert")})
    employer: Mapped[Organisation | None] = relationship(info={"label": _l("Employing organisation")})

    def __repr__(self) -> str:
        return self.employer_name


class Kinship(LabelledEnum):
    """How near a kin is."""

    spouse = "spouse", _l("Spouse")
    parent = "parent", _l("Parent")
    child = "child", _l("Child")
    sibling = "sibling", _l("Brother or sister")
    other = "other", _lp("kin", "Other kin")


class ExpertKin(Stamped, Versioned, Base):
    """A kin of an expert: a conflict link when that person is a party or works for a concerned organisation."""

    __tablename__ = "expert_kin"
    __table_args__ = (
        enum_check("kinship", Kinship),
        UniqueConstraint("expert_id", "name", "kinship", name="uq_expert_kin"),
        Index("ix_expert_kin_hash", "id_number_hash"),
    )

    id: Mapped[intpk]
    expert_id: Mapped[int] = mapped_column(BigId, ForeignKey("expert.id"), index=True, info={"label": _l("Expert")})
    kinship: Mapped[Any] = enum_column(Kinship, info={"label": _l("Kinship")})
    name: Mapped[short_text] = mapped_column(info={"label": _lp("person", "Name")})
    id_number_hash: Mapped[hash_text | None] = mapped_column(info={"secret": True})
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"), info={"label": _l("Person")})
    employer_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Employing organisation")}
    )

    expert: Mapped[Expert] = relationship(back_populates="kin", info={"label": _l("Expert")})
    person: Mapped[Person | None] = relationship(info={"label": _l("Person")})
    employer: Mapped[Organisation | None] = relationship(info={"label": _l("Employing organisation")})

    @property
    def id_number(self) -> None:
        """Typed to find conflicts of interest; only its keyed hash is kept, so there is nothing to read."""
        return None

    def __repr__(self) -> str:
        return self.name
