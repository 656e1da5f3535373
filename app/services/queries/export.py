"""The present result of a list as CSV or XLSX: streamed, capped, masked, formula-safe, noted in the trail."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Select

from app.access import audit
from app.access.actor import Actor
from app.core import clock
from app.core.db import db, set_writing, unit_of_work
from app.core.errors import Invalid, Malformed
from app.core.text import excel_safe
from app.models.audit import AuditKind

MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 500
CELL_MAX = 32_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True)
class Export:
    """What is to be written: headings, the select, how each row becomes cells, and the limits."""

    page: str
    name: str
    headings: Sequence[str]
    statement: Select[Any]
    getters: Sequence[Callable[[Any], Any]]
    form: str = "xlsx"
    most: int = 10_000
    told: str = ""


def file_name(job: Export) -> str:
    """expert-20261120-1640.xlsx."""
    return f"{job.name}-{clock.now():%Y%m%d-%H%M}.{job.form}"


@unit_of_work
def note_export(actor: Actor, job: Export, rows: int) -> None:
    """Who took how many rows of what, under which filter."""
    changes = {"rows": rows, "form": job.form, "columns": list(job.headings), "filter": job.told}
    audit.note(db.session, AuditKind.access, f"{job.page.lower()}:export", changes=changes)


def run(actor: Actor, job: Export) -> Iterator[bytes]:
    """Check the size, note the export, and return the bytes of the file piece by piece."""
    if job.form not in MIMES:
        raise Malformed()
    limited = job.statement.limit(job.most + 1)
    key = limited.selected_columns[0]
    keys = limited.with_only_columns(key, maintain_column_froms=True).order_by(None)
    count = len(db.session.execute(keys).all())
    if count > job.most:
        raise Invalid(_l("The result has more than %(most)s rows. Please narrow it by a filter first.", most=job.most))
    note_export(actor, job, count)
    set_writing(False)  # what follows only reads; it must not hold the write lock while it streams
    rows = _cells(job)
    return _kept(_csv(job.headings, rows) if job.form == "csv" else _xlsx(job.headings, rows))


def _kept(inner: Generator[bytes, None, None]) -> Iterator[bytes]:
    """The pieces, each made in the context of now (who acts); the server asks for them after the request is over."""
    context = copy_context()

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                try:
                    piece = context.run(next, inner)
                except StopIteration:
                    return
                yield piece
        finally:
            context.run(inner.close)
            context.run(db.session.remove)

    return pieces()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return value
    text = value.striptags() if isinstance(value, Markup) else str(value)
    return excel_safe(text[:CELL_MAX])


def _cells(job: Export) -> Iterator[list[Any]]:
    result = db.session.execute(job.statement.execution_options(yield_per=CHUNK))
    for part in result.partitions(CHUNK):
        for row in part:
            yield [_cell(get(row)) for get in job.getters]


def _csv(headings: Sequence[str], rows: Iterator[list[Any]]) -> Generator[bytes, None, None]:
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")  # so that spreadsheets read it as UTF-8
    writer.writerow([excel_safe(text) for text in headings])
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % CHUNK == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


class _Pipe(io.RawIOBase):
    """A file that only grows at its end and is emptied as it goes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: Any) -> int:
        """Keep a piece."""
        self.parts.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self.parts)
        self.parts.clear()
        return data


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_DOC}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def _row(cells: Sequence[Any], style: str = "") -> str:
    out = []
    for cell in cells:
        if isinstance(cell, str):
            text = _NOT_XML.sub("", cell).translate(_ESCAPES)
            out.append(f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>' if text else "<c/>")
        else:
            out.append(f"<c{style}><v>{cell}</v></c>")
    return f"<row>{''.join(out)}</row>"


def _xlsx(headings: Sequence[str], rows: Iterator[list[Any]]) -> Generator[bytes, None, None]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for path, content in _PARTS.items():
            book.writestr(path, _HEAD + content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            start = (
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                f'<cols><col min="1" max="{max(1, len(headings))}" width="20" customWidth="1"/></cols><sheetData>'
            )
            sheet.write((start + _row([excel_safe(text) for text in headings], ' s="1"')).encode())
            lines: list[str] = []
            for row in rows:
                lines.append(_row(row))
                if len(lines) >= CHUNK:
                    sheet.write("".join(lines).encode())
                    lines.clear()
                    yield pipe.drain()
            sheet.write(("".join(lines) + "</sheetData></worksheet>").encode())
    yield pipe.drain()
