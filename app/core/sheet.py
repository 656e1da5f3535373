"""Reading a small table that somebody prepared in a spreadsheet: CSV in the usual Chinese encodings, or XLSX."""

import csv
import io
import zipfile
from datetime import date, datetime
from itertools import islice
from typing import Any

from flask_babel import lazy_gettext as _l
from openpyxl import load_workbook

from app.core.errors import TooLarge, WrongType

BYTES_MOST = 2 * 2**20
UNPACKED_MOST = 20 * 2**20
ROWS_MOST = 2000
CELLS_MOST = 50
ENCODINGS = ("utf-8-sig", "gb18030")
UNREADABLE = _l("This file is not a table that can be read. Please save it as XLSX or CSV.")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_MOST:
                raise TooLarge()
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise WrongType(UNREADABLE) from error
    try:
        rows = book.worksheets[0].iter_rows(max_row=ROWS_MOST + 1, max_col=CELLS_MOST, values_only=True)
        return [[_text(cell) for cell in row] for row in rows]
    finally:
        book.close()


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            lines = csv.reader(io.StringIO(text, newline=""))
            return [[cell.strip() for cell in row[:CELLS_MOST]] for row in islice(lines, ROWS_MOST + 1)]
        except csv.Error as error:
            raise WrongType(UNREADABLE) from error
    raise WrongType(UNREADABLE)


def read_table(content: bytes) -> list[list[str]]:
    """The rows of the first sheet as text; what is no table, or too big for one, is refused."""
    if len(content) > BYTES_MOST:
        raise TooLarge()
    rows = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    if len(rows) > ROWS_MOST:
        raise TooLarge(_l("The table has more than %(most)d rows.", most=ROWS_MOST))
    return rows
