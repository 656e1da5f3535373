"""The one search box: cases, persons and pages that fit what was typed, within the row scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.access.actor import Actor
from app.access.scope import criteria
from app.core.db import db
from app.core.errors import Invalid
from app.core.identity import check_phone, mask_id, mask_phone
from app.core.masks import mask_name
from app.core.tokens import fold
from app.models.case import Case
from app.models.party import Party
from app.models.person import Person
from app.services.person import hash_id, hash_phone, hash_tail
from app.services.queries.search import TEXT_LENGTH, find_ids, plan_of

SUGGESTED = 8
PAGE = 25
PERSONS = 8
LONG = 7

_case, _party, _person = Case.__table__, Party.__table__, Person.__table__


@dataclass(frozen=True)
class CaseHit:
    """A case as the search shows it."""

    id: int
    number: str
    title: str
    petitioner_name: str
    petitioner_phone: str | None
    state: Any
    registered_on: date
    due_on: date | None
    paused: bool
    outside_number: str | None = None


@dataclass(frozen=True)
class PersonHit:
    """A person as the search shows one: masked."""

    id: int
    name: str
    id_number: str
    phone: str
    birth: date | None


def case_hits(actor: Actor, ids: Sequence[int]) -> list[CaseHit]:
    """These cases in this order, as far as they exist for the actor."""
    columns = (
        _case.c.id,
        _case.c.number,
        _case.c.title,
        _case.c.petitioner_name,
        _case.c.petitioner_phone,
        _case.c.state,
        _case.c.registered_at,
        _case.c.due_on,
        _case.c.paused,
        _case.c.outside_number,
    )
    rows = db.session.execute(select(*columns).where(_case.c.id.in_(ids), criteria(Case, actor))).all()
    found = {
        row.id: CaseHit(
            row.id,
            row.number,
            row.title,
            row.petitioner_name,
            row.petitioner_phone,
            row.state,
            row.registered_at.date(),
            row.due_on,
            row.paused,
            row.outside_number,
        )
        for row in rows
    }
    return [found[key] for key in ids if key in found]


def find_cases(actor: Actor, typed: str, limit: int = SUGGESTED, before: int | None = None) -> list[CaseHit]:
    """The newest cases that fit; for whoever may read cases at all."""
    if not actor.may("read", "Case"):
        return []
    return case_hits(actor, find_ids(actor, typed, limit=limit, before=before))


def _key(typed: str) -> Any:
    """The clause that finds a person by number, telephone or its tail; None for anything else."""
    digits = "".join(typed.split()).upper()
    try:
        phone = check_phone(digits) if sum(char.isdigit() for char in digits) >= LONG else None
    except Invalid:
        phone = None
    if phone:
        return _person.c.phone_hash == hash_phone(phone)
    if len(digits) in (15, 18) and digits[:-1].isdigit():
        return _person.c.id_number_hash == hash_id(digits)
    if len(digits) == 4 and digits.isdigit():
        return _person.c.phone_tail_hash == hash_tail(digits)
    return None


def find_persons(actor: Actor, typed: str, cases: Sequence[int]) -> list[PersonHit]:
    """Persons of these cases (found for the same text) to whom the text itself applies; masked."""
    if not cases or not actor.may("read", "Person"):
        return []
    clause = _key(typed)
    word = fold(typed).strip()
    if clause is None:
        parts = word.split() or [word]
        by_name = [_person.c.name.contains(part, autoescape=True) for part in parts]
        by_initials = [_person.c.pinyin.contains(part, autoescape=True) for part in parts if part.isascii()]
        clause = or_(*by_name, *by_initials)
    rows = db.session.execute(
        select(_person.c.id, _person.c.name, _person.c.id_number, _person.c.phone, _person.c.birth)
        .distinct()
        .join_from(_party, _person, _party.c.person_id == _person.c.id)
        .where(_party.c.case_id.in_(cases), clause)
        .order_by(_person.c.id.desc())
        .limit(PERSONS)
    )
    return [PersonHit(row.id, row.name, mask_id(row.id_number), mask_phone(row.phone), row.birth) for row in rows]


def exact_one(typed: str, hits: Sequence[CaseHit]) -> CaseHit | None:
    """The case that Enter opens: the one of that number, here or in the old ledger, or the only one found."""
    number = "".join(typed.split()).upper()
    ours = [hit for hit in hits if hit.number.upper() == number]
    theirs = [hit for hit in hits if (hit.outside_number or "").upper() == fold(typed).strip().upper()]
    for found in (ours, theirs, hits):
        if len(found) == 1:
            return found[0]
    return None


def is_personal(typed: str) -> bool:
    """Whether an ID number or a telephone (or its tail) was typed."""
    return plan_of(typed).personal


def masked(typed: str) -> str:
    """What was searched for, as the trail may hold it."""
    text = typed.strip()[:TEXT_LENGTH]
    digits = sum(char.isdigit() for char in text)
    if digits >= 15:
        return mask_id("".join(text.split()))
    if digits >= LONG:
        return mask_phone("".join(text.split()))
    return "****" if digits == 4 and len(text) == 4 else mask_name(text)
