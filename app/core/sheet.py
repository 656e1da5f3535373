"""Reading a small table that somebody prepared in a spreadsheet: CSV in the usual Chinese encodings, or XLSX."""

import csv
import io
import zipfile
from itertools import islice
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.core.errors import TooLarge, WrongType
from app.core.workbook import Damaged, read_workbook

BYTES_MOST = 2 * 2**20
UNPACKED_MOST = 20 * 2**20
ROWS_MOST = 2000
CELLS_MOST = 50
ENCODINGS = ("utf-8-sig", "gb18030")
LOST = "\ufffd"  # stands for what no encoding explains
BOMB = _l("This file unpacks to far more than it seems. It is not accepted.")
UNREADABLE = _l("This file is not a table that can be read. Please save it as XLSX or CSV.")


class Table(NamedTuple):
    """What a file holds: the rows of its first sheet as text, and what a hidden sheet of that name says of it."""

    rows: list[list[str]]
    mark: str = ""


def _xlsx(content: bytes, most: int, unpacked: int, mark: str) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > unpacked:
                raise TooLarge(BOMB)
        return Table(*read_workbook(content, most + 1, CELLS_MOST, mark))
    except (zipfile.BadZipFile, Damaged) as error:
        raise WrongType(UNREADABLE) from error


def _decoded(content: bytes) -> str:
    """The text of a file whose lines may come from different programs: each in UTF-8, else in the Chinese encoding."""
    if _is_utf8(content):
        return content.decode(ENCODINGS[0])
    lines = content.splitlines(keepends=True)
    mixed = any(not line.isascii() and _is_utf8(line) for line in lines)
    if not mixed:
        return content.decode(ENCODINGS[1], "replace")
    return "".join(line.decode("utf-8-sig" if _is_utf8(line) else ENCODINGS[1], "replace") for line in lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _csv(content: bytes, most: int) -> Table:
    text = _decoded(content)
    if "\x00" in text or text.count(LOST) > len(text) // 10:
        raise WrongType(UNREADABLE)
    try:
        lines = csv.reader(io.StringIO(text, newline=""))
        return Table([[cell.strip() for cell in row[:CELLS_MOST]] for row in islice(lines, most + 1)])
    except csv.Error as error:
        raise WrongType(UNREADABLE) from error


def read_table(content: bytes) -> list[list[str]]:
    """The rows of the first sheet as text; what is no table, or too big for one, is refused."""
    if len(content) > BYTES_MOST:
        raise TooLarge()
    return read_book(content, ROWS_MOST, UNPACKED_MOST).rows


def read_book(content: bytes, most: int, unpacked: int, mark: str = "", heads: int = 0) -> Table:
    """The rows of the first sheet and the mark of its template; at most so many rows (below the headings) and bytes."""
    whole = most + heads
    table = _xlsx(content, whole, unpacked, mark) if content[:4] == b"PK\x03\x04" else _csv(content, whole)
    if len(table.rows) > whole:
        raise too_long(most)
    return table


def too_long(most: int) -> TooLarge:
    """The refusal of a table with too many rows."""
    return TooLarge(_l("The table has more than %(most)d rows.", most=most))
