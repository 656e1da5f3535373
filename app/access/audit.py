"""The audit trail: one entry for every changed row, written in the same transaction as the change (security F1)."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Text, event, inspect, select
from sqlalchemy.orm import Mapper, Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.attributes import NO_VALUE, PASSIVE_NO_INITIALIZE

from app.access.actor import Actor, actor_or_none
from app.access.chain import append, check, digest, head, plain, verify
from app.core import clock
from app.core.columns import display_of
from app.core.crypto import EncryptedText
from app.core.masks import mask_value
from app.models.audit import AuditKind

__all__ = ["check", "digest", "entry", "head", "install", "made", "note", "verify"]

PENDING, MARKS, OLD = "audit_pending", "audit_marks", "audit_old"
# Rows that are themselves a trail, or belong to one person's screen only.
EXEMPT = frozenset(
    {
        "audit_entry",
        "audit_head",
        "login_session",
        "login_attempt",
        "draft",
        "list_preference",
        "idempotency_key",
        "number_sequence",
        "security_state",
        "password_record",
        "case_step",
        "document_print",
        "notice",
        "outbox_message",
        "reminder",
        "review_step",
        "booking_step",
        "duty_step",
        "public_hold",
        "deadline_move",
        "import_row",
        "hearing_step",
        "outreach_step",
    }
)
QUIET_COLUMNS = frozenset(
    {
        "version",
        "changed_at",
        "changed_on",
        "changed_by_id",
        "changed_by_fk",
        "created_by_id",
        "created_at",
        "created_on",
        "created_by_fk",
        "last_login",
        "login_count",
        "fail_login_count",
        "failures",
    }
)
SECRET_COLUMNS = frozenset({"password", "code_hash", "token_hash", "cancel_hash"})
# The far side of a many-to-many that the near side tells already.
FAR_SIDES = frozenset(
    {
        ("ab_role", "user"),
        ("ab_permission_view", "role"),
        ("ab_role", "groups"),
        ("ab_user", "groups"),
    }
)
# Whoever reads the trail must not read cases by it: of their long texts it holds the beginning, length and a hash.
CONFIDENTIAL = frozenset(
    {
        *("case", "claim", "party", "person", "visit", "representative", "referral", "attachment"),
        *("reply", "reply_point", "leader_reception", "conference", "mediation", "hearing", "hearing_opinion"),
        *("follow_up", "rating", "rectification", "review", "review_applicant", "review_seat", "ballot_mark"),
        *("service", "extension", "suspension", "consultation"),
    }
)
LONG_TEXT = 1000  # columns of at least this length hold prose
SHOWN_LETTERS = 12


def _table(mapper: Mapper[Any]) -> str:
    return str(getattr(mapper.local_table, "name", ""))


@cache
def _columns(mapper: Mapper[Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The columns whose changes are told, each with how its values may be shown."""
    found = []
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in QUIET_COLUMNS or getattr(column, "primary_key", False):
            continue
        info = dict(column.info)
        encrypted = isinstance(column.type, EncryptedText)
        if attribute.key in SECRET_COLUMNS or (encrypted and not info.get("mask")):
            info["secret"] = True
        long = isinstance(column.type, Text) or (getattr(column.type, "length", None) or 0) >= LONG_TEXT
        info["veiled"] = long and not encrypted and _table(mapper) in CONFIDENTIAL
        found.append((attribute.key, info))
    return tuple(found)


@cache
def _relations(mapper: Mapper[Any]) -> tuple[str, ...]:
    table = _table(mapper)
    return tuple(r.key for r in mapper.relationships if r.secondary is not None and (table, r.key) not in FAR_SIDES)


def _shown(info: dict[str, Any], value: Any) -> Any:
    """The value as the trail may hold it: secrets never, personal data masked, long texts of cases veiled."""
    if value is None or value is NO_VALUE:
        return None
    if info.get("secret"):
        return "***"
    if info.get("mask"):
        return mask_value(info["mask"], str(value))
    if info.get("veiled") and len(str(value)) > SHOWN_LETTERS:
        text = str(value)
        return f"{text[:SHOWN_LETTERS]}… ({len(text)}, {hashlib.sha256(text.encode()).hexdigest()[:12]})"
    return str(value) if isinstance(value, Decimal | bytes) else plain(value)


def _title(record: Any) -> str:
    """What the record is called, at this time; a later deletion takes nothing from it."""
    if type(record).__repr__ is not object.__repr__ or type(record).__str__ is not object.__str__:
        return str(record)[:200]
    display = display_of(type(record))
    return str(getattr(record, display))[:200] if display else ""


def _before(session: Session, record: Any) -> dict[str, Any]:
    """The values that the database holds now, before this flush; what is not at hand is asked for in one select."""
    state = inspect(record)
    keys = [key for key, _info in _columns(state.mapper)]
    held = {key: state.committed_state.get(key, state.dict.get(key, NO_VALUE)) for key in keys}
    missing = [key for key, value in held.items() if value is NO_VALUE]
    if missing:
        columns = [state.mapper.columns[key] for key in missing]
        here = [column == value for column, value in zip(state.mapper.primary_key, state.identity, strict=True)]
        row = session.connection().execute(select(*columns).where(*here)).one_or_none()
        held.update(zip(missing, row, strict=True) if row is not None else ())
    return held


def _links(record: Any) -> dict[str, list[Any]]:
    """What was added to and taken from the lists of a record."""
    state, found = inspect(record), {}
    for key in _relations(state.mapper):
        many = state.get_history(key, PASSIVE_NO_INITIALIZE)
        if many.added or many.deleted:
            found[key] = [sorted(str(row) for row in many.deleted), sorted(str(row) for row in many.added)]
    return found


def _changes(record: Any, old: dict[str, Any] | None) -> dict[str, list[Any]]:
    """Column: [before, after]; the raw values decide, the shown ones are kept."""
    state = inspect(record)
    found = {}
    for key, info in _columns(state.mapper):
        before, after = (old or {}).get(key), state.dict.get(key)
        if before is NO_VALUE:
            before = None
        if before != after and (key in state.dict or old is None):
            found[key] = [_shown(info, before), _shown(info, after)]
    return found


def _discreet(record: Any, changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Of what a record itself says the trail must not tell, it keeps only that it changed."""
    for key in getattr(record, "audit_veiled", ()):
        if key in changes:
            changes[key] = [one and "***" for one in changes[key]]
    return changes


def _removed(record: Any) -> dict[str, list[Any]]:
    """Everything a deleted record held, lists included."""
    state = inspect(record)
    found = {
        key: [_shown(info, value), None]
        for key, info in _columns(state.mapper)
        if (value := getattr(record, key)) is not None
    }
    for key in _relations(state.mapper):
        rows = list(getattr(record, key) or ())
        if rows:
            found[key] = [sorted(str(row) for row in rows), []]
    return _discreet(record, found)


def _item(session: Session, **said: Any) -> dict[str, Any]:
    item = {"kind": AuditKind.change, "actor": actor_or_none(), **said}
    session.info.setdefault(PENDING, []).append(item)
    return item


def _told(record: Any) -> bool:
    return record.__tablename__ not in EXEMPT


@cache
def _owning(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(relation.key for relation in mapper.relationships if relation.cascade.delete_orphan)


def _orphans(session: Session) -> Iterator[Any]:
    """Rows that this flush deletes because they were taken out of their owner's list."""
    for owner in session.dirty:
        state = inspect(owner)
        for key in _owning(state.mapper):
            for record in state.get_history(key, PASSIVE_NO_INITIALIZE).deleted:
                gone = inspect(record)
                if gone.persistent and record not in session.deleted and gone.mapper._is_orphan(gone):
                    yield record


def _collect(session: Session, _context: UOWTransaction, _instances: Any = None) -> None:
    """Before the flush: what goes, and what the rows that change held until now."""
    old = session.info[OLD] = []
    gone = [record for record in (*session.deleted, *_orphans(session)) if _told(record)]
    for record in gone:
        _item(session, verb="delete", record=record, changes=_removed(record), title=_title(record))
    keys = {id(record) for record in gone}
    for record in session.dirty:
        if _told(record) and id(record) not in keys and session.is_modified(record):
            old.append((record, _before(session, record), _links(record)))


def _compare(session: Session, _context: UOWTransaction) -> None:
    """After the statements of the flush: what the rows hold now, keys and defaults included."""
    old = session.info.pop(OLD, [])
    for record in session.new:
        if _told(record):
            changes = _discreet(record, {**_changes(record, None), **_links(record)})
            _item(session, verb="add", record=record, changes=changes, title=_title(record))
    for record, held, links in old:
        changes = _discreet(record, {**_changes(record, held), **links})
        if changes:
            _item(session, verb="edit", record=record, changes=changes, title=_title(record))


def note(
    session: Any,
    kind: AuditKind,
    code: str,
    record: Any = None,
    reason: str | None = None,
    changes: dict[str, Any] | None = None,
    actor_name: str | None = None,
) -> None:
    """Put one more entry into this transaction: a reading, a refusal, a sign-in."""
    session = session() if callable(session) else session
    _item(
        session,
        kind=kind,
        code=code,
        record=record,
        reason=reason,
        changes=changes,
        actor_name=actor_name,
        title=_title(record) if record is not None else None,
    )


def _merged(pending: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each row: several flushes of one transaction tell one story."""
    told: dict[int, dict[str, Any]] = {}
    kept: list[dict[str, Any]] = []
    for item in pending:
        if "verb" not in item:
            kept.append(item)
            continue
        first = told.get(id(item["record"]))
        if first is None or item["verb"] == "delete" or first["verb"] == "delete":
            told[id(item["record"])] = item
            kept.append(item)
            continue
        for key, (before, after) in item["changes"].items():
            earlier = first["changes"].get(key)
            if earlier is None:
                first["changes"][key] = [before, after]
            elif key in _relations(inspect(type(item["record"]))):  # what came and went adds up; a value is replaced
                first["changes"][key] = [earlier[0] + before, earlier[1] + after]
            else:
                first["changes"][key] = [earlier[0], after]
        first["title"] = item["title"]
    return kept


def entry(actor: Actor, kind: AuditKind, code: str, record: Any = None, reason: str | None = None) -> dict[str, Any]:
    """An entry by itself, for `chain.append`: readings are written when their page is made, on their own."""
    title = _title(record) if record is not None else None
    return _row({"actor": actor, "kind": kind, "code": code, "record": record, "reason": reason, "title": title})


def made(actor: Actor, model: Any, values: dict[str, Any], code: str, title: str) -> dict[str, Any]:
    """An entry by itself on a row that was written (or removed) past the session, by its values; for `chain.append`."""
    shown = {
        key: [None, _shown(info, values[key])] for key, info in _columns(inspect(model)) if values.get(key) is not None
    }
    row = _row({"actor": actor, "kind": AuditKind.change, "code": code, "title": title[:200]})
    return {**row, "changes": shown or None, "subject_type": model.__tablename__, "subject_id": values.get("id")}


def _row(item: dict[str, Any]) -> dict[str, Any]:
    actor: Actor | None = item["actor"]
    record = item.get("record")
    state = inspect(record) if record is not None else None
    key = state.identity[0] if state is not None and state.identity else None
    table = record.__tablename__ if record is not None else None
    changes = item.get("changes")
    return {
        "at": clock.now(),
        "kind": item["kind"],
        "code": item.get("code") or f"{table}:{item['verb']}",
        "actor_id": actor.user_id if actor else None,
        "actor_name": (item.get("actor_name") or (actor.name if actor else "") or "-")[:64],
        "organisation": actor.organisation_name if actor else None,
        "subject_type": table,
        "subject_id": key if isinstance(key, int) else None,
        "subject": item.get("title") or None,
        "reason": (item.get("reason") or None) and str(item["reason"])[:500],
        "changes": json.loads(json.dumps(changes, default=str)) if changes else None,
        "address": actor.address if actor else None,
    }


def _write(session: Session) -> None:
    """Before the commit: write the entries, last of all, so that the head is locked for the shortest time."""
    if session.in_nested_transaction():
        return
    session.flush()
    pending = session.info.pop(PENDING, [])
    session.info.pop(MARKS, None)
    if pending:
        append(session.connection(), [_row(item) for item in _merged(pending)])


def _mark(session: Session, transaction: SessionTransaction) -> None:
    """A savepoint begins: what is told from here on goes if it is rolled back."""
    if transaction.nested:
        session.info.setdefault(MARKS, {})[transaction] = len(session.info.get(PENDING, ()))


def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What was rolled back did not happen."""
    session.info.pop(OLD, None)
    while not transaction.nested and transaction.parent is not None:
        transaction = transaction.parent
    if transaction.nested:
        mark = session.info.get(MARKS, {}).get(transaction, 0)
        del session.info.get(PENDING, [])[mark:]
    else:
        session.info.pop(PENDING, None)
        session.info.pop(MARKS, None)


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
    for name, listener in (
        ("before_flush", _stamp),
        ("before_flush", _collect),
        ("after_flush", _compare),
        ("before_commit", _write),
        ("after_transaction_create", _mark),
        ("after_soft_rollback", _forget),
    ):
        if not event.contains(session, name, listener):
            event.listen(session, name, listener)
