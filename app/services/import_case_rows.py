"""The rows of old matters, written many at once: persons, cases with all that hangs on them, search words, trail."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import func, insert, or_, select

from app.access import audit
from app.access.actor import Actor
from app.access.chain import append
from app.core.bulk import insert_rows
from app.core.clock import LOCAL
from app.core.db import db
from app.core.masks import mask_phone
from app.core.upsert import dialect
from app.models.case import Case
from app.models.import_batch import ImportBatch
from app.models.party import Claim, Party
from app.models.person import Person
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services import numbering, search_index
from app.services.import_case import Old
from app.services.person import Who
from app.services.registration import NAMES_LENGTH

MARK = "H"  # of the numbers given to old matters: they never make a hole in those of the desk
STEP = "bring_in"
CHUNK = 500
_person: Any = Person.__table__
_party: Any = Party.__table__
_claim: Any = Claim.__table__
_visit: Any = Visit.__table__
_step: Any = CaseStep.__table__


@lru_cache(maxsize=5_000)
def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def _write(model: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert the rows; their keys, in the same order."""
    if not rows:
        return []
    table, connection = model.__table__, db.session.connection()
    if dialect() == "sqlite":  # it gives keys back row by row only; there is one writer, so the next ones are known
        first = (connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1
        keys = list(range(first, first + len(rows)))
        insert_rows(connection, table, [{**row, "id": key} for key, row in zip(keys, rows, strict=True)])
        return keys
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, list(rows)).scalars())


def _numbers(olds: Sequence[Old]) -> dict[int, str]:
    """A number of its own for each, by its row: the mark of old matters, and the year it was registered in."""
    series: dict[tuple[str, int], list[Old]] = defaultdict(list)
    for old in olds:
        series[old.prefix + MARK, old.registered_on.year].append(old)
    found: dict[int, str] = {}
    for (prefix, year), members in sorted(series.items()):
        members.sort(key=lambda old: (old.registered_on, old.row))
        given = numbering.next_numbers(prefix, year, len(members))
        found |= {old.row: number for old, number in zip(members, given, strict=True)}
    return found


class _People:
    """The persons of the file: who is on file is linked and not touched; the others are entered once."""

    def __init__(self, olds: Sequence[Old], stamps: Mapping[str, Any]) -> None:
        self.stamps = stamps
        self.fresh: list[dict[str, Any]] = []
        self.ids: dict[tuple[Any, ...], int] = {}
        self.of: dict[tuple[Any, ...], dict[str, Any]] = {}
        people = [who for old in olds for party in old.parties if (who := party.who) is not None]
        self._known(people)
        for old in olds:
            for party in old.parties:
                if party.who is not None:
                    self._enter(party.who, old.centre_id)

    @staticmethod
    def key(who: Who) -> tuple[Any, ...]:
        """What makes two entries one person: name and paper, or name and telephone; with neither they stay apart."""
        paper, phone = who.hashes["id_number_hash"], who.hashes["phone_hash"]
        return (who.name, paper) if paper else (who.name, "", phone) if phone else (id(who),)

    def _known(self, people: Iterable[Who]) -> None:
        """Persons within the row scope, as the desk finds them."""
        hashes = {who.hashes["id_number_hash"] or who.hashes["phone_hash"] for who in people} - {None}
        self.numbers: dict[str, str] = {}
        wanted = sorted(str(one) for one in hashes)
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            either = or_(Person.id_number_hash.in_(part), Person.phone_hash.in_(part))
            columns = (Person.id, Person.name, Person.id_number_hash, Person.phone_hash)
            for row in db.session.execute(select(*columns).where(either).order_by(Person.id.desc())):
                if row.id_number_hash:
                    self.ids.setdefault((row.name, row.id_number_hash), row.id)
                    self.numbers.setdefault(row.id_number_hash, row.name)
                elif row.phone_hash:
                    self.ids.setdefault((row.name, "", row.phone_hash), row.id)

    def _enter(self, who: Who, centre: int) -> None:
        key = self.key(who)
        if key in self.ids or key in self.of:
            return
        number = who.hashes["id_number_hash"]
        namesake = bool(number) and self.numbers.setdefault(str(number), who.name) != who.name
        row = {
            "organisation_id": centre,
            "name": who.name,
            "pinyin": search_index.pinyin_initials(who.name),
            "id_type": who.id_type,
            "id_number": who.id_number,
            "unverified": who.unverified or namesake,
            **{name: getattr(who, name) for name in ("sex", "birth", "ethnic", "phone", "address", "employer")},
            **who.hashes,
            **self.stamps,
        }
        self.of[key] = row
        self.fresh.append(row)

    def write(self) -> None:
        """Enter the new ones."""
        keys = list(self.of)
        self.ids |= dict(zip(keys, _write(Person, self.fresh), strict=True))

    def id_of(self, who: Who) -> int:
        """The key of a person."""
        return self.ids[self.key(who)]


def _case_row(old: Old, number: str, batch: ImportBatch, stamps: Mapping[str, Any]) -> dict[str, Any]:
    first = next(party.who for party in old.parties if party.who is not None)
    return {
        "number": number,
        "receipt_hash": secrets.token_hex(32),  # nobody has a receipt; the desk can make one
        "title": old.title,
        "facts": old.facts,
        "channel": old.channel,
        "kind": old.kind,
        "state": old.state,
        "round": 1,
        "category_id": old.category_id,
        "organisation_id": old.centre_id,
        "owner_town_id": old.owner_town_id,
        "town_id": old.town_id,
        "village_id": old.village_id,
        "head_count": old.head_count,
        "occurred_on": old.occurred_on,
        "registered_at": _moment(old.registered_on),
        "replied_at": _moment(old.replied_on) if old.replied_on else None,
        "closed_at": _moment(old.closed_on),
        "resolved": old.resolved,
        "lead_organisation_id": old.lead_id,
        "outside_number": old.number,
        "import_batch_id": batch.id,
        "petitioner_name": first.name[:NAMES_LENGTH],
        "petitioner_phone": mask_phone(first.phone) if first.phone else None,
        "supplements": 0,
        "objections": 0,
        "due_provisional": False,
        "paused": False,
        **stamps,
    }


def write_cases(actor: Actor, batch: ImportBatch, olds: Sequence[Old], moment: datetime) -> dict[int, int]:
    """Write all of it inside the present transaction; gives the key of the case of each row."""
    stamps = {
        "created_at": moment,
        "changed_at": moment,
        "created_by_id": actor.user_id,
        "changed_by_id": actor.user_id,
        "version": 1,
    }
    made: dict[int, int] = {}
    numbers, people = _numbers(olds), _People(olds, stamps)
    people.write()
    entries = [audit.made(actor, Person, {**row, "id": people.ids[key]}, "person:import", row["name"])
               for key, row in people.of.items()]  # fmt: skip
    for start in range(0, len(olds), CHUNK):
        part = olds[start : start + CHUNK]
        rows = [_case_row(old, numbers[old.row], batch, stamps) for old in part]
        keys = _write(Case, rows)
        made |= {old.row: key for old, key in zip(part, keys, strict=True)}
        _around(actor, list(zip(keys, part, strict=True)), people, stamps, batch.name)
        lines = [
            (key, search_index.words_of(row, _found_by(old, people), [text for text, _r, _d in old.claims]))
            for key, old, row in zip(keys, part, rows, strict=True)
        ]
        search_index.write_lines(lines, fresh=True)
        entries += [
            audit.made(actor, Case, {**row, "id": key}, "case:import", row["number"])
            for key, row in zip(keys, rows, strict=True)
        ]
    append(db.session.connection(), entries)
    return made


def _found_by(old: Old, people: _People) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for party in old.parties:
        if party.who is not None:
            row = people.of.get(people.key(party.who))
            pinyin = row["pinyin"] if row is not None else None
            found.append({"name": party.who.name, "pinyin": pinyin, **party.who.hashes})
        elif party.organisation_name:
            found.append({"name": party.organisation_name, "pinyin": None})
    return found


def _around(
    actor: Actor, cases: Sequence[tuple[int, Old]], people: _People, stamps: Mapping[str, Any], file: str
) -> None:
    """What hangs on the cases: parties, claims, the visit of the ledger, the course that says where they are from."""
    parties: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
    for key, old in cases:
        for party in old.parties:
            parties.append(
                {
                    "case_id": key,
                    "side": party.side,
                    "person_id": people.id_of(party.who) if party.who is not None else None,
                    "organisation_name": party.organisation_name,
                    "respondent_organisation_id": old.accused_id if party.organisation is not None else None,
                    **stamps,
                }
            )
        claims += [
            {"case_id": key, "number": place, "text": text, "result": result, "resolved": resolved, **stamps}
            for place, (text, result, resolved) in enumerate(old.claims, 1)
        ]
    connection = db.session.connection()
    insert_rows(connection, _party, parties)
    insert_rows(connection, _claim, claims)
    insert_rows(
        connection,
        _visit,
        [
            {
                "case_id": key,
                "at": _moment(old.registered_on),
                "channel": old.channel,
                "head_count": old.head_count,
                "first": True,
                "note": old.note,
                **stamps,
            }
            for key, old in cases
        ],
    )
    insert_rows(
        connection,
        _step,
        [
            {
                "case_id": key,
                "seq": 1,
                "round": 1,
                "step": STEP,
                "from_state": None,
                "to_state": old.state.value,
                "at": stamps["created_at"],
                "actor_id": actor.user_id,
                "actor_name": actor.name,
                "actor_post": actor.post,
                "organisation_name": actor.organisation_name,
                "data": {"version": 0, "number": old.number, "file": file},
                "address": actor.address,
            }
            for key, old in cases
        ],
    )
