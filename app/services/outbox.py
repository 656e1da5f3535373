"""The outbox: a message is written in the transaction of what causes it, and sent afterwards by the job runner."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from app.access import audit
from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.core.upsert import insert_into
from app.models.audit import AuditKind
from app.models.outbox import MessageChannel, MessageState, OutboxMessage

_table = OutboxMessage.__table__


def put(
    channel: MessageChannel,
    code: str,
    key: str,
    data: Mapping[str, Any],
    *,
    recipient: str | None = None,
    webhook_id: int | None = None,
    case_id: int | None = None,
    text: str | None = None,
    held_until: datetime | None = None,
    sealed: bool = False,
) -> int | None:
    """Write one message into this transaction; None when one of the same `key` was written before.

    `data` is what the receiver gets to know; the callers have seen to it that it names nobody."""
    statement = insert_into(_table).values(
        uid=uuid.uuid4().hex,
        channel=channel,
        code=code,
        key=key,
        data=dict(data),
        recipient=recipient,
        webhook_id=webhook_id,
        case_id=case_id,
        text=text,
        state=MessageState.held if held_until else MessageState.waiting,
        next_at=held_until or clock.now(),
        sealed=sealed,
    )
    once = statement.on_conflict_do_nothing(index_elements=["key"]).returning(_table.c.id)
    return db.session.connection().execute(once).scalar_one_or_none()


@unit_of_work
def retry(actor: Actor, message: OutboxMessage) -> None:
    """Try a message again that was given up, or do not wait any longer."""
    _turn(message, MessageState.waiting, (MessageState.failed, MessageState.waiting), "retry", tries=0, error=None)


@unit_of_work
def cancel(actor: Actor, message: OutboxMessage) -> None:
    """Take back a message that has not left."""
    _turn(message, MessageState.cancelled, (MessageState.waiting, MessageState.held, MessageState.failed), "take_back")


def _turn(message: OutboxMessage, to: MessageState, sources: tuple[MessageState, ...], verb: str, **more: Any) -> None:
    here = (_table.c.id == message.id) & _table.c.state.in_(sources)
    values = {"state": to, "next_at": clock.now(), **more}
    if not db.session.connection().execute(update(_table).where(here).values(**values)).rowcount:
        raise Conflict(_l("The message has left already, or was taken back."))
    audit.note(db.session, AuditKind.change, f"outbox_message:{verb}", message)
