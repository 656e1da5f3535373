"""What is known about a request to change the roster when a step is considered."""

from dataclasses import dataclass
from datetime import date, datetime

from app.workflow.facts import Event


@dataclass(frozen=True, slots=True)
class Held:
    """A shift as it stands: who has it, from when until when, and whether it is published."""

    id: int
    account_id: int | None
    on: date
    starts: datetime
    ends: datetime
    published: bool


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """The facts of one request at one moment."""

    now: datetime
    next_seq: int = 1
    course: tuple[Event, ...] = ()
    shift: Held | None = None
    other_shift: Held | None = None
    asker_name: str = ""
    other_name: str = ""
    clash: str | None = None  # who would be in two places, and where
