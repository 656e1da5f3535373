"""The chain of the audit trail: each entry carries the hash of the one before it, so tampering shows (security F3)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import bindparam, select, update

from app.core.bulk import insert_rows
from app.models.audit import AuditEntry, AuditHead

entries, heads = AuditEntry.__table__, AuditHead.__table__
START = "0" * 64
# What an entry says; named one by one, so that a later column does not break the links of today.
SAID = (
    "id",
    "at",
    "kind",
    "code",
    "actor_id",
    "actor_name",
    "organisation",
    "subject_type",
    "subject_id",
    "subject",
    "reason",
    "changes",
    "address",
)
_AS_IT_IS = frozenset({str, int, bool, float, list, dict})
_JSON_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_TIMES, _JSON = (datetime, date, time), (int, float, list, dict)


@dataclass(frozen=True)
class Check:
    """How a walk along the chain ended: entries that are intact, the last good hash, the first bad entry and why."""

    walked: int
    head: str
    bad: int | None = None
    why: str = ""


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or type(value) in _AS_IT_IS:
        return value
    if isinstance(value, _TIMES):
        return value.isoformat()
    return value if isinstance(value, _JSON) else str(value)


def digest(previous: str, row: Mapping[str, Any]) -> str:
    """The link: SHA-256 over the link before and everything this entry says."""
    said = {key: plain(row[key]) for key in SAID}
    said["at"] = row["at"].astimezone(UTC).isoformat()
    text = _JSON_LINE.encode(said)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


_MOVE = update(heads).values(last_id=bindparam("number"), hash=bindparam("link"))
HEAD = select(heads.c.last_id, heads.c.hash).with_for_update()  # locked from here to the commit: writers queue up


def append(connection: Any, rows: Sequence[dict[str, Any]], head: Any = None) -> None:
    """Forge the next links; `head` is what the HEAD select gave, if it was asked in this transaction already."""
    head = connection.execute(HEAD).one() if head is None else head
    number, link = head.last_id, head.hash
    for row in rows:
        number += 1
        row["id"] = number
        link = row["hash"] = digest(link, row)
    insert_rows(connection, entries, rows)
    connection.execute(_MOVE, {"number": number, "link": link})


def head(session: Any) -> tuple[int, str]:
    """Number and hash of the last entry; kept outside, it proves that the chain was not rebuilt."""
    row = session.connection().execute(select(heads.c.last_id, heads.c.hash)).one()
    return int(row.last_id), str(row.hash)


def check(session: Any, known: tuple[int, str] | None = None) -> Check:
    """Walk the chain to its head; `known` is a head written down earlier, which the chain must still hold."""
    link, number, connection = START, 0, session.connection()
    while True:
        fresh = select(entries).where(entries.c.id > number).order_by(entries.c.id)
        before = number
        with connection.execute(fresh.execution_options(yield_per=2000)) as found:
            for row in found.mappings():
                following = digest(link, row)
                if row["id"] != number + 1 or row["hash"] != following:
                    return Check(number, link, number + 1, "changed" if row["id"] == number + 1 else "missing")
                number, link = number + 1, following
                if known is not None and known[0] == number and known[1] != link:
                    return Check(number - 1, link, number, "rebuilt")
        last, kept = head(session)
        if last < number:
            return Check(last, link, last + 1, "beyond the head")
        if last == number and kept != link:
            return Check(number, link, number, "head does not fit")
        if last == number or number == before:
            break
    if last > number or (known is not None and known[0] > number):
        return Check(number, link, number + 1, "missing")
    return Check(number, link)


def verify(session: Any) -> tuple[int, int | None]:
    """Walk the chain: (entries that are intact, number of the first bad entry or None)."""
    found = check(session)
    return found.walked, found.bad
