"""Registering a case: from a checked intake to a number, a receipt and clocks, in one transaction (domain §3)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.identity import age_on
from app.core.masks import mask_phone
from app.core.text import listed
from app.models.case import Case
from app.models.party import Claim, Party, Representative, RepresentativeKind
from app.models.visit import Visit
from app.services import attachment, deadline, draft, idempotency, numbering, parameter, search_index, sms
from app.services.course import announce_step
from app.services.intake import Intake, PartyIn, read_intake
from app.services.person import Who, find_or_create
from app.services.problems import Problems, plain_text
from app.services.queries.duplicates import Duplicate, possible_duplicates
from app.services.record import in_plain_words
from app.workflow.case_flow import CASE_FLOW
from app.workflow.engine import perform
from app.workflow.facts import CaseFacts

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like another
CODE_LENGTH = 8
NAMES_LENGTH = 64


@dataclass(frozen=True)
class Registered:
    """A registered case, the secret code of its receipt (shown once), and what the clerk should know.

    The plain values serve an answer that need not read the case again after the commit."""

    case: Case
    receipt_code: str
    case_id: int
    number: str
    category_id: int
    warnings: list[Any] = field(default_factory=list)


def new_code() -> str:
    """Eight letters and digits that cannot be mistaken for one another."""
    return "".join(secrets.choice(CODE_LETTERS) for _place in range(CODE_LENGTH))


def hash_of_code(number: str, code: str) -> str:
    """All that is kept of a receipt code."""
    return blind_index("receipt", f"{number}:{code.strip().upper()}")


def group_size() -> int:
    """From how many persons on a visit counts as a group visit."""
    return parameter.number("group_size")


def warnings_of(intake: Intake) -> list[Any]:
    """What is unusual and still registered."""
    found: list[Any] = []
    size = max(intake.head_count, len(intake.petitioners))
    if size >= group_size() and not any(party.representative for party in intake.petitioners):
        found.append(
            _l(
                "%(count)d persons came and no representative is named; please ask the group to choose up to five.",
                count=size,
            )
        )
    unverified = [party.who.name for party in intake.parties if party.who and party.who.unverified]
    if unverified:
        found.append(_l("To be verified later: the ID number of %(names)s.", names=listed(unverified)))
    return found


def _similar(actor: Actor, intake: Intake) -> list[Duplicate]:
    hashes = [party.who.hashes for party in intake.petitioners if party.who]
    return possible_duplicates(
        actor,
        {h["id_number_hash"] for h in hashes if h["id_number_hash"]},
        {h["phone_hash"] for h in hashes if h["phone_hash"]},
        [intake.title, *intake.claims],
        intake.category.id if intake.category else None,
        intake.town_id,
    )


def _ask(actor: Actor, intake: Intake, given: Mapping[str, Any], problems: Problems) -> list[Duplicate]:
    """The possible duplicates nobody has answered for yet."""
    found = [] if given.get("different_matter") else _similar(actor, intake)
    if found:
        problems.add(
            "different_matter",
            _l("There are similar cases. Open one of them, or tick that this is a different matter."),
        )
    return found


def look_for_duplicates(actor: Actor, data: Mapping[str, Any]) -> tuple[list[Duplicate], list[dict[str, str]]]:
    """While typing: possible duplicates of what can be read so far, and what the number of each petitioner says."""
    intake, problems = read_intake(actor, data)
    notes = []
    for place, row in enumerate(data.get("parties") or []):
        fault = problems.errors.get(f"parties-{place}-id_number") if plain_text(row.get("id_number")) else None
        notes.append({"id_number": str(fault[0]) if fault else "", "note": ""})
    for place, party in zip(intake.places, intake.parties, strict=True):
        if party.who and party.who.birth and party.who.sex and party.who.id_number and place < len(notes):
            notes[place]["note"] = f"{party.who.sex.label} · {party.who.birth.isoformat()} · " + str(
                _l("%(age)d years old", age=age_on(party.who.birth, clock.today()))
            )
    return _similar(actor, intake), notes


def _names(intake: Intake) -> str:
    """How a list names the petitioners: the first of them."""
    first = intake.petitioners[0].who
    return first.name[:NAMES_LENGTH] if first else ""


def _new_case(actor: Actor, intake: Intake, code: str) -> Case:
    moment = clock.now()
    number = numbering.next_number(numbering.prefix_of(actor), moment.year)
    first = intake.petitioners[0].who
    assert intake.category is not None
    return Case(
        number=number,
        receipt_hash=hash_of_code(number, code),
        title=intake.title,
        facts=intake.facts,
        channel=intake.channel,
        kind=intake.kind,
        category_id=intake.category.id,
        organisation_id=actor.organisation_id,
        owner_town_id=actor.town_id,
        town_id=intake.town_id,
        village_id=intake.village.id if intake.village else None,
        head_count=intake.head_count,
        occurred_on=intake.occurred_on,
        registered_at=moment,
        petitioner_name=_names(intake),
        petitioner_phone=mask_phone(first.phone) if first and first.phone else None,
        lead_organisation_id=None,
        merged_into_id=None,
    )


def _add_parties(actor: Actor, case: Case, intake: Intake) -> None:
    people: list[Who] = [who for party in intake.parties for who in (party.who, party.agent) if who]
    persons = dict(zip(map(id, people), find_or_create(actor, people), strict=True))
    case.representatives = []  # said, so that it is not asked for afterwards
    for said in intake.parties:
        party = Party(
            side=said.side,
            organisation_name=said.organisation_name,
            respondent_organisation_id=said.organisation.id if said.organisation else None,
        )
        if said.who:
            party.person = persons[id(said.who)]
        case.parties.append(party)
        _add_speakers(case, party, said, persons)


def _add_speakers(case: Case, party: Party, said: PartyIn, persons: Mapping[int, Any]) -> None:
    if said.representative:
        case.representatives.append(Representative(kind=RepresentativeKind.representative, party=party))
    if said.agent:
        case.representatives.append(
            Representative(
                kind=RepresentativeKind.agent, party=party, agent=persons[id(said.agent)], authority=said.authority
            )
        )


def _keep(actor: Actor, intake: Intake, given: Mapping[str, Any], code: str) -> Case:
    case = _new_case(actor, intake, code)
    course = perform(CASE_FLOW, case, "register", actor, CaseFacts(clock.today()), given)
    db.session.add(case)
    with db.session.no_autoflush:
        _add_parties(actor, case, intake)
        case.claims.extend(Claim(number=place, text=text) for place, text in enumerate(intake.claims, 1))
        case.visits.append(
            Visit(
                at=case.registered_at,
                channel=intake.channel,
                head_count=intake.head_count,
                first=True,
                note=intake.note,
            )
        )
        acknowledge = deadline.start_clocks(case)
    db.session.flush()
    course.case_id = case.id
    db.session.add(course)
    announce_step(case, course)
    sms.text_petitioners(actor, case, "registered", until=acknowledge.due_on)
    return case


def _found_by(intake: Intake) -> list[dict[str, Any]]:
    """The people and organisations under whose names the case is found."""
    found = []
    for party in intake.parties:
        if party.who:
            found.append({"name": party.who.name, "pinyin": None, **party.who.hashes})
        elif party.organisation_name:
            found.append({"name": party.organisation_name, "pinyin": None})
    return found


def _again(actor: Actor, answer: Mapping[str, Any]) -> Registered:
    """The answer to a form that was sent twice."""
    case = db.session.scalar(select(Case).where(Case.id == answer["case"]))
    if case is None:
        raise NotFound()
    return Registered(case, str(answer["code"]), case.id, case.number, case.category_id)


@unit_of_work
def register_case(actor: Actor, data: Mapping[str, Any], ask_duplicates: bool = False) -> Registered:
    """Register a case. `data` is the body of POST /case/ (docs), with these beside it: `town`, `note`, `draft` (its
    files move over), `idempotency_key`, `different_matter` (the answer to possible duplicates, asked by the page)."""
    if not actor.may("register", "Case") or actor.organisation_id is None:
        raise NotAllowed()
    key = plain_text(data.get("idempotency_key"))
    answer = idempotency.claim(actor, key)
    if answer is not None:
        return _again(actor, answer)
    intake, problems = read_intake(actor, data)
    similar = _ask(actor, intake, data, problems) if ask_duplicates else []
    if problems.errors:
        raise Invalid(errors=problems.errors, **({"duplicates": similar} if similar else {}))
    code = new_code()
    with in_plain_words():
        case = _keep(actor, intake, data, code)
        kept = draft.find(actor, data.get("draft"))
        if kept is not None:
            attachment.move_to_case(kept, case)
            db.session.flush()
            db.session.delete(kept)
        db.session.flush()
        search_index.index_new(case, _found_by(intake), intake.claims)
    idempotency.keep_answer(actor, key, {"case": case.id, "code": code})
    return Registered(case, code, case.id, case.number, case.category_id, warnings_of(intake))
