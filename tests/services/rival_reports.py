"""A runner is killed while it tells of reports, then three tell of them at one moment; run by test_report_subscription.

    python -m tests.services.rival_reports INSTANCE DATABASE_URL

Prints what each runner told, the subscriptions, the deliveries and the messages."""

import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import func, select, update

from app import create_app
from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db, work
from app.core.errors import PortalError
from app.models.account import Account
from app.models.audit import Notice
from app.models.report_subscription import ReportDelivery, ReportForm, ReportSubscription, Rhythm
from app.services import report_subscription
from seed import load

RUNNERS = 3


def tell(gate: int, said: int) -> None:
    """Wait for the others, then deliver, again if the database was busy."""
    os.read(gate, 1)
    done = None
    while done is None:
        with suppress(PortalError), system_scope("test"):
            done = report_subscription.deliver()
    os.write(said, f"{done} ".encode())


def die(*_args: Any, **_kw: Any) -> None:
    """In the middle: the delivery is written, its message is not."""
    os.kill(os.getpid(), signal.SIGKILL)


def fork(run: Any, *args: Any) -> int:
    """A runner with a connection of its own."""
    child = os.fork()
    if child == 0:
        run(*args)
        os._exit(0)
    return child


def killed() -> None:
    """A runner that dies while it delivers."""
    report_subscription.tell_people = die
    with system_scope("test"):
        report_subscription.deliver()


def number(model: Any) -> int:
    """How many rows there are."""
    with work():
        counted = select(func.count()).select_from(model.__table__)
        return int(db.session.connection().execute(counted).scalar_one())


def fill() -> int:
    """The head of the centre and the supervisor have reports sent since long ago."""
    with work():
        for name in ("centre_head", "supervisor"):
            person = db.session.scalars(select(Account).where(Account.username == name)).one()
            for rhythm in Rhythm:
                row: Any = ReportSubscription(
                    user_id=person.id, rhythm=rhythm, form=ReportForm.page, organisation_id=person.organisation_id
                )
                db.session.add(row)
        db.session.flush()
        long_ago = clock.now() - timedelta(days=90)
        db.session.connection().execute(update(ReportSubscription.__table__).values(created_at=long_ago))
    return 2 * len(Rhythm)


if __name__ == "__main__":
    app = create_app({"INSTANCE": Path(sys.argv[1]), "SQLALCHEMY_DATABASE_URI": sys.argv[2]})
    with app.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts("Demo-2026-portal")
        asked = fill()
        db.session.remove()
        db.engine.dispose()
        _pid, status = os.waitpid(fork(killed), 0)
        left = number(ReportDelivery), number(Notice)
        db.session.remove()
        db.engine.dispose()
        gate, opened = os.pipe()
        said, saying = os.pipe()
        children = [fork(tell, gate, saying) for _place in range(RUNNERS)]
        os.write(opened, b"x" * RUNNERS)
        for child in children:
            os.waitpid(child, 0)
        each = os.read(said, 1000).decode().split()
        dead = int(os.WIFSIGNALED(status))
        print(*each, "|", dead, *left, "|", asked, number(ReportDelivery), number(Notice))
