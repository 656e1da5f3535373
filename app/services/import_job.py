"""Files are worked off by the request that takes them, by a thread beside it, or by the next runner of jobs."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import PortalError
from app.models.audit import Job
from app.models.import_batch import ImportBatch, ImportState
from app.services import import_batch
from app.services.as_person import as_person

KIND = "import"


@unit_of_work
def enqueue(actor: Actor, batch: ImportBatch) -> int:
    """Write down that the file waits for its trial, or for its import; the number of the job."""
    job = Job(
        kind=KIND,
        key=f"{KIND}:{batch.id}:{batch.version}",
        data={"batch": batch.id, "user": actor.user_id, "address": actor.address, "language": str(get_locale())},
    )
    db.session.add(job)
    db.session.flush()
    return job.id


def work_off(data: Mapping[str, Any]) -> None:
    """What the file waits for, as the person who asked: with his or her rights and rows, as they are now."""
    as_person(data["user"], lambda actor: go_on(actor, data["batch"]), data["address"], data["language"])


def go_on(actor: Actor, key: int) -> None:
    """Try a file that waits, import one that was begun; what stands in the way is said on its page."""
    state = import_batch.find(key).state
    db.session.rollback()
    try:
        if state is ImportState.waiting:
            import_batch.try_out(actor, key)
        elif state is ImportState.running:
            import_batch.carry_out(actor, key)
    except PortalError as refusal:
        if state is ImportState.waiting:
            import_batch.give_up(key, refusal)
