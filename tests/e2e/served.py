"""The portal on a day of one's choice, in a process of its own; run as a program by test_whole_course.py.

    python -m tests.e2e.served INSTANCE PORT PASSWORD

The clock goes on from the moment that stands in INSTANCE/clock; whoever writes another moves it."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import time

from flask_migrate import upgrade
from waitress import serve

from app import create_app
from app.access.actor import SYSTEM, acting
from seed import load
from seed.load_registers import load_registers


def clock_of(file: Path) -> datetime:
    """The moment that was written, and what has passed since."""
    written = file.stat().st_mtime
    return datetime.fromisoformat(file.read_text("ascii").strip()) + timedelta(seconds=time() - written)


def main(instance: Path, port: int, password: str) -> None:
    """Set up and serve."""
    file = instance / "clock"
    settings = {"INSTANCE": instance, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'portal.db'}"}
    quick = {"FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1"}  # some fifty accounts, and everybody signs in every day
    portal = create_app({**settings, **quick, "CLOCK": lambda: clock_of(file)})
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(password)
        load_registers()
    serve(portal, host="127.0.0.1", port=port, threads=4, ident=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
