"""Three runners remind at the same moment; run as a program of its own by test_killed.py.

    python -m tests.services.rival_reminders INSTANCE DATABASE_URL

Prints what each runner reminded of, the reminders kept, the notices, and how many of these were given twice."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.access.actor import SYSTEM, acting, system_scope
from app.core.db import db, work
from app.core.errors import PortalError
from app.services import reminder
from seed import bulk, load

RUNNERS = 3
SAME = "SELECT 1 FROM notice GROUP BY user_id, case_id, code, CAST(data AS TEXT) HAVING count(*) > 1"
TWICE = f"SELECT count(*) FROM ({SAME}) t"


def number(statement: str) -> int:
    """One number out of the database."""
    with work():
        return int(db.session.connection().execute(text(statement)).scalar_one())


def remind(gate: int, said: int) -> None:
    """Wait for the others, then remind, again if the database was busy."""
    os.read(gate, 1)
    done = None
    while done is None:
        with suppress(PortalError), system_scope("test"):
            done = reminder.remind()
    os.write(said, f"{done} ".encode())


if __name__ == "__main__":
    instance = Path(sys.argv[1])
    app = create_app({"INSTANCE": instance, "SQLALCHEMY_DATABASE_URI": sys.argv[2]})
    reminder.MANY = 10**6
    with app.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts("Demo-2026-portal")
        bulk.bulk(400, 0)
        db.session.remove()
        db.engine.dispose()
        gate, opened = os.pipe()
        said, saying = os.pipe()
        children = []
        for _place in range(RUNNERS):
            child = os.fork()
            if child == 0:
                remind(gate, saying)
                os._exit(0)
            children.append(child)
        os.write(opened, b"x" * RUNNERS)
        for child in children:
            os.waitpid(child, 0)
        each = os.read(said, 1000).decode().split()
        kept, told = number("SELECT count(*) FROM reminder"), number("SELECT count(*) FROM notice")
        print(*each, "|", kept, told, number(TWICE))
