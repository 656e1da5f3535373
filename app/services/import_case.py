"""The old ledger of a centre: finished matters, read row by row with the checks of the desk (decision 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.text import clean_line
from app.models.case import Case, CaseState, Channel, Kind
from app.models.organisation import Level
from app.models.party import ClaimResult
from app.models.person import IdType
from app.services.import_case_columns import ENDS, centres
from app.services.import_columns import (
    Fault,
    Row,
    formulas,
    members,
    read_answer,
    read_code,
    read_day,
)
from app.services.intake import PartyIn, read_intake
from app.services.queries.places import find_organisation
from app.services.record import EMPTY

ROWS_MOST = 10_000
NUMBER_MOST = 64
# Where the faults of an intake stand in the table.
_PLACES = {
    "parties-0-name": "petitioner",
    "parties-0-id_type": "id_type",
    "parties-0-id_number": "id_number",
    "parties-0-phone": "phone",
    "parties-0-address": "address",
    "parties-1-organisation": "respondent",
    "parties-1-organisation_name": "respondent",
    "village": "place",
}


@dataclass(slots=True)
class Old:
    """A finished matter out of the ledger, ready to be kept; plain values only."""

    row: int
    number: str
    centre_id: int
    centre_name: str
    owner_town_id: int | None
    prefix: str
    title: str
    facts: str
    channel: Channel
    kind: Kind
    category_id: int
    town_id: int | None
    village_id: int | None
    head_count: int
    occurred_on: date | None
    registered_on: date
    replied_on: date | None
    closed_on: date
    state: CaseState
    lead_id: int | None
    note: str | None
    parties: list[PartyIn] = field(default_factory=list)
    accused_id: int | None = None
    claims: list[tuple[str, ClaimResult, bool]] = field(default_factory=list)

    @property
    def resolved(self) -> bool:
        """Whether every claim was."""
        return all(resolved for _text, _result, resolved in self.claims)


def _intake_of(actor: Actor, cells: Mapping[str, str]) -> dict[str, Any]:
    """The row as the body of a registration."""
    number = cells.get("id_number", "")
    first = {
        "side": "petitioner",
        "name": cells.get("petitioner"),
        "id_type": _code(IdType, cells.get("id_type")),
        "id_number": number,
        "phone": cells.get("phone"),
        "address": cells.get("address"),
        "unverified": not number,  # many an old ledger holds none; it is marked to be verified
    }
    accused = cells.get("respondent")
    known = find_organisation(actor, accused) if accused else None
    named = {"organisation": str(known.id)} if known is not None else {"organisation_name": accused}
    second = [{"side": "respondent", **named}] if accused else []
    return {
        "parties": [first, *second],
        "title": cells.get("title"),
        "facts": cells.get("facts"),
        "claims": [line for line in cells.get("claims", "").splitlines() if line.strip()],
        "channel": _code(Channel, cells.get("channel")),
        "kind": _code(Kind, cells.get("kind")),
        "category": cells.get("category"),
        "village": cells.get("place"),
        "town": cells.get("town"),
        "occurred_on": cells.get("occurred_on", "").partition(" ")[0],
        "head_count": cells.get("head_count"),
        "note": cells.get("note"),
    }


def _code(enum: Any, text: str | None) -> str | None:
    """The code of a word; a word that is none stays, so that the intake refuses it."""
    member = members(enum).get(text) if text else None
    return member.value if member is not None else text


class Ledger:
    """Reads the rows of one file; knows which numbers stand further up."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.seen: dict[tuple[int, str], int] = {}

    def read(self, rows: Sequence[Row]) -> tuple[list[Old], list[Fault]]:
        """A stretch of the file: what can be kept, and what is wrong with the rest."""
        good: list[tuple[Row, Old]] = []
        faults: dict[int, Fault] = {}
        for row in rows:
            errors: dict[str, list[Any]] = {}
            old = self._row(row, errors)
            if errors or old is None:
                faults[row.number] = Fault(row, errors)
            else:
                good.append((row, old))
        known = known_numbers([old for _row, old in good])
        for row, old in good:
            if (old.centre_id, old.number) in known:
                faults[row.number] = Fault(row, {"outside_number": [ON_FILE]})
        kept = [old for row, old in good if row.number not in faults]
        return kept, [faults[number] for number in sorted(faults)]

    def _row(self, row: Row, errors: dict[str, list[Any]]) -> Old | None:
        cells = row.cells
        formulas(row, errors)
        if errors:
            return None
        said = _Said(cells, errors)
        number = said.line("outside_number", NUMBER_MOST)
        registered, closed = said.day("registered_on", True), said.day("closed_on", True)
        replied = said.day("replied_on")
        centre = self._centre(cells, errors)
        intake, problems = read_intake(self.actor, _intake_of(self.actor, cells))
        for path, sentences in problems.errors.items():
            place = "claims" if path.startswith("claims") else _PLACES.get(path, path)
            errors.setdefault(place, []).extend(sentences)
        self._in_order(intake.occurred_on, registered, replied, closed, errors)
        claims = said.claims(intake.claims)
        lead = find_organisation(self.actor, cells["lead_organisation"]) if cells.get("lead_organisation") else None
        if cells.get("lead_organisation") and lead is None:
            errors["lead_organisation"] = [_l("This organisation is not in the list. Please choose again.")]
        end = said.code("end", CaseState) or CaseState.archived
        if end not in ENDS:
            errors["end"] = [ONLY_ENDED]
        if errors or centre is None or registered is None or closed is None or intake.category is None:
            return None
        self._once(centre.id, number, row.number, errors)
        accused = next((party.organisation for party in intake.parties if party.organisation is not None), None)
        return Old(
            row=row.number,
            number=number,
            centre_id=centre.id,
            centre_name=centre.name,
            owner_town_id=centre.id if centre.level == Level.township else None,
            prefix=centre.number_prefix or "",
            title=intake.title,
            facts=intake.facts,
            channel=intake.channel,
            kind=intake.kind,
            category_id=intake.category.id,
            town_id=intake.town_id,
            village_id=intake.village.id if intake.village else None,
            head_count=intake.head_count,
            occurred_on=intake.occurred_on,
            registered_on=registered,
            replied_on=replied,
            closed_on=closed,
            state=end,
            lead_id=lead.id if lead is not None else None,
            note=intake.note,
            parties=intake.parties,
            accused_id=accused.id if accused is not None else None,
            claims=claims,
        )

    def _centre(self, cells: Mapping[str, str], errors: dict[str, list[Any]]) -> Any:
        named, offered = cells.get("organisation"), centres()
        if named:
            try:
                return offered.find(named, "organisation")
            except Invalid as refusal:
                errors.update(refusal.errors)
                return None
        own = {centre.id: centre for centre in offered.records}
        found = next((own[key] for key in reversed(self.actor.ancestors) if key in own), None)
        if found is None:
            errors["organisation"] = [_l("Please choose the centre that had registered it.")]
        return found

    def _once(self, centre: int, number: str, row: int, errors: dict[str, list[Any]]) -> None:
        first = self.seen.setdefault((centre, number), row)
        if first != row:
            errors["outside_number"] = [_l("The same stands in row %(row)d already.", row=first)]

    @staticmethod
    def _in_order(
        happened: date | None,
        registered: date | None,
        replied: date | None,
        closed: date | None,
        errors: dict[str, list[Any]],
    ) -> None:
        """Happened, registered, replied, closed, and all of it before today."""
        before, today = None, clock.today()
        for name, day in (
            ("occurred_on", happened),
            ("registered_on", registered),
            ("replied_on", replied),
            ("closed_on", closed),
        ):
            if day is None or name in errors:
                continue
            if day > today:
                errors[name] = [_l("This day lies in the future; only finished matters are brought in.")]
            elif before is not None and day < before:
                errors[name] = [_l("This day lies before the one in the column before it.")]
            before = max(day, before) if before is not None else day


ON_FILE = _l("A case of this centre with this number is on file already.")
ONLY_ENDED = _l("Only finished matters are brought in; an open one is registered at the desk.")


class _Said:
    """The cells of a row, each read into a value; faults go to `errors`."""

    def __init__(self, cells: Mapping[str, str], errors: dict[str, list[Any]]) -> None:
        self.cells, self.errors = cells, errors

    def _try(self, name: str, reader: Any, *more: Any) -> Any:
        try:
            return reader(*more)
        except Invalid as refusal:
            for sentences in refusal.errors.values():
                self.errors.setdefault(name, []).extend(sentences)
            return None

    def line(self, name: str, most: int) -> str:
        """A line of text that must be there."""
        text = self._try(name, clean_line, self.cells.get(name), name, most, True)
        return text or ""

    def day(self, name: str, required: bool = False) -> date | None:
        """A day."""
        text = self.cells.get(name)
        if not text:
            if required:
                self.errors[name] = [EMPTY]
            return None
        day: date | None = self._try(name, read_day, text, name)
        return day

    def code(self, name: str, enum: Any) -> Any:
        """A code of a list."""
        text = self.cells.get(name)
        return self._try(name, read_code, enum, text, name) if text else None

    def claims(self, texts: Sequence[str]) -> list[tuple[str, ClaimResult, bool]]:
        """Every claim with its result and whether it was resolved: one word for all, or one on each line."""
        results = self._each("result", texts, lambda line: read_code(ClaimResult, line, "result"))
        resolved = self._each("resolved", texts, lambda line: read_answer(line, "resolved"))
        return list(zip(texts, results, resolved, strict=False))

    def _each(self, name: str, texts: Sequence[str], reader: Any) -> list[Any]:
        lines = [line.strip() for line in self.cells.get(name, "").splitlines() if line.strip()]
        if not lines:
            self.errors[name] = [EMPTY]
        elif len(lines) not in (1, len(texts)) and texts:
            self.errors[name] = [
                _l("There are %(count)d claims; write one for all, or one for each.", count=len(texts))
            ]
        read = [self._try(name, reader, line) for line in lines]
        return read * len(texts) if len(read) == 1 else read


def known_numbers(olds: Sequence[Old]) -> set[tuple[int, str]]:
    """Which of these numbers their centres have on file, whoever may see the cases."""
    table = Case.__table__
    found: set[tuple[int, str]] = set()
    numbers = list({old.number for old in olds})
    for start in range(0, len(numbers), 500):
        part = select(table.c.organisation_id, table.c.outside_number).where(
            table.c.outside_number.in_(numbers[start : start + 500])
        )
        found |= {(row[0], row[1]) for row in db.session.connection().execute(part)}
    return found
