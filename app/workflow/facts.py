"""What is known about a case when a step is considered; gathered by a query, handed to the guards as plain values."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.models.case import CaseState
from app.models.extension import ExtensionState
from app.models.hearing import HearingState
from app.models.mediation import MediationState
from app.models.party import Side
from app.models.rectification import RectificationState
from app.models.referral import ReferralKind, ReferralState
from app.models.reply import ReplyState
from app.models.review import ENDED


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
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LateFacts:
    """The rows a case gathers from its handling on, oldest first; empty before (services/queries/late_rows.py)."""

    parties: tuple[Any, ...] = ()
    claims: tuple[Any, ...] = ()
    clocks: tuple[Any, ...] = ()
    receptions: tuple[Any, ...] = ()
    conferences: tuple[Any, ...] = ()
    mediations: tuple[Any, ...] = ()
    consents: tuple[Any, ...] = ()
    members: tuple[Any, ...] = ()
    moves: tuple[Any, ...] = ()
    hearings: tuple[Any, ...] = ()
    extensions: tuple[Any, ...] = ()
    suspensions: tuple[Any, ...] = ()
    replies: tuple[Any, ...] = ()
    points: tuple[Any, ...] = ()
    services: tuple[Any, ...] = ()
    acknowledgements: tuple[Any, ...] = ()
    notices: tuple[Any, ...] = ()
    reviews: tuple[Any, ...] = ()
    applicants: tuple[Any, ...] = ()
    follow_ups: tuple[Any, ...] = ()
    rectifications: tuple[Any, ...] = ()

    @property
    def petitioners(self) -> frozenset[int]:
        """The parties on the petitioners' side."""
        return frozenset(row.id for row in self.parties if row.side == Side.petitioner)

    @property
    def reply(self) -> Any:
        """The newest version of the reply, or None."""
        return self.replies[-1] if self.replies else None

    @property
    def standing_reply(self) -> Any:
        """The newest version that was approved and not replaced, or None."""
        return next((row for row in reversed(self.replies) if row.state == ReplyState.approved), None)

    def points_of(self, reply: Any) -> tuple[Any, ...]:
        """The points of a version."""
        return tuple(row for row in self.points if reply is not None and row.reply_id == reply.id)

    def served(self, reply: Any) -> dict[int, Any]:
        """To which parties a version was served, and how."""
        return {row.party_id: row for row in self.services if reply is not None and row.reply_id == reply.id}

    def acknowledged(self, reply: Any) -> dict[int, Any]:
        """Which parties signed for a version, and what they said."""
        return {row.party_id: row for row in self.acknowledgements if reply is not None and row.reply_id == reply.id}

    def name_of(self, party_id: int) -> str:
        """The name of a party."""
        found = (row for row in self.parties if row.id == party_id)
        return next((row.person_name or row.organisation_name or row.respondent_name or "" for row in found), "")

    @property
    def papers_due(self) -> tuple[Any, ...]:
        """The written notices that wait to be served."""
        return tuple(row for row in self.notices if row.service_id is None)

    def clock_of(self, code: str, party_id: int | None = None, round: int | None = None) -> Any:
        """The newest clock of that code (of that party, of that round), or None."""
        for row in reversed(self.clocks):
            if row.code == code and party_id in (None, row.party_id) and round in (None, row.round):
                return row
        return None

    @property
    def open_review(self) -> Any:
        """The review that goes on, or None."""
        return next((row for row in reversed(self.reviews) if row.state not in ENDED), None)

    @property
    def open_rectification(self) -> Any:
        """The rectification that is not accepted yet, or None."""
        found = (row for row in reversed(self.rectifications) if row.state != RectificationState.accepted)
        return next(found, None)

    @property
    def open_mediation(self) -> Any:
        """The mediation under way, or None."""
        return next((row for row in reversed(self.mediations) if row.state == MediationState.open), None)

    @property
    def called_hearing(self) -> Any:
        """The hearing that is called and not yet held, or None."""
        return next((row for row in reversed(self.hearings) if row.state == HearingState.called), None)

    @property
    def open_suspension(self) -> Any:
        """The suspension that goes on, or None."""
        return next((row for row in reversed(self.suspensions) if row.resumed_on is None), None)

    @property
    def asked_since_rectified(self) -> tuple[Any, ...]:
        """The tries of the present stage: since the last rectification was accepted, in the newest round."""
        since = max((row.accepted_at for row in self.rectifications if row.accepted_at), default=None)
        newest = max((row.round for row in self.replies), default=1)
        return tuple(
            row for row in self.follow_ups if row.round >= newest and (since is None or row.created_at > since)
        )

    def extension_of(self, round: int) -> Any:
        """The extension asked for or granted in a round, or None."""
        found = (row for row in reversed(self.extensions) if row.round == round and row.state != ExtensionState.refused)
        return next(found, None)


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
    claims: int = 0
    parent_state: CaseState | None = None
    round: int = 1
    late: LateFacts = field(default_factory=LateFacts)

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
