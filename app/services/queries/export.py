"""The present result of a list as CSV or XLSX: streamed, capped, masked, formula-safe, noted in the trail."""

import csv
import io
import re
import zipfile
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Select, select

from app.access import audit
from app.access.actor import Actor
from app.core import clock
from app.core.db import db, set_writing, unit_of_work, work, writing
from app.core.errors import Invalid, Malformed
from app.core.text import excel_safe
from app.models.audit import AuditKind
from app.services import parameter
from app.services.access_log import watch
from app.services.alarm import EXPORT_REFUSED, tell_auditors
from app.services.queries.superiors import whom_to_ask

MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 500
STRETCH = 2000
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


def file_name(name: str, form: str) -> str:
    """expert-20261120-1640.xlsx."""
    return f"{name}-{clock.now():%Y%m%d-%H%M}.{form}"


@unit_of_work
def note_export(actor: Actor, job: Export, rows: int) -> None:
    """Who took how many rows of what, under which filter."""
    changes = {"rows": rows, "form": job.form, "columns": list(job.headings), "filter": job.told}
    audit.note(db.session, AuditKind.access, f"{job.page.lower()}:export", changes=changes)
    watch(actor, rows)


@unit_of_work
def note_refusal(actor: Actor, job: Export, most: int) -> None:
    """Who wanted too much of what; the security auditors are told."""
    changes = {"records": most, "form": job.form, "page": job.page, "filter": job.told}
    audit.note(db.session, AuditKind.security, EXPORT_REFUSED, changes=changes)
    tell_auditors(actor, EXPORT_REFUSED, most)


class AboveLimit(Invalid):
    """More rows than are given at once; whoever has a reason may ask for them."""


def _most(job: Export) -> int:
    return min(job.most, parameter.number("export_most"))


def above_limit(actor: Actor, job: Export) -> AboveLimit:
    """The refusal: how many rows are given at once, and whom to ask for more."""
    most, who = _most(job), whom_to_ask(actor)
    if not who:
        return AboveLimit(_l("The result has more than %(most)s rows. Please narrow it by a filter first.", most=most))
    return AboveLimit(
        _l(
            "More than %(most)s rows are not exported at once. Please narrow the result by a filter, or ask %(who)s.",
            most=most,
            who=who,
        )
    )


def _keys(job: Export, most: int) -> Select[Any]:
    if job.form not in MIMES:
        raise Malformed()
    limited = job.statement.limit(most + 1)
    keys = limited.with_only_columns(limited.selected_columns[0], maintain_column_froms=True)
    return keys.execution_options(yield_per=CHUNK)


def rows_of(job: Export, most: int) -> int:
    """How many rows the file would have, counted no further than one above `most`."""
    with db.session.execute(_keys(job, most).order_by(None)) as found:
        return sum(len(part) for part in found.partitions(CHUNK))


def run(actor: Actor, job: Export) -> tuple[int, Iterator[bytes]]:
    """Check the size, note the export, and return the number of rows and the bytes of the file piece by piece."""
    most = _most(job)
    count = rows_of(job, most)
    if count > most:
        note_refusal(actor, job, most)
        raise above_limit(actor, job)
    note_export(actor, job, count)
    set_writing(False)  # what follows only reads; it must not hold the write lock while it streams
    return count, _kept(_file(job, _cells(job)))


def _file(job: Export, rows: Iterator[list[Any]]) -> Generator[bytes, None, None]:
    return _csv(job.headings, rows) if job.form == "csv" else _xlsx(job.headings, rows)


def keys_of(job: Export, most: int) -> Sequence[int]:
    """The keys of the rows in their order, no more than one above `most`."""
    with db.session.execute(_keys(job, most)) as found:
        return array("q", (key for part in found.partitions(CHUNK) for (key,) in part))


def in_stretches(job: Export, keys: Sequence[int], told: Callable[[int], None]) -> Iterator[bytes]:
    """The file, read in stretches: between two of them others write, and `told` says how many rows are written."""
    return _file(job, _stretches(job, keys, told))


def _stretches(job: Export, keys: Sequence[int], told: Callable[[int], None]) -> Iterator[list[Any]]:
    key, written = job.statement.selected_columns[0], 0
    for start in range(0, len(keys), STRETCH):
        with writing(False), work():
            found = db.session.execute(job.statement.where(key.in_(list(keys[start : start + STRETCH]))))
            rows = [[_cell(get(row)) for get in job.getters] for row in found]
        yield from rows
        written += len(rows)
        told(written)


def table(
    actor: Actor, page: str, name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Iterator[bytes]:
    """A small table that is worked out already, as XLSX; noted in the trail like every export."""
    note_export(actor, Export(page, name, headings, select(), ()), len(rows))
    return _kept(_xlsx(headings, iter([[_cell(cell) for cell in row] for row in rows])))


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
    kind = type(value)
    if kind is not str:
        if value is None:
            return ""
        if kind is int or kind is float:
            return value
        value = value.striptags() if isinstance(value, Markup) else str(value)
    return excel_safe(value if len(value) <= CELL_MAX else value[:CELL_MAX])


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
