"""The parties of a case, those who speak for them, and what they claim."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, count, intpk, long_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.organisation import Organisation
from app.models.person import Person


class Side(LabelledEnum):
    """On which side a party stands."""

    petitioner = "petitioner", _l("Petitioner")
    respondent = "respondent", _l("Respondent")
    interested = "interested", _l("Interested party")


class ClaimResult(LabelledEnum):
    """How a claim was answered; being resolved is another fact."""

    supported = "supported", _l("Supported"), "ok"
    partly_supported = "partly_supported", _l("Partly supported"), "ok"
    explained = "explained", _l("Explained")
    rejected = "rejected", _l("Rejected")
    redirected = "redirected", _l("Redirected to legal route")
    withdrawn = "withdrawn", _l("Withdrawn")


class Party(CaseOwned, Stamped, Versioned, Base):
    """A person, or an organisation complained of, in a case."""

    __tablename__ = "party"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("side", Side),
        CheckConstraint(
            "(person_id IS NULL) <> (respondent_organisation_id IS NULL AND organisation_name IS NULL)",
            name="person_or_organisation",
        ),
        UniqueConstraint("case_id", "person_id", name="uq_party_case_person"),
        # with the case: "is this case against that organisation" is asked once for each accusation of a list
        Index("ix_party_respondent_case", "respondent_organisation_id", "case_id"),
    )

    id: Mapped[intpk]
    side: Mapped[Any] = enum_column(Side, info={"label": _l("Side")})
    person_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("person.id"), index=True, info={"label": _l("Person")}
    )
    respondent_organisation_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Organisation complained of")}
    )
    organisation_name: Mapped[title_text | None] = mapped_column(info={"label": _l("Name of the organisation")})

    case: Mapped[Case] = relationship(back_populates="parties", info={"label": _l("Case")})
    person: Mapped[Person | None] = relationship(info={"label": _l("Person")})
    respondent_organisation: Mapped[Organisation | None] = relationship(
        info={"label": _l("Organisation complained of")}
    )

    @property
    def name(self) -> str:
        """The name under which the party is spoken of."""
        if self.person is not None:
            return self.person.name
        return self.organisation_name or (self.respondent_organisation.name if self.respondent_organisation else "")

    def __repr__(self) -> str:
        return self.name


class RepresentativeKind(LabelledEnum):
    """A representative speaks for a group; an agent acts by written authority."""

    representative = "representative", _l("Representative")
    agent = "agent", _l("Agent")


class Representative(CaseOwned, Stamped, Versioned, Base):
    """A party who speaks for the others (at most five), or an agent with written authority for one party."""

    __tablename__ = "representative"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("kind", RepresentativeKind),
        UniqueConstraint("case_id", "party_id", "kind", name="uq_representative_case_party_kind"),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(
        RepresentativeKind, default=RepresentativeKind.representative, info={"label": _l("Capacity")}
    )
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    agent_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("person.id"), index=True, info={"label": _l("Agent")}
    )
    authority: Mapped[title_text | None] = mapped_column(info={"label": _l("Authority")})

    case: Mapped[Case] = relationship(back_populates="representatives")
    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    agent: Mapped[Person | None] = relationship(info={"label": _l("Agent")})


class Claim(CaseOwned, Stamped, Versioned, Base):
    """One request inside a case; every claim gets its own answer."""

    __tablename__ = "claim"
    __indexed__ = ("case_id",)  # by its unique constraint
    __table_args__ = (
        enum_check("result", ClaimResult, nullable=True),
        UniqueConstraint("case_id", "number", name="uq_claim_case_number"),
    )

    id: Mapped[intpk]
    number: Mapped[count] = mapped_column(info={"label": _l("No."), "stamp": True})
    text: Mapped[long_text] = mapped_column(info={"label": _l("Claim")})
    result: Mapped[Any] = enum_column(ClaimResult, nullable=True, info={"label": _l("Result"), "stamp": True})
    resolved: Mapped[bool | None] = mapped_column(info={"label": _l("Resolved"), "stamp": True})

    case: Mapped[Case] = relationship(back_populates="claims", info={"label": _l("Case")})

    @property
    def choice_label(self) -> str:
        """How a drop-down calls it: number and words."""
        return f"{self.number} {self.text[:60]}"

    def __repr__(self) -> str:
        return self.text
