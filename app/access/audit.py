"""The audit trail: every changed row, in the same transaction, chained by hash so that tampering shows (security F1, F3)."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import event, insert, inspect, select, update
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.orm.attributes import PASSIVE_NO_INITIALIZE

from app.access.actor import actor_or_none
from app.core import clock
from app.core.masks import mask_value
from app.models.audit import AuditEntry, AuditHead, AuditKind

_entries = AuditEntry.__table__
_head = AuditHead.__table__
PENDING = "audit_pending"
# Rows that are themselves a trail, or belong to one person's screen only.
EXEMPT = frozenset({
    "audit_entry", "audit_head", "login_session", "login_attempt", "draft", "list_preference", "idempotency_key",
    "number_sequence", "security_state", "password_record", "case_step",
})
QUIET_COLUMNS = frozenset({"version", "changed_at", "changed_on", "changed_by_id", "changed_by_fk", "created_by_id",
                           "created_at", "created_on", "created_by_fk", "last_login", "login_count", "fail_login_count"})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | bytes):
        return str(value)
    return value


def _shown(info: dict[str, Any], value: Any) -> Any:
    """The value as the trail may hold it: secrets never, personal data masked."""
    if value is None:
        return None
    if info.get("secret"):
        return "***"
    if info.get("mask"):
        return mask_value(info["mask"], str(value))
    return _plain(value)


def _columns(record: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    mapper = inspect(record).mapper
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in QUIET_COLUMNS or column.primary_key:
            continue
        yield attribute.key, {**column.info, **({"secret": True} if attribute.key == "password" else {})}


def _changes(record: Any, created: bool) -> dict[str, list[Any]]:
    state = inspect(record)
    found: dict[str, list[Any]] = {}
    for key, info in _columns(record):
        history = state.attrs[key].load_history() if not created else state.attrs[key].history
        if history.has_changes() or (created and getattr(record, key) is not None):
            old = history.deleted[0] if history.deleted else None
            new = getattr(record, key) if created else (history.added[0] if history.added else None)
            before, after = _shown(info, old), _shown(info, new)
            if before != after or info.get("secret"):
                found[key] = [before, after]
    for relation in state.mapper.relationships:
        if relation.secondary is None:
            continue
        many = state.get_history(relation.key, PASSIVE_NO_INITIALIZE)
        if many.added or many.deleted:
            found[relation.key] = [sorted(str(row) for row in many.deleted), sorted(str(row) for row in many.added)]
    return found


def _collect(session: Session, _context: UOWTransaction, _instances: Any = None) -> None:
    """Note what this flush will change; ids of new rows are known after it."""
    pending = session.info.setdefault(PENDING, [])
    for verb, records in (("add", session.new), ("edit", session.dirty), ("delete", session.deleted)):
        for record in records:
            if record.__tablename__ in EXEMPT or (verb == "edit" and not session.is_modified(record)):
                continue
            changes = {} if verb == "delete" else _changes(record, verb == "add")
            if verb == "delete":
                changes = {key: [_shown(info, getattr(record, key)), None] for key, info in _columns(record)}
            if changes or verb != "edit":
                pending.append({"kind": AuditKind.change, "verb": verb, "record": record, "changes": changes})


def note(session: Any, kind: AuditKind, code: str, record: Any = None, reason: str | None = None,
         changes: dict[str, Any] | None = None, actor_name: str | None = None) -> None:
    """Put one more entry into this transaction: a reading, a refusal, a sign-in."""
    session = session() if callable(session) else session
    session.info.setdefault(PENDING, []).append(
        {"kind": kind, "code": code, "record": record, "reason": reason, "changes": changes, "actor_name": actor_name}
    )


def digest(previous: str, row: dict[str, Any]) -> str:
    """The link: SHA-256 over the link before and everything this entry says."""
    said = {key: _plain(row[key]) for key in sorted(row) if key != "hash"}
    said["at"] = row["at"].astimezone(UTC).isoformat() if row.get("at") else None
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _row(number: int, item: dict[str, Any]) -> dict[str, Any]:
    actor = actor_or_none()
    record = item.get("record")
    subject_type = record.__tablename__ if record is not None else None
    code = item.get("code") or f"{subject_type}:{item['verb']}"
    return {
        "id": number,
        "at": clock.now(),
        "kind": item["kind"],
        "code": code,
        "actor_id": actor.user_id if actor else None,
        "actor_name": item.get("actor_name") or (actor.name if actor else "") or "-",
        "organisation": actor.organisation_name if actor else None,
        "subject_type": subject_type,
        "subject_id": inspect(record).identity[0] if record is not None and inspect(record).identity else None,
        "subject": str(record)[:200] if record is not None else None,
        "reason": (item.get("reason") or None) and str(item["reason"])[:500],
        "changes": item.get("changes") or None,
        "address": actor.address if actor else None,
    }


def _write(session: Session) -> None:
    """Before the commit: forge the links, last of all, so that the head is locked for the shortest time."""
    session.flush()
    pending = session.info.pop(PENDING, [])
    if not pending:
        return
    head = session.connection().execute(select(_head.c.last_id, _head.c.hash).with_for_update()).one()
    number, link, rows = head.last_id, head.hash, []
    for item in pending:
        number += 1
        row = _row(number, item)
        link = row["hash"] = digest(link, row)
        rows.append(row)
    session.connection().execute(insert(_entries), rows)
    session.connection().execute(update(_head).values(last_id=number, hash=link))


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(PENDING, None)


def verify(session: Any) -> tuple[int, int | None]:
    """Walk the chain: (entries walked, id of the first bad entry or None)."""
    link, expected = "0" * 64, 0
    for row in session.connection().execute(select(_entries).order_by(_entries.c.id)).mappings():
        expected += 1
        link = digest(link, dict(row))
        if row["id"] != expected or row["hash"] != link:
            return expected - 1, int(row["id"])
    head = session.connection().execute(select(_head.c.last_id, _head.c.hash)).one()
    if (head.last_id, head.hash) != (expected, link):
        return expected, head.last_id
    return expected, None


def _stamp(session: Session, _context: UOWTransaction, _instances: Any = None) -> None:
    actor = actor_or_none()
    who = actor.user_id if actor else None
    for record in session.new:
        if hasattr(record, "created_by_id") and record.created_by_id is None:
            record.created_by_id = record.changed_by_id = who
    for record in session.dirty:
        if hasattr(record, "changed_by_id") and session.is_modified(record):
            record.changed_by_id = who


def install(session: Any) -> None:
    """Put the listeners on the session."""
    for name, listener in (("before_flush", _stamp), ("before_flush", _collect), ("before_commit", _write),
                           ("after_soft_rollback", _forget)):
        if not event.contains(session, name, listener):
            event.listen(session, name, listener)


