"""Private notes: what its writer alone can read, under a key of the writer's own (decision 13).

The keys are derived for each writer from a keyring of its own file, and every text is bound to its record: text moved
to another record, or a record given to another account, does not open."""

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core.crypto import NOTES, CipherError, Keyring, keyring
from app.core.errors import Conflict, NotFound

LOST = _l("These notes cannot be opened: their key is not here, or they were changed outside the program.")


def _ring(writer_id: int, stored: str = "") -> Keyring:
    return keyring(NOTES).own(f"writer:{writer_id}", stored)


def seal(writer_id: int, about: str, content: Mapping[str, Any]) -> str | None:
    """The text to keep for that writer and record; nothing for nothing."""
    kept = {name: value for name, value in content.items() if value not in (None, "", [])}
    if not kept:
        return None
    return _ring(writer_id).encrypt(json.dumps(kept, ensure_ascii=False), about)


def unseal(actor: Actor, writer_id: int | None, about: str, stored: str | None) -> dict[str, Any]:
    """What was sealed, for its writer; for anybody else it does not exist, whoever asks and for whatever reason."""
    if actor.user_id is None or actor.user_id != writer_id:
        raise NotFound()
    if stored is None:
        return {}
    try:
        content: dict[str, Any] = json.loads(_ring(actor.user_id, stored).decrypt(stored, about))
    except CipherError as fault:
        raise Conflict(LOST) from fault
    return content
