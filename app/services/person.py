"""Persons: read from what was typed, found again by keyed hashes, or entered anew."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.access.actor import Actor
from app.core.crypto import blind_index
from app.core.db import db
from app.core.errors import Invalid
from app.core.identity import check_phone, clean_name, parse_id_number, pinyin_initials
from app.core.text import clean_line
from app.models.person import IdType, Person, Sex
from app.services.problems import Problems, plain_text

PAPER_LENGTH = 32
_PAPER = re.compile(r"[0-9A-Z()-]{4,32}")
_CARDS = (IdType.id_card, IdType.residence_permit)
_COPIED = ("sex", "birth", "ethnic", "phone", "address", "employer")


@dataclass
class Who:
    """A person as read from a form, a call or an import; checked, not yet kept."""

    name: str
    id_type: IdType = IdType.none
    id_number: str | None = None
    phone: str | None = None
    address: str | None = None
    sex: Sex | None = None
    birth: date | None = None
    ethnic: str | None = None
    employer: str | None = None
    unverified: bool = False
    hashes: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hashes = hashes_of(self.id_number, self.phone)


def hash_id(number: str) -> str:
    """The search key of an ID number."""
    return blind_index("id_number", number.strip().upper())


def hash_phone(phone: str) -> str:
    """The search key of a telephone number."""
    return blind_index("phone", phone)


def hash_tail(phone: str) -> str:
    """The search key of the last four digits of a telephone number."""
    return blind_index("phone_tail", re.sub(r"\D", "", phone.partition("X")[0])[-4:])


def hashes_of(id_number: str | None, phone: str | None) -> dict[str, str | None]:
    """The three keyed hashes under which a person is found again."""
    return {
        "id_number_hash": hash_id(id_number) if id_number else None,
        "phone_hash": hash_phone(phone) if phone else None,
        "phone_tail_hash": hash_tail(phone) if phone else None,
    }


def keep_keys(person: Person) -> None:
    """Bring hashes and initials of a person up to date; to be called by whoever changes name, number or phone."""
    for name, value in hashes_of(person.id_number, person.phone).items():
        if getattr(person, name) != value:
            setattr(person, name, value)
    initials = pinyin_initials(person.name)
    if person.pinyin != initials:
        person.pinyin = initials


def _read_birth(value: Any, path: str, problems: Problems) -> date | None:
    text = plain_text(value)
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        problems.add(path, _l("This is not a date. Write it as 2026-11-20."))
        return None


def _read_paper(given: Mapping[str, Any], path: str, problems: Problems, needed: bool) -> dict[str, Any]:
    """ID type and number, with birthday and sex where the number tells them."""
    kind = IdType.of(plain_text(given.get("id_type"))) or (IdType.id_card if given.get("id_number") else IdType.none)
    typed = re.sub(r"\s+", "", plain_text(given.get("id_number")))
    if not typed and (kind is IdType.none or not needed or given.get("unverified")):
        missing = kind is not IdType.none and needed
        return {"id_type": IdType.none, "unverified": missing}
    try:
        if kind in _CARDS or kind is IdType.none:
            card = parse_id_number(typed, f"{path}-id_number")
            kind = IdType.residence_permit if card.is_residence_permit else IdType.id_card
            return {"id_type": kind, "id_number": card.number, "birth": card.birth, "sex": Sex(card.sex)}
        if not _PAPER.fullmatch(typed.upper()):
            raise Invalid(
                errors={
                    f"{path}-id_number": [
                        _l("A number of this paper has 4 to 32 letters and digits; please compare it with the paper.")
                    ]
                }
            )
        return {"id_type": kind, "id_number": typed.upper()}
    except Invalid as refusal:
        if given.get("unverified") and len(typed) <= PAPER_LENGTH and typed.isprintable():
            return {"id_type": kind, "id_number": typed.upper(), "unverified": True}
        problems.take(refusal)
        return {}


def read_person(
    given: Mapping[str, Any], path: str, problems: Problems, paper_needed: bool = False, address_needed: bool = False
) -> Who | None:
    """A checked person out of typed fields; every fault goes to `problems` under `path`. None if the name fails."""
    name = problems.catch(clean_name, plain_text(given.get("name")), f"{path}-name")
    paper = _read_paper(given, path, problems, paper_needed)
    phone = plain_text(given.get("phone"))
    who: dict[str, Any] = {
        "phone": problems.catch(check_phone, phone, f"{path}-phone") if phone else None,
        "address": problems.catch(clean_line, plain_text(given.get("address")), f"{path}-address", 200, address_needed)
        or None,
        "ethnic": problems.catch(clean_line, plain_text(given.get("ethnic")), f"{path}-ethnic", 32) or None,
        "employer": problems.catch(clean_line, plain_text(given.get("employer")), f"{path}-employer", 200) or None,
        "sex": Sex.of(plain_text(given.get("sex"))),
        "birth": _read_birth(given.get("birth"), f"{path}-birth", problems) if "birth" not in paper else None,
    }
    return Who(name=name, **{**who, **paper}) if name else None


def _same(person: Person, who: Who) -> bool:
    """Whether a person on file is the one who stands at the desk: same paper, or no paper but same name and phone."""
    if person.name != who.name:
        return False
    if who.hashes["id_number_hash"]:
        return person.id_number_hash == who.hashes["id_number_hash"]
    return (
        bool(who.hashes["phone_hash"]) and not person.id_number_hash and (person.phone_hash == who.hashes["phone_hash"])
    )


def known_persons(people: Sequence[Who]) -> list[Person]:
    """Persons within the row scope who share a number or a phone with one of these."""
    ids = [who.hashes["id_number_hash"] for who in people if who.hashes["id_number_hash"]]
    phones = [who.hashes["phone_hash"] for who in people if who.hashes["phone_hash"]]
    if not ids and not phones:
        return []
    either = or_(Person.id_number_hash.in_(ids), Person.phone_hash.in_(phones))
    return list(db.session.scalars(select(Person).where(either).order_by(Person.id.desc()).limit(200)))


def find_or_create(actor: Actor, people: Sequence[Who]) -> list[Person]:
    """The person rows of these people: the one on file if it is the same person, else a new one of the own centre."""
    known = known_persons(people)
    found: list[Person] = []
    for who in people:
        person = next((p for p in known if p not in found and _same(p, who)), None)
        if person is None:
            person = _enter(
                actor,
                who,
                namesake=any(p.id_number_hash and p.id_number_hash == who.hashes["id_number_hash"] for p in known),
            )
        else:
            _refresh(person, who)
        found.append(person)
    return found


def _enter(actor: Actor, who: Who, namesake: bool) -> Person:
    """A new person; a number that stands on file under another name is marked to be verified."""
    person = Person(
        organisation_id=actor.organisation_id,
        name=who.name,
        pinyin=pinyin_initials(who.name),
        id_type=who.id_type,
        id_number=who.id_number,
        unverified=who.unverified or namesake,
        **who.hashes,
        **{name: getattr(who, name) for name in _COPIED},
    )
    db.session.add(person)
    return person


def _refresh(person: Person, who: Who) -> None:
    """What was said today is newer than what is on file; what was not said stays."""
    for name in _COPIED:
        value = getattr(who, name)
        if value and getattr(person, name) != value:
            setattr(person, name, value)
    keep_keys(person)
