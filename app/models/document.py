"""Official papers: the templates they are made from, the papers as issued, and every time one was given out."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, code_text, count, flag, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.mixins import Stamped, Versioned
from app.models.organisation import Organisation
from app.models.party import Party
from app.models.proposal import Proposal

CHECK_LENGTH = 12


class DocumentKind(LabelledEnum):
    """The papers of domain §11, the slip that tells a party its running rights, and the report of a centre."""

    intake_form = "intake_form", _lp("document", "Intake form")
    supplement_notice = "supplement_notice", _lp("document", "Notice of what is missing")
    acceptance_notice = "acceptance_notice", _lp("document", "Notice of acceptance")
    decline_notice = "decline_notice", _lp("document", "Notice of non-acceptance")
    redirect_notice = "redirect_notice", _lp("document", "Notice of the legal route")
    assignment_order = "assignment_order", _lp("document", "Assignment order")
    co_order = "co_order", _lp("document", "Letter to a co-organisation")
    objection_slip = "objection_slip", _lp("document", "Objection slip")
    extension_approval = "extension_approval", _lp("document", "Approval of an extension")
    extension_notice = "extension_notice", _lp("document", "Notice of an extension")
    reception_record = "reception_record", _lp("document", "Record of leader reception")
    conference_minutes = "conference_minutes", _lp("document", "Minutes of conference")
    mediation_agreement = "mediation_agreement", _lp("document", "Mediation agreement")
    reply = "reply", _lp("document", "Written reply")
    service_return = "service_return", _lp("document", "Proof of service")
    review_application = "review_application", _lp("document", "Application for expert review")
    expert_choice = "expert_choice", _lp("document", "Choice of experts")
    review_opinion = "review_opinion", _lp("document", "Opinion of the expert review")
    hearing_record = "hearing_record", _lp("document", "Record of hearing")
    supervision_letter = "supervision_letter", _lp("document", "Supervision letter")
    rectification_notice = "rectification_notice", _lp("document", "Rectification notice")
    follow_up_form = "follow_up_form", _lp("document", "Follow-up form")
    dossier_cover = "dossier_cover", _lp("document", "Dossier cover and catalogue")
    remedy_slip = "remedy_slip", _lp("document", "Slip of remedies")
    proposal_letter = "proposal_letter", _lp("document", "Letter of proposal")
    weekly_report = "weekly_report", _lp("document", "Weekly report")  # of a centre, not of a case


class DocumentState(LabelledEnum):
    """Whether a paper still holds."""

    issued = "issued", _lp("document", "In force"), "ok"
    replaced = "replaced", _lp("document", "Replaced"), "plain"
    void = "void", _lp("document", "Void"), "late"


class PrintForm(LabelledEnum):
    """In what form a paper left the house."""

    screen = "screen", _lp("document", "Shown on screen")
    print = "print", _lp("document", "Printed")
    docx = "docx", _lp("document", "Saved as Word")
    pdf = "pdf", _lp("document", "Saved as PDF")


class DocumentTemplate(Stamped, Versioned, Base):
    """One edition of the Word file from which a kind of paper is made; never changed, never deleted."""

    __tablename__ = "document_template"
    __display__ = "name"
    __table_args__ = (
        enum_check("kind", DocumentKind),
        CheckConstraint("edition >= 1", name="edition_positive"),
        CheckConstraint("size > 0", name="size_positive"),
        UniqueConstraint("kind", "edition", name="uq_document_template_kind_edition"),
        Index(
            "uq_document_template_active",
            "kind",
            unique=True,
            sqlite_where=sql_text("active"),
            postgresql_where=sql_text("active"),
        ),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(DocumentKind, info={"label": _l("Kind of paper")})
    edition: Mapped[count] = mapped_column(info={"label": _lp("document", "Version"), "stamp": True})
    name: Mapped[title_text] = mapped_column(info={"label": _l("File name"), "stamp": True})
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})
    shipped: Mapped[flag] = mapped_column(
        default=False, info={"label": _l("Shipped"), "help": _l("Came with the program."), "stamp": True}
    )
    active: Mapped[flag] = mapped_column(default=False, info={"label": _lp("template", "In use"), "stamp": True})
    size: Mapped[int] = mapped_column(Integer, info={"label": _l("Size"), "stamp": True})
    sha256: Mapped[hash_text] = mapped_column(info={"label": _l("Hash"), "stamp": True})
    storage_key: Mapped[str] = mapped_column(String(80), unique=True, info={"secret": True})

    def __repr__(self) -> str:
        return f"{self.kind.label} {self.edition}"


class Document(Stamped, Versioned, Base):
    """One paper as it was issued, of a case or the letter of a proposal: its bytes, number, version and check code are
    fixed for good."""

    __tablename__ = "document"
    __display__ = "number"
    __table_args__ = (
        enum_check("kind", DocumentKind),
        enum_check("state", DocumentState),
        CheckConstraint("edition >= 1", name="edition_positive"),
        CheckConstraint("(case_id IS NULL) <> (proposal_id IS NULL)", name="one_owner"),
        CheckConstraint("(about_type IS NULL) = (about_id IS NULL)", name="about_whole"),
        CheckConstraint("(pdf_key IS NULL) = (pdf_sha256 IS NULL)", name="pdf_whole"),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_has_reason"),
        CheckConstraint(f"length(check_code) = {CHECK_LENGTH}", name="check_code_length"),
        UniqueConstraint("case_id", "kind", "subject", "edition", name="uq_document_edition"),
        Index(
            "uq_document_in_force",
            "case_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=sql_text("state = 'issued'"),
            postgresql_where=sql_text("state = 'issued'"),
        ),
        Index("uq_document_proposal", "proposal_id", unique=True),  # one proposal, one letter
        Index("ix_document_about", "about_type", "about_id"),
        Index("ix_document_issued", "issued_at", "id"),
    )

    id: Mapped[intpk]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), info={"label": _l("Case")})
    proposal_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("proposal.id"), info={"label": _l("Proposal")})
    kind: Mapped[Any] = enum_column(DocumentKind, info={"label": _l("Kind of paper"), "stamp": True})
    number: Mapped[short_text] = mapped_column(unique=True, info={"label": _l("Document number"), "stamp": True})
    edition: Mapped[count] = mapped_column(info={"label": _lp("document", "Version"), "stamp": True})
    check_code: Mapped[str] = mapped_column(
        String(CHECK_LENGTH), unique=True, info={"label": _l("Check code"), "stamp": True}
    )
    state: Mapped[Any] = enum_column(
        DocumentState, default=DocumentState.issued, info={"label": _l("State"), "stamp": True}
    )
    void_reason: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason"), "stamp": True})
    centre_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _lp("document", "Issued by"), "stamp": True}
    )
    template_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("document_template.id"), info={"label": _lp("document", "Template"), "stamp": True}
    )
    party_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("party.id"), info={"label": _lp("document", "Addressed to"), "stamp": True}
    )
    # What it is about, beside the case: the referral of an order, the reply of a proof of service, the review …
    about_type: Mapped[code_text | None] = mapped_column(info={"stamp": True})
    about_id: Mapped[int | None] = mapped_column(BigId, info={"stamp": True})
    # Party and what it is about in one word, for NULLs are never equal to the database.
    subject: Mapped[str] = mapped_column(String(80), info={"secret": True})
    issued_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, info={"label": _lp("document", "Issued at"), "stamp": True}
    )
    issued_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"stamp": True})
    issued_by_name: Mapped[short_text] = mapped_column(info={"label": _lp("document", "Clerk"), "stamp": True})
    # Personal data stands on it in full: shown only to those who may reveal it, and to whoever issued it.
    personal: Mapped[flag] = mapped_column(default=False, info={"label": _l("Personal data in full"), "stamp": True})
    fields: Mapped[str] = mapped_column(EncryptedText("document.fields"), info={"secret": True})
    size: Mapped[int] = mapped_column(Integer, info={"label": _l("Size"), "stamp": True})
    docx_key: Mapped[str] = mapped_column(String(80), unique=True, info={"secret": True})
    docx_sha256: Mapped[hash_text] = mapped_column(index=True, info={"label": _l("Hash"), "stamp": True})
    pdf_key: Mapped[str | None] = mapped_column(String(80), unique=True, info={"secret": True})
    pdf_sha256: Mapped[hash_text | None] = mapped_column(index=True, info={"label": _l("Hash (PDF)"), "stamp": True})

    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})
    proposal: Mapped[Proposal | None] = relationship(info={"label": _l("Proposal")})
    centre: Mapped[Organisation] = relationship(info={"label": _lp("document", "Issued by")})
    template: Mapped[DocumentTemplate] = relationship(info={"label": _lp("document", "Template")})
    party: Mapped[Party | None] = relationship(info={"label": _lp("document", "Addressed to")})

    def __repr__(self) -> str:
        return self.number


class DocumentPrint(Base):
    """One time a paper was shown, printed or saved: by whom, when, and whether as a copy; never changed."""

    __tablename__ = "document_print"
    __table_args__ = (enum_check("form", PrintForm), Index("ix_document_print_document", "document_id", "id"))

    id: Mapped[intpk]
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id"), info={"label": _lp("document", "Paper")})
    form: Mapped[Any] = enum_column(PrintForm, info={"label": _lp("document", "Form")})
    copy: Mapped[flag] = mapped_column(default=False, info={"label": _lp("document", "Copy")})
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Time")})
    user_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="SET NULL"))
    user_name: Mapped[short_text] = mapped_column(info={"label": _l("Person")})
    # Of a file that was given out marked as a copy: its own bytes, so that it too can be checked.
    sha256: Mapped[hash_text | None] = mapped_column(index=True, info={"label": _l("Hash")})

    document: Mapped[Document] = relationship(info={"label": _lp("document", "Paper")})
