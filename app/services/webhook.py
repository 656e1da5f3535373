"""Webhooks: neighbouring systems are told what happened, in ids, numbers and states."""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.access import audit
from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid
from app.core.impersonal import plain_data
from app.core.outward import Refused, Undelivered, host_allowed, post
from app.models.audit import AuditKind
from app.models.outbox import MessageChannel, OutboxMessage, Webhook
from app.services import outbox, parameter
from app.services.notice import holders_anywhere, tell_people
from app.services.record import save_record

_hook = Webhook.__table__
_LISTENING = select(_hook.c.id, _hook.c.events).where(_hook.c.active.is_(True)).order_by(_hook.c.id)


def wants(events: str, event: str) -> bool:
    """Whether a webhook that listens to `events` ("case.* review.filed") is told of this one."""
    return any(fnmatchcase(event, pattern) for pattern in events.split())


def announce(event: str, data: Mapping[str, Any], case_id: int | None = None) -> None:
    """Tell every webhook that listens to `event`, once this transaction is committed; within a unit of work.

    `data` holds ids, numbers, codes, states and days only: whatever else raises `Personal`."""
    told = plain_data(data)
    hooks = [row.id for row in db.session.connection().execute(_LISTENING) if wants(row.events, event)]
    if not hooks:
        return
    event_id = uuid.uuid4().hex
    body = {"id": event_id, "event": event, "at": clock.now().isoformat(), "data": told}
    for hook_id in hooks:
        key = f"webhook:{hook_id}:{event_id}"
        outbox.put(MessageChannel.webhook, event, key, body, webhook_id=hook_id, case_id=case_id)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in X-Portal-Signature: sha256=HMAC(secret, timestamp.body)."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@unit_of_work
def _receiver(webhook_id: int) -> Any:
    return db.session.connection().execute(select(_hook.c.url, _hook.c.secret).where(_hook.c.id == webhook_id)).one()


def send(webhook_id: int, uid: str, event: str, body: bytes) -> str:
    """One call to a receiver, signed; 2xx means that it has it, 410 that it wants no more."""
    hook = _receiver(webhook_id)
    if not host_allowed(hook.url, current_app.config["WEBHOOK_HOSTS"]):
        raise Refused("the host is not on the list of allowed hosts")
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "appeals-centre-portal",
        "Idempotency-Key": uid,
        "X-Portal-Delivery": uid,
        "X-Portal-Event": event,
        "X-Portal-Timestamp": timestamp,
        "X-Portal-Signature": signature(hook.secret, timestamp, body),
    }
    answer = post(hook.url, body, headers, local=current_app.config["WEBHOOK_LOCAL"])
    if answer.status == 410:
        raise Refused("the receiver is gone (410)")
    if not 200 <= answer.status < 300:
        raise Undelivered(f"the receiver answered {answer.status}", reached=True)
    return str(answer.status)


def count_failures(webhook_id: int, failed: bool) -> None:
    """Count failures in a row; too many pause the webhook, and its administrators are told. Within a unit of work."""
    connection = db.session.connection()
    if not failed:
        connection.execute(update(_hook).where(_hook.c.id == webhook_id, _hook.c.failures > 0).values(failures=0))
        return
    more = update(_hook).where(_hook.c.id == webhook_id).values(failures=_hook.c.failures + 1)
    row = connection.execute(more.returning(_hook.c.name, _hook.c.failures, _hook.c.paused_at)).one()
    if row.paused_at is None and row.failures >= parameter.number("webhook_failures"):
        connection.execute(update(_hook).where(_hook.c.id == webhook_id).values(paused_at=clock.now()))
        told = {"name": row.name, "count": row.failures}
        tell_people(SYSTEM, "webhook_paused", holders_anywhere("edit", "Webhook"), told, link="/webhook/list/")


# ---- what the administrator does

EVENT = re.compile(r"(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)")
NOT_ALLOWED = _l("This host is not on the list of allowed hosts (PORTAL_WEBHOOK_HOSTS). Please ask the operator.")
NO_EVENT = _l("Please write names of events separated by spaces, for example case.* or case.accept.")


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, or what is wrong with it."""
    values = dict(given)
    errors: dict[str, list[Any]] = {}
    if "url" in values:
        values["url"] = str(values["url"] or "").strip()
        if not host_allowed(values["url"], current_app.config["WEBHOOK_HOSTS"]):
            errors["url"] = [NOT_ALLOWED]
    if "events" in values:
        words = str(values["events"] or "").split()
        values["events"] = " ".join(dict.fromkeys(words))
        if not words or not all(EVENT.fullmatch(word) for word in words):
            errors["events"] = [NO_EVENT]
    if errors:
        raise Invalid(errors=errors)
    return values


@unit_of_work
def add_webhook(actor: Actor, given: Mapping[str, Any]) -> tuple[Webhook, str]:
    """A new receiver and its secret, which is shown this once."""
    secret = secrets.token_urlsafe(32)
    row: Webhook = save_record(actor, Webhook(secret=secret), _checked(given))
    return row, secret


@unit_of_work
def change_webhook(actor: Actor, row: Webhook, given: Mapping[str, Any]) -> Webhook:
    """Change a receiver; saving it lets a paused one go on."""
    values = _checked(given)
    row.paused_at, row.failures = None, 0
    return save_record(actor, row, values)  # type: ignore[no-any-return]


@unit_of_work
def renew_secret(actor: Actor, row: Webhook) -> str:
    """A new secret in place of the old one, shown this once."""
    row.secret = secrets.token_urlsafe(32)
    db.session.flush()
    return row.secret


@unit_of_work
def replay(actor: Actor, message: OutboxMessage) -> int:
    """Send an event again as a delivery of its own; the id of the event stays, so that a receiver can know it again."""
    if message.channel is not MessageChannel.webhook or message.webhook_id is None:
        raise Conflict(_l("Only events of webhooks can be sent again."))
    uid = uuid.uuid4().hex
    key = f"webhook:{message.webhook_id}:{message.data.get('id')}:{uid}"
    made = outbox.put(
        message.channel, message.code, key, message.data, webhook_id=message.webhook_id, case_id=message.case_id
    )
    audit.note(db.session, AuditKind.change, "outbox_message:replay", message)
    assert made is not None
    return made
