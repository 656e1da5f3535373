"""The public door to one case: its number and the secret code of the receipt; tries are counted, nothing is told."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import TooMany
from app.models.account import LoginAttempt
from app.models.audit import AuditKind
from app.models.case import Case
from app.services.registration import hash_of_code
from app.services.sign_in import RIGHT, WRONG, knock

T = TypeVar("T")
DOOR = "public-case"
NUMBER_MOST, CODE_MOST = 32, 16
TOO_MANY = _l("Too many tries with this number. Please wait a quarter of an hour, or ask at the centre.")
# What a party may do without an account; everything else takes a desk.
PUBLIC_GRANTS = frozenset(
    {
        ("can_apply_review", "Case"),
        ("can_pick_experts", "Review"),
        ("can_draw_experts", "Review"),
        ("can_withdraw_review", "Review"),
    }
)


@dataclass(frozen=True)
class Key:
    """What the browser keeps of what it opened: the row, and what the code's hash was, so that a new code ends it."""

    record_id: int
    proof: str


def _plain(text: str, most: int) -> str:
    """What was typed, full-width or small, as numbers and codes are kept."""
    folded = unicodedata.normalize("NFKC", text[: most * 2]).upper()
    return "".join(char for char in folded if char.isascii() and (char.isalnum() or char == "-"))[:most]


@unit_of_work
def _settle(try_id: int, right: bool) -> None:
    table = LoginAttempt.__table__
    outcome = {"note": RIGHT if right else WRONG, "success": right}
    db.session.execute(update(table).where(table.c.id == try_id).values(**outcome))


def unlocked(
    door: str, number: str, code: str, address: str | None, find: Callable[[str], tuple[T | None, str]]
) -> T | None:
    """What is behind a door by number and code, or None, whatever was wrong; each try is counted. `find` gives the
    record of a number and the hash of its code. Raises TooMany."""
    number, code = _plain(number, NUMBER_MOST), _plain(code, CODE_MOST)
    one = knock(door, number, address)
    if one.locked:
        raise TooMany(TOO_MANY)
    record, wanted = find(number)
    right = compare_digest(hash_of_code(number, code), wanted or "0" * 64) and record is not None
    _settle(one.id, right)
    return record if right else None


@unit_of_work
def _note_opened(case: Case, address: str | None) -> None:
    audit.note(db.session, AuditKind.access, "case:public", case, changes={"address": address})


def _found(number: str) -> tuple[Case | None, str]:
    case = db.session.scalar(select(Case).where(Case.number == number))
    return case, case.receipt_hash if case is not None else ""


def open_case(number: str, code: str, address: str | None) -> Key | None:
    """The key to the case of that number and code, or None, whatever was wrong. Raises TooMany."""
    with system_scope("the public door to a case"):
        case = unlocked(DOOR, number, code, address, _found)
        if case is None:
            return None
        _note_opened(case, address)
        return Key(case.id, case.receipt_hash[:16])


def case_of(key: Key) -> Case | None:
    """The case of a key that still holds; the caller stands in a system scope."""
    case = db.session.scalar(select(Case).where(Case.id == key.record_id))
    return case if case is not None and compare_digest(case.receipt_hash[:16], key.proof) else None


def party_actor(case: Case, address: str | None) -> Actor:
    """Who acts on the public page: a party of this case, with the few rights that need no desk."""
    return Actor(
        user_id=None,
        name=_("Party (public page)"),
        organisation_id=case.organisation_id,
        organisation_name=None,
        organisation_path=case.organisation.path,
        level=case.organisation.level,
        permissions=PUBLIC_GRANTS,
        address=address,
    )
