"""Signatures: drawn on a touch screen, scanned, or the word of a witness; kept with hash, time and device."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, hash_text, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import CaseOwned, Stamped
from app.models.party import Party


class SignatureKind(LabelledEnum):
    """How somebody signed."""

    touch = "touch", _l("Signed on the screen")
    thumb = "thumb", _l("Thumb print, scanned")
    paper = "paper", _l("Signed on paper, scanned")
    witness = "witness", _l("Confirmed by a witness")


class SignaturePurpose(LabelledEnum):
    """What was signed."""

    settlement = "settlement", _l("Settlement on the spot")
    service = "service", _l("Receipt of a document")
    acknowledgement = "acknowledgement", _l("Acknowledgement of the reply")
    application = "application", _l("Application for expert review")
    mediation = "mediation", _l("Mediation agreement")
    withdrawal = "withdrawal", _l("Withdrawal")
    choice = "choice", _l("Choice of experts")
    declaration = "declaration", _l("Declaration of an expert")
    opinion = "opinion", _l("Opinion of the panel")
    minutes = "minutes", _lp("meeting", "Minutes")


class Signature(CaseOwned, Stamped, Base):
    """One signature: its strokes and picture, or who witnessed it; never changed."""

    __tablename__ = "signature"
    __table_args__ = (
        enum_check("kind", SignatureKind),
        enum_check("purpose", SignaturePurpose),
        CheckConstraint("kind <> 'touch' OR strokes IS NOT NULL", name="touch_has_strokes"),
        CheckConstraint("kind = 'witness' OR sha256 IS NOT NULL", name="picture_has_hash"),
        CheckConstraint("kind <> 'witness' OR witness IS NOT NULL", name="witness_is_named"),
        CheckConstraint("kind NOT IN ('thumb', 'paper') OR attachment_id IS NOT NULL", name="scan_is_kept"),
        CheckConstraint("party_id IS NULL OR user_id IS NULL", name="one_signer"),
    )

    id: Mapped[intpk]
    kind: Mapped[Any] = enum_column(SignatureKind, info={"label": _l("How")})
    purpose: Mapped[Any] = enum_column(SignaturePurpose, info={"label": _l("What was signed")})
    party_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("party.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"), info={"label": _l("Account")})
    signer: Mapped[short_text] = mapped_column(info={"label": _l("Signed by")})
    strokes: Mapped[str | None] = mapped_column(EncryptedText("signature.strokes"), info={"secret": True})
    storage_key: Mapped[str | None] = mapped_column(String(80), unique=True, info={"secret": True})
    attachment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attachment.id"), info={"label": _l("Scan")})
    sha256: Mapped[hash_text | None] = mapped_column(info={"label": _l("Hash")})
    device: Mapped[title_text | None] = mapped_column(info={"label": _l("Device")})
    witness: Mapped[short_text | None] = mapped_column(info={"label": _l("Witness")})
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Date and time")})

    party: Mapped[Party | None] = relationship(info={"label": _l("Party")})
