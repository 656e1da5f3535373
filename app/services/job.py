"""Jobs: what has to happen by the clock. Safe to run twice and on two machines: each run of a task has one key."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import LoginAttempt
from app.models.audit import Job, JobState
from app.services import attachment, draft, idempotency, parameter
from app.services.login_session import forget_ended_sessions

log = logging.getLogger("portal.jobs")
LEASE = timedelta(minutes=10)
KEEP_JOBS = timedelta(days=30)
MOST_TRIES = 5


def purge() -> None:
    """Forget what is past its time: drafts and their files, idempotency keys, attempts and sessions, ended jobs."""
    now = clock.now()
    draft.purge()
    attachment.sweep()
    idempotency.purge()
    kept = timedelta(days=parameter.number("keep_attempts_days"))
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - kept))
    forget_ended_sessions()
    db.session.execute(delete(Job).where(Job.state == JobState.done, Job.ended_at < now - KEEP_JOBS))


# task → (what it does, how long one of its periods lasts); a period's key makes it run once, however many runners.
TASKS: dict[str, tuple[Callable[[], None], timedelta]] = {
    "purge": (purge, timedelta(days=1)),
}


def _key(kind: str, period: timedelta, now: datetime) -> str:
    return f"{kind}:{int(now.timestamp() // period.total_seconds())}"


@unit_of_work
def plan() -> None:
    """One row for each task's present period, unless another runner was faster."""
    now = clock.now()
    for kind, (_task, period) in TASKS.items():
        key = _key(kind, period, now)
        if db.session.scalar(select(Job.id).where(Job.key == key)) is None:
            try:
                with db.session.begin_nested():
                    db.session.add(Job(kind=kind, key=key, due_at=now))
            except IntegrityError:
                log.info("job planned elsewhere", extra={"key": key})


@unit_of_work
def _lease() -> int | None:
    """Take the next job that is due: waiting, or left behind by a runner that died."""
    now = clock.now()
    free = or_(Job.state == JobState.waiting, (Job.state == JobState.running) & (Job.leased_until < now))
    job_id = db.session.scalar(
        select(Job.id)
        .where(free, Job.due_at <= now, Job.tries < MOST_TRIES)
        .order_by(Job.due_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job_id is not None:
        db.session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(state=JobState.running, leased_until=now + LEASE, tries=Job.tries + 1)
        )
    return job_id


@unit_of_work
def _carry_out(job_id: int) -> None:
    """The task and its being done are one transaction: it happens once even when a runner dies."""
    job = db.session.scalars(select(Job).where(Job.id == job_id)).one()
    TASKS[job.kind][0]()
    job.state, job.ended_at, job.leased_until = JobState.done, clock.now(), None


def run_once() -> int:
    """Plan and carry out all that is due; the number of jobs done."""
    done = 0
    with system_scope("jobs"):
        plan()
        while (job_id := _lease()) is not None:
            _carry_out(job_id)
            done += 1
    return done
