"""Sending what is in the outbox: leased for a while, sent outside of any transaction, noted by whoever holds the lease.

A runner that dies between sending and noting leaves a lease that runs out; the next one sends again under the same
number, by which file and gateway drop the repeat (decision 8).
"""

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select, update
from tenacity import (
    RetryCallState,
    Retrying,
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from app.access.actor import SYSTEM, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Unavailable
from app.core.outward import Refused, Undelivered
from app.models.outbox import MessageChannel, MessageState, OutboxMessage, SmsTemplate, Webhook
from app.services import parameter, webhook
from app.services.notice import holders_anywhere, tell_once
from app.services.sms import quiet_until
from app.services.sms_backend import Sms, backend

log = logging.getLogger("portal.outbox")
_table, _hook, _template = OutboxMessage.__table__, Webhook.__table__, SmsTemplate.__table__
OPEN = (MessageState.waiting, MessageState.held, MessageState.sending)
PASS_MOST = 500
STALE = timedelta(days=3)  # a text that could not leave for so long says what holds no longer
# Half a minute, then three times as long each time, six hours at most: eight tries take about nine hours.
GROWING = wait_exponential(multiplier=30, exp_base=3, max=6 * 3600) + wait_random(0, 15)
# What was sent must be noted, also when the database is busy just then.
patiently = retry(
    retry=retry_if_exception_type(Unavailable),
    wait=wait_exponential(multiplier=0.1, max=3),
    stop=stop_after_attempt(8),
    reraise=True,
)


@dataclass(frozen=True)
class Leased:
    """A message in hand."""

    id: int
    lease: str
    uid: str
    channel: MessageChannel
    code: str
    recipient: str | None = field(repr=False)
    webhook_id: int | None
    text: str | None
    data: dict[str, Any]
    tries: int


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = tries
    return timedelta(seconds=GROWING(state))


def _due(now: datetime, resting: set[Any]) -> Any:
    """The messages that may go now: not by night, not to a paused webhook, not where nobody answered just now."""
    awake = select(_hook.c.id).where(_hook.c.active.is_(True), _hook.c.paused_at.is_(None))
    conditions = [
        _table.c.state.in_(OPEN),
        _table.c.next_at <= now,
        or_(_table.c.webhook_id.is_(None), _table.c.webhook_id.in_(awake)),
    ]
    if MessageChannel.sms in resting or quiet_until(now):
        conditions.append(_table.c.channel != MessageChannel.sms)
    hooks = [one for one in resting if isinstance(one, int)]
    if hooks:
        conditions.append(or_(_table.c.webhook_id.is_(None), _table.c.webhook_id.not_in(hooks)))
    return select(_table).where(*conditions).order_by(_table.c.next_at, _table.c.id)


@patiently
@unit_of_work
def lease(resting: set[Any]) -> Leased | None:
    """Take the next message in hand for a while; one runner gets it, however many ask."""
    now, connection = clock.now(), db.session.connection()
    row = connection.execute(_due(now, resting).limit(1).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    token = uuid.uuid4().hex
    until = now + current_app.config["OUTBOX_LEASE"]
    connection.execute(
        update(_table)
        .where(_table.c.id == row.id)
        .values(state=MessageState.sending, lease=token, next_at=until, tries=row.tries + 1)
    )
    return Leased(
        row.id, token, row.uid, row.channel, row.code, row.recipient, row.webhook_id, row.text, row.data, row.tries + 1
    )


def _note(message: Leased, **values: Any) -> bool:
    """Write down what became of it, unless the lease ran out and somebody else has it."""
    mine = (_table.c.id == message.id) & (_table.c.lease == message.lease)
    changed = db.session.connection().execute(update(_table).where(mine).values(lease=None, **values))
    return bool(changed.rowcount)


@patiently
@unit_of_work
def _arrived(message: Leased, receipt: str) -> None:
    _note(message, state=MessageState.sent, sent_at=clock.now(), receipt=receipt[:200], error=None)
    if message.webhook_id is not None:
        webhook.count_failures(message.webhook_id, failed=False)


@patiently
@unit_of_work
def _postponed(message: Leased, why: str) -> None:
    """Try again later, or give up after as many tries as the house has set."""
    if message.tries >= parameter.number("outbox_tries"):
        _give_up(message, why)
    else:
        later = clock.now() + wait_after(message.tries)
        _note(message, state=MessageState.waiting, next_at=later, error=why[:500])
    if message.webhook_id is not None:
        webhook.count_failures(message.webhook_id, failed=True)


@patiently
@unit_of_work
def _given_up(message: Leased, why: str) -> None:
    _give_up(message, why)


def _give_up(message: Leased, why: str) -> None:
    if _note(message, state=MessageState.failed, error=why[:500]):
        said = {"code": message.code, "tries": message.tries}
        for people, link in (
            (holders_anywhere("maintain", "Maintenance"), "/maintenance/outbox_message/"),
            (holders_anywhere("resend", "Outbox"), "/outbox/list/?tab=failed"),
        ):
            tell_once(SYSTEM, "outbox_failed", people, said, link=link)


@unit_of_work
def _operator_code(code: str) -> str:
    """Under which number the operator knows a text; a text that is no longer approved does not leave."""
    row = (
        db.session.connection()
        .execute(select(_template.c.approved, _template.c.operator_code).where(_template.c.code == code))
        .one_or_none()
    )
    if row is None or not row.approved:
        raise Refused("the text is no longer approved")
    return row.operator_code or code


def _send_sms(message: Leased) -> str:
    template = _operator_code(message.code)
    return backend().send(Sms(message.uid, message.recipient or "", message.text or "", template, message.data))


def _send_webhook(message: Leased) -> str:
    assert message.webhook_id is not None
    body = json.dumps(message.data, ensure_ascii=False, separators=(",", ":")).encode()
    return webhook.send(message.webhook_id, message.uid, message.code, body)


SENDERS: dict[MessageChannel, Callable[[Leased], str]] = {
    MessageChannel.sms: _send_sms,
    MessageChannel.webhook: _send_webhook,
}


def _send(message: Leased, resting: set[Any]) -> bool:
    """One try; whether it arrived. Where nobody answers, nothing more is tried in this pass."""
    try:
        if message.tries > parameter.number("outbox_tries"):  # its runner died each time
            raise Refused("no outcome is known")
        receipt = SENDERS[message.channel](message)
    except Refused as why:
        _given_up(message, str(why))
    except Exception as why:
        reached = isinstance(why, Undelivered) and why.reached
        if not isinstance(why, Undelivered):
            log.exception("a message could not be sent", extra={"key": message.uid})
        if not reached:
            resting.add(message.webhook_id or message.channel)
        _postponed(message, str(why) if isinstance(why, Undelivered) else type(why).__name__)
    else:
        _arrived(message, receipt)
        return True
    return False


@patiently
@unit_of_work
def drop_stale() -> None:
    """Cancel texts that have waited for days: nobody is told today of what was to be tomorrow a week ago."""
    old = (_table.c.channel == MessageChannel.sms) & (_table.c.created_at < clock.now() - STALE)
    waiting = _table.c.state.in_((MessageState.waiting, MessageState.held))
    gone = update(_table).where(old, waiting).values(state=MessageState.cancelled, error="waited for too long")
    db.session.connection().execute(gone)


def deliver(most: int = PASS_MOST) -> int:
    """Send what is due, one after the other; how many arrived. Safe beside other runners."""
    sent, resting = 0, set[Any]()
    with system_scope("outbox"):
        drop_stale()
        for _place in range(most):
            message = lease(resting)
            if message is None:
                break
            sent += _send(message, resting)
    return sent


@unit_of_work
def purge() -> int:
    """Erase the messages that were sent or cancelled long ago; for the job."""
    kept = timedelta(days=parameter.number("keep_messages_days"))
    over = _table.c.state.in_((MessageState.sent, MessageState.cancelled, MessageState.failed))
    old = delete(_table).where(over, _table.c.created_at < clock.now() - kept)
    return db.session.connection().execute(old).rowcount
