"""The trail of readings: who looked at whose file, written before the answer leaves the house (security F2, G5)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, select

from app.access import audit
from app.access.actor import Actor
from app.access.chain import HEAD, append
from app.core import clock
from app.core.db import db, unit_of_work, writing
from app.models.audit import AuditEntry, AuditKind
from app.models.parameter import Parameter
from app.services import parameter
from app.services.alarm import MASS_LISTING, MASS_READING, entry, tell_auditors

_entry, _parameter = AuditEntry.__table__, Parameter.__table__
WAITING = "reads_waiting"
MASS_LEAST, MASS_WINDOW = 50, timedelta(minutes=10)  # nobody is asked what the house has set below this
_RECENT = (_entry.c.actor_id == bindparam("who"), _entry.c.at > bindparam("since"))
_TOLD = select(_entry.c.id).where(*_RECENT, _entry.c.code == MASS_READING).exists()
_READ = select(func.count()).where(*_RECENT, _entry.c.kind == AuditKind.access).scalar_subquery()
# How much the actor has read of late (no longer counted once that was told), and from how much on it is told.
_COUNTS = (
    case((_TOLD, 0), else_=_READ).label("read"),
    select(_parameter.c.value).where(_parameter.c.code == "mass_reading").scalar_subquery().label("most"),
)
_WATCHED, _HEAD = select(*_COUNTS), HEAD.add_columns(*_COUNTS)


def log_read(actor: Actor, record: Any, code: str = "", reason: str | None = None) -> None:
    """Say that `actor` reads `record`; the entry is written when the page is made, in a transaction of its own."""
    if actor.user_id is not None:
        said = audit.entry(actor, AuditKind.access, code or f"{record.__tablename__}:read", record, reason)
        db.session().info.setdefault(WAITING, []).append((actor, said))


def log_listing(actor: Actor, rows: int) -> None:
    """Say that `actor` walks through lists; the alarm is written when the page is made."""
    said = entry(actor, MASS_LISTING, rows, f"{rows} in 10 min")
    db.session().info.setdefault(WAITING, []).append((actor, said))


def write_reads() -> None:
    """Write what was read in this request; without the entry there is no answer."""
    reads = db.session().info.pop(WAITING, None)
    if reads:
        db.session.close()  # the page is made: its reading transaction ends, and a short writing one follows
        with writing():
            _write(reads[0][0], [said for _actor, said in reads])


def _given(actor: Actor) -> dict[str, Any]:
    return {"who": actor.user_id, "since": clock.now() - MASS_WINDOW}


@unit_of_work
def _write(actor: Actor, entries: list[dict[str, Any]]) -> None:
    connection = db.session.connection()
    found = connection.execute(_HEAD, _given(actor)).one()
    if read := _too_many(found, sum(said["kind"] == AuditKind.access for said in entries)):
        entries.append(entry(actor, MASS_READING, read, f"{read} in 10 min"))
    moment = clock.now()
    append(connection, [{**said, "at": moment} for said in entries], found)
    for said in entries:
        if said["kind"] == AuditKind.security:
            tell_auditors(actor, said["code"], said["changes"]["records"])


def _too_many(found: Any, more: int) -> int:
    """How many records one person has read in a short time, if that is unusual; told once in that time."""
    most = int(found.most or parameter.DEFAULTS["mass_reading"])
    read = found.read + more
    return read if more and read > max(MASS_LEAST, most) else 0


def watch(actor: Actor, more: int = 1) -> None:
    """Raise an alarm when one person reads an unusual number of records in a short time (within a unit of work).

    Looks past the row scope: the trail is not the reader's to see, but the count is ours to take."""
    found = db.session.connection().execute(_WATCHED, _given(actor)).one()
    if read := _too_many(found, more):
        told, changes = f"{read} in 10 min", {"records": read}
        audit.note(db.session, AuditKind.security, MASS_READING, reason=told, changes=changes)
        tell_auditors(actor, MASS_READING, read)
