"""How long a runner has a job for itself before another may take it for dead."""

from datetime import timedelta

from sqlalchemy import update

from app.core import clock
from app.core.db import db, unit_of_work
from app.models.audit import Job, JobState

LEASE = timedelta(minutes=10)


@unit_of_work
def hold(job_id: int) -> None:
    """A job that takes long is still being worked on."""
    going = update(Job).where(Job.id == job_id, Job.state == JobState.running)
    db.session.execute(going.values(leased_until=clock.now() + LEASE))
