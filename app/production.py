"""What a portal in production refuses to start with (security H3): each with the sentence that says how to mend it."""

from typing import Any

import click
from flask import Flask
from sqlalchemy import func, inspect, select

from app.core.db import db
from app.models.account import Account

KEY_LEAST = 32
KEY_SIGNS_LEAST = 10
WELL_KNOWN = ("secret", "changeme", "change-me", "default", "password", "thisismyscretkey", "test-key")


class Unsafe(RuntimeError):
    """The portal does not start."""


def _key_fault(key: Any) -> str | None:
    text = key.decode("latin-1") if isinstance(key, bytes) else str(key)
    if len(text) < KEY_LEAST or len(set(text)) < KEY_SIGNS_LEAST or any(word in text.lower() for word in WELL_KNOWN):
        return (
            f"PORTAL_SECRET_KEY is short or well known: give {KEY_LEAST} random characters or more, "
            "or leave it out and one is made and kept in the instance folder."
        )
    return None


def _demo_accounts() -> int:
    table = Account.__table__
    if not inspect(db.engine).has_table(table.name):
        return 0
    found = db.session.execute(
        select(func.count()).select_from(table).where(table.c.demo.is_(True), table.c.active.is_(True))
    ).scalar_one()
    db.session.remove()
    return int(found)


def check(app: Flask) -> None:
    """Raise Unsafe with a clear sentence for the first thing that must not be in production."""
    if not app.config["PRODUCTION"]:
        return
    if fault := _key_fault(app.config["SECRET_KEY"]):
        raise Unsafe(fault)
    if app.debug or app.config.get("DEBUG"):
        raise Unsafe("Debug mode shows the inside of the program to everybody: unset FLASK_DEBUG.")
    if not (app.config["HTTPS"] and app.config["SESSION_COOKIE_SECURE"]):
        raise Unsafe("Production needs https: set PORTAL_HTTPS=1, with the certificate on the proxy in front.")
    if app.config["RATELIMIT_ENABLED"] is False:
        raise Unsafe("The limits on tries are off: leave RATELIMIT_ENABLED alone.")
    # The commands that clean a database up must be able to run; what serves must not.
    if click.get_current_context(silent=True) is None and (count := _demo_accounts()):
        raise Unsafe(
            f"{count} demo accounts are active: start with a fresh database, or disable them "
            "on the accounts page first, with PORTAL_PRODUCTION=0."
        )
