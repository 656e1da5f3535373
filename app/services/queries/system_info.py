"""How the installation stands: versions, database, disk; never a path, a key or a name."""

import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from app.access.actor import system_scope
from app.access.chain import head
from app.core import revisions
from app.core.db import db
from app.core.text import listed
from app.models.account import Account, LoginSession
from app.models.audit import Job, JobState
from app.models.outbox import MessageState
from app.services.queries.machinery import machinery

PACKAGES = ("Flask", "Flask-AppBuilder", "Flask-Admin", "SQLAlchemy", "Werkzeug", "WTForms")
GIB = 2**30


def _size() -> int:
    if db.engine.dialect.name == "sqlite":
        pages, size = (db.session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
        return int(pages) * int(size)
    return int(db.session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _database() -> str:
    name = "sqlite_version()" if db.engine.dialect.name == "sqlite" else "current_setting('server_version')"
    return f"{db.engine.dialect.name} {db.session.execute(text(f'SELECT {name}')).scalar_one()}"


def _migration() -> str:
    present, wanted = revisions.present(), revisions.wanted()
    there = listed(sorted(present)) or "—"
    if present == wanted:
        return there
    return _("%(here)s, expected %(wanted)s", here=there, wanted=listed(sorted(wanted)))


def _count(statement: Any) -> str:
    return str(db.session.execute(statement).scalar_one())


def _machinery() -> list[tuple[str, str]]:
    """What waits to leave the house, what was given up, and when the deadlines were looked at last."""
    found = machinery()
    failed = sum(number for (_channel, state), number in found.messages.items() if state == MessageState.failed)
    ago = "—" if found.reminded is None else _("%(count)d minutes ago", count=found.reminded // 60)
    return [
        (_("Messages waiting"), str(sum(found.messages.values()) - failed)),
        (_("Messages given up"), str(failed)),
        (_("Deadlines looked at"), ago),
    ]


def facts(instance: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (what, how it stands)."""
    disk = shutil.disk_usage(instance)
    with system_scope("counts for the system page"):
        busy = [
            (_("Accounts in use"), _count(select(func.count()).select_from(Account).where(Account.active.is_(True)))),
            (
                _("Open sessions"),
                _count(select(func.count()).select_from(LoginSession).where(LoginSession.ended_at.is_(None))),
            ),
            (_("Jobs waiting"), _count(select(func.count()).select_from(Job).where(Job.state == JobState.waiting))),
            (_("Jobs failed"), _count(select(func.count()).select_from(Job).where(Job.state == JobState.failed))),
            (_("Entries of the audit trail"), str(head(db.session)[0])),
        ]
        busy += _machinery()
    return [
        (_("Programs"), [("Python", platform.python_version()), *((name, version(name)) for name in PACKAGES)]),
        (
            _("Database"),
            [
                (_("Engine"), _database()),
                (_("Size"), f"{_size() / 2**20:.1f} MiB"),
                (_("Migration"), _migration()),
            ],
        ),
        (_("Disk"), [(_("Free"), f"{disk.free / GIB:.1f} GiB ({disk.free * 100 // disk.total} %)")]),
        (_("Now"), busy),
    ]
