"""The expert review 专家评审: application, seats of experts the party picked, sealed ballots, opinion (domain §4)."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.db import Base, BigId, UtcDateTime, code_text, count, flag, hash_text, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.case import Case
from app.models.expert import Expert
from app.models.follow_up import Satisfaction
from app.models.mixins import CaseOwned, Stamped, Versioned
from app.models.party import Claim, Party
from app.models.reply import Reply, ReplyPoint
from app.models.room import Room
from app.models.signature import Signature

PANEL_LEAST = 5  # [A]: at least five experts, whom the party chooses


class ReviewState(LabelledEnum):
    """Where an expert review stands."""

    filed = "filed", _l("Applied for"), "info"
    refused = "refused", _l("Application refused"), "plain"
    choosing = "choosing", _l("Party picks experts"), "info"
    picked = "picked", _l("Experts picked"), "info"
    inviting = "inviting", _l("Experts being invited"), "info"
    seated = "seated", _l("Panel seated"), "info"
    scheduled = "scheduled", _l("Session fixed"), "info"
    balloting = "balloting", _l("Ballots open"), "info"
    counting = "counting", _l("Opinion being assembled"), "info"
    signing = "signing", _l("Opinion being signed"), "info"
    signed = "signed", _l("Opinion awaits service"), "info"
    closed = "closed", _l("Review closed"), "ok"
    withdrawn = "withdrawn", _l("Review withdrawn"), "plain"


ENDED = (ReviewState.refused, ReviewState.closed, ReviewState.withdrawn)
# From here on the ballots are open to those who see the case; before, each expert sees the own one only.
UNSEALED = (ReviewState.counting, ReviewState.signing, ReviewState.signed, ReviewState.closed)


class ReviewOutcome(LabelledEnum):
    """What the panel says of the reply."""

    upheld = "upheld", _lp("review", "The reply stands"), "ok"
    changed = "changed", _lp("review", "A new reply is needed"), "soon"


class Review(CaseOwned, Stamped, Versioned, Base):
    """One review of one version of the reply."""

    __tablename__ = "review"
    __table_args__ = (
        enum_check("state", ReviewState),
        enum_check("outcome", ReviewOutcome, nullable=True),
        CheckConstraint(f"size >= {PANEL_LEAST}", name="panel_of_five"),
        CheckConstraint("state NOT IN ('signing', 'signed', 'closed') OR outcome IS NOT NULL", name="opinion_decides"),
        CheckConstraint("session_until IS NULL OR session_until > session_at", name="session_order"),
        Index(
            "uq_review_reply",
            "reply_id",
            unique=True,
            sqlite_where=text("state NOT IN ('refused', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('refused', 'withdrawn')"),
        ),
        Index("ix_review_case", "case_id"),
        Index("ix_review_state", "state", "filed_at"),
        Index("ix_review_created_by", "created_by_id", "id"),
    )
    __indexed__ = ("case_id",)

    id: Mapped[intpk]
    number: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Review number"), "stamp": True})
    reply_id: Mapped[int] = mapped_column(BigId, ForeignKey("reply.id"), info={"label": _l("Reply version")})
    state: Mapped[Any] = enum_column(ReviewState, info={"label": _l("State"), "stamp": True})
    size: Mapped[count] = mapped_column(default=PANEL_LEAST, info={"label": _l("Seats")})
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Applied for at")})
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Accepted at")})
    draw_asked: Mapped[flag] = mapped_column(default=False, info={"label": _l("The party asks for a draw")})
    choice_signature_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("signature.id"))
    hidden_words: Mapped[str | None] = mapped_column(
        String(2000), info={"label": _l("Further words to hide"), "secret": True}
    )
    material: Mapped[str | None] = mapped_column(Text, info={"label": _l("Material")})
    material_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Material handed out at")})
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"), info={"label": _l("Room")})
    booking_id: Mapped[int | None] = mapped_column(BigId)
    session_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Session begins")})
    session_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Session ends")})
    ballot_round: Mapped[int] = mapped_column(default=1, info={"label": _l("Round of ballots")})
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Ballots opened at")})
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Ballots closed at")})
    tally: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    outcome: Mapped[Any] = enum_column(ReviewOutcome, nullable=True, info={"label": _l("Outcome")})
    opinion: Mapped[str | None] = mapped_column(Text, info={"label": _l("Opinion of the panel")})
    dissent: Mapped[str | None] = mapped_column(Text, info={"label": _l("Dissenting opinions")})
    served_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Opinion served at")})

    case: Mapped[Case] = relationship(info={"label": _l("Case")})
    reply: Mapped[Reply] = relationship(info={"label": _l("Reply version")})
    room: Mapped[Room | None] = relationship(info={"label": _l("Room")})
    seats: Mapped[list["ReviewSeat"]] = relationship(back_populates="review", order_by="ReviewSeat.place")
    applicants: Mapped[list["ReviewApplicant"]] = relationship(back_populates="review", order_by="ReviewApplicant.id")

    @property
    def title(self) -> str:
        """A case's title may name people: a review is called by its number alone."""
        return ""

    def __repr__(self) -> str:
        return self.number


class Door(LabelledEnum):
    """Where an application came in."""

    desk = "desk", _l("At the desk")
    public = "public", _l("On the public page")


class ReviewApplicant(CaseOwned, Stamped, Base):
    """A party who applies, or joins: which claims are objected to, and why; `satisfied` is asked with the opinion."""

    __tablename__ = "review_applicant"
    __table_args__ = (
        enum_check("door", Door),
        enum_check("satisfied", Satisfaction, nullable=True),
        UniqueConstraint("review_id", "party_id", name="uq_review_applicant_party"),
    )

    id: Mapped[intpk]
    review_id: Mapped[int] = mapped_column(BigId, ForeignKey("review.id"))
    party_id: Mapped[int] = mapped_column(BigId, ForeignKey("party.id"), index=True, info={"label": _l("Party")})
    door: Mapped[Any] = enum_column(Door, info={"label": _l("Where it came in")})
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, info={"label": _l("Applied for at")})
    reason: Mapped[str] = mapped_column(String(2000), info={"label": _l("Reason")})
    satisfied: Mapped[Any] = enum_column(Satisfaction, nullable=True, info={"label": _l("Satisfied overall")})

    review: Mapped[Review] = relationship(back_populates="applicants")
    party: Mapped[Party] = relationship(info={"label": _l("Party")})
    objections: Mapped[list["ReviewObjection"]] = relationship(back_populates="applicant")


class ReviewObjection(CaseOwned, Base):
    """One claim whose answer an applicant does not accept."""

    __tablename__ = "review_objection"
    __table_args__ = (UniqueConstraint("applicant_id", "claim_id", name="uq_review_objection_claim"),)

    id: Mapped[intpk]
    applicant_id: Mapped[int] = mapped_column(BigId, ForeignKey("review_applicant.id"))
    claim_id: Mapped[int] = mapped_column(BigId, ForeignKey("claim.id"), index=True)

    applicant: Mapped[ReviewApplicant] = relationship(back_populates="objections")
    claim: Mapped[Claim] = relationship()


class SeatOrigin(LabelledEnum):
    """How an expert came onto the list."""

    chosen = "chosen", _l("Chosen by the party")
    reserve = "reserve", _l("Reserve of the party")
    drawn = "drawn", _l("Drawn by lot")


class SeatState(LabelledEnum):
    """Where one seat stands."""

    listed = "listed", _lp("seat", "Listed"), "plain"
    invited = "invited", _lp("seat", "Invited"), "info"
    seated = "seated", _lp("seat", "Seated"), "ok"
    declined = "declined", _lp("seat", "Declined"), "plain"
    expired = "expired", _lp("seat", "Did not answer"), "plain"
    voided = "voided", _lp("seat", "Voided for a conflict"), "late"
    replaced = "replaced", _lp("seat", "Replaced"), "plain"
    released = "released", _lp("seat", "Not needed"), "plain"


SITTING = (SeatState.invited, SeatState.seated)  # a place of the panel is held


class ReviewDraw(CaseOwned, Stamped, Base):
    """A random draw that anyone can repeat: the seed, the candidates in their order, and who came out."""

    __tablename__ = "review_draw"

    id: Mapped[intpk]
    review_id: Mapped[int] = mapped_column(BigId, ForeignKey("review.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    seed: Mapped[hash_text]
    candidates: Mapped[list[Any]] = mapped_column(JSON)
    wanted: Mapped[count]
    drawn: Mapped[list[Any]] = mapped_column(JSON)

    review: Mapped[Review] = relationship()


class ReviewSeat(CaseOwned, Stamped, Versioned, Base):
    """One expert on the list of a review: listed, invited, seated or gone, in the order the party gave."""

    __tablename__ = "review_seat"
    __table_args__ = (
        enum_check("origin", SeatOrigin),
        enum_check("state", SeatState),
        UniqueConstraint("review_id", "expert_id", name="uq_review_seat_expert"),
        UniqueConstraint("review_id", "place", name="uq_review_seat_place"),
        CheckConstraint("state <> 'seated' OR declared_free", name="seated_has_declared"),
        CheckConstraint(
            "state NOT IN ('declined', 'voided', 'replaced') OR reason IS NOT NULL", name="gone_has_reason"
        ),
        CheckConstraint("signed_at IS NULL OR signature_id IS NOT NULL", name="signed_has_signature"),
        Index("ix_review_seat_expert_state", "expert_id", "state"),
    )

    id: Mapped[intpk]
    review_id: Mapped[int] = mapped_column(BigId, ForeignKey("review.id"))
    expert_id: Mapped[int] = mapped_column(BigId, ForeignKey("expert.id"), info={"label": _l("Expert")})
    place: Mapped[count] = mapped_column(info={"label": _l("Order")})
    origin: Mapped[Any] = enum_column(SeatOrigin, info={"label": _l("How chosen")})
    state: Mapped[Any] = enum_column(SeatState, default=SeatState.listed, info={"label": _l("State")})
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Invited at")})
    answer_by: Mapped[date | None] = mapped_column(info={"label": _l("Answer due on")})
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Answered at")})
    declared_free: Mapped[flag] = mapped_column(default=False, info={"label": _l("Declares to have no interest")})
    declaration: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Declaration")})
    reason: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Reason")})
    replaces_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("review_seat.id"))
    draw_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("review_draw.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Signed at")})
    signature_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("signature.id"))

    review: Mapped[Review] = relationship(back_populates="seats")
    expert: Mapped[Expert] = relationship(info={"label": _l("Expert")})
    signature: Mapped[Signature | None] = relationship()


class Verdict(LabelledEnum):
    """What an expert marks for legality and for reasonableness."""

    sound = "sound", _lp("verdict", "Sound"), "ok"
    unsound = "unsound", _lp("verdict", "Not sound"), "late"
    abstain = "abstain", _lp("verdict", "No opinion"), "plain"


class Ballot(CaseOwned, Base):
    """The vote of one seat in one round; sealed until all have voted, never changed (a trigger sees to it)."""

    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("seat_id", "round", name="uq_ballot_seat_round"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_reason"),
        Index("ix_ballot_review", "review_id"),
    )

    id: Mapped[intpk]
    review_id: Mapped[int] = mapped_column(BigId, ForeignKey("review.id"))
    seat_id: Mapped[int] = mapped_column(BigId, ForeignKey("review_seat.id"))
    round: Mapped[int] = mapped_column(default=1)
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str | None] = mapped_column(String(1000))

    review: Mapped[Review] = relationship()
    seat: Mapped[ReviewSeat] = relationship()
    marks: Mapped[list["BallotMark"]] = relationship(back_populates="ballot", order_by="BallotMark.id")


class BallotMark(CaseOwned, Base):
    """One line of a ballot: a claim or a point of the reply, its legality and reasonableness, and a comment."""

    __tablename__ = "ballot_mark"
    __table_args__ = (
        enum_check("legality", Verdict),
        enum_check("reasonableness", Verdict),
        CheckConstraint("(claim_id IS NULL) <> (point_id IS NULL)", name="claim_or_point"),
        UniqueConstraint("ballot_id", "claim_id", name="uq_ballot_mark_claim"),
        UniqueConstraint("ballot_id", "point_id", name="uq_ballot_mark_point"),
    )

    id: Mapped[intpk]
    ballot_id: Mapped[int] = mapped_column(BigId, ForeignKey("ballot.id"))
    claim_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("claim.id"))
    point_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("reply_point.id"))
    # secret: the trail, which others read while ballots are sealed, tells that there is a mark and not which
    legality: Mapped[Any] = enum_column(Verdict, info={"label": _l("Legality"), "secret": True})
    reasonableness: Mapped[Any] = enum_column(Verdict, info={"label": _l("Reasonableness"), "secret": True})
    comment: Mapped[str | None] = mapped_column(String(1000), info={"label": _l("Comment"), "secret": True})

    ballot: Mapped[Ballot] = relationship(back_populates="marks")
    claim: Mapped[Claim | None] = relationship()
    point: Mapped[ReplyPoint | None] = relationship()
