"""Runners that are killed while they make the file of a large export; run as a program of its own by test_killed.py.

    python -m tests.services.killed_exports INSTANCE DATABASE_URL ROWS RUNNERS

Three times all runners are killed (SIGKILL) in the middle of the file; then they may finish. Prints what is left:
kills, rows of the file, different rows among them, notices, and files in the store."""

import csv
import io
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
from app.access.actor import SYSTEM, Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock, store
from app.core.db import db, work, writing
from app.core.errors import PortalError
from app.models.account import Account
from app.models.audit import Notice
from app.models.export_request import ExportRequest, ExportState
from app.services import attachment, export_file, export_request, job
from app.services.queries import export
from seed import load
from seed.bulk import bulk
from tests.services.forked import fork, kill

LONGEST = 150
KILLS = 3


def person(name: str) -> Actor:
    """An account as an actor."""
    return actor_of(account_row(db.session.execute(select(Account.id).where(Account.username == name)).scalar_one()))


def begin(rows: int) -> int:
    """The base data, so many cases, and an export of them that was approved."""
    upgrade()
    load.base()
    load.accounts("Killed-2026-runners")
    bulk(rows)
    clerk, head = person("clerk"), person("centre_head")
    with work():
        asked: Any = ExportRequest(
            organisation_id=clerk.organisation_id, asked_by_id=clerk.user_id, page="Case", path="/case", query="all=1",
            form="csv", rows=rows, reason="年度统计核对",
        )  # fmt: skip
        db.session.add(asked)
        db.session.flush()
        key = int(asked.id)
    with acting(head):
        export_request.decide(head, export_file.find(key), True, "")
    return key


def now(key: int) -> tuple[Any, int]:
    """Its state, and how many rows are written; read without the lock of a writer."""
    table = ExportRequest.__table__
    with writing(False), work():
        row = db.session.connection().execute(select(table.c.state, table.c.done).where(table.c.id == key)).one()
    db.session.remove()
    return ExportState(row.state), row.done


def runner() -> None:
    """Carry out what people asked for, until killed."""
    export.STRETCH = 100
    while True:
        with suppress(PortalError), system_scope("jobs"):
            found = job._lease()
            if found is not None:
                job._try(found)
        time.sleep(0.05)


def main(portal: Flask, rows: int, runners: int) -> str:
    """Kill them in the middle, let them finish, and count."""
    until = time.monotonic() + LONGEST
    with portal.app_context(), acting(SYSTEM):
        key = begin(rows)
        db.session.remove()
        children, killed, last = [fork(runner) for _place in range(runners)], 0, 0
        while time.monotonic() < until:
            state, done = now(key)
            if state is not ExportState.approved:
                break
            if killed < KILLS and done not in (0, last):
                kill(*children)
                killed, last = killed + 1, now(key)[1]
                children = [fork(runner) for _place in range(runners)]
            time.sleep(0.05)
        time.sleep(1)  # a second runner may be at it still
        kill(*children)
        return f"{killed} {found(key)}"


def found(key: int) -> str:
    """What there is at the end."""
    with system_scope("test"):
        asked: Any = export_file.find(key)
        path = attachment.path_of(asked.storage_key)
        pieces = export_file.unseal(path.open("rb"), export_file._purpose(key))
        lines = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))[1:]
        told = select(func.count()).select_from(Notice.__table__).where(Notice.__table__.c.code == "export_ready")
        notices = db.session.connection().execute(told).scalar_one()
        store.sweep(attachment.folder(), {asked.storage_key}, time.time() + 1)
        left = sum(one.is_file() for one in attachment.folder().glob("*/*/*"))
    return f"{len(lines)} {len({tuple(line) for line in lines})} {notices} {left}"


if __name__ == "__main__":
    began, start = time.monotonic(), clock.now()
    app = create_app(
        {
            "INSTANCE": Path(sys.argv[1]),
            "SQLALCHEMY_DATABASE_URI": sys.argv[2],
            # two seconds here are the ten minutes after which a runner is taken for dead
            "CLOCK": lambda: start + timedelta(seconds=300 * (time.monotonic() - began)),
        }
    )
    print(main(app, int(sys.argv[3]), int(sys.argv[4])))
