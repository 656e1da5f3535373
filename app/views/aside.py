"""Long work is done beside the request: the answer comes at once, and a page tells how far it is."""

from threading import Thread
from typing import Any

from flask import current_app

from app.services.job import run_one

AT_ONCE = 2000  # rows that a request works off before it answers


def set_off(job: int, long: bool) -> None:
    """Carry a job out: now if it is short, else in a thread of its own; if that dies, the next runner of jobs does."""
    if not long:
        run_one(job)
        return
    portal = current_app._get_current_object()  # type: ignore[attr-defined]
    Thread(target=_beside, args=(portal, job), daemon=True).start()


def _beside(portal: Any, job: int) -> None:
    with portal.app_context():
        run_one(job)
