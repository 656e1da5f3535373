"""One sent form, one row: the same key again gets the same answer (security D3)."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, inspect, select, update

from app.access.actor import Actor
from app.core import clock
from app.core.crypto import decrypt, encrypt
from app.core.db import db, unit_of_work
from app.core.upsert import insert_into
from app.models.preference import IdempotencyKey

KEY_LENGTH = 80
KEPT = timedelta(days=1)
_AAD = "idempotency.answer"
_table = IdempotencyKey.__table__


def _kept_as(key: str) -> str:
    """The key as the table holds it; a longer one by its hash, never cut off."""
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()


def _mine(actor: Actor, key: str) -> Any:
    return (_table.c.key == _kept_as(key)) & (_table.c.user_id == actor.user_id)


def claim(actor: Actor, key: str) -> dict[str, Any] | None:
    """Take the key for this transaction; the answer given before if it was used already.

    A second request with the same key waits here until the first has ended."""
    if not key or actor.user_id is None:
        return None
    taken = db.session.connection().execute(
        insert_into(_table)
        .values(key=_kept_as(key), user_id=actor.user_id, answer="", at=clock.now())
        .on_conflict_do_nothing(index_elements=["key", "user_id"])
    )
    return None if taken.rowcount == 1 else kept_answer(actor, key)


def keep_answer(actor: Actor, key: str, answer: dict[str, Any]) -> None:
    """Remember what was answered (encrypted: it may hold the secret code of a receipt)."""
    if key and actor.user_id is not None:
        sealed = encrypt(json.dumps(answer, separators=(",", ":")), _AAD)
        db.session.connection().execute(update(_table).where(_mine(actor, key)).values(answer=sealed))


def kept_answer(actor: Actor, key: str, within: timedelta = KEPT) -> dict[str, Any] | None:
    """What was answered to this key not longer ago than `within`."""
    if not key or actor.user_id is None:
        return None
    sealed = (
        db.session.connection()
        .execute(select(_table.c.answer).where(_mine(actor, key), _table.c.at >= clock.now() - within))
        .scalar_one_or_none()
    )
    if not sealed:
        return None
    answer: dict[str, Any] = json.loads(decrypt(sealed, _AAD))
    return answer


@unit_of_work
def once(actor: Actor, key: str, make: Callable[[], Any]) -> tuple[Any, int | None]:
    """Make a record under a key: it and None, or None and the number of the one that the key made before."""
    answer = claim(actor, key)
    if answer is not None:
        return None, int(answer["id"])
    record = make()
    db.session.flush()
    keep_answer(actor, key, {"id": inspect(record).identity[0]})
    return record, None


@unit_of_work
def purge() -> int:
    """Erase the answers older than a day; for the job."""
    return db.session.connection().execute(delete(_table).where(_table.c.at < clock.now() - KEPT)).rowcount
