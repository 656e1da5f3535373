"""The file of an approved export: made beside the request with the rights of the person who asked, kept sealed, and
given once. What is no longer as it was when the file was made is made anew or refused."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.access import audit
from app.access.actor import SYSTEM, Actor, system_scope
from app.core import clock, store
from app.core.crypto import CipherError
from app.core.db import db, unit_of_work, work, writing
from app.core.errors import Conflict, NotAllowed, NotFound, PortalError, Unavailable, WrongState
from app.core.sealed_file import seal, unseal
from app.models.audit import AuditKind, Job
from app.models.export_request import ExportRequest, ExportState
from app.services import attachment
from app.services.access_log import watch
from app.services.as_person import as_person
from app.services.job_lease import hold
from app.services.notice import tell_people
from app.services.queries import export
from app.services.queries.export import Export

KIND = "export"
GREW = 10  # the result may have grown by a tenth since it was asked for
_PURPOSE = "export.file"
_LAPSES = (ExportState.approved, ExportState.ready, ExportState.failed)

NOT_YOURS = _l("Only the person who asked for it fetches this export.")
OVER = _l("The time to fetch this export is over. Please ask again.")
NO_RIGHT = _l("The right to export this list was withdrawn from the person who asked.")
NO_ACCOUNT = _l("The account of the person who asked is not in use any more.")
BROKE_OFF = _l("The file could not be made. Please have it made again, or tell the system administrator.")

Builder = Callable[[ExportRequest], Export]
_builder: list[Builder] = []


def use_builder(builder: Builder) -> None:
    """Say how a request becomes the columns and rows of its list; the lists stand on a higher floor."""
    _builder[:] = [builder]


def page_of(asked: ExportRequest) -> str:
    """The page of a request."""
    return f"/export_request/show/{asked.id}"


def find(key: int) -> ExportRequest:
    """The request within the row scope."""
    asked = db.session.scalar(select(ExportRequest).where(ExportRequest.id == key))
    if asked is None:
        raise NotFound()
    return asked


def rights_of(actor: Actor) -> str:
    """What rows and columns of a file hang on, as one word: the rights may not have changed when it is fetched."""
    said = (
        actor.organisation_id,
        actor.organisation_path,
        actor.post,
        *(sorted(words) for words in (actor.roles, actor.scopes, actor.permissions)),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def enqueue(asked: ExportRequest) -> int:
    """Write down that its file is to be made, in the transaction of now; the number of the job."""
    job: Any = Job(
        kind=KIND,
        key=f"{KIND}:{asked.id}:{asked.version}",
        data={"request": asked.id, "user": asked.asked_by_id},
    )
    db.session.add(job)
    db.session.flush()
    job.data = {**job.data, "job": job.id}
    db.session.flush()
    return int(job.id)


# ---- making it


def work_off(data: Mapping[str, Any]) -> None:
    """Make the file that was approved, unless another runner has."""
    key, job = data["request"], data["job"]
    if not as_person(data["user"], lambda actor: _make(actor, key, job)):
        _fail(key, NO_ACCOUNT)


def _make(actor: Actor, key: int, job: int) -> None:
    with writing(False), work():
        if find(key).state is not ExportState.approved:
            return
    try:
        written, storage = _written(actor, key, job)
        kept = False
        try:
            kept = _keep(key, storage, rights_of(actor), written)
        finally:
            if not kept:
                attachment.erase_files([storage])
    except Unavailable:  # the queue tries again
        raise
    except Exception as fault:
        db.session.rollback()
        _fail(key, fault if isinstance(fault, PortalError) else BROKE_OFF)
        if not isinstance(fault, PortalError):
            raise


def _written(actor: Actor, key: int, job: int) -> tuple[int, str]:
    """The sealed file in the store: how many rows, and under which key."""
    with writing(False), work():
        asked = find(key)
        if not may_have(actor, asked):
            raise NotAllowed(NO_RIGHT)
        plan, most = _builder[0](asked), asked.rows + asked.rows // GREW
        rows = export.keys_of(plan, most)
    if len(rows) > most:
        raise Conflict(
            _l(
                "The result has more than %(most)s rows by now, more than were approved. Please ask again.",
                most=most,
            )
        )
    written = 0

    def told(done: int) -> None:
        nonlocal written
        written = done
        _progress(key, done)
        hold(job)

    storage = store.write_pieces(attachment.folder(), seal(export.in_stretches(plan, rows, told), _purpose(key)))
    return written, storage


def _purpose(key: int) -> str:
    return f"{_PURPOSE}:{key}"


def may_have(actor: Actor, asked: ExportRequest) -> bool:
    """Whether the person who asked may still export that list."""
    return actor.may("export", asked.page) and actor.may("read", "ExportRequest") and actor.organisation_id is not None


@unit_of_work
def _progress(key: int, done: int) -> None:
    db.session.execute(update(ExportRequest).where(ExportRequest.id == key).values(done=done))


def _waiting(key: int) -> ExportRequest | None:
    """The request while its file is being made, locked; None once another runner was faster."""
    locked = select(ExportRequest).where(ExportRequest.id == key).with_for_update()
    asked = db.session.scalars(locked, execution_options={"populate_existing": True}).one()
    return asked if asked.state is ExportState.approved else None


@unit_of_work
def _keep(key: int, storage: str, rights: str, written: int) -> bool:
    """From here on it can be fetched."""
    asked = _waiting(key)
    if asked is None:
        return False
    asked.state, asked.storage_key, asked.made_for, asked.done = ExportState.ready, storage, rights, written
    db.session.flush()
    tell_people(SYSTEM, "export_ready", [asked.asked_by_id], {"count": written}, link=page_of(asked))
    return True


@unit_of_work
def _fail(key: int, why: Any) -> None:
    """It cannot be made; the person who asked is told why."""
    asked = _waiting(key)
    if asked is not None:
        _give_up(asked, why)


@unit_of_work
def _give_up(asked: ExportRequest, why: Any) -> None:
    _without_file(asked, ExportState.failed)
    asked.error = str(why)[:500]
    db.session.flush()
    tell_people(SYSTEM, "export_failed", [asked.asked_by_id], {"count": asked.rows}, link=page_of(asked))


def _without_file(asked: ExportRequest, state: ExportState) -> str | None:
    storage = asked.storage_key
    asked.state, asked.storage_key, asked.made_for, asked.error, asked.done = state, None, None, None, 0
    return storage


@unit_of_work
def make_anew(actor: Actor, asked: ExportRequest) -> int:
    """Have the file made (again); the number of the job."""
    if asked.asked_by_id != actor.user_id:
        raise Conflict(NOT_YOURS)
    if not may_have(actor, asked):
        raise NotAllowed()
    if asked.state not in (ExportState.ready, ExportState.failed):
        raise WrongState(_l("This request is “%(state)s” already.", state=asked.state.label))
    if asked.until is None or asked.until < clock.now():
        raise Conflict(OVER)
    _without_file(asked, ExportState.approved)
    db.session.flush()
    return enqueue(asked)


# ---- giving it


def fetch(actor: Actor, asked: ExportRequest) -> Iterator[bytes] | int:
    """The file, which from here on is gone; or, where the rights are others than it was made with, the number of the
    job that makes it anew."""
    if asked.asked_by_id != actor.user_id:
        raise Conflict(NOT_YOURS)
    if asked.state is not ExportState.ready or asked.until is None or asked.storage_key is None:
        raise WrongState(_l("This request is “%(state)s” already.", state=asked.state.label))
    if asked.until < clock.now():
        raise Conflict(OVER)
    path = attachment.path_of(asked.storage_key)
    if not may_have(actor, asked):
        _give_up(asked, NO_RIGHT)
        path.unlink(missing_ok=True)
        raise NotAllowed()
    pieces = _opened(path, asked.id) if asked.made_for == rights_of(actor) else None
    if pieces is None:
        job = make_anew(actor, asked)
        path.unlink(missing_ok=True)
        return job
    _note_fetched(actor, asked)
    path.unlink(missing_ok=True)  # who has it open reads on; nobody else finds it
    return pieces


def _opened(path: Path, key: int) -> Iterator[bytes] | None:
    """The pieces of the file, the first one read already; None if it is gone or cannot be read any more."""
    try:
        pieces = unseal(path.open("rb"), _purpose(key))
        return chain([next(pieces)], pieces)
    except (FileNotFoundError, CipherError):
        return None


@unit_of_work
def _note_fetched(actor: Actor, asked: ExportRequest) -> None:
    rows = asked.done
    _without_file(asked, ExportState.fetched)
    asked.fetched_at, asked.done = clock.now(), rows
    changes = {"rows": rows, "form": asked.form, "columns": asked.columns.split(","), "filter": asked.told}
    audit.note(db.session, AuditKind.access, f"{asked.page.lower()}:export", changes=changes)
    watch(actor, rows)


@unit_of_work
def _lapse() -> list[str]:
    with system_scope("exports that nobody fetched in time"):
        past = (ExportRequest.state.in_(_LAPSES), ExportRequest.until < clock.now())
        rows = db.session.scalars(select(ExportRequest).where(*past)).all()
        return [key for key in (_without_file(asked, ExportState.lapsed) for asked in rows) if key]


def lapse() -> None:
    """Erase the files that were not fetched in time; for the job."""
    attachment.erase_files(_lapse())
