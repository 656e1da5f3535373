"""How the work outside of requests stands: for monitors and for the system page."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.models.audit import Job, JobState
from app.models.outbox import MessageState, OutboxMessage
from app.services.job import REMIND

LATE = timedelta(hours=1)
_message, _job = OutboxMessage.__table__, Job.__table__
_OPEN = (MessageState.waiting, MessageState.held, MessageState.sending)


@dataclass(frozen=True)
class Machinery:
    """What waits, since when, and when the deadlines were looked at last."""

    messages: dict[tuple[str, str], int]  # (channel, state) of what has not left
    longest_wait: float  # seconds, of what could have left already
    jobs: dict[str, int]
    reminded: float | None  # seconds ago

    @property
    def reminding_late(self) -> bool:
        """Whether nobody has looked at the deadlines for an hour."""
        return self.reminded is None or self.reminded > LATE.total_seconds()


def machinery() -> Machinery:
    """Counts of what is open; a few small selects over indexes."""
    connection, now = db.session.connection(), clock.now()
    counted = (
        select(_message.c.channel, _message.c.state, func.count())
        .where(_message.c.state.in_((*_OPEN, MessageState.failed)))
        .group_by(_message.c.channel, _message.c.state)
    )
    oldest = connection.execute(
        select(func.min(_message.c.next_at)).where(_message.c.state.in_(_OPEN), _message.c.next_at <= now)
    ).scalar()
    jobs = select(_job.c.state, func.count()).where(_job.c.state != JobState.done).group_by(_job.c.state)
    ended = connection.execute(
        select(func.max(_job.c.ended_at)).where(_job.c.kind == REMIND, _job.c.state == JobState.done)
    ).scalar()
    return Machinery(
        {(channel.value, state.value): number for channel, state, number in connection.execute(counted)},
        (now - oldest).total_seconds() if oldest else 0.0,
        {state.value: number for state, number in connection.execute(jobs)},
        (now - ended).total_seconds() if ended else None,
    )
