"""From a matter in plain words to the rows of a case: person, parties, claims, visits, referral, search keys."""

import json
import secrets
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.core import workdays
from app.core.crypto import encrypt
from app.core.masks import mask_phone
from app.core.pinyin import pinyin_initials
from app.core.tokens import bigrams
from app.services.deadline import HANDLE, OBJECT
from app.services.person import hashes_of
from app.services.search_index import FACTS, words_of
from seed.bulk_matters import RECENT, Matter, Person
from seed.bulk_ways import PATHS, Path

LOCAL_HOURS = timedelta(hours=8)
_STAMPS = ("created_at", "changed_at", "version")
COLUMNS: dict[str, tuple[str, ...]] = {  # in the order in which they are written
    "person": ("id", "organisation_id", "name", "pinyin", "sex", "birth", "id_type", "id_number", "id_number_hash",
               "phone", "phone_hash", "phone_tail_hash", "address", "unverified", *_STAMPS),
    "case": ("id", "number", "receipt_hash", "title", "facts", "channel", "kind", "state", "round", "category_id",
             "organisation_id", "owner_town_id", "town_id", "village_id", "head_count", "occurred_on", "registered_at",
             "lead_organisation_id", "supplements", "objections", "petitioner_name", "petitioner_phone", "due_on",
             "due_code", "due_provisional", "paused", "replied_at", "closed_at", "resolved", *_STAMPS),
    "party": ("id", "case_id", "side", "person_id", "respondent_organisation_id", *_STAMPS),
    "claim": ("id", "case_id", "number", "text", "result", "resolved", *_STAMPS),
    "visit": ("id", "case_id", "at", "channel", "head_count", "first", *_STAMPS),
    "referral": ("id", "case_id", "organisation_id", "kind", "state", "sent_at", "signed_at", "due_on",
                 "objection_due_on", *_STAMPS),
}  # fmt: skip
RESULTS = ("supported", "partly_supported", "explained", "explained", "rejected")
Said = dict[str, str | None]  # what the search index takes of a person
_DAY = timedelta(days=1)
# From which day a clock may run, counted from that of registration: it depends on the hour.
STARTS = sorted({
    (one.code, one.start // _DAY + more)
    for path in PATHS.values() for one in path.clocks for more in range(2 if one.start else 1)
})  # fmt: skip


class Place(NamedTuple):
    """A village, its town, and the centres that register its matters: desk → (id, town or None, prefix)."""

    village_id: int
    town_id: int
    desks: dict[str, tuple[int, int | None, str]]
    departments: Sequence[int]


class Known(NamedTuple):
    """What stands in the database already."""

    places: Sequence[Place]
    categories: dict[str, int]
    rules: dict[str, tuple[int, int, str]]  # code → id, length, unit
    calendar: workdays.Calendar
    postgres: bool

    @property
    def moment_tail(self) -> str:
        """How the engine's text of a UTC moment ends."""
        return "+00" if self.postgres else ".000000"


class Due(NamedTuple):
    """A due day as the tables hold it."""

    on: str
    provisional: bool
    why: str


class Batch(NamedTuple):
    """The rows of some cases, the keys under which they are found, and the numbers given so far."""

    cases: int
    tables: dict[str, list[tuple[Any, ...]]]
    search: list[tuple[Any, ...]]
    dues: list[tuple[str, str, str, bool, str]]  # code, first day, due day, provisional, why: those not named before
    last: dict[str, int]
    sequences: dict[tuple[str, int], int]


class Rows:
    """The rows of a batch of cases, table by table; `last` are the numbers given so far."""

    def __init__(self, known: Known, last: dict[str, int], sequences: dict[tuple[str, int], int]) -> None:
        self.known, self.last, self.sequences = known, last, sequences
        self.tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        self.search: list[tuple[Any, ...]] = []
        self.before: deque[tuple[int, Person, Said]] = deque(maxlen=RECENT)  # one of them comes again
        self._dues: dict[tuple[str, date], Due] = {}
        self._days: set[date] = set()  # of registration, whose due days are named
        self.dues: list[tuple[str, str, str, bool, str]] = []

    def batch(self, matters: list[Matter]) -> Batch:
        """The rows of some matters; they are gone when the next are asked for."""
        for rows in (*self.tables.values(), self.search, self.dues):
            rows.clear()
        for matter in matters:
            self.add(matter)
        return Batch(len(matters), self.tables, self.search, self.dues, self.last, self.sequences)

    def _next(self, table: str) -> int:
        self.last[table] = last = self.last[table] + 1
        return last

    def _due(self, code: str, start: date) -> Due:
        found = self._dues.get((code, start))
        if found is None:
            _id, length, unit = self.known.rules[code]
            due = workdays.due(start, length, unit, self.known.calendar)
            found = self._dues[code, start] = Due(due.due.isoformat(), due.provisional, json.dumps(due.why))
            self.dues.append((code, start.isoformat(), *found))
        return found

    def _name_dues(self, day: date) -> None:
        """All due days that a case of this day can have."""
        self._days.add(day)
        for code, after in STARTS:
            self._due(code, day + after * _DAY)

    def add(self, matter: Matter) -> None:
        """All rows of one matter."""
        tail, utc = self.known.moment_tail, matter.at - LOCAL_HOURS
        place = self.known.places[matter.village]
        desk_id, owner_town, prefix = place.desks[matter.desk]
        at = f"{utc}{tail}"
        stamps = (at, at, 1)
        settled = matter.state == "closed" and matter.head_count == 1 and matter.at.day % 3 == 0
        path = PATHS["settled" if settled else matter.state]
        person_id, person, found = self._person(matter, desk_id, stamps)
        case_id = self._next("case")
        number = matter.number or self._number(prefix, matter.at.year)
        lead = place.departments[case_id % len(place.departments)] if path.assigned else None
        if matter.at.date() not in self._days:
            self._name_dues(matter.at.date())
        if lead is not None:
            self._referral(case_id, utc, path, lead, stamps)
        turns = range(case_id + 1, case_id + 1 + len(matter.claims))
        results = [RESULTS[turn % len(RESULTS)] if path.ended else None for turn in turns]
        self.tables["case"].append(
            (
                case_id,
                number,
                secrets.token_hex(32),
                matter.title,
                matter.facts,
                matter.channel,
                matter.kind,
                path.state,
                1,
                self.known.categories[matter.category],
                desk_id,
                owner_town,
                place.town_id,
                place.village_id,
                matter.head_count,
                (matter.at - timedelta(days=case_id % 60)).date().isoformat(),
                at,
                lead,
                int(path.state == "supplement_pending"),
                int(path.state == "objected"),
                person.name,
                mask_phone(person.phone),
                *self._nearest(matter.at, path),
                False,
                f"{utc + path.replied}{tail}" if path.replied is not None else None,
                f"{utc + path.closed}{tail}" if path.closed is not None else None,
                all(result != "rejected" for result in results) if path.ended else None,
                at,
                f"{utc + path.last}{tail}",
                len(path.strides),
            )
        )
        self._around(case_id, matter, place, person_id, results, stamps)
        said = {"number": number, "title": matter.title, "organisation_id": desk_id, "owner_town_id": owner_town}
        open_lead = [lead] if lead is not None and not path.ended else []
        of_facts = map(_fact_words, matter.facts.split("。"))
        keys = " ".join([words_of(said, [found], matter.claims, open_lead), *of_facts])
        self.search.append((case_id, keys.split() if self.known.postgres else keys))

    def _number(self, prefix: str, year: int) -> str:
        self.sequences[prefix, year] = last = self.sequences.get((prefix, year), 0) + 1
        return f"{prefix}-{year}-{last:06d}"

    def _person(self, matter: Matter, desk_id: int, stamps: tuple[Any, ...]) -> tuple[int, Person, Said]:
        if matter.person is None and self.before:
            return self.before[len(self.before) // 2]
        assert matter.person is not None
        who, person_id = matter.person, self._next("person")
        said: Said = {"name": who.name, "pinyin": initials(who.name), **hashes_of(who.id_number, who.phone)}
        self.tables["person"].append(
            (
                person_id,
                desk_id,
                who.name,
                said["pinyin"],
                who.sex,
                who.birth,
                "id_card",
                encrypt(who.id_number, "person.id_number"),
                said["id_number_hash"],
                encrypt(who.phone, "person.phone"),
                said["phone_hash"],
                said["phone_tail_hash"],
                encrypt(f"{matter.title[2:12]}{person_id % 300}号", "person.address"),
                False,
                *stamps,
            )
        )
        self.before.append((person_id, who, said))
        return self.before[-1]

    def _referral(self, case_id: int, utc: datetime, path: Path, lead: int, stamps: tuple[Any, ...]) -> None:
        tail, sent = self.known.moment_tail, utc + path.after["assign"]
        signed = f"{utc + path.after['sign_for']}{tail}" if "sign_for" in path.after else None
        state = "objected" if path.state == "objected" else "sent"
        state = "ended" if path.ended else "signed" if signed else state
        day = (sent + LOCAL_HOURS).date()
        self.tables["referral"].append(
            (
                self._next("referral"),
                case_id,
                lead,
                "lead",
                state,
                f"{sent}{tail}",
                signed,
                self._due(HANDLE, day).on,
                self._due(OBJECT, day).on,
                *stamps,
            )
        )

    def _nearest(self, at: datetime, path: Path) -> tuple[str | None, str | None, bool]:
        """The due day of the case that comes first: day, code, provisional."""
        running = [(self._due(one.code, (at + one.start).date()), one.code) for one in path.waiting]
        if not running:
            return None, None, False
        due, code = min(running, key=lambda one: one[0].on)
        return due.on, code, due.provisional

    def _around(
        self,
        case_id: int,
        matter: Matter,
        place: Place,
        person_id: int,
        results: Sequence[str | None],
        stamps: tuple[Any, ...],
    ) -> None:
        """Parties, claims with their results, and visits."""
        self.tables["party"].append((self._next("party"), case_id, "petitioner", person_id, None, *stamps))
        if matter.kind == "accusation" or case_id % 4 == 0:
            accused = place.departments[(case_id + 1) % len(place.departments)]
            self.tables["party"].append((self._next("party"), case_id, "respondent", None, accused, *stamps))
        for nth, (words, result) in enumerate(zip(matter.claims, results, strict=True), 1):
            resolved = result != "rejected" if result else None
            self.tables["claim"].append((self._next("claim"), case_id, nth, words, result, resolved, *stamps))
        visits = self.tables["visit"]
        visits.append((self._next("visit"), case_id, stamps[0], matter.channel, matter.head_count, True, *stamps))
        if case_id % 10 == 3:
            later = f"{matter.at - LOCAL_HOURS + timedelta(days=9)}{self.known.moment_tail}"
            visits.append((self._next("visit"), case_id, later, "phone", 1, False, *stamps))


@lru_cache(maxsize=50_000)
def initials(name: str) -> str:
    """The pinyin initials of a name."""
    return pinyin_initials(name)


@lru_cache(maxsize=20_000)
def _fact_words(sentence: str) -> str:
    """The words of one sentence; generated facts are made of few."""
    return " ".join({FACTS + pair for pair in bigrams(sentence)})
