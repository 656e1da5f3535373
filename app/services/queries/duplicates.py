"""Possible duplicates of a case being registered: the same person lately, or the same claim at the same place."""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.access.actor import Actor
from app.access.scope import criteria
from app.core import clock
from app.core.db import db
from app.core.nested import Nested, columns_of
from app.core.tokens import bigrams
from app.models.case import OPEN_STATES, Case
from app.models.party import Claim, Party, Side
from app.models.person import Person

LATELY = timedelta(days=90)
SHOWN = 10
COMPARED = 60
ALIKE = 0.6
SHORTEST = 4

_case, _party, _person, _claim = Case.__table__, Party.__table__, Person.__table__, Claim.__table__
_CLAIMS = Nested(_claim, _claim.c.case_id, columns_of(_claim, "number", "text"), ("number",))
_SHOWN = (_case.c.id, _case.c.number, _case.c.title, _case.c.state, _case.c.registered_at, _case.c.petitioner_name)


@dataclass(frozen=True)
class Duplicate:
    """A case that may be about the same, and why we think so."""

    id: int
    number: str
    title: str
    state: Any
    registered_at: datetime
    petitioner_name: str
    why: Any

    @property
    def open(self) -> bool:
        """Whether it is still being handled."""
        return self.state in OPEN_STATES


def _one(row: Any, why: Any) -> Duplicate:
    return Duplicate(row.id, row.number, row.title, row.state, row.registered_at, row.petitioner_name, why)


def _lately() -> Any:
    return or_(_case.c.state.in_(OPEN_STATES), _case.c.registered_at >= clock.now() - LATELY)


def same_person(actor: Actor, id_hashes: Collection[str], phone_hashes: Collection[str]) -> list[Duplicate]:
    """Cases of petitioners with the same ID number or telephone, still open or registered in the last 90 days."""
    if not id_hashes and not phone_hashes:
        return []
    either = or_(_person.c.id_number_hash.in_(id_hashes), _person.c.phone_hash.in_(phone_hashes))
    rows = db.session.execute(
        select(*_SHOWN, _person.c.name, _person.c.id_number_hash)
        .join_from(_person, _party, _party.c.person_id == _person.c.id)
        .join(_case, _case.c.id == _party.c.case_id)
        .where(either, _party.c.side == Side.petitioner, _lately(), criteria(Case, actor))
        .order_by(_case.c.registered_at.desc(), _case.c.id.desc())
        .limit(SHOWN * 3)
    )
    found: dict[int, Duplicate] = {}
    for row in rows:
        why = (
            _l("%(name)s: same ID number", name=row.name)
            if row.id_number_hash in id_hashes
            else _l("%(name)s: same telephone", name=row.name)
        )
        found.setdefault(row.id, _one(row, why))
    return list(found.values())[:SHOWN]


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    """The pairs of characters of a text; the same matters are compared again and again while a place has trouble."""
    return frozenset(bigrams(text))


def alike(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """How much of the shorter text stands in the longer one, from 0 to 1."""
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0


def similar_claim(actor: Actor, texts: Sequence[str], category_id: int | None, town_id: int | None) -> list[Duplicate]:
    """Cases of the same category and town whose title or claims share most of their pairs of characters."""
    mine = [pairs for text in texts if len(pairs := _pairs(text)) >= SHORTEST]
    if not mine or category_id is None or town_id is None:
        return []
    texts_of = _CLAIMS.column(_case.c.id, db.engine.dialect.name).label("claims")
    recent = (
        select(*_SHOWN, texts_of)
        .where(_case.c.category_id == category_id, _case.c.town_id == town_id, _lately(), criteria(Case, actor))
        .order_by(_case.c.registered_at.desc(), _case.c.id.desc())
        .limit(COMPARED)
    )
    found = []
    for row in db.session.execute(recent):
        said = [
            text for text in (row.title, *(claim.text for claim in _CLAIMS.read(row.claims))) if len(text) > SHORTEST
        ]
        if any(alike(pairs, _pairs(text)) >= ALIKE for pairs in mine for text in said):
            found.append(_one(row, _l("similar claim, same category and town")))
    return found[:SHOWN]


def possible_duplicates(
    actor: Actor,
    id_hashes: Collection[str],
    phone_hashes: Collection[str],
    texts: Sequence[str] = (),
    category_id: int | None = None,
    town_id: int | None = None,
) -> list[Duplicate]:
    """Both kinds, the same person first, each case once."""
    found = {one.id: one for one in same_person(actor, id_hashes, phone_hashes)}
    for one in similar_claim(actor, texts, category_id, town_id):
        found.setdefault(one.id, one)
    return list(found.values())[:SHOWN]
