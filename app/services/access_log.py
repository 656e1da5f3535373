"""The trail of readings: who looked at whose file, written before the answer leaves the house (security F2, G5)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from app.access import audit
from app.access.actor import Actor, acting
from app.core import clock
from app.core.db import db, unit_of_work, writing
from app.models.audit import AuditEntry, AuditKind
from app.services import parameter

_entry = AuditEntry.__table__
WAITING = "reads_waiting"
MASS_LEAST, MASS_WINDOW = 50, timedelta(minutes=10)  # nobody is asked what the house has set below this
MASS_CODE = "access:mass-reading"


def log_read(actor: Actor, record: Any, code: str = "", reason: str | None = None) -> None:
    """Say that `actor` reads `record`; the entry is written when the page is made, in a transaction of its own."""
    if actor.user_id is not None:
        said = (actor, record, code or f"{record.__tablename__}:read", reason)
        db.session().info.setdefault(WAITING, []).append(said)


def write_reads() -> None:
    """Write what was read in this request; without the entry there is no answer."""
    reads = db.session().info.pop(WAITING, None)
    if not reads:
        return
    db.session.expunge_all()  # keeps the names of what was read; a rollback alone would have them loaded anew
    db.session.rollback()  # the page is made: its reading transaction ends, and a short writing one follows
    actor = reads[0][0]
    with writing(), acting(actor):
        _write(actor, reads)


@unit_of_work
def _write(actor: Actor, reads: list[Any]) -> None:
    for _actor, record, code, reason in reads:
        audit.note(db.session, AuditKind.access, code, record=record, reason=reason)
    watch(actor, len(reads))


_RECENT = (_entry.c.actor_id == bindparam("who"), _entry.c.at > bindparam("since"))
_READ = select(func.count()).select_from(_entry).where(*_RECENT, _entry.c.kind == AuditKind.access)
_TOLD = select(_entry.c.id).where(*_RECENT, _entry.c.code == MASS_CODE).limit(1)


def watch(actor: Actor, more: int = 1) -> None:
    """Raise an alarm when one person reads an unusual number of records in a short time (within a unit of work).

    Looks past the row scope: the trail is not the reader's to see, but the count is ours to take."""
    connection, given = db.session.connection(), {"who": actor.user_id, "since": clock.now() - MASS_WINDOW}
    read = connection.execute(_READ, given).scalar_one()
    if read + more <= MASS_LEAST or read + more <= parameter.number("mass_reading"):
        return
    if connection.execute(_TOLD, given).first() is None:
        audit.note(db.session, AuditKind.security, MASS_CODE, reason=f"{read + more} in 10 min")
