"""Mediations: with the consent of every side; an agreement has thirty days to be confirmed by the court."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.identity import clean_name
from app.core.paper import unnumbered
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.mediation import Confirmation, Mediation, MediationConsent, MediationState
from app.models.member import Capacity, CaseMember
from app.models.party import Party
from app.models.signature import Signature, SignaturePurpose
from app.services import deadline, document, joint, signature
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell
from app.services.person import Who, find_or_create
from app.workflow.facts import CaseFacts
from app.workflow.guards_handling import agreement_before_court


def _add_sides(actor: Actor, case: Case, others: Iterable[Mapping[str, Any]]) -> list[tuple[Party, bool]]:
    """Sides that were no parties of the matter yet become parties, by their names."""
    found = []
    for row in others:
        person = find_or_create(actor, [Who(name=clean_name(row["name"]))])[0]
        party: Any = Party(case_id=case.id, side=row["side"], person=person)
        db.session.add(party)
        found.append((party, bool(row["consents"])))
    db.session.flush()
    return found


@unit_of_work
def mediate(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Ask every side whether it consents, and begin; one refusal ends it at once, and the days go on."""
    case, facts = take(actor, case_id, version, "mediate")
    rows, others, began = list(data.get("consents") or ()), list(data.get("others") or ()), data.get("began_at")
    refused = [facts.late.name_of(row["party"]) for row in rows if row.get("consents") is False]
    refused += [(row.get("name") or "").strip() for row in others if row.get("consents") is False]
    told = {"refused": refused, "began_at": began.isoformat() if began is not None else None}
    note = text_of(data, "note")
    carry_out(actor, case, facts, "mediate", data, reason=note, told=told)
    mediation: Any = Mediation(
        case_id=case.id,
        state=MediationState.refused if refused else MediationState.open,
        mediator_id=actor.user_id,
        began_at=began,
        ended_at=clock.now() if refused else None,
        place=text_of(data, "place"),
        minutes=note if refused else None,
    )
    db.session.add(mediation)
    with system_scope("the sides of a mediation"):
        said = [(row["party"], bool(row["consents"])) for row in rows]
        said += [(party.id, consents) for party, consents in _add_sides(actor, case, others)]
        for party_id, consents in said:
            consent: Any = MediationConsent(case_id=case.id, mediation=mediation, party_id=party_id, consents=consents)
            db.session.add(consent)
        _name_mediator(case, actor)
        keep(case)
    tell(actor, case, "mediate_refused" if refused else "mediate", holders("log_work", [case.lead_organisation_id]))
    return keep(case)


def _name_mediator(case: Case, actor: Actor) -> None:
    """Who mediates is named on the matter, and so never sits on its panel."""
    mine = select(CaseMember.id).where(
        CaseMember.case_id == case.id,
        CaseMember.user_id == actor.user_id,
        CaseMember.capacity == Capacity.mediator,
    )
    if db.session.scalar(mine) is None:
        member: Any = CaseMember(case_id=case.id, user_id=actor.user_id, capacity=Capacity.mediator)
        db.session.add(member)


@unit_of_work
def conclude_mediation(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """The mediation ended: with a signed agreement, whose days for the court begin, or without one."""
    minutes = text_of(data, "minutes")
    case, facts = take(actor, case_id, version, "conclude_mediation")
    agreed, effective = bool(data.get("agreed")), data.get("effective_on")
    told = {"agreed": agreed, "agreement": text_of(data, "agreement") if agreed else None}
    if agreed and effective is not None:
        told["effective_on"] = effective.isoformat()
    row = carry_out(actor, case, facts, "conclude_mediation", data, reason=(minutes or "")[:2000], told=told)
    with system_scope("the sides of a mediation"):
        mediation: Any = db.session.scalars(
            select(Mediation)
            .where(Mediation.id == facts.late.open_mediation.id)
            .options(selectinload(Mediation.consents).selectinload(MediationConsent.party).selectinload(Party.person))
        ).one()
        mediation.state = MediationState.agreed if agreed else MediationState.failed
        mediation.ended_at, mediation.minutes = row.at, minutes
        if agreed:
            mediation.agreement, mediation.effective_on = text_of(data, "agreement"), effective
            kept = _signatures(actor, case, mediation, data)
            keep(case)
            confirm = deadline.start(case, deadline.CONFIRM, effective)  # type: ignore[arg-type]
            _paper(actor, case, mediation, kept, confirm.due_on)
        keep(case)
    tell(actor, case, "conclude_mediation", holders("log_work", [case.lead_organisation_id]))
    return keep(case)


def _signatures(actor: Actor, case: Case, mediation: Mediation, data: Data) -> dict[int, Signature]:
    parties = [consent.party for consent in mediation.consents]
    rows, paper = data.get("signatures") or (), data.get("paper") or ()
    kept = joint.keep_all(actor, case.id, parties, rows, paper, SignaturePurpose.mediation)
    for consent in mediation.consents:
        if consent.party_id in kept:
            consent.signature_id = kept[consent.party_id].id
    return kept


def _paper(actor: Actor, case: Case, mediation: Mediation, kept: Mapping[int, Signature], confirm_by: Any) -> None:
    parties = [consent.party for consent in mediation.consents]
    fields = {
        "mediators": actor.name,
        "mediated_at": mediation.began_at,
        "venue": mediation.place,
        "effective_on": mediation.effective_on,
        "confirm_by": confirm_by,
        "terms": [{"text": text} for text in unnumbered(mediation.agreement or "")],
        "signatures": [
            {"side": party.side, "name": party.name, "picture": _picture(kept.get(party.id))} for party in parties
        ],
    }
    document.issue(actor, case, DocumentKind.mediation_agreement, fields, about=mediation)


def _picture(signed: Signature | None) -> bytes | None:
    return signature.picture_of(signed) if signed is not None else None


@unit_of_work
def confirm_agreement(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """What the court said of the agreement: asked, confirmed, or rejected; asking in time keeps the thirty days."""
    note, word, on = text_of(data, "note"), data.get("confirmation"), data.get("on")
    case, facts = take(actor, case_id, version, "confirm_agreement", note)
    told = {"confirmation": word.value if word is not None else None, "on": on.isoformat() if on is not None else None}
    carry_out(actor, case, facts, "confirm_agreement", data, reason=note, told=told)
    agreement = _agreement(facts)
    agreement.confirmation = word
    agreement.confirmed_on = on if word is not Confirmation.applied else None
    deadline.meet(case, deadline.CONFIRM, on)
    deadline.show_nearest(case)
    return keep(case)


def _agreement(facts: CaseFacts) -> Any:
    return db.session.scalars(select(Mediation).where(Mediation.id == agreement_before_court(facts.late).id)).one()
