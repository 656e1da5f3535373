"""The files of an exchange: envelope, receipt and comparison, as JSON and as a workbook."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from flask_babel import gettext as _

from app.core import clock
from app.core.columns import spec_of
from app.core.envelope import FLAT, MARK, Envelope, head_of, rows_of, seal
from app.core.late import late
from app.core.text import listed
from app.models.case import Case
from app.models.exchange import Exchange
from app.models.party import Party
from app.models.person import Person

openpyxl, cells = late("openpyxl"), late("openpyxl.cell")
RECEIPT = "appeals-receipt"
_PART = re.compile(r"(parties|claims)-(\d+)-(\w+)", re.ASCII)


def envelope_json(envelope: Envelope, receiver: str) -> bytes:
    """An envelope as JSON."""
    head = head_of(envelope, receiver, clock.now().isoformat(timespec="seconds"))
    return json.dumps({**head, "records": envelope.records}, ensure_ascii=False, indent=1).encode()


def envelope_book(envelope: Envelope, receiver: str) -> bytes:
    """An envelope as a workbook; its seal is over the rows as they stand there."""
    rows = rows_of(envelope.records)
    head = {**head_of(envelope, receiver, clock.now().isoformat(timespec="seconds")), "sha256": seal(rows)}
    book = openpyxl.Workbook(write_only=True)
    _sheet(book, "records", FLAT, [[row[name] for name in FLAT] for row in rows])
    mark = book.create_sheet(MARK)
    mark.append([_text(mark, json.dumps(head, ensure_ascii=False))])
    mark.sheet_state = "hidden"
    return _bytes(book)


def receipt_json(parcel: Exchange) -> bytes:
    """The receipt of an envelope, or the result of a comparison."""
    said = {
        "schema": RECEIPT,
        "version": "1.0",
        "kind": parcel.direction.value,
        "batch_id": parcel.batch_code,
        "partner": parcel.partner.code,
        "made_at": parcel.changed_at.isoformat(timespec="seconds"),
        "sha256": parcel.sha256,
        "records": parcel.records,
        "accepted": parcel.accepted,
        "rejected": parcel.rejected,
        "results": parcel.receipt,
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def receipt_book(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The same as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    _sheet(book, title[:31], headings, rows)
    return _bytes(book)


def receipt_line(line: Mapping[str, Any]) -> str:
    """Why a record was not taken, in one line; the receipt names fields by code, people read what they are called."""
    return listed([_in_words(reason) for reason in line.get("reasons") or ()], clauses=True)


def _in_words(reason: str) -> str:
    field, colon, said = reason.partition(": ")
    return _("%(field)s: %(said)s", field=_called(field), said=said) if colon else reason


def _called(field: str) -> str:
    found = _PART.fullmatch(field)
    if found is None:
        return _label(field, Case)
    part, place, column = found[1], int(found[2]) + 1, found[3]
    if part == "claims":
        return _("Claim %(place)d", place=place)
    return _("Party %(place)d, %(field)s", place=place, field=_label(column, Person, Party))


def _label(name: str, *models: type) -> str:
    for model in models:
        with suppress(LookupError):
            return str(spec_of(model, name).label)
    return name


def _sheet(book: Any, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    sheet.append([_text(sheet, name) for name in headings])
    for row in rows:
        sheet.append([_text(sheet, value) for value in row])


def _text(sheet: Any, value: Any) -> Any:
    """A cell that is text whatever it begins with: no spreadsheet reckons with it."""
    cell = cells.WriteOnlyCell(sheet, value="")
    cell._value, cell.data_type = str(value or ""), "s"
    return cell


def _bytes(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
