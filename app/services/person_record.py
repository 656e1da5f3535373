"""Correcting a person on file: checked like at the desk, keyed hashes and the names in lists kept true."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.identity import check_phone, clean_name
from app.core.masks import mask_phone
from app.core.text import clean_line
from app.models.case import Case
from app.models.party import Party, Side
from app.models.person import Person
from app.services.person import keep_keys
from app.services.problems import Problems
from app.services.record import save_record


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    if "name" in values:
        values["name"] = problems.catch(clean_name, values["name"] or "", "name")
    if values.get("phone"):
        values["phone"] = problems.catch(check_phone, values["phone"], "phone")
    if values.get("address"):
        values["address"] = problems.catch(clean_line, values["address"], "address", 200)
    problems.stop()
    return values


def _first_named_in(person: Person) -> list[Case]:
    """The cases whose list line shows this person: those where he or she is the first petitioner."""
    first = select(func.min(Party.id)).where(Party.side == Side.petitioner).group_by(Party.case_id)
    with system_scope("names in lists follow the person"):
        return list(
            db.session.scalars(
                select(Case)
                .join(Party, Party.case_id == Case.id)
                .where(
                    Party.person_id == person.id,
                    Party.id.in_(
                        first.where(Party.case_id.in_(select(Party.case_id).where(Party.person_id == person.id)))
                    ),
                )
            )
        )


@unit_of_work
def change_person(actor: Actor, person: Person, given: Mapping[str, Any]) -> Person:
    """Correct name, telephone, address and the like; the ID paper is corrected at the desk with the card."""
    save_record(actor, person, _read(given), before=keep_keys)
    for case in _first_named_in(person):
        case.petitioner_name = person.name[:64]
        case.petitioner_phone = mask_phone(person.phone) if person.phone else None
    return person
