"""Jobs: what has to happen by the clock. Safe to run twice and on two machines: each run of a task has one key."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.access.actor import SYSTEM, system_scope
from app.core import clock
from app.core.db import db, unit_of_work, work
from app.models.account import LoginAttempt
from app.models.audit import Job, JobState
from app.services import (
    attachment,
    booking_jobs,
    case_tally,
    delivery,
    document_file,
    draft,
    export_file,
    idempotency,
    import_batch,
    import_job,
    notice,
    outreach_warning,
    parameter,
    public_hold,
    report_subscription,
)
from app.services.job_lease import LEASE
from app.services.login_session import forget_ended_sessions
from app.services.reminder import remind
from app.services.review_seat import expire_invitations
from app.services.rights import close_lapsed
from app.services.supervision_rule import supervise_by_rule
from app.services.suspension import resume_due

log = logging.getLogger("portal.jobs")
KEEP_JOBS = timedelta(days=30)
MOST_TRIES = 5
PAUSE = timedelta(minutes=1)
REMIND = "remind"


def purge() -> None:
    """Forget what is past its time: drafts and their files, idempotency keys, attempts and sessions, ended jobs."""
    now = clock.now()
    draft.purge()
    attachment.sweep()
    document_file.sweep()
    idempotency.purge()
    delivery.purge()
    import_batch.purge()
    notice.purge()
    kept = timedelta(days=parameter.number("keep_attempts_days"))
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - kept))
    forget_ended_sessions()
    db.session.execute(delete(Job).where(Job.state == JobState.done, Job.ended_at < now - KEEP_JOBS))


# task → (what it does, how long one of its periods lasts); a period's key makes it run once, however many runners.
TASKS: dict[str, tuple[Callable[[], object], timedelta]] = {
    "purge": (purge, timedelta(days=1)),
    "rooms": (booking_jobs.settle_due, timedelta(minutes=5)),
    "booking_reminders": (booking_jobs.remind_contacts, timedelta(minutes=30)),
    "public_holds": (public_hold.sweep, timedelta(minutes=5)),
    REMIND: (remind, timedelta(minutes=30)),
    "invitations": (expire_invitations, timedelta(hours=1)),
    "resume": (resume_due, timedelta(hours=1)),
    "tally": (case_tally.add_up, timedelta(minutes=5)),
    "rights": (close_lapsed, timedelta(hours=1)),
    "outreach": (outreach_warning.warn, timedelta(days=1)),
    "supervision": (supervise_by_rule, timedelta(hours=1)),
    "reports": (report_subscription.deliver, timedelta(minutes=30)),
    "exports": (export_file.lapse, timedelta(hours=1)),
}

# Asked for by people, beside what the clock brings: what is done with the job's data, in transactions of its own.
ASKED: dict[str, Callable[[Mapping[str, Any]], None]] = {
    import_job.KIND: import_job.work_off,
    export_file.KIND: export_file.work_off,
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
def _lease(only: int | None = None) -> int | None:
    """Take the next job that is due (or only that one): waiting, or left behind by a runner that died."""
    now = clock.now()
    free = or_(Job.state == JobState.waiting, (Job.state == JobState.running) & (Job.leased_until < now))
    job_id = db.session.scalar(
        select(Job.id)
        .where(free, Job.due_at <= now, Job.tries < MOST_TRIES, *([Job.id == only] if only is not None else []))
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


def _carry_out(job_id: int) -> None:
    """What the clock brings is one transaction with its being done; what people asked for has its own transactions."""
    with work():
        job = db.session.scalars(select(Job).where(Job.id == job_id)).one()
        kind, data = job.kind, dict(job.data)
        if kind not in ASKED:
            _of_the_clock(job)
    if kind in ASKED:
        ASKED[kind](data)
        _end(job_id)


@unit_of_work
def _end(job_id: int) -> None:
    job = db.session.scalars(select(Job).where(Job.id == job_id)).one()
    job.state, job.ended_at, job.leased_until = JobState.done, clock.now(), None


def _of_the_clock(job: Job) -> None:
    """The task and its being done are one transaction: it happens once even when a runner dies."""
    TASKS[job.kind][0]()
    job.state, job.ended_at, job.leased_until = JobState.done, clock.now(), None


@unit_of_work
def _put_off(job_id: int, fault: Exception) -> None:
    """A job that failed is tried again a little later, and given up after some tries; the administrators are told."""
    job = db.session.scalars(select(Job).where(Job.id == job_id)).one()
    over = job.tries >= MOST_TRIES
    job.state, job.leased_until = JobState.failed if over else JobState.waiting, None
    job.due_at, job.error = clock.now() + PAUSE * job.tries, f"{type(fault).__name__}: {fault}"[:500]
    if over:
        people = notice.holders_anywhere("maintain", "Maintenance")
        notice.tell_once(SYSTEM, "job_failed", people, {"kind": job.kind, "count": job.tries}, link="/maintenance/")


def run_one(job_id: int) -> None:
    """Carry out one job that somebody asked for and waits for, unless a runner has it already."""
    with system_scope("a job asked for"):
        if _lease(job_id) is not None:
            _try(job_id)


def _try(job_id: int) -> bool:
    try:
        _carry_out(job_id)
    except Exception as fault:
        log.exception("a job failed", extra={"key": job_id})
        _put_off(job_id, fault)
        return False
    return True


def run_once() -> int:
    """Plan and carry out all that is due; the number of jobs done. One that fails does not hold up the others."""
    done = 0
    with system_scope("jobs"):
        plan()
        while (job_id := _lease()) is not None:
            done += _try(job_id)
    return done
