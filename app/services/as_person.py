"""Work for which nobody waits, done as the person who asked for it: with the rights and rows of now."""

from collections.abc import Callable
from contextvars import Context

from flask import Flask, current_app
from flask_babel import force_locale

from app.access.actor import Actor, acting
from app.access.load import account_row, actor_of


def as_person(
    user_id: int, verb: Callable[[Actor], None], address: str | None = None, language: str | None = None
) -> bool:
    """Carry it out in a context of its own, in the person's language; False if the account is not in use any more."""
    portal = current_app._get_current_object()  # type: ignore[attr-defined]
    return Context().run(_carry_out, portal, user_id, verb, address, language)


def _carry_out(
    portal: Flask, user_id: int, verb: Callable[[Actor], None], address: str | None, language: str | None
) -> bool:
    with portal.app_context():
        row = account_row(user_id)
        if row is None or not row["active"]:
            return False
        spoken = language or (row["preferences"] or {}).get("language") or portal.config["BABEL_DEFAULT_LOCALE"]
        with force_locale(spoken), acting(actor_of(row, address)) as actor:
            verb(actor)
    return True
