"""The days each petitioner has after receiving a reply: served, signed, applied, or out of time (domain §3, §5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models.review import ReviewState
from app.workflow.facts import LateFacts

REVIEW_DAYS, RECHECK_DAYS = "D-REV5", "D-FC30"
GONE = (ReviewState.refused, ReviewState.withdrawn)  # such an application leaves the party where it stood


@dataclass(frozen=True, slots=True)
class Window:
    """Where one petitioner stands with one version of the reply."""

    party_id: int
    service: Any = None
    last_day: date | None = None
    acknowledgement: Any = None
    application: Any = None

    def is_open(self, today: date) -> bool:
        """Whether the party may still apply for a review: served, in time, and neither signed nor applied."""
        waits = self.service is not None and self.acknowledgement is None and self.application is None
        return waits and self.last_day is not None and today <= self.last_day

    def has_lapsed(self, today: date) -> bool:
        """Out of time without a word; never taken for satisfaction."""
        waits = self.service is not None and self.acknowledgement is None and self.application is None
        return waits and self.last_day is not None and today > self.last_day

    def is_settled(self, today: date) -> bool:
        """Nothing more is waited for from this party."""
        return self.acknowledgement is not None or self.application is not None or self.has_lapsed(today)


def applications_of(late: LateFacts, reply: Any) -> dict[int, Any]:
    """Which parties applied for a review of this version, as far as the application stands."""
    standing = {
        row.id for row in late.reviews if reply is not None and row.reply_id == reply.id and row.state not in GONE
    }
    return {row.party_id: row for row in late.applicants if row.review_id in standing}


def windows(late: LateFacts) -> dict[int, Window]:
    """The window of every petitioner for the version that stands."""
    reply = late.standing_reply
    served, signed, applied = late.served(reply), late.acknowledged(reply), applications_of(late, reply)
    found = {}
    for key in sorted(late.petitioners):
        clock = late.clock_of(REVIEW_DAYS, key) if key in served else None
        last = clock.due_on if clock is not None else None
        found[key] = Window(key, served.get(key), last, signed.get(key), applied.get(key))
    return found


def unserved(late: LateFacts) -> frozenset[int]:
    """The petitioners who have not received the version that stands."""
    return late.petitioners - late.served(late.standing_reply).keys()


def all_settled(late: LateFacts, today: date) -> bool:
    """Whether every petitioner has signed or is out of time, and no review goes on."""
    own = windows(late)
    return bool(own) and late.open_review is None and all(window.is_settled(today) for window in own.values())
