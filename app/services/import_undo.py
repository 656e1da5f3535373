"""Undoing an import: exactly what it made goes again, if nothing was built on it; else it says which rows and why."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from app.access import audit
from app.access.actor import Actor, system_scope
from app.access.chain import append
from app.core import clock
from app.core.db import Base, db, unit_of_work
from app.core.errors import Conflict, PortalError, WrongState
from app.core.text import listed
from app.models.audit import AuditKind
from app.models.case import Case
from app.models.code_table import NumberSequence
from app.models.import_batch import ImportBatch, ImportRow, ImportState
from app.models.party import Claim, Party
from app.models.person import Person
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services import search_index
from app.services.import_batch import CASE, find, must
from app.services.import_register import REGISTERS
from app.services.queries.audit_words import table_label
from app.services.record import in_plain_words
from app.services.register import must_own

PART = 500
SHOWN = 20
OWN = (Claim, Visit, CaseStep, Party)  # what an old matter brought with it, in the order in which it goes
CHANGED = _l("was changed since")


class Built(Conflict):
    """The import cannot be undone: something was built on it."""

    def __init__(self, rows: Sequence[tuple[int, str, str]]) -> None:
        self.rows = list(rows)[:SHOWN]
        super().__init__(_l("Nothing was undone: something was built on %(count)d of the rows since.", count=len(rows)))


def _parts(keys: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(keys)
    return (ordered[start : start + PART] for start in range(0, len(ordered), PART))


def _mapped() -> set[Any]:
    return {mapper.local_table for mapper in Base.registry.mappers}


def referring(table: Any, keys: Collection[int], but: Collection[Any] = ()) -> dict[int, set[str]]:
    """Which of these rows others refer to, and what those are; links of a row's own lists do not count."""
    found: dict[int, set[str]] = defaultdict(set)
    connection, mapped = db.session.connection(), _mapped()
    for other in Base.metadata.tables.values():
        if other in but or other not in mapped:
            continue
        for key in other.foreign_keys:
            if key.column.table is not table:
                continue
            for part in _parts(keys):
                rows = connection.execute(select(key.parent).where(key.parent.in_(part)).distinct())
                for (one,) in rows:
                    found[one].add(table_label(other.name))
    return found


def _changed(model: Any, keys: Collection[int]) -> set[int]:
    table = model.__table__
    found: set[int] = set()
    for part in _parts(keys):
        rows = select(table.c.id).where(table.c.id.in_(part), table.c.version > 1)
        found |= set(db.session.connection().execute(rows).scalars())
    return found


def _around(keys: Collection[int], moment: Any) -> set[int]:
    """Cases whose parties, claims, visits or course are no longer as the file had them."""
    found: set[int] = set()
    for part in _parts(keys):
        for model in OWN:
            table: Any = model.__table__
            since = table.c.seq > 1 if model is CaseStep else (table.c.created_at != moment) | (table.c.version > 1)
            rows = select(table.c.case_id).where(table.c.case_id.in_(part), since)
            found |= set(db.session.connection().execute(rows).scalars())
    return found


def _refuse_if_built(rows: Sequence[ImportRow], changed: set[int], referred: dict[int, set[str]]) -> None:
    why = [
        (row.row, row.content, listed([*([str(CHANGED)] if row.record_id in changed else []),
                                          *sorted(referred.get(row.record_id or 0, ()))]))
        for row in rows
        if row.record_id in changed or row.record_id in referred
    ]  # fmt: skip
    if why:
        raise Built(why)


@unit_of_work
def undo(actor: Actor, key: int, version: int | None = None) -> ImportBatch:
    """Take back what a file made, all of it or nothing."""
    batch = find(key)
    must(actor, batch.noun)
    if batch.state is not ImportState.imported or (version is not None and version != batch.version):
        raise WrongState(_l("This file is “%(state)s” already.", state=batch.state.label))
    rows = db.session.scalars(select(ImportRow).where(ImportRow.batch_id == key).order_by(ImportRow.row)).all()
    with system_scope("what an import made, to undo it"), in_plain_words():
        _undo_cases(actor, batch, rows) if batch.noun == CASE else _undo_register(actor, batch, rows)
    batch.state, batch.undone_at = ImportState.undone, clock.now()
    audit.note(db.session, AuditKind.change, "import_batch:undo", record=batch, changes={"rows": len(rows)})
    return batch


def _undo_register(actor: Actor, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    register = REGISTERS[batch.noun]
    keys = {row.record_id for row in rows if row.record_id is not None}
    table = register.model.__table__
    _refuse_if_built(rows, _changed(register.model, keys), referring(table, keys))
    made = {row.record_id: row for row in rows}
    if register.together:
        _forget_records(actor, register.model, keys)
        return
    records = [one for part in _parts(keys) for one in db.session.scalars(
        select(register.model).where(register.model.id.in_(part)))]  # fmt: skip
    for record in records:
        try:
            register.delete(actor, record)
        except PortalError as refusal:
            row = made[record.id]
            raise Built([(row.row, row.content, str(refusal))]) from refusal


def _forget_records(actor: Actor, model: Any, keys: Collection[int]) -> None:
    """Take the records with their own lists out, many at once, as far as the actor may change them."""
    table, connection = model.__table__, db.session.connection()
    lists = [link.secondary for link in model.__mapper__.relationships if link.secondary is not None]
    entries = []
    for part in _parts(keys):
        found = connection.execute(select(table).where(table.c.id.in_(part))).all()
        for owner in {row.organisation_id for row in found if "organisation_id" in table.c}:
            must_own(actor, owner)
        for link in lists:
            for column in (key.parent for key in link.foreign_keys if key.column.table is table):
                connection.execute(delete(link).where(column.in_(part)))
        connection.execute(delete(table).where(table.c.id.in_(part)))
        verb = f"{table.name}:undo"
        entries += [audit.made(actor, model, {"id": row.id}, verb, row.name) for row in found]
    append(connection, entries)


def _undo_cases(actor: Actor, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    keys = {row.record_id for row in rows if row.record_id is not None}
    changed = _changed(Case, keys) | _around(keys, batch.imported_at)
    _refuse_if_built(rows, changed, referring(Case.__table__, keys, [model.__table__ for model in OWN]))
    connection, case = db.session.connection(), Case.__table__
    people = _people(keys, batch.imported_at)
    numbers = {row.id: row.number for part in _parts(keys) for row in connection.execute(
        select(case.c.id, case.c.number).where(case.c.id.in_(part)))}  # fmt: skip
    for part in _parts(keys):
        search_index.drop_lines(part)
        for model in OWN:
            table: Any = model.__table__
            connection.execute(delete(table).where(table.c.case_id.in_(part)))
        connection.execute(delete(case).where(case.c.id.in_(part)))
    _forget_people(people)
    _give_numbers_back(list(numbers.values()))
    entries = [audit.made(actor, Case, {"id": key}, "case:undo", number) for key, number in numbers.items()]
    entries += [audit.made(actor, Person, {"id": key}, "person:undo", "") for key in sorted(people)]
    append(connection, entries)


def _people(cases: Collection[int], moment: Any) -> set[int]:
    """The persons that the file entered and nobody else names."""
    party, person = Party.__table__, Person.__table__
    found: set[int] = set()
    for part in _parts(cases):
        mine = select(party.c.person_id).join(person, person.c.id == party.c.person_id).where(
            party.c.case_id.in_(part), person.c.created_at == moment, person.c.version == 1
        )  # fmt: skip
        found |= set(db.session.connection().execute(mine).scalars())
    named = set(referring(person, found, [party]))
    for part in _parts(found):
        elsewhere = select(party.c.person_id, party.c.case_id).where(party.c.person_id.in_(part))
        named |= {row.person_id for row in db.session.connection().execute(elsewhere) if row.case_id not in cases}
    return found - named


def _forget_people(keys: Collection[int]) -> None:
    for part in _parts(keys):
        db.session.connection().execute(delete(Person.__table__).where(Person.__table__.c.id.in_(part)))


def _give_numbers_back(numbers: Sequence[str]) -> None:
    """The last numbers of a series can be given again, so that it has no hole."""
    series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number in numbers:
        prefix, year, place = number.rsplit("-", 2)
        series[prefix, int(year)].append(int(place))
    sequence = NumberSequence.__table__
    for (start, of), given in series.items():
        last = max(given)
        if last - min(given) + 1 == len(given):
            here = (sequence.c.prefix == start) & (sequence.c.year == of) & (sequence.c.last == last)
            db.session.connection().execute(update(sequence).where(here).values(last=min(given) - 1))


def made_of(batch: ImportBatch) -> int:
    """How many records a batch made."""
    count = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.record_id.is_not(None))
    return db.session.scalar(count) or 0
