"""Files are worked off by the request that takes them, by a thread beside it, or by the next runner of jobs."""

from collections.abc import Mapping
from contextvars import Context
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale, get_locale

from app.access.actor import Actor, acting
from app.access.load import account_row, actor_of
from app.core.db import db, unit_of_work
from app.core.errors import PortalError
from app.models.audit import Job
from app.models.import_batch import ImportBatch, ImportState
from app.services import import_batch

KIND = "import"
AT_ONCE = 2000  # rows that a request works off before it answers


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
    portal = current_app._get_current_object()  # type: ignore[attr-defined]
    Context().run(_as_person, portal, data)


def _as_person(portal: Flask, data: Mapping[str, Any]) -> None:
    with portal.app_context(), force_locale(data["language"]):
        row = account_row(data["user"])
        if row is None or not row["active"]:
            return
        with acting(actor_of(row, data["address"])) as actor:
            go_on(actor, data["batch"])


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
