"""The columns of a table that is brought in: headings, codes, and how a cell becomes a value."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.core.columns import ColumnSpec, Kind
from app.core.errors import Invalid, PortalError
from app.core.labels import LabelledEnum
from app.core.memo import remembered
from app.core.sheet import LOST
from app.core.text import clean_line, clean_text, excel_safe
from app.core.words import WORDS
from app.services.calendar_import import parse_date
from app.services.queries.choices import Chooser, label_of
from app.services.record import EMPTY

TEXT_MOST = 20_000
YEARS = range(1900, 2201)
_SIGNED_NUMBER = re.compile(r"[+-][0-9 ()-]*")
_PARTS = re.compile("[,;\n\u3001\uff0c\uff1b]")
FORMULA = _l("A cell holds a formula; please write the plain value.")
NOT_A_DATE = _l("This is not a date. Write it as 2026-11-20.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its number as the spreadsheet counts, and the text of each column that is filled in."""

    number: int
    cells: Mapping[str, str]

    @property
    def content(self) -> str:
        """The beginning of the row, to find it again; never a number of a person."""
        return next((f"{text[:1]}**" if name in PERSONAL else text[:60] for name, text in self.cells.items()), "")


PERSONAL = frozenset({"name", "petitioner", "phone", "id_number"})


@dataclass(slots=True)
class Fault:
    """What is wrong with a row: sentences by column; those of the whole row stand under the empty name."""

    row: Row
    errors: dict[str, list[Any]] = field(default_factory=dict)


Choices = Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Column:
    """One column of the template."""

    name: str
    label: Any
    required: bool = False
    help: Any = ""
    example: str = ""
    codes: Choices | None = None  # (code, name) of everything that can be written there
    plain: bool = False  # kept as text by the spreadsheet: numbers that are none
    wide: bool = False


def languages_of(label: Any) -> list[str]:
    """A label in every language of the house."""
    found = []
    for language in WORDS["languages"]:
        with force_locale(language):
            found.append(str(label))
    return found


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would reckon with this text; a telephone number with its plus sign is none."""
    return excel_safe(text) != text and not _SIGNED_NUMBER.fullmatch(text)


def formulas(row: Row, errors: dict[str, list[Any]]) -> None:
    """Refuse every cell that holds a formula, or letters that no encoding explains."""
    for name, text in row.cells.items():
        if not text[:1].isalnum() and is_formula(text):
            errors.setdefault(name, []).append(FORMULA)
        elif LOST in text:
            errors.setdefault(name, []).append(_l("This cell cannot be read; please save the file anew as XLSX."))


# ---- from text to value


def read_day(text: str, name: str) -> date:
    """A date as spreadsheets write it."""
    day = parse_date(text)
    if day is None or day.year not in YEARS:
        raise Invalid(errors={name: [NOT_A_DATE]})
    return day


def read_answer(text: str, name: str) -> bool:
    """Yes or no."""
    said: bool | None = WORDS["answer"].get(text.lower())
    if said is None:
        raise Invalid(errors={name: [_l("Please write yes or no.")]})
    return said


def read_whole(text: str, name: str) -> int:
    """A whole number."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise Invalid(errors={name: [_l("This is not a whole number.")]})
    return int(text)


def read_time(text: str, name: str) -> time:
    """A time of day."""
    try:
        return time.fromisoformat(text.rpartition(" ")[2].zfill(5)[:8]).replace(tzinfo=None)
    except ValueError:
        raise Invalid(errors={name: [_l("This is not a time. Write it as 08:30.")]}) from None


@remembered
def members(enum: type[LabelledEnum]) -> dict[str, LabelledEnum]:
    """The members of an enum by code and by their label in every language."""
    found: dict[str, LabelledEnum] = {}
    for member in enum:
        for word in (member.value, *languages_of(member.label)):
            found.setdefault(word, member)
    return found


def read_code(enum: type[LabelledEnum], text: str, name: str) -> LabelledEnum:
    """A member by its code or its name."""
    member = members(enum).get(text)
    if member is None:
        raise Invalid(errors={name: [_l("“%(text)s” is not in the list.", text=text[:40])]})
    return member


class Offered:
    """The rows one relation may be set to, by code and name; read once for a file."""

    def __init__(self, chooser: Chooser) -> None:
        self.records = chooser.rows()
        self._by: dict[str, Any] = {}
        for record in self.records:
            for word in self._words(record):
                known = self._by.setdefault(word, record)
                if known is not record:
                    self._by[word] = None  # several bear this name; the code settles it

    @staticmethod
    def _words(record: Any) -> set[str]:
        said = (label_of(record), *(getattr(record, name, None) for name in ("name", "short_name", "code", "licence")))
        return {str(word) for word in said if word}

    def find(self, text: str, name: str) -> Any:
        """The one record called so."""
        if text in self._by and self._by[text] is None:
            raise Invalid(errors={name: [_l("Several are called “%(text)s”. Please write the code.", text=text[:40])]})
        if text not in self._by:
            raise Invalid(errors={name: [_l("“%(text)s” is not in the list.", text=text[:40])]})
        return self._by[text]


def parts(text: str) -> list[str]:
    """The things listed in one cell."""
    return [part.strip() for part in _PARTS.split(text) if part.strip()]


def read_cell(spec: ColumnSpec, text: str, offered: Callable[[str], Offered]) -> Any:
    """The value of a filled cell, with the checks that the form of the register makes."""
    name = spec.name
    match spec.kind:
        case Kind.day:
            return read_day(text, name)
        case Kind.flag:
            return read_answer(text, name)
        case Kind.whole:
            return read_whole(text, name)
        case Kind.time:
            return read_time(text, name)
        case Kind.code if spec.enum:
            return read_code(spec.enum, text, name)
        case Kind.one:
            return offered(name).find(text, name)
        case Kind.many:
            return [offered(name).find(part, name) for part in dict.fromkeys(parts(text))]
        case Kind.long:
            return clean_text(text, name, TEXT_MOST)
        case _:
            return clean_line(text, name, spec.length or TEXT_MOST)


def read_cells(
    specs: Iterable[ColumnSpec], required: Iterable[str], row: Row, offered: Callable[[str], Offered]
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """All values of a row, and what is wrong with them."""
    values: dict[str, Any] = {}
    errors: dict[str, list[Any]] = {}
    formulas(row, errors)
    needed = set(required)
    for spec in specs:
        text = row.cells.get(spec.name, "")
        if not text:
            if spec.name in needed:
                errors[spec.name] = [EMPTY]
            elif spec.default is None and spec.kind is not Kind.flag:
                values[spec.name] = [] if spec.kind is Kind.many else None  # as an empty field of the form
            continue
        try:
            values[spec.name] = read_cell(spec, text, offered)
        except PortalError as refusal:
            for name, sentences in refusal.errors.items():
                errors.setdefault(name, []).extend(sentences)
    return values, errors
