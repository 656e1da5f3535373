"""What is known about a review when a step is considered: plain values, gathered by a query of the same name."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.models.review import SITTING, SeatOrigin, SeatState
from app.workflow.facts import CaseFacts

GONE = (SeatState.declined, SeatState.expired, SeatState.voided, SeatState.replaced)


@dataclass(frozen=True, slots=True)
class SeatFact:
    """One expert on the list: where the seat stands, whether it has voted in this round, and signed."""

    id: int
    expert_id: int
    user_id: int | None
    name: str
    place: int
    origin: SeatOrigin
    state: SeatState
    answer_by: date | None = None
    replaces_id: int | None = None
    voted: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ApplicantFact:
    """One party who applies: received the reply when, may apply until when, applied when."""

    party_id: int
    name: str
    filed_on: date
    served_on: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The facts of one review on one day; `case` are those of its case."""

    today: date
    next_seq: int
    case: CaseFacts = field(repr=False)
    seats: tuple[SeatFact, ...] = ()
    applicants: tuple[ApplicantFact, ...] = ()
    served: frozenset[int] = frozenset()
    to_serve: tuple[int, ...] = ()
    drawn: bool = False
    signed_at: datetime | None = None

    @property
    def seated(self) -> tuple[SeatFact, ...]:
        """The experts who sit on the panel."""
        return tuple(seat for seat in self.seats if seat.state == SeatState.seated)

    @property
    def sitting(self) -> tuple[SeatFact, ...]:
        """The places that are held: seated, or invited."""
        return tuple(seat for seat in self.seats if seat.state in SITTING)

    @property
    def vacant(self) -> tuple[SeatFact, ...]:
        """The experts who went and whom nobody has replaced yet."""
        replaced = {seat.replaces_id for seat in self.seats}
        return tuple(seat for seat in self.seats if seat.state in GONE and seat.id not in replaced)

    def seat_of(self, user_id: int | None) -> SeatFact | None:
        """The seat of an account, or None."""
        return next((seat for seat in self.seats if user_id is not None and seat.user_id == user_id), None)

    def seat(self, seat_id: Any) -> SeatFact | None:
        """A seat by its id."""
        return next((seat for seat in self.seats if seat.id == seat_id), None)

    @property
    def not_served(self) -> tuple[int, ...]:
        """The parties who still have to receive the opinion."""
        return tuple(party for party in self.to_serve if party not in self.served)
