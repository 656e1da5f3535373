"""Service 送达: a paper delivered to one party, with way, time and evidence, or refused before two witnesses."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.attachment import Attachment
from app.models.mixins import CaseOwned, Stamped
from app.models.party import Party
from app.models.reply import Reply
from app.models.signature import Signature


class ServiceWay(LabelledEnum):
    """How a paper reached the party."""

    handed = "handed", _l("Handed over")
    left = "left", _l("Left at the residence")
    post = "post", _l("By post")
    electronic = "electronic", _l("Electronically")
    proxy = "proxy", _l("Received by another")
    announced = "announced", _l("By public notice")


class Served(LabelledEnum):
    """What was served."""

    reply = "reply", _lp("service", "Reply")
    opinion = "opinion", _l("Opinion of the panel")
    notice = "notice", _lp("service", "Notice")


service_evidence = Table(
    "service_evidence",
    Base.metadata,
    Column("service_id", BigId, ForeignKey("service.id", ondelete="CASCADE"), primary_key=True),
    Column("attachment_id", BigId, ForeignKey("attachment.id"), primary_key=True),
)


class Service(CaseOwned, Stamped, Base):
    """One service to one party; the party's own days count from `served_at`."""

    __tablename__ = "service"
    __table_args__ = (
        enum_check("what", Served),
        enum_check("way", ServiceWay),
        CheckConstraint("(what = 'reply') = (reply_id IS NOT NULL)", name="reply_is_named"),
        CheckConstraint("(what = 'opinion') = (review_id IS NOT NULL)", name="review_is_named"),
        CheckConstraint("NOT refused OR (witness_one IS NOT NULL AND witness_two IS NOT NULL)", name="two_witnesses"),
        CheckConstraint("witness_one IS NULL OR witness_one <> witness_two", name="witnesses_differ"),
        Index(
            "uq_service_reply_party",
            "reply_id",
            "party_id",
            unique=True,
            sqlite_where=text("reply_id IS NOT NULL"),
            postgresql_where=text("reply_id IS NOT NULL"),
        ),
        Index(
            "uq_service_review_party",
            "review_id",
            "party_id",
            unique=True,
            sqlite_where=text("review_id IS NOT NULL"),
            postgresql_where=text("review_id IS NOT NULL"),
        ),
    )

    id: Mapped[intpk]
    what: Mapped[Any] = enum_column(Served, info={"label": _l("What was served")})
    reply_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("reply.id"))
    review_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("review.id"))
    paper: Mapped[code_text | None] = mapped_column(info={"label": _l("Paper"), "note": "kind of document"})
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    way: Mapped[Any] = enum_column(ServiceWay, info={"label": _l("Way of service")})
    served_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Served at")})
    served_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    receiver: Mapped[short_text | None] = mapped_column(info={"label": _lp("service", "Received by")})
    tracking: Mapped[short_text | None] = mapped_column(info={"label": _l("Postal number")})
    refused: Mapped[flag] = mapped_column(default=False, info={"label": _l("Refused to sign")})
    refusal: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Reason of the refusal")})
    witness_one: Mapped[short_text | None] = mapped_column(info={"label": _l("First witness")})
    witness_two: Mapped[short_text | None] = mapped_column(info={"label": _l("Second witness")})
    signature_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("signature.id"))
    note: Mapped[title_text | None] = mapped_column(info={"label": _l("Note")})

    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    reply: Mapped[Reply | None] = relationship()
    signature: Mapped[Signature | None] = relationship()
    evidence: Mapped[list[Attachment]] = relationship(secondary=service_evidence, info={"label": _l("Evidence")})


class PaperDue(CaseOwned, Stamped, Base):
    """A written notice that waits to be served to a party; the service says that it was."""

    __tablename__ = "paper_due"
    __indexed__ = ("case_id",)  # by the index of what waits
    __table_args__ = (
        Index(
            "uq_paper_due_waiting",
            "case_id",
            "party_id",
            "paper",
            unique=True,
            sqlite_where=text("service_id IS NULL"),
            postgresql_where=text("service_id IS NULL"),
        ),
        Index("ix_paper_due_case", "case_id"),
    )

    id: Mapped[intpk]
    paper: Mapped[code_text] = mapped_column(info={"label": _l("Paper"), "note": "kind of document"})
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Issued at")})
    service_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("service.id"), unique=True)

    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    service: Mapped[Service | None] = relationship()
