"""A case: one matter with a number, parties, claims, visits and one state."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import (
    Base,
    BigId,
    UtcDateTime,
    code_text,
    count,
    flag,
    hash_text,
    intpk,
    long_text,
    short_text,
    title_text,
)
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.code_table import Category
from app.models.mixins import OrgOwned, Stamped, Versioned
from app.models.organisation import Organisation


class CaseState(LabelledEnum):
    """The states of domain §3, plus the proposals that await the centre head."""

    registered = "registered", _lp("case state", "Registered"), "info"
    supplement_pending = "supplement_pending", _l("Awaiting supplement"), "hold"
    decline_proposed = "decline_proposed", _l("Decline awaits approval"), "hold"
    merged = "merged", _l("Merged"), "plain"
    redirected = "redirected", _l("Redirected to legal route"), "plain"
    accepted = "accepted", _l("Accepted"), "info"
    assigned = "assigned", _l("Assigned"), "info"
    objected = "objected", _l("Objected"), "hold"
    handling = "handling", _l("Handling"), "info"
    suspended = "suspended", _l("Suspended"), "hold"
    reply_checking = "reply_checking", _l("Reply being checked"), "info"
    reply_approved = "reply_approved", _l("Awaiting service"), "info"
    replied = "replied", _l("Replied"), "info"
    reviewing = "reviewing", _l("Under expert review"), "info"
    follow_up_due = "follow_up_due", _l("Awaiting follow-up"), "info"
    rectifying = "rectifying", _l("Rectifying"), "hold"
    withdrawal_proposed = "withdrawal_proposed", _l("Withdrawal awaits approval"), "hold"
    withdrawn = "withdrawn", _l("Withdrawn"), "plain"
    closed = "closed", _lp("case state", "Closed"), "ok"
    archived = "archived", _l("Archived"), "plain"


OPEN_STATES = frozenset(CaseState) - {
    CaseState.merged,
    CaseState.redirected,
    CaseState.withdrawn,
    CaseState.closed,
    CaseState.archived,
}


class Channel(LabelledEnum):
    """How the matter came in."""

    visit = "visit", _lp("channel", "Visit")
    phone = "phone", _lp("channel", "Phone call")
    superior = "superior", _l("Handed down by superior")
    letter = "letter", _l("Letter")
    online = "online", _lp("channel", "Online")
    outreach = "outreach", _l("Outreach visit")
    video = "video", _lp("channel", "Video")


class Kind(LabelledEnum):
    """What the petitioner wants."""

    appeal = "appeal", _l("Appeal for settlement")
    suggestion = "suggestion", _l("Suggestion")
    accusation = "accusation", _l("Accusation"), "late"
    inquiry = "inquiry", _l("Inquiry")


class Case(OrgOwned, Stamped, Versioned, Base):
    """One matter. `organisation` is the centre that registered it; `town` and `village` are the place it is about."""

    __tablename__ = "case"
    __indexed__ = ("organisation_id",)  # by ix_case_organisation_registered
    __choice_search__ = ("number", "title")
    __table_args__ = (
        enum_check("state", CaseState),
        enum_check("channel", Channel),
        enum_check("kind", Kind),
        CheckConstraint("head_count >= 1", name="head_count_positive"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_has_parent"),
        CheckConstraint(
            "state NOT IN ('assigned', 'handling') OR lead_organisation_id IS NOT NULL", name="assigned_has_lead"
        ),
        # with what the statistics ask of a registered case
        Index(
            "ix_case_registered",
            "registered_at",
            "id",
            "state",
            "resolved",
            "replied_at",
            "channel",
            "lead_organisation_id",
        ),
        # with the kind, for an accusation may be hidden from its own town: a jump to a late page reads the index only
        Index("ix_case_owner_town_registered", "owner_town_id", "registered_at", "id", "kind"),
        Index("ix_case_owner_town_state_registered", "owner_town_id", "state", "registered_at", "id"),
        Index("ix_case_owner_town_due", "owner_town_id", "due_on", "id"),
        Index("ix_case_organisation_registered", "organisation_id", "registered_at", "id", "kind"),
        Index("ix_case_organisation_state", "organisation_id", "state"),
        Index("ix_case_organisation_due", "organisation_id", "due_on"),
        Index("ix_case_town_state_registered", "town_id", "state", "registered_at", "id"),
        Index("ix_case_state_registered", "state", "registered_at", "id"),
        Index("ix_case_category_registered", "category_id", "registered_at", "id"),
        Index("ix_case_cause", "registered_at", "category_id", "town_id", "village_id"),  # what comes back where
        Index("ix_case_lead_registered", "lead_organisation_id", "registered_at", "id"),
        Index("ix_case_due", "due_on", "id"),
        Index("ix_case_created_by", "created_by_id", "id"),
        # with what they ask of a closed one; a registration does not write it
        Index(
            "ix_case_closed",
            "closed_at",
            "state",
            "replied_at",
            "registered_at",
            "resolved",
            "round",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "uq_case_organisation_outside_number",
            "organisation_id",
            "outside_number",
            unique=True,
            sqlite_where=text("outside_number IS NOT NULL"),
            postgresql_where=text("outside_number IS NOT NULL"),
        ),
        # found by its beginning, whatever the collation of the database
        Index(
            "ix_case_outside_number",
            "outside_number",
            "id",
            sqlite_where=text("outside_number IS NOT NULL"),
            postgresql_where=text("outside_number IS NOT NULL"),
            postgresql_ops={"outside_number": "varchar_pattern_ops"},
        ),
        Index(
            "ix_case_import_batch",
            "import_batch_id",
            sqlite_where=text("import_batch_id IS NOT NULL"),
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
    )

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Number"), "stamp": True})
    receipt_hash: Mapped[hash_text] = mapped_column(info={"secret": True})
    title: Mapped[title_text] = mapped_column(info={"label": _l("Title")})
    facts: Mapped[long_text] = mapped_column(
        info={"label": _l("Facts"), "help": _l("What happened, when, where, with whom.")}
    )
    channel: Mapped[Any] = enum_column(Channel, default=Channel.visit, info={"label": _l("Channel")})
    kind: Mapped[Any] = enum_column(Kind, default=Kind.appeal, info={"label": _l("Kind")})
    state: Mapped[Any] = enum_column(CaseState, info={"label": _l("State"), "stamp": True})
    round: Mapped[int] = mapped_column(default=1, info={"label": _l("Round"), "stamp": True})
    category_id: Mapped[int] = mapped_column(BigId, ForeignKey("category.id"), info={"label": _l("Category")})
    owner_town_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("organisation.id"), info={"stamp": True})
    town_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("organisation.id"), info={"label": _l("Town")})
    village_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), index=True, info={"label": _l("Village")}
    )
    head_count: Mapped[count] = mapped_column(default=1, info={"label": _l("Persons who came")})
    occurred_on: Mapped[date | None] = mapped_column(info={"label": _l("Happened on")})
    registered_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, info={"label": _l("Registered at"), "stamp": True}
    )
    lead_organisation_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Lead organisation"), "stamp": True}
    )
    merged_into_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("case.id"), index=True, info={"label": _l("Merged into"), "stamp": True}
    )
    split_from_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("case.id"), index=True, info={"label": _l("Split from"), "stamp": True}
    )
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Replied at"), "stamp": True})
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Closed at"), "stamp": True})
    resolved: Mapped[bool | None] = mapped_column(info={"label": _l("Resolved"), "stamp": True})
    supplements: Mapped[int] = mapped_column(default=0, info={"label": _l("Supplement notices"), "stamp": True})
    objections: Mapped[int] = mapped_column(default=0, info={"label": _l("Objections"), "stamp": True})
    # Where it comes from when it was not registered here: its number in the old ledger or in a neighbouring system.
    outside_number: Mapped[str | None] = mapped_column(
        String(64), info={"label": _l("Number elsewhere"), "stamp": True}
    )
    import_batch_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("import_batch.id"), info={"label": _l("Imported with"), "stamp": True}
    )
    # What a list shows without joins; written by the services that write the truth.
    petitioner_name: Mapped[short_text] = mapped_column(default="", info={"label": _l("Petitioner"), "stamp": True})
    petitioner_phone: Mapped[str | None] = mapped_column(
        String(32), info={"label": _l("Phone"), "stamp": True, "note": "already masked"}
    )
    due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due on"), "stamp": True})
    due_code: Mapped[code_text | None] = mapped_column(info={"label": _l("Deadline"), "stamp": True})
    due_provisional: Mapped[flag] = mapped_column(default=False, info={"label": _l("Provisional"), "stamp": True})
    paused: Mapped[flag] = mapped_column(default=False, info={"label": _l("Paused"), "stamp": True})

    category: Mapped[Category] = relationship(info={"label": _l("Category")})
    town: Mapped[Organisation | None] = relationship(foreign_keys=[town_id], info={"label": _l("Town")})
    village: Mapped[Organisation | None] = relationship(foreign_keys=[village_id], info={"label": _l("Village")})
    lead_organisation: Mapped[Organisation | None] = relationship(
        foreign_keys=[lead_organisation_id], info={"label": _l("Lead organisation")}
    )
    merged_into: Mapped["Case | None"] = relationship(
        remote_side="Case.id", foreign_keys=[merged_into_id], info={"label": _l("Merged into")}
    )
    split_from: Mapped["Case | None"] = relationship(
        remote_side="Case.id", foreign_keys=[split_from_id], info={"label": _l("Split from")}
    )
    parties: Mapped[list[Any]] = relationship(
        "Party", back_populates="case", order_by="Party.id", info={"label": _l("Parties")}
    )
    claims: Mapped[list[Any]] = relationship(
        "Claim", back_populates="case", order_by="Claim.number", info={"label": _l("Claims")}
    )
    visits: Mapped[list[Any]] = relationship(
        "Visit", back_populates="case", order_by="Visit.at", info={"label": _l("Visits")}
    )
    referrals: Mapped[list[Any]] = relationship(
        "Referral", back_populates="case", order_by="Referral.id", info={"label": _l("Referrals")}
    )
    attachments: Mapped[list[Any]] = relationship(
        "Attachment", back_populates="case", order_by="Attachment.id", info={"label": _l("Attachments")}
    )
    representatives: Mapped[list[Any]] = relationship(
        "Representative", back_populates="case", order_by="Representative.id", info={"label": _l("Representatives")}
    )

    @property
    def choice_label(self) -> str:
        """How a drop-down calls the case."""
        return f"{self.number} {self.title}"

    def __repr__(self) -> str:
        return self.number
