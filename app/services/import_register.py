"""The registers that can be brought in from a table: a noun, its columns, and the very verb its form calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, UniqueConstraint, select

from app.access.actor import Actor
from app.access.permissions import IMPORT_PAGES, PAGES
from app.core.columns import Kind, mapper_of, spec_of
from app.core.db import db
from app.core.errors import PortalError
from app.core.memo import remembered, remembering
from app.models.adviser import LawFirm, LegalAdviser
from app.models.code_table import Category, CodeItem
from app.models.expert import Expert
from app.models.organisation import Level, Organisation
from app.models.room import Room
from app.services import adviser, category, code_table, expert, organisation, room
from app.services.import_columns import Column, Fault, Offered, Row, read_cells
from app.services.queries.choices import Chooser, Narrow, at_levels, codes_of, label_of
from app.services.record import CONSTRAINT_SENTENCES, delete_record, gathering

Verb = Callable[..., Any]
PLAIN = frozenset({"phone", "id_number", "licence", "code"})
EXAMPLES_OF = {Kind.day: "2026-01-31", Kind.time: "08:30", Kind.whole: "1"}
ROWS_MOST = 2000


@dataclass(frozen=True)
class Register:
    """One register: the columns of its form, its verbs, and which columns together make two rows the same."""

    noun: str
    model: Any
    names: Sequence[str]
    add: Verb
    delete: Verb
    same: Sequence[str] = ()
    narrow: Mapping[str, Narrow] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    most: int = ROWS_MOST
    together: bool = False  # what its form's deleting checks is what undoing checks: the rows go all at once

    @property
    def page(self) -> str:
        """The page whose `import` allows it."""
        return IMPORT_PAGES[self.noun]

    @property
    def label(self) -> Any:
        """What the register is called."""
        return PAGES[self.page].label

    def required(self) -> list[str]:
        """The columns that must be filled in: needed by the table, and nothing stands in their place."""
        specs = [spec_of(self.model, name) for name in self.names]
        return [spec.name for spec in specs if spec.required and spec.default is None]

    def columns(self) -> list[Column]:
        """The columns of the template."""
        needed = set(self.required())
        return [self._column(name, name in needed) for name in self.names]

    def _column(self, name: str, required: bool) -> Column:
        spec = spec_of(self.model, name)
        label = ID_NUMBER if name == "id_number" else spec.label
        return Column(
            name,
            label,
            required,
            spec.help,
            self.examples.get(name, EXAMPLES_OF.get(spec.kind, "")),
            self._codes(name),
            name in PLAIN or spec.kind is Kind.day,
            spec.kind is Kind.long or (spec.length or 0) >= 200,
        )

    def _codes(self, name: str) -> Callable[[], Sequence[tuple[str, str]]] | None:
        spec = spec_of(self.model, name)
        if spec.enum is not None:
            enum = spec.enum
            return lambda: [(member.value, str(member.label)) for member in enum]
        if spec.kind is Kind.flag:
            return lambda: [("1", str(_l("Yes"))), ("0", str(_l("No")))]
        if spec.kind in (Kind.one, Kind.many):
            return lambda: [
                (str(getattr(record, "code", "") or ""), label_of(record)) for record in self.offered(name).records
            ]
        return None

    def offered(self, name: str) -> Offered:
        """The rows a relation may be set to, within the row scope; read once for a file."""
        return _offered(self.noun, name)


ID_NUMBER = _l("ID number")
REGISTERS: dict[str, Register] = {
    register.noun: register
    for register in (
        Register(
            "expert",
            Expert,
            (
                *("name", "category", "title", "phone", "id_number", "village", "organisation", "status"),
                *("appointed_from", "appointed_until", "specialties", "introduction"),
            ),
            expert.add_expert,
            expert.delete_expert,
            ("name", "organisation_id"),
            {
                "organisation": at_levels(Level.city, Level.township),
                "village": at_levels(Level.village),
                "specialties": codes_of("specialty"),
            },
            {"phone": "13800001234", "appointed_until": "2028-12-31"},
            together=True,
        ),
        Register(
            "adviser",
            LegalAdviser,
            (
                *("name", "kind", "firm", "licence", "phone", "specialty", "organisation", "active"),
                *("appointed_from", "appointed_until", "introduction"),
            ),
            adviser.add_adviser,
            adviser.delete_adviser,
            ("name", "organisation_id"),
            {"organisation": at_levels(Level.city, Level.township)},
            {"phone": "13800001234", "appointed_until": "2028-12-31"},
            together=True,
        ),
        Register(
            "law_firm",
            LawFirm,
            ("name", "licence", "contact", "phone", "address", "active"),
            adviser.add_firm,
            delete_record,
            together=True,
        ),
        Register(
            "room",
            Room,
            (
                *("name", "organisation", "kind", "purpose", "place", "capacity", "opens_at", "closes_at"),
                *("buffer_before", "buffer_after", "lead_minutes", "ahead_days", "longest_minutes"),
                *("no_show_minutes", "on_rest_days", "equipment", "purposes", "active", "sort"),
            ),
            room.add_room,
            room.delete_room,
            (),
            {
                "organisation": at_levels(Level.city, Level.township),
                "equipment": codes_of("equipment"),
                "purposes": codes_of("booking_purpose"),
            },
            {"closes_at": "17:30", "capacity": "6"},
            together=True,
        ),
        Register(
            "category",
            Category,
            ("code", "name", "parent", "active", "sort"),
            category.add_category,
            category.delete_category,
        ),
        Register(
            "code_item",
            CodeItem,
            ("table", "code", "name", "active", "sort"),
            code_table.add_item,
            code_table.delete_item,
        ),
        Register(
            "organisation",
            Organisation,
            ("code", "name", "short_name", "level", "parent", "number_prefix", "active", "sort"),
            organisation.add_organisation,
            organisation.delete_organisation,
        ),
    )
}


@remembered
def _offered(noun: str, name: str) -> Offered:
    register = REGISTERS[noun]
    return Offered(Chooser(spec_of(register.model, name).target, register.narrow.get(name)))


class _Unique:
    """One rule that no two rows may be alike in some columns, with what stands in the table already."""

    def __init__(self, register: Register, name: str, columns: Sequence[str]) -> None:
        table = mapper_of(register.model).local_table
        self.columns, self.model = columns, register.model
        self.field, self.sentence = CONSTRAINT_SENTENCES.get(name, (columns[0], _l("This is on file already.")))
        found = select(*(table.c[column] for column in columns))
        self.known = {tuple(row) for row in db.session.connection().execute(found)}
        self.seen: dict[tuple[Any, ...], int] = {}

    def check(self, record: Any, row: Row, errors: dict[str, list[Any]]) -> None:
        """Refuse what is on file or stands further up in the file."""
        key = tuple(self._value(record, column) for column in self.columns)
        if None in key:
            return
        place = self.field or ""
        if key in self.known:
            errors.setdefault(place, []).append(self.sentence)
        elif key in self.seen:
            errors.setdefault(place, []).append(_l("The same stands in row %(row)d already.", row=self.seen[key]))
        else:
            self.seen[key] = row.number

    def _value(self, record: Any, column: str) -> Any:
        for relation in mapper_of(self.model).relationships:
            if not relation.uselist and {c.name for c in relation.local_columns} == {column}:
                other = getattr(record, relation.key)
                return other.id if other is not None else None
        return getattr(record, column, None)


def _rules(register: Register) -> list[_Unique]:
    table: Any = mapper_of(register.model).local_table
    ids = {key for name in register.names for key in (spec_of(register.model, name).keys or (name,))}
    found = [
        _Unique(register, str(rule.name), [column.name for column in rule.columns])
        for rule in (*table.constraints, *table.indexes)
        if isinstance(rule, UniqueConstraint) or (isinstance(rule, Index) and rule.unique)
        if {column.name for column in rule.columns} <= ids
    ]
    return [*found, _Unique(register, "", list(register.same))] if register.same else found


@dataclass(slots=True)
class Read:
    """A file that was read: the records to keep, each with its row and what is to follow, and the faults."""

    records: list[tuple[Row, Any, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_register(actor: Actor, register: Register, rows: Sequence[Row]) -> Read:
    """Every row through the cells' checks and the register's own verb; nothing is kept yet."""
    read = Read()
    specs = [spec_of(register.model, name) for name in register.names]
    with remembering(), gathering() as gathered, db.session.no_autoflush:
        required, rules = register.required(), _rules(register)
        for row in rows:
            values, errors = read_cells(specs, required, row, register.offered)
            if not errors:
                _call(actor, register, values, errors)
            if not errors:
                for rule in rules:
                    rule.check(gathered[-1][0], row, errors)
            if errors:
                read.faults.append(Fault(row, errors))
            else:
                record, after = gathered[-1]
                read.records.append((row, record, after))
    return read


def _call(actor: Actor, register: Register, values: dict[str, Any], errors: dict[str, list[Any]]) -> None:
    try:
        register.add(actor, values)
    except PortalError as refusal:
        if refusal.errors:
            errors.update(refusal.errors)
        else:
            errors[""] = [refusal.message]
