"""What is known about an order of supervision, or about a proposal, when a step is considered."""

from dataclasses import dataclass
from datetime import date

from app.workflow.facts import Event


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """The facts of one order or proposal on one day."""

    today: date
    next_seq: int = 1
    course: tuple[Event, ...] = ()

    def last(self, *names: str) -> Event | None:
        """The latest step of any of these names."""
        return next((event for event in reversed(self.course) if event.step in names), None)
