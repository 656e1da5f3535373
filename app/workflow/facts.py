"""What is known about a case when a step is considered; gathered by a query, handed to the guards as plain values."""

from dataclasses import dataclass
from datetime import date

from app.models.case import CaseState
from app.models.referral import ReferralKind, ReferralState


@dataclass(frozen=True, slots=True)
class ReferralFact:
    """One open referral: to whom, in what capacity, where it stands, until when it may be objected to."""

    id: int
    organisation_id: int
    kind: ReferralKind
    state: ReferralState
    objection_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the course, as far as guards look at it."""

    step: str
    actor_id: int | None
    from_state: str | None = None
    to_state: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts of one case on one day."""

    today: date
    next_seq: int = 1
    referrals: tuple[ReferralFact, ...] = ()
    course: tuple[Event, ...] = ()
    accused_paths: tuple[str, ...] = ()
    handle_due_on: date | None = None
    children: int = 0
    parent_state: CaseState | None = None

    def proposed_due(self, nearest: date | None) -> date:
        """Until when an organisation is asked to be done: the nearest day of the case, unless that has passed."""
        days = [day for day in (nearest, self.handle_due_on) if day is not None and day >= self.today]
        return min(days, default=self.today)

    def referral_of(self, organisation_id: int | None) -> ReferralFact | None:
        """The open referral of an organisation, the lead before a co-organisation."""
        mine = [r for r in self.referrals if r.organisation_id == organisation_id]
        return next((r for r in mine if r.kind == ReferralKind.lead), mine[0] if mine else None)

    @property
    def lead(self) -> ReferralFact | None:
        """The open lead referral."""
        return next((r for r in self.referrals if r.kind == ReferralKind.lead), None)

    def last(self, *names: str) -> Event | None:
        """The latest step of any of these names."""
        return next((event for event in reversed(self.course) if event.step in names), None)

    def doers(self, *names: str) -> frozenset[int]:
        """Everybody who carried out one of these steps."""
        return frozenset(e.actor_id for e in self.course if e.step in names and e.actor_id is not None)
