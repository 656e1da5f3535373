"""The files of an import: the template to fill in, the rows that come back, the file with its faults marked."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid, WrongType
from app.core.files import check_file, safe_name
from app.core.late import late
from app.core.sheet import CELLS_MOST, UNREADABLE, Table, read_book, too_long
from app.core.text import excel_safe, listed
from app.services.import_columns import Column, Fault, Row, languages_of
from app.services.queries.export import CELL_MAX

openpyxl, styles = late("openpyxl"), late("openpyxl.styles")
validation, utils = late("openpyxl.worksheet.datavalidation"), late("openpyxl.utils")

KINDS = (".xlsx", ".csv")
MARK = "portal"  # the hidden sheet that says which template this is
BYTES_MOST = 20 * 2**20
UNPACKED_MOST = 100 * 2**20
FILLED_IN = 5000  # rows that the template checks while they are typed
HEADS_AMONG = 5  # an old ledger may have a title above its headings
RED, GREY, BLUE = "FFFFC7CE", "FF7F7F7F", "FFDDEBF7"


def version_of(noun: str, columns: Sequence[Column]) -> str:
    """Which template this is; another set of columns is another version."""
    names = ",".join(f"{column.name}{'*' if column.required else ''}" for column in columns)
    return f"{noun} {hashlib.sha256(names.encode()).hexdigest()[:8]}"


def checked(name: str | None, data: bytes) -> str:
    """The name of a file that may be read as a table; anything else is refused with what it is."""
    shown = safe_name(name)
    if not data:
        raise Invalid(errors={"file": [_l("The file is empty.")]})
    if not shown.lower().endswith(KINDS):
        raise WrongType(UNREADABLE)
    if data[:4] == b"PK\x03\x04" or shown.lower().endswith(".xlsx"):
        check_file(shown, data)
    return shown


# ---- the template


def template(noun: str, label: Any, columns: Sequence[Column]) -> bytes:
    """A workbook to fill in: headings, an example, drop-downs from hidden sheets of codes, numbers kept as text."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = str(label)[:31].replace("/", " ")
    for place, column in enumerate(columns, 1):
        _head(sheet, place, column)
        if column.codes is not None:
            _codes(book, sheet, place, column)
    sheet.freeze_panes = "A2"
    mark = book.create_sheet(MARK)
    mark["A1"] = version_of(noun, columns)
    mark.sheet_state = "veryHidden"
    return _bytes(book)


def _head(sheet: Any, place: int, column: Column) -> None:
    letter = utils.get_column_letter(place)
    cell = sheet.cell(1, place, heading(column))
    cell.font = styles.Font(bold=True)
    cell.fill = styles.PatternFill("solid", fgColor=BLUE)
    cell.alignment = styles.Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[letter].width = 40 if column.wide else 16
    if column.plain:
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(2, 502):
            sheet.cell(row, place).number_format = "@"
    example = sheet.cell(2, place, column.example or None)
    example.font = styles.Font(italic=True, color=GREY)
    if column.help:
        hint = validation.DataValidation(showInputMessage=True, allow_blank=True)
        hint.promptTitle, hint.prompt = str(column.label)[:32], str(column.help)[:255]
        hint.add(f"{letter}2:{letter}{FILLED_IN}")
        if column.codes is None:
            sheet.add_data_validation(hint)


def _codes(book: Any, sheet: Any, place: int, column: Column) -> None:
    """A hidden sheet with names and codes, and the drop-down that reads it; what is not listed is told when tried."""
    codes = column.codes() if column.codes is not None else ()
    letter = utils.get_column_letter(place)
    hidden = book.create_sheet(column.name[:31])
    for row, (code, name) in enumerate(codes, 1):
        hidden.cell(row, 1, excel_safe(name))
        hidden.cell(row, 2, excel_safe(code)).number_format = "@"
    hidden.sheet_state = "hidden"
    offered = validation.DataValidation(
        type="list", formula1=f"'{hidden.title}'!$A$1:$A${max(1, len(codes))}", allow_blank=True, showErrorMessage=False
    )
    if column.help:
        offered.showInputMessage, offered.prompt = True, str(column.help)[:255]
    offered.add(f"{letter}2:{letter}{FILLED_IN}")
    sheet.add_data_validation(offered)


def heading(column: Column) -> str:
    """A heading; a star for what must be filled in."""
    return f"{column.label}{'*' if column.required else ''}"


def _bytes(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ---- what comes back


def _named(columns: Sequence[Column]) -> dict[str, str]:
    """Headings, in every language, and what they stand for."""
    return {word.strip(): column.name for column in columns for word in (*languages_of(column.label), column.name)}


def _heads(table: Table, columns: Sequence[Column]) -> tuple[int, dict[int, str]]:
    """In which row the headings stand, and which place is which column."""
    named = _named(columns)
    best: tuple[int, dict[int, str]] = (0, {})
    for number, cells in enumerate(table.rows[:HEADS_AMONG], 1):
        found: dict[int, str] = {}
        for place, text in enumerate(cells):
            name = named.get(text.replace("\n", " ").strip("* \uff0a"))
            if name and name not in found.values():
                found[place] = name
        if len(found) > len(best[1]):
            best = (number, found)
    return best


def read_rows(data: bytes, noun: str, columns: Sequence[Column], most: int) -> tuple[list[Row], dict[str, int]]:
    """The rows that are filled in, and the place of each column; a file that is no such table is refused."""
    table = read_book(data, most, UNPACKED_MOST, MARK, HEADS_AMONG)
    if table.mark and table.mark != version_of(noun, columns):
        other = table.mark.partition(" ")[0] != noun
        raise Invalid(
            errors={
                "file": [
                    _l("This is the template of another register. Please choose the right one.")
                    if other
                    else _l("This template is an old one. Please fetch the present one and copy your rows into it.")
                ]
            }
        )
    number, places = _heads(table, columns)
    missing = [str(c.label) for c in columns if c.required and c.name not in places.values()]
    if missing:
        raise Invalid(errors={"file": [_l("These columns are missing: %(names)s.", names=listed(missing))]})
    example = {column.name: column.example for column in columns if column.example}
    rows = []
    for place, cells in enumerate(table.rows[number:], number + 1):
        filled = {places[at]: text for at, text in enumerate(cells) if at in places and text}
        if filled and filled != example:
            rows.append(Row(place, filled))
    if not rows:
        raise Invalid(errors={"file": [_l("The table holds no rows.")]})
    if len(rows) > most:
        raise too_long(most)
    return rows, {name: place + 1 for place, name in places.items()}


# ---- the file with its faults


def marked(data: bytes, faults: Sequence[Fault], places: Mapping[str, int], labels: Mapping[str, Any]) -> bytes:
    """The person's own file: red where something is wrong, and a last column that says what."""
    if data[:4] == b"PK\x03\x04":
        book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
        sheet = next(sheet for sheet in book.worksheets if sheet.title != MARK)
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        for cells in read_book(data, 10**6, UNPACKED_MOST).rows:
            sheet.append([text[:CELL_MAX] for text in cells])
    last = min(sheet.max_column, CELLS_MOST) + 1
    head = sheet.cell(1, last, _("What is wrong"))
    head.font, red = styles.Font(bold=True), styles.PatternFill("solid", fgColor=RED)
    sheet.column_dimensions[utils.get_column_letter(last)].width = 60
    for fault in faults:
        for name in fault.errors:
            if name in places:
                sheet.cell(fault.row.number, places[name]).fill = red
        said = sheet.cell(fault.row.number, last, excel_safe(sentence_of(fault.errors, labels)))
        said.fill, said.alignment = red, styles.Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":  # a formula stays what it was typed as: text
                cell.value, cell.data_type = f"'{cell.value}", "s"
    return _bytes(book)


def sentence_of(errors: Mapping[str, Sequence[Any]], labels: Mapping[str, Any]) -> str:
    """All that is wrong with a row, on one line."""
    said = []
    for name, sentences in errors.items():
        text = " ".join(str(sentence) for sentence in sentences)
        said.append(_("%(field)s: %(said)s", field=labels[name], said=text) if name in labels else text)
    return listed(said, clauses=True)
