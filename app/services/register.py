"""What the registers share: cleaned names and phones, initials, terms of office, and whose row may be changed."""

from collections.abc import Mapping, MutableMapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.identity import check_phone, clean_name, pinyin_initials
from app.core.memo import remembered
from app.models.organisation import Organisation
from app.services.problems import Problems

TERM_ORDER = _l("The appointment ends before it begins.")
FOREIGN_ROW = _l("This entry belongs to an organisation above yours; only that organisation changes it.")


@remembered
def path_of(organisation_id: int | None) -> str:
    """The materialised path of an organisation, whoever asks."""
    if organisation_id is None:
        return ""
    with system_scope("place of an organisation in the tree"):
        found = db.session.scalar(select(Organisation.path).where(Organisation.id == organisation_id))
    return found or ""


def owns(actor: Actor, organisation_id: int | None) -> bool:
    """Whether rows of that organisation lie in the actor's own subtree (seeing them is not enough to change them)."""
    if actor.system:
        return True
    return bool(actor.organisation_path) and path_of(organisation_id).startswith(actor.organisation_path)


def must_own(actor: Actor, organisation_id: int | None) -> None:
    """Refuse to change what an organisation above shares."""
    if organisation_id is not None and not owns(actor, organisation_id):
        raise NotAllowed(FOREIGN_ROW)


def read_member(values: MutableMapping[str, Any], record: Any, problems: Problems) -> None:
    """Clean name and phone of a member of a register, and check the order of the term of office."""
    if "name" in values:
        values["name"] = problems.catch(clean_name, values["name"], "name")
    if values.get("phone"):
        values["phone"] = problems.catch(check_phone, values["phone"], "phone")
    start, end = (merged(values, record, name) for name in ("appointed_from", "appointed_until"))
    if isinstance(start, date) and isinstance(end, date) and end < start:
        problems.add("appointed_until", TERM_ORDER)


def merged(values: Mapping[str, Any], record: Any, name: str) -> Any:
    """What a field will hold: the value sent, or what the record holds already."""
    return values[name] if name in values else getattr(record, name, None)


def keep_initials(record: Any) -> None:
    """Bring the pinyin initials of a member up to date with the name."""
    initials = pinyin_initials(record.name)
    if record.pinyin != initials:
        record.pinyin = initials
