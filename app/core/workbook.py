"""The rows of a workbook as text, read straight from its XML: an import may have ten thousand of them."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from app.core.late import late

numbers, dates = late("openpyxl.styles.numbers"), late("openpyxl.utils.datetime")

BLOCK = 2**16
_COLUMN = re.compile("[A-Z]+")
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # the shipped forms of dates
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Damaged(ValueError):
    """These bytes are no workbook that can be read."""


class _Enough(Exception):
    """No more rows are wanted."""


def text_of(value: Any) -> str:
    """A value as it is typed: days as 2026-11-20, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


@lru_cache(maxsize=256)
def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parse(part: Any, start: Callable[..., Any], end: Callable[..., Any], text: Callable[..., Any]) -> None:
    """Walk through a part; a document type is a trick."""

    def refuse(*_said: Any) -> None:
        raise Damaged

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    while block := part.read(BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)


class _Shared:
    """The strings that the cells share; what helps to pronounce them is left out."""

    def __init__(self, part: Any) -> None:
        self.strings: list[str] = []
        self.now: list[str] = []
        self.inside = self.aside = False
        _parse(part, self._start, self._end, self._text)

    def _start(self, name: str, _attributes: Any) -> None:
        local = _local(name)
        if local == "si":
            self.now = []
        self.inside = local == "t"
        self.aside = self.aside or local == "rPh"

    def _end(self, name: str) -> None:
        local = _local(name)
        self.inside = False
        if local == "rPh":
            self.aside = False
        elif local == "si":
            self.strings.append("".join(self.now))

    def _text(self, text: str) -> None:
        if self.inside and not self.aside:
            self.now.append(text)


class _Rows:
    """The rows of one sheet."""

    def __init__(self, part: Any, book: "_Book", most: int, cells: int) -> None:
        self.book, self.most, self.cells = book, most, cells
        self.rows: list[list[str]] = []
        self.kind = self.style = ""
        self.place, self.beyond = -1, False
        self.value: list[str] = []
        self.formula: list[str] | None = None
        self.into: list[str] | None = None
        with suppress(_Enough):
            _parse(part, self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "c":
            found = _COLUMN.match(attributes.get("r", ""))
            self.place = _number(found.group()) if found else self.place + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.value, self.formula = [], None
        elif local == "row":
            number = int(attributes.get("r") or len(self.rows) + 1)
            self.beyond, self.place = number > self.most, -1
            if not self.beyond:
                self.rows += [[] for _gap in range(number - len(self.rows))]
        elif local in ("v", "t"):
            self.into = self.value
        elif local == "f":
            self.formula = self.into = []

    def _end(self, name: str) -> None:
        local = _local(name)
        if local == "c":
            if self.beyond and (self.value or self.formula is not None):  # not only a format of an empty row
                self.rows += [[] for _gap in range(self.most - len(self.rows))]
                raise _Enough
            if self.place < self.cells and self.rows and not self.beyond:
                row = self.rows[-1]
                row += [""] * (self.place + 1 - len(row))
                row[self.place] = self._cell()
        elif local in ("v", "t", "f"):
            self.into = None

    def _text(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)

    def _cell(self) -> str:
        if self.formula is not None:
            return f"={''.join(self.formula)}"
        value = "".join(self.value)
        if self.kind == "s":
            return self.book.shared[int(value)].strip() if value else ""
        if self.kind == "b":
            return str(value.strip() == "1")
        if self.kind != "n" or not value:
            return value.strip()
        number = float(value)
        if self.style and int(self.style) in self.book.dates:
            return text_of(dates.from_excel(number, self.book.epoch))
        return text_of(number) if number.is_integer() else value.strip()


@lru_cache(maxsize=1024)
def _number(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


class _Book:
    """What the sheets of a workbook need of it."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self.parts = parts
        main = self._tree("xl/workbook.xml")
        paths = {
            relation.get("Id"): str(relation.get("Target")) for relation in self._tree("xl/_rels/workbook.xml.rels")
        }
        self.sheets = {
            str(sheet.get("name")): paths[sheet.get(_RELATION)]
            for sheet in main.iter()
            if sheet.tag.endswith("}sheet") and sheet.get(_RELATION) in paths
        }
        told = next((one for one in main.iter() if one.tag.endswith("}workbookPr")), None)
        old = told is not None and told.get("date1904") in ("1", "true")
        self.epoch = dates.CALENDAR_MAC_1904 if old else dates.CALENDAR_WINDOWS_1900
        self.dates = self._dates()
        self.shared: Sequence[str] = ()
        if "xl/sharedStrings.xml" in parts.namelist():
            with parts.open("xl/sharedStrings.xml") as part:
                self.shared = _Shared(part).strings

    def _tree(self, name: str) -> ElementTree.Element:
        content = self.parts.read(name)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise Damaged
        return ElementTree.fromstring(content)  # noqa: S314 - without a document type there is nothing to blow up

    def _dates(self) -> frozenset[int]:
        """The styles whose numbers are dates."""
        if "xl/styles.xml" not in self.parts.namelist():
            return frozenset()
        tree = self._tree("xl/styles.xml")
        own = {
            int(form.get("numFmtId", 0))
            for form in tree.iter()
            if form.tag.endswith("}numFmt") and numbers.is_date_format(form.get("formatCode", ""))
        }
        cells = next((one for one in tree if one.tag.endswith("}cellXfs")), ())
        return frozenset(place for place, one in enumerate(cells) if int(one.get("numFmtId", 0)) in own | _DATES)

    def rows(self, sheet: str, most: int, cells: int) -> list[list[str]]:
        """The first rows of a sheet, each as wide as it is filled."""
        target = self.sheets[sheet]
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        with self.parts.open(path) as part:
            return _Rows(part, self, most, cells).rows


def read_workbook(content: bytes, most: int, cells: int, mark: str = "") -> tuple[list[list[str]], str]:
    """The first rows of the first sheet, and what the first cell of the sheet called `mark` says; Damaged otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            book = _Book(parts)
            said = book.rows(mark, 1, 1) if mark in book.sheets else []
            first = next(name for name in book.sheets if name != mark)
            return book.rows(first, most, cells), said[0][0] if said and said[0] else ""
    except (
        zipfile.BadZipFile, ElementTree.ParseError, expat.ExpatError, StopIteration, LookupError, ValueError,
        OverflowError, RuntimeError, NotImplementedError, EOFError, OSError,
    ) as fault:  # fmt: skip
        raise Damaged from fault
