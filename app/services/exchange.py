"""Data exchange: cases that leave in an envelope, matters that come in with a receipt, lists compared with ours."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db, unit_of_work
from app.core.envelope import RECORDS_MOST, Envelope, seal
from app.core.errors import Conflict, Invalid, NotAllowed, PortalError
from app.core.masks import mask_name
from app.models.audit import AuditKind
from app.models.case import Case, CaseState
from app.models.exchange import Direction, Exchange, Partner
from app.models.organisation import Organisation
from app.services import parameter
from app.services.access_log import watch
from app.services.import_columns import members
from app.services.partner import Codes
from app.services.problems import plain_text
from app.services.record import in_plain_words, register_sentences
from app.services.registration import register_case

ACCEPTED, KNOWN, REJECTED = "accepted", "known", "rejected"
SAME, DIFFERS, MISSING_HERE, MISSING_THERE = "same", "differs", "missing_here", "missing_there"
NUMBER_MOST = 64
RECEIVED_MOST = 500  # each is registered as if a clerk had typed it in
register_sentences(
    {
        "uq_case_organisation_outside_number": (
            "outside_number",
            _l("A case of this centre with this number is on file already."),
        ),
        "uq_exchange_parcel": (None, _l("A parcel of this batch number came already, with another content.")),
    }
)


def partner_of(code: str) -> Partner:
    """The neighbouring system of that code, if it is in use."""
    found = db.session.scalar(select(Partner).where(Partner.code == code, Partner.active.is_(True)))
    if found is None:
        raise Invalid(
            errors={"partner": [_l("No neighbouring system in use has the code “%(code)s”.", code=code[:40])]}
        )
    return found


def _own_code(actor: Actor) -> str:
    with system_scope("code of the own organisation"):
        code = db.session.scalar(select(Organisation.code).where(Organisation.id == actor.organisation_id))
    if not code:
        raise NotAllowed()
    return code


def _period(given_from: date | None, until: date | None) -> tuple[datetime, datetime]:
    if given_from is None or until is None:
        raise Invalid(errors={"period": [_l("Please say from when until when.")]})
    if until < given_from:
        raise Invalid(errors={"period": [_l("The period ends before it begins.")]})
    start = datetime.combine(given_from, time(), LOCAL)
    return start, datetime.combine(until + timedelta(days=1), time(), LOCAL)


def _cases(start: datetime, end: datetime, organisation: Organisation | None) -> list[Case]:
    """The cases within the row scope that were registered in the period, below an organisation if one is named."""
    table = Organisation.__table__.alias("exchange_organisation")
    found = select(Case).where(Case.registered_at >= start, Case.registered_at < end)
    if organisation is not None:
        below = select(table.c.id).where(table.c.path.startswith(organisation.path, autoescape=True))
        found = found.where(Case.organisation_id.in_(below))
    loads = (selectinload(Case.claims), selectinload(Case.category), selectinload(Case.organisation))
    more = (selectinload(Case.village), selectinload(Case.town), selectinload(Case.lead_organisation))
    rows = db.session.scalars(found.options(*loads, *more).order_by(Case.id).limit(RECORDS_MOST + 1)).all()
    most = min(RECORDS_MOST, parameter.number("export_most"))
    if len(rows) > most:
        raise Invalid(errors={"period": [_l("More than %(most)d cases; please choose a shorter period.", most=most)]})
    return list(rows)


# ---- out


def _day(moment: datetime | None) -> str | None:
    return clock.local(moment).date().isoformat() if moment is not None else None


def _record(case: Case, codes: Codes) -> dict[str, Any]:
    """What leaves of a case: its course and its claims; of persons a masked name, no number and no address."""
    place = case.village or case.town
    return {
        "number": case.number,
        "outside_number": case.outside_number,
        "registered_on": _day(case.registered_at),
        "replied_on": _day(case.replied_at),
        "closed_on": _day(case.closed_at),
        "channel": codes.theirs("channel", case.channel.value),
        "kind": codes.theirs("kind", case.kind.value),
        "category": codes.theirs("category", case.category.code),
        "state": codes.theirs("state", case.state.value),
        "organisation": codes.theirs("organisation", case.organisation.code),
        "lead_organisation": codes.theirs(
            "organisation", case.lead_organisation.code if case.lead_organisation is not None else None
        ),
        "village": codes.theirs("organisation", place.code if place is not None else None),
        "title": case.title,
        "head_count": case.head_count,
        "resolved": case.resolved,
        "claims": [
            {
                "text": claim.text,
                "result": codes.theirs("result", claim.result.value if claim.result is not None else None),
                "resolved": claim.resolved,
            }
            for claim in case.claims
        ],
        "parties": [{"side": "petitioner", "name": mask_name(case.petitioner_name)}],
    }


@unit_of_work
def send(
    actor: Actor, partner: Partner, since: date | None, until: date | None, organisation: Organisation | None = None
) -> tuple[Exchange, Envelope]:
    """Make an envelope of the cases of a period; written down, and noted as a reading of so many cases."""
    if not (actor.may("send", "Exchange") and actor.may("export", "Case")) or actor.organisation_id is None:
        raise NotAllowed()
    start, end = _period(since, until)
    sender, codes = _own_code(actor), Codes(partner)
    records = [_record(case, codes) for case in _cases(start, end, organisation)]
    if not records:
        raise Invalid(errors={"period": [_l("No case was registered in this period.")]})
    envelope = Envelope(_batch(), sender, records, seal(records), str(since), str(until))
    parcel = _enter(actor, partner, Direction.sent, envelope, since, until)
    audit.note(db.session, AuditKind.access, "exchange:send", record=parcel, changes={"rows": len(records)})
    watch(actor, len(records))
    return parcel, envelope


def _batch() -> str:
    return f"{clock.today():%Y%m%d}-{secrets.token_hex(4)}"


def _enter(
    actor: Actor, partner: Partner, way: Direction, envelope: Envelope, since: date | None, until: date | None
) -> Exchange:
    parcel = Exchange(
        organisation_id=actor.organisation_id,
        partner=partner,
        direction=way,
        batch_code=envelope.batch_id,
        sha256=envelope.sha256,
        period_from=since,
        period_until=until,
        records=len(envelope.records),
        receipt=[],
    )
    db.session.add(parcel)
    with in_plain_words():
        db.session.flush()
    return parcel


# ---- in


def _body(record: Mapping[str, Any], codes: Codes) -> dict[str, Any]:
    """A record as the body of a registration, in our codes."""
    said = {name: record.get(name) for name in ("title", "facts", "occurred_on", "head_count", "town", "claims")}
    parties = [party for party in record.get("parties") or () if isinstance(party, Mapping)]
    return {
        **said,
        "channel": codes.ours("channel", record.get("channel") or None) or "superior",
        "kind": codes.ours("kind", record.get("kind")),
        "category": codes.ours("category", record.get("category")),
        "village": codes.ours("organisation", record.get("village")),
        "parties": [
            {
                **{name: party.get(name) for name in ("side", "name", "id_type", "id_number", "phone", "address")},
                "organisation": codes.ours("organisation", party.get("organisation")),
                "organisation_name": party.get("organisation_name"),
                "unverified": not plain_text(party.get("id_number")),
            }
            for party in parties
        ],
    }


@unit_of_work
def _take(actor: Actor, number: str, body: Mapping[str, Any]) -> str:
    """Register one matter under the number it bears there."""
    done = register_case(actor, body)
    done.case.outside_number = number
    with in_plain_words():
        db.session.flush()
    return done.number


def _ours(actor: Actor, number: str) -> str | None:
    table = Case.__table__
    known = select(table.c.number).where(
        table.c.outside_number == number, table.c.organisation_id == actor.organisation_id
    )
    return db.session.connection().execute(known).scalar()


def _one(actor: Actor, record: Mapping[str, Any], codes: Codes) -> dict[str, Any]:
    number = plain_text(record.get("number"))
    line: dict[str, Any] = {"number": number[:NUMBER_MOST], "result": REJECTED, "ours": None, "reasons": []}
    if not number or len(number) > NUMBER_MOST or not number.isprintable():
        return {**line, "reasons": [str(_l("The record has no number, or one that cannot be kept."))]}
    known = _ours(actor, number)
    if known is not None:
        return {**line, "result": KNOWN, "ours": known}
    try:
        return {**line, "result": ACCEPTED, "ours": _take(actor, number, _body(record, codes))}
    except PortalError as refusal:
        said = [f"{field}: {s}" for field, sentences in refusal.errors.items() for s in sentences]
        return {**line, "reasons": said or [str(refusal.message)]}


@unit_of_work
def _begin(actor: Actor, envelope: Envelope) -> tuple[int, bool]:
    """Write the parcel down before its records come in; the same one again goes on where it stopped."""
    partner = partner_of(envelope.sender)
    earlier = db.session.scalar(
        select(Exchange).where(
            Exchange.partner_id == partner.id,
            Exchange.direction == Direction.received,
            Exchange.batch_code == envelope.batch_id,
        )
    )
    if earlier is None:
        return _enter(actor, partner, Direction.received, envelope, None, None).id, False
    if earlier.sha256 != envelope.sha256:
        raise Conflict(_l("A parcel of this batch number came already, with another content."))
    return earlier.id, bool(earlier.receipt)


def receive(actor: Actor, envelope: Envelope) -> Exchange:
    """Take an envelope in, record by record: each is registered whole or not at all, and the receipt says which.

    The same envelope again gives the same receipt; a record that is here already is never registered twice."""
    if not actor.may("receive", "Exchange") or not actor.may("register", "Case") or actor.organisation_id is None:
        raise NotAllowed()
    if len(envelope.records) > RECEIVED_MOST:
        sentence = _l("At most %(most)d records are taken in at once; please split the envelope.", most=RECEIVED_MOST)
        raise Invalid(errors={"file": [sentence]})
    key, done = _begin(actor, envelope)
    if done:
        return find(key)
    codes = Codes(partner_of(envelope.sender))
    lines = [_one(actor, record, codes) for record in envelope.records]
    return _close(actor, key, lines)


@unit_of_work
def _close(actor: Actor, key: int, lines: Sequence[dict[str, Any]]) -> Exchange:
    parcel = find(key)
    parcel.receipt = list(lines)
    parcel.accepted = sum(line["result"] == ACCEPTED for line in lines)
    parcel.rejected = sum(line["result"] == REJECTED for line in lines)
    told = {"rows": len(lines), "accepted": parcel.accepted, "rejected": parcel.rejected}
    audit.note(db.session, AuditKind.change, "exchange:receive", record=parcel, changes=told)
    return parcel


def find(key: int) -> Exchange:
    """The parcel within the row scope."""
    return db.session.scalars(select(Exchange).where(Exchange.id == key)).one()


# ---- side by side


@unit_of_work
def compare(actor: Actor, partner: Partner, envelope: Envelope, since: date | None, until: date | None) -> Exchange:
    """Hold their list against our cases of a period, by number: missing here, missing there, another state."""
    if not actor.may("read", "Exchange") or actor.organisation_id is None:
        raise NotAllowed()
    start, end = _period(since, until)
    codes, ours = Codes(partner), _cases(start, end, None)
    theirs: dict[str, Mapping[str, Any]] = {}
    for record in envelope.records:
        if number := plain_text(record.get("number")):
            theirs.setdefault(number, record)
    for case in _named(list(theirs)):
        if case not in ours:
            ours.append(case)
    lines, met = [], set[str]()
    for case in ours:
        matched = next((n for n in (case.number, case.outside_number) if n in theirs and n not in met), None)
        line = {"number": case.number, "theirs": None, "ours": case.state.value}
        if matched is None:
            lines.append({**line, "result": MISSING_THERE})
            continue
        met.add(matched)
        said = _state(codes, theirs[matched])
        lines.append({**line, "theirs": said, "result": SAME if said in ("", case.state.value) else DIFFERS})
    lines += [
        {"number": number, "theirs": _state(codes, record), "ours": None, "result": MISSING_HERE}
        for number, record in theirs.items()
        if number not in met
    ]
    parcel = _enter(actor, partner, Direction.compared, replace(envelope, batch_id=_batch()), since, until)
    parcel.accepted = sum(line["result"] == SAME for line in lines)
    parcel.rejected = sum(line["result"] in (DIFFERS, MISSING_HERE) for line in lines)
    parcel.receipt = [line for line in lines if line["result"] != SAME]
    audit.note(db.session, AuditKind.access, "exchange:compare", record=parcel, changes={"rows": len(lines)})
    return parcel


def _state(codes: Codes, record: Mapping[str, Any]) -> str:
    """Their state in our codes; a word of ours counts as its code."""
    said = plain_text(codes.ours("state", plain_text(record.get("state"))))
    member = members(CaseState).get(said)
    return member.value if member is not None else said


def _named(numbers: Sequence[str]) -> list[Case]:
    """Cases that their list names, although they lie outside the period."""
    found: list[Case] = []
    for start in range(0, len(numbers), 500):
        part = list(numbers[start : start + 500])
        either = or_(Case.number.in_(part), Case.outside_number.in_(part))
        found += db.session.scalars(select(Case).where(either))
    return found
