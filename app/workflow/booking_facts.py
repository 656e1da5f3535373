"""What is known about a booking when a step is considered; gathered by a query, handed to the guards."""

from dataclasses import dataclass
from datetime import datetime

from app.models.booking import HOLDING, BookingState
from app.workflow.facts import Event


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """The facts of one booking at one moment."""

    now: datetime
    next_seq: int = 1
    course: tuple[Event, ...] = ()
    people: frozenset[int] = frozenset()
    manager_id: int | None = None
    manager_name: str | None = None


def stands(state: BookingState, release_at: datetime, ends_at: datetime, now: datetime) -> BookingState:
    """The state as it is now: nobody came in time, or nobody decided in time, or it is simply over."""
    if state is BookingState.confirmed and release_at <= now:
        return BookingState.no_show
    if state is BookingState.requested and release_at <= now:
        return BookingState.cancelled
    if state is BookingState.checked_in and ends_at <= now:
        return BookingState.finished
    return state


def keeps_the_room(state: BookingState, release_at: datetime, now: datetime) -> bool:
    """Whether the room is still kept for it: a booking nobody came to, or nobody decided on, has let it go."""
    return state in HOLDING and (state is BookingState.checked_in or release_at > now)
