"""How a person likes the pages to look: size of type, contrast, theme, language."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.models.account import Account

_user = Account.__table__
CHOICES: dict[str, tuple[Any, ...]] = {
    "font": (1, 2, 3),
    "contrast": ("normal", "high"),
    "theme": ("light", "dark", "auto"),
}


def chosen(given: Mapping[str, str]) -> dict[str, Any]:
    """What of a request is a preference with an allowed value."""
    found: dict[str, Any] = {}
    for name, allowed in CHOICES.items():
        value = next((one for one in allowed if str(one) == given.get(name)), None)
        if value is not None:
            found[name] = value
    if given.get("language") in current_app.config["LANGUAGES"]:
        found["language"] = given["language"]
    return found


@unit_of_work
def keep_preferences(actor: Actor, values: Mapping[str, Any]) -> None:
    """Remember preferences for the account; what is not named stays."""
    row = db.session.execute(select(_user.c.preferences).where(_user.c.id == actor.user_id)).one_or_none()
    if row is not None and values:
        kept = {**(row.preferences or {}), **values}
        db.session.execute(update(_user).where(_user.c.id == actor.user_id).values(preferences=kept))
