"""Runners of the outbox that are killed in the middle of their work; run as a program of its own by test_killed.py.

    python -m tests.services.killed_runners INSTANCE DATABASE_URL MESSAGES RUNNERS [PORT]

Runners are forked from a parent that has started the portal once; each is killed (SIGKILL) after a random moment, until
all messages have left. With PORT, webhooks to a receiver there; else text messages into the file of the instance."""

import random
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db, work, writing
from app.core.errors import PortalError
from app.models.outbox import MessageChannel, MessageState, OutboxMessage, Webhook
from app.services import delivery, outbox
from seed import load
from tests.services.forked import fork, kill

LONGEST = 120
AT_LEAST = 3  # killed before anybody asks what is left: the asking may take as long as the sending


def fill(messages: int, port: int | None) -> None:
    """The base data, and so many messages."""
    upgrade()
    load.load_sms_templates()
    with work():
        hook_id = None
        if port is not None:
            hook: Any = Webhook(name="市平台", url=f"http://127.0.0.1:{port}/hook", secret="k" * 43, events="*")
            db.session.add(hook)
            db.session.flush()
            hook_id = hook.id
        for place in range(messages):
            if hook_id is not None:
                body = {"id": f"e{place}", "event": "case.accept", "at": clock.now().isoformat(), "data": {"id": place}}
                outbox.put(MessageChannel.webhook, "case.accept", f"test:{place}", body, webhook_id=hook_id)
                continue
            told = {"number": f"SQ-2026-{place:06d}"}
            outbox.put(
                MessageChannel.sms, "accepted", f"test:{place}", told, recipient=f"138{place:08d}", text="已受理。" * 20
            )


def left() -> int:
    """How many have not left; asked without the lock of a writer, for which the runners would let it wait."""
    with writing(False), work():
        table = OutboxMessage.__table__
        open_ = select(func.count()).select_from(table).where(table.c.state != MessageState.sent)
        return int(db.session.connection().execute(open_).scalar_one())


def runner() -> None:
    """Deliver until killed."""
    while True:
        with suppress(PortalError):
            delivery.deliver()
        time.sleep(0.01)


def main(portal: Flask, messages: int, runners: int, port: int | None) -> int:
    """Kill runners until nothing is left; how many were killed in the middle of work."""
    dice, killed, until = random.Random(7), 0, time.monotonic() + LONGEST
    with portal.app_context(), acting(SYSTEM):
        fill(messages, port)
        db.session.remove()
        children = [fork(runner) for _place in range(runners)]
        while killed < AT_LEAST or (left() and time.monotonic() < until):
            db.session.remove()
            time.sleep(dice.uniform(0.02, 0.25))
            kill(children.pop(dice.randrange(len(children))))
            killed += 1
            children.append(fork(runner))
        kill(*children)
        return killed if not left() else -1


if __name__ == "__main__":
    instance, url = Path(sys.argv[1]), sys.argv[2]
    port = int(sys.argv[5]) if len(sys.argv) > 5 else None
    noon = clock.now().replace(hour=12, minute=0)
    began = time.monotonic()
    app = create_app(
        {
            "INSTANCE": instance,
            "SQLALCHEMY_DATABASE_URI": url,
            "SMS_FILE": instance / "sms.jsonl",
            "WEBHOOK_HOSTS": ["127.0.0.1:*"],
            "WEBHOOK_LOCAL": True,
            "OUTBOX_LEASE": timedelta(seconds=2),
            # noon, and on from there: messages leave by day only
            "CLOCK": lambda: noon + timedelta(seconds=time.monotonic() - began),
        }
    )
    print(main(app, int(sys.argv[3]), int(sys.argv[4]), port))
