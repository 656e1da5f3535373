"""What leaves the house: messages to telephones and to neighbouring systems, kept until they have arrived."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, code_text, count, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.account import Account
from app.models.case import Case
from app.models.mixins import Stamped, Versioned


class MessageChannel(LabelledEnum):
    """By which way a message leaves."""

    sms = "sms", _lp("message", "Text message")
    webhook = "webhook", _lp("message", "Webhook")


class MessageState(LabelledEnum):
    """Where a message stands."""

    waiting = "waiting", _lp("message", "Waiting"), "info"
    held = "held", _lp("message", "Held until morning"), "hold"
    sending = "sending", _lp("message", "Being sent"), "info"
    sent = "sent", _lp("message", "Sent"), "ok"
    failed = "failed", _lp("message", "Given up"), "late"
    cancelled = "cancelled", _lp("message", "Cancelled"), "plain"


class Webhook(Stamped, Versioned, Base):
    """A neighbouring system that is told what happens: ids, numbers and states, signed with a secret of its own."""

    __tablename__ = "webhook"

    id: Mapped[intpk]
    name: Mapped[short_text] = mapped_column(unique=True, info={"label": _l("Name")})
    url: Mapped[str] = mapped_column(String(500), info={"label": _l("Address of the receiver")})
    secret: Mapped[str] = mapped_column(EncryptedText("webhook.secret"), info={"secret": True, "stamp": True})
    events: Mapped[title_text] = mapped_column(
        default="*",
        info={
            "label": _lp("webhook", "Events"),
            "help": _l("Names separated by spaces; case.* means every step of a case."),
        },
    )
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("webhook", "In use")})
    failures: Mapped[count] = mapped_column(default=0, info={"label": _l("Failures in a row"), "stamp": True})
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Paused since"), "stamp": True})

    def __repr__(self) -> str:
        return self.name


class OutboxMessage(Base):
    """One message, written in the transaction of what caused it and sent afterwards, exactly once.

    `uid` is what the receiver drops repeats by; `key` keeps the same thing from being written twice; `lease` names the
    runner that has it in hand, until `next_at`. `data` holds no personal data; the recipient is encrypted.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        enum_check("channel", MessageChannel),
        enum_check("state", MessageState),
        UniqueConstraint("key", name="uq_outbox_message_key"),
        UniqueConstraint("uid", name="uq_outbox_message_uid"),
        CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name="webhook_has_receiver"),
        CheckConstraint("(channel = 'sms') = (recipient IS NOT NULL)", name="sms_has_recipient"),
        CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="sending_is_leased"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        Index("ix_outbox_message_state_next", "state", "next_at", "id"),
        Index("ix_outbox_message_channel", "channel", "id"),
    )

    id: Mapped[intpk]
    uid: Mapped[code_text] = mapped_column(info={"label": _l("Message number")})
    channel: Mapped[Any] = enum_column(MessageChannel, info={"label": _lp("message", "Way")})
    code: Mapped[short_text] = mapped_column(info={"label": _l("Template or event")})
    recipient: Mapped[str | None] = mapped_column(
        EncryptedText("outbox.recipient"), info={"label": _lp("message", "Recipient"), "mask": "phone"}
    )
    webhook_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("webhook.id"), index=True, info={"label": _lp("message", "Receiver")}
    )
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("case.id"), index=True, info={"label": _l("Case")})
    text: Mapped[str | None] = mapped_column(String(500), info={"label": _lp("message", "Text")})
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info={"label": _lp("message", "Content")})
    # About a confidential booking: to whom it went is nobody's business either.
    sealed: Mapped[flag] = mapped_column(
        default=False, server_default="0", info={"label": _lp("booking", "Confidential")}
    )
    key: Mapped[str] = mapped_column(String(160), info={"label": _l("Key")})
    state: Mapped[Any] = enum_column(MessageState, default=MessageState.waiting, info={"label": _l("State")})
    tries: Mapped[count] = mapped_column(default=0, info={"label": _l("Tries")})
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Next try at")})
    lease: Mapped[code_text | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Created at")})
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _lp("message", "Sent at")})
    receipt: Mapped[title_text | None] = mapped_column(info={"label": _lp("message", "Receipt")})
    error: Mapped[str | None] = mapped_column(String(500), info={"label": _l("Error")})

    webhook: Mapped[Webhook | None] = relationship(info={"label": _lp("message", "Receiver")})
    case: Mapped[Case | None] = relationship(info={"label": _l("Case")})

    def __repr__(self) -> str:
        return self.uid


class SmsTemplate(Stamped, Versioned, Base):
    """A text message as it was approved: fixed words, and the places that a step fills in."""

    __tablename__ = "sms_template"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> author_id", name="approved_by_another"),
        CheckConstraint("NOT approved OR approved_at IS NOT NULL", name="approved_has_time"),
    )

    id: Mapped[intpk]
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code"), "stamp": True})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    purpose: Mapped[title_text] = mapped_column(info={"label": _l("Sent when")})
    text: Mapped[str] = mapped_column(
        String(300),
        info={
            "label": _lp("message", "Text"),
            "help": _l(
                "Up to 70 characters are one message. {number} is filled in; "
                "a part in [brackets] falls away when its place stays empty."
            ),
        },
    )
    variables: Mapped[title_text] = mapped_column(info={"label": _l("May be filled in"), "stamp": True})
    operator_code: Mapped[short_text | None] = mapped_column(
        info={"label": _l("Number at the operator"), "help": _l("Under which the telephone operator knows this text.")}
    )
    approved: Mapped[flag] = mapped_column(default=False, info={"label": _lp("text", "Approved"), "stamp": True})
    approved_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, info={"label": _lp("text", "Approved at"), "stamp": True}
    )
    author_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="SET NULL"), info={"stamp": True}
    )
    approved_by_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="SET NULL"), info={"stamp": True}
    )

    author: Mapped[Account | None] = relationship(foreign_keys=[author_id], info={"label": _lp("text", "Written by")})
    approved_by: Mapped[Account | None] = relationship(
        foreign_keys=[approved_by_id], info={"label": _lp("text", "Approved by")}
    )

    def __repr__(self) -> str:
        return self.name
