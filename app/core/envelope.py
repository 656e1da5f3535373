"""The neutral envelope in which cases travel between systems, as JSON or as a workbook; sealed by a hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid, WrongType
from app.core.sheet import read_book

SCHEMA, VERSION = "appeals-case", "1.0"
RECORDS_MOST = 2000
BYTES_MOST = 10 * 2**20
UNPACKED_MOST = 60 * 2**20
MARK = "envelope"  # the sheet that holds the head of an envelope
JSON_SCHEMA: dict[str, Any] = json.loads(files("app.core").joinpath("data/exchange.schema.json").read_text("utf-8"))
PLAIN = (
    *("number", "outside_number", "registered_on", "replied_on", "closed_on", "occurred_on", "channel", "kind"),
    *("category", "state", "organisation", "lead_organisation", "village", "town", "title", "facts", "head_count"),
)
# A workbook has one petitioner, and the claims on the lines of a cell.
PETITIONER = ("name", "id_type", "id_number", "phone", "address")
FLAT = (*PLAIN, "claims", "results", "resolved", *(f"petitioner_{name}" for name in PETITIONER))
NOT_ONE = _l("This file is no envelope of cases.")


@dataclass(frozen=True)
class Envelope:
    """A parcel of records with where it comes from."""

    batch_id: str
    sender: str
    records: list[dict[str, Any]]
    sha256: str
    period_from: str | None = None
    period_until: str | None = None


def seal(records: Sequence[Mapping[str, Any]]) -> str:
    """The hash over the records, whatever program writes them."""
    text = json.dumps(list(records), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head_of(envelope: Envelope, receiver: str, made_at: str) -> dict[str, Any]:
    """Everything of an envelope but its records."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "batch_id": envelope.batch_id,
        "sender": envelope.sender,
        "receiver": receiver,
        "made_at": made_at,
        "period": {"from": envelope.period_from, "until": envelope.period_until},
        "sha256": envelope.sha256,
    }


def flat(record: Mapping[str, Any]) -> dict[str, str]:
    """A record as one row of text."""
    claims: list[Mapping[str, Any]] = [c for c in record.get("claims") or () if isinstance(c, Mapping)]
    parties = [p for p in record.get("parties") or () if isinstance(p, Mapping)]
    first = next((p for p in parties if p.get("side", "petitioner") == "petitioner"), {})
    row = {name: _text(record.get(name)) for name in PLAIN}
    row["claims"] = "\n".join(_text(claim.get("text")).replace("\n", " ") for claim in claims)
    row["results"] = "\n".join(_text(claim.get("result")) for claim in claims).strip("\n")
    row["resolved"] = "\n".join(_text(claim.get("resolved")) for claim in claims).strip("\n")
    return {**row, **{f"petitioner_{name}": _text(first.get(name)) for name in PETITIONER}}


def nested(row: Mapping[str, str]) -> dict[str, Any]:
    """One row of text as a record."""
    record: dict[str, Any] = {name: row[name] for name in PLAIN if row.get(name)}
    record["claims"] = [{"text": line} for line in row.get("claims", "").splitlines() if line.strip()]
    party = {name: row[f"petitioner_{name}"] for name in PETITIONER if row.get(f"petitioner_{name}")}
    record["parties"] = [{"side": "petitioner", **party}] if party else []
    return record


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse(sentence: Any) -> Invalid:
    return Invalid(errors={"file": [sentence]})


def read_head(head: Any, records: Any, sealed: str) -> Envelope:
    """An envelope whose head, size and seal are right; what the records say is read one by one later."""
    if not isinstance(head, dict) or head.get("schema") != SCHEMA or not isinstance(records, list):
        raise _refuse(NOT_ONE)
    if str(head.get("version", "")).partition(".")[0] != VERSION.partition(".")[0]:
        raise _refuse(_l("This envelope has a version that is not known here: %(version)s.",
                         version=str(head.get("version"))[:16]))  # fmt: skip
    batch, sender = head.get("batch_id"), head.get("sender")
    if not _is_code(batch) or not _is_code(sender):
        raise _refuse(_l("The envelope does not say who sent it, or lacks its batch number."))
    if not records or len(records) > RECORDS_MOST:
        raise _refuse(_l("An envelope holds 1 to %(most)d records.", most=RECORDS_MOST))
    if head.get("sha256") != sealed:
        raise _refuse(_l("The hash does not fit the records: the file was changed on its way, or is incomplete."))
    period: Any = head.get("period")
    said = period if isinstance(period, dict) else {}
    dates = [value if isinstance(value := said.get(name), str) else None for name in ("from", "until")]
    plain = [record if isinstance(record, dict) else {} for record in records]
    return Envelope(str(batch), str(sender), plain, sealed, dates[0], dates[1])


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64 and value.isascii() and value.replace("-", "").replace(
        ".", "").replace("_", "").isalnum()  # fmt: skip


def read_envelope(content: bytes) -> Envelope:
    """An envelope out of a file, JSON or XLSX."""
    if not content:
        raise _refuse(_l("The file is empty."))
    if content[:4] == b"PK\x03\x04":
        return _read_sheet(content)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise WrongType(NOT_ONE) from fault
    return read_body(data)


def read_body(data: Any) -> Envelope:
    """An envelope out of JSON that was read already; half a character is none, and no file could hold it."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as fault:
        raise WrongType(NOT_ONE) from fault
    records = data.get("records") if isinstance(data, dict) else None
    return read_head(data, records, seal(records) if isinstance(records, list) else "")


def read_list(content: bytes, sender: str) -> Envelope:
    """A list to compare with: an envelope, or any table whose first two columns are number and state."""
    if content[:1] == b"{":
        return read_envelope(content)
    table = read_book(content, RECORDS_MOST, UNPACKED_MOST, MARK, heads=1)
    if table.mark:
        return _read_sheet(content)
    rows = [(*cells, "", "")[:2] for cells in table.rows[1:] if any(cells[:1])]
    if not rows:
        raise _refuse(_l("The table holds no rows."))
    records = [{"number": number, "state": state} for number, state in rows]
    return Envelope("list", sender, records, seal(records))


def rows_of(records: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The records as a workbook holds them."""
    return [{name: text.strip() for name, text in flat(record).items()} for record in records]


def _read_sheet(content: bytes) -> Envelope:
    table = read_book(content, RECORDS_MOST, UNPACKED_MOST, MARK, heads=1)
    try:
        head = json.loads(table.mark)
    except ValueError as fault:
        raise WrongType(NOT_ONE) from fault
    names = table.rows[0] if table.rows else []
    rows = [dict(zip(names, cells, strict=False)) for cells in table.rows[1:] if any(cells)]
    whole = [{name: row.get(name, "") for name in FLAT} for row in rows]
    envelope = read_head(head, whole, seal(whole))
    return Envelope(
        envelope.batch_id,
        envelope.sender,
        [nested(row) for row in whole],
        envelope.sha256,
        envelope.period_from,
        envelope.period_until,
    )
