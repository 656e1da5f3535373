"""What is known about a record whose flow needs little: the moment, and its course so far."""

from dataclasses import dataclass
from datetime import date, datetime

from app.workflow.facts import Event


@dataclass(frozen=True, slots=True)
class PlainFacts:
    """The facts of one record at one moment; `unsigned` and `undecided` count what a hearing still lacks."""

    now: datetime
    today: date
    next_seq: int = 1
    course: tuple[Event, ...] = ()
    unsigned: int = 0
    undecided: int = 0
