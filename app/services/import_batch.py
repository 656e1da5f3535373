"""Bringing a table in: the file is tried, then all of it is kept in one transaction or nothing is."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from app.access import audit
from app.access.actor import Actor, system_scope
from app.access.permissions import IMPORT_PAGES
from app.core import clock, store
from app.core.crypto import decrypt, encrypt
from app.core.db import db, unit_of_work, work, writing
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, PortalError, WrongState
from app.core.memo import remembering
from app.models.audit import AuditKind
from app.models.import_batch import ImportBatch, ImportRow, ImportState
from app.services import attachment, import_case, import_case_columns, parameter
from app.services.import_case import Ledger, Old
from app.services.import_case_rows import write_cases
from app.services.import_columns import Column, Fault, Row
from app.services.import_register import REGISTERS, read_register
from app.services.import_sheet import BYTES_MOST, checked, marked, read_rows, sentence_of
from app.services.record import in_plain_words

CASE = "case"
STRETCH = 1000  # rows read without a pause for other people's writing
_AAD = "import.file"
GONE = _l("The file is no longer kept here. Please try it once more.")
Told = Callable[[int], None]


def must(actor: Actor, noun: str) -> None:
    """Refuse whoever may not bring tables into that register."""
    page = IMPORT_PAGES.get(noun)
    if page is None:
        raise NotFound()
    if not actor.may("import", page) or actor.organisation_id is None:
        raise NotAllowed()


def columns_of(noun: str) -> list[Column]:
    """The columns of a register's table."""
    with remembering():
        return import_case_columns.columns() if noun == CASE else REGISTERS[noun].columns()


def most_of(noun: str) -> int:
    """How many rows one file may have."""
    return import_case.ROWS_MOST if noun == CASE else REGISTERS[noun].most


def labels_of(noun: str) -> dict[str, Any]:
    """The headings by column."""
    return {column.name: column.label for column in columns_of(noun)}


def find(key: int) -> ImportBatch:
    """The batch within the row scope."""
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.id == key))
    if batch is None:
        raise NotFound()
    return batch


# ---- the file: kept encrypted until it is imported, at most as long as a draft


def content_of(batch: ImportBatch) -> bytes:
    """The bytes of the file."""
    path = attachment.path_of(batch.storage_key)
    if not path.is_file():
        raise Conflict(GONE)
    return base64.b64decode(decrypt(path.read_text("ascii"), _AAD))


def purge() -> None:
    """Forget the files of what was never imported; for the job."""
    limit = clock.now() - timedelta(days=parameter.number("draft_days"))
    with system_scope("files of imports that nobody finished"):
        old = db.session.scalars(select(ImportBatch.storage_key).where(ImportBatch.created_at < limit))
    attachment.erase_files(list(old))


@unit_of_work
def _enter(actor: Actor, noun: str, name: str, data: bytes, key: str, total: int) -> ImportBatch:
    batch = ImportBatch(
        organisation_id=actor.organisation_id,
        noun=noun,
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        storage_key=key,
        state=ImportState.waiting,
        total=total,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def take(actor: Actor, noun: str, name: str | None, data: bytes) -> ImportBatch:
    """Keep a file to be tried; what is no table of this register is refused at once."""
    must(actor, noun)
    if len(data) > BYTES_MOST:
        raise Invalid(errors={"file": [_l("The file is larger than %(most)d MB.", most=BYTES_MOST // 2**20)]})
    shown = checked(name, data)
    rows, _places = read_rows(data, noun, columns_of(noun), most_of(noun))
    key = store.write(attachment.folder(), encrypt(base64.b64encode(data).decode(), _AAD).encode())
    try:
        return _enter(actor, noun, shown, data, key, len(rows))
    except BaseException:
        attachment.erase_files([key])
        raise


# ---- reading, without holding anything that others wait for


def _rows(batch: ImportBatch) -> list[Row]:
    return read_rows(content_of(batch), batch.noun, columns_of(batch.noun), most_of(batch.noun))[0]


def _read_ledger(actor: Actor, rows: Sequence[Row], told: Told) -> tuple[list[Old], list[Fault]]:
    ledger, olds, faults = Ledger(actor), list[Old](), list[Fault]()
    for start in range(0, len(rows), STRETCH):
        with writing(False), work(), remembering():
            good, bad = ledger.read(rows[start : start + STRETCH])
        olds += good
        faults += bad
        told(min(start + STRETCH, len(rows)))
    return olds, faults


def _faults_of_register(actor: Actor, noun: str, rows: Sequence[Row]) -> list[Fault]:
    with writing(False), work():
        faults = read_register(actor, REGISTERS[noun], rows).faults
        db.session.rollback()  # what the rows would have changed around them
    return faults


@unit_of_work
def _progress(key: int, done: int) -> None:
    db.session.execute(update(ImportBatch).where(ImportBatch.id == key).values(done=done))


def _telling(batch_id: int, total: int) -> Told:
    """Progress of long files is written down as it goes; of short ones nobody could see it."""

    def told(done: int) -> None:
        if total > STRETCH:
            _progress(batch_id, done)

    return told


# ---- the trial


def try_out(actor: Actor, key: int) -> None:
    """Check every row as if it were typed into the form; nothing of it is kept but the faults."""
    with writing(False), work():
        batch = find(key)
        noun, total, rows = batch.noun, batch.total, _rows(batch)
    must(actor, noun)
    if noun == CASE:
        _olds, faults = _read_ledger(actor, rows, _telling(key, total))
    else:
        faults = _faults_of_register(actor, noun, rows)
    _write_faults(key, len(rows), faults)


@unit_of_work
def _write_faults(key: int, total: int, faults: Sequence[Fault]) -> None:
    batch = find(key)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == key))
    if faults:
        db.session.execute(
            insert(ImportRow),
            [
                {
                    "batch_id": key,
                    "row": fault.row.number,
                    "content": fault.row.content,
                    "faults": [[name, str(said)] for name, sentences in fault.errors.items() for said in sentences],
                }
                for fault in faults
            ],
        )
    batch.state, batch.total, batch.good, batch.done = ImportState.tried, total, total - len(faults), total
    batch.error = None


def faults_of(batch: ImportBatch, most: int | None = None) -> list[tuple[ImportRow, str]]:
    """The faulty rows with all that is wrong, in the order of the file."""
    labels = labels_of(batch.noun)
    rows = (
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.faults.is_not(None)).order_by(ImportRow.row)
    )
    return [(row, sentence_of(_by_column(row), labels)) for row in db.session.scalars(rows.limit(most))]


def _by_column(row: ImportRow) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, said in row.faults or ():
        found.setdefault(name, []).append(said)
    return found


def marked_file(actor: Actor, batch: ImportBatch) -> bytes:
    """The person's own file with its faults in red and in words."""
    must(actor, batch.noun)
    data, columns = content_of(batch), columns_of(batch.noun)
    _rows_read, places = read_rows(data, batch.noun, columns, most_of(batch.noun))
    found = (
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.faults.is_not(None)).order_by(ImportRow.row)
    )
    faults = [Fault(Row(row.row, {}), _by_column(row)) for row in db.session.scalars(found)]
    return marked(data, faults, places, labels_of(batch.noun))


# ---- the import


@unit_of_work
def begin(actor: Actor, key: int, version: int | None) -> ImportBatch:
    """From here on nobody else imports this file."""
    batch = find(key)
    must(actor, batch.noun)
    if batch.state is not ImportState.tried or (version is not None and version != batch.version):
        raise WrongState(_l("This file is “%(state)s” already.", state=batch.state.label))
    if batch.bad or not batch.total:
        raise Conflict(_l("%(count)d rows have faults. Please mend the file and try it again.", count=batch.bad))
    content_of(batch)
    batch.state, batch.done = ImportState.running, 0
    return batch


def carry_out(actor: Actor, key: int) -> None:
    """Keep all rows of a file that was begun, in one transaction; whatever stands in the way, nothing is kept."""
    try:
        with writing(False), work():
            batch = find(key)
            noun, total, storage, rows = batch.noun, batch.total, batch.storage_key, _rows(batch)
        if noun == CASE:
            olds, faults = _read_ledger(actor, rows, _telling(key, total))
            if faults:
                _write_faults(key, len(rows), faults)
                raise _stale(faults)
            _keep_cases(actor, key, olds)
        else:
            _keep_register(actor, key, rows)
    except Exception as fault:
        db.session.rollback()
        _give_back(key, fault)
        raise
    attachment.erase_files([storage])


def _stale(faults: Sequence[Fault]) -> Conflict:
    return Conflict(
        _l(
            "Meanwhile something changed, and %(count)d rows can no longer be imported. Nothing was kept.",
            count=len(faults),
        )
    )


@unit_of_work
def _give_back(key: int, fault: Exception) -> None:
    """The file can be imported again; what stood in the way is said."""
    batch = find(key)
    said = str(fault) if isinstance(fault, PortalError) else str(_l("The import broke off. Nothing was kept."))
    batch.error = said[:500]
    if batch.state is ImportState.running:
        batch.state = ImportState.tried


@unit_of_work
def give_up(key: int, refusal: PortalError) -> None:
    """The file could not even be tried."""
    batch = find(key)
    batch.state, batch.error = ImportState.failed, str(refusal)[:500]


@unit_of_work
def _keep_cases(actor: Actor, key: int, olds: Sequence[Old]) -> None:
    batch, moment = find(key), clock.now()
    if import_case.known_numbers(olds):
        raise Conflict(import_case.ON_FILE)
    with in_plain_words():
        made = write_cases(actor, batch, olds, moment)
    numbers = {old.row: old.number for old in olds}
    _finish(actor, batch, moment, [(row, numbers[row], record) for row, record in made.items()])


@unit_of_work
def _keep_register(actor: Actor, key: int, rows: Sequence[Row]) -> None:
    batch, moment = find(key), clock.now()
    read = read_register(actor, REGISTERS[batch.noun], rows)
    if read.faults:
        raise _stale(read.faults)
    with in_plain_words():
        db.session.add_all([record for _row, record, _after in read.records])
        db.session.flush()
        for _row, record, after in read.records:
            if after is not None:
                after(record)
        db.session.flush()
    _finish(actor, batch, moment, [(row.number, row.content, record.id) for row, record, _after in read.records])


def _finish(actor: Actor, batch: ImportBatch, moment: Any, made: Sequence[tuple[int, str, int]]) -> None:
    """The batch with the rows it made, and one entry of the trail for the whole."""
    db.session.execute(
        insert(ImportRow),
        [{"batch_id": batch.id, "row": row, "content": said[:200], "record_id": key} for row, said, key in made],
    )
    batch.state, batch.imported_at, batch.done = ImportState.imported, moment, len(made)
    told = {"noun": batch.noun, "rows": len(made), "sha256": batch.sha256}
    audit.note(db.session, AuditKind.change, "import_batch:import", record=batch, changes=told)
