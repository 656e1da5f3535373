"""What stands on a paper: the standard fields out of the case, and what a verb gives, in the words of paper."""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.core.labels import LabelledEnum
from app.core.late import late
from app.core.masks import mask_value
from app.core.paper import PAPER, day_words, grouped, plain_day
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.organisation import Organisation
from app.models.party import Claim, Party, Representative, Side
from app.models.proposal import Proposal
from app.services.document_fields import FIELDS, OF_ONE_PARTY, PERSONAL, STANDARD, FieldKind, fields_of

segno = late("segno")

MASKED = {"id_number": "id", "phone": "phone", "address": "address"}


def verify_page() -> str:
    """The public page on which anybody can check a paper."""
    return f"{current_app.config['PUBLIC_URL']}/public/verify"


def qr_picture(code: str) -> bytes:
    """The QR code that leads to the check of that paper, as a PNG."""
    out = io.BytesIO()
    segno.make(f"{verify_page()}?code={quote(code)}", error="m").save(out, kind="png", scale=4, border=1)
    return out.getvalue()


def said(value: Any) -> Any:
    """A value as paper says it: days in digits, codes by their label, pictures as they are."""
    if value is None:
        return ""
    if isinstance(value, LabelledEnum):  # before text, for a code is text too
        return str(value.label)
    if isinstance(value, bytes | str):
        return value
    if isinstance(value, bool):
        return PAPER["yes"] if value else PAPER["no"]
    if isinstance(value, datetime):
        at = clock.local(value)
        return PAPER["moment"].format(year=at.year, month=at.month, day=at.day, hour=at.hour, minute=at.minute)
    if isinstance(value, date):
        return plain_day(value)
    return str(value)


def _row(columns: Iterable[str], row: Mapping[str, Any], number: int) -> dict[str, Any]:
    given = {"number": number, **row} if "number" in columns else row
    return {name: said(given.get(name)) for name in columns}


def given_fields(kind: DocumentKind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields a verb gives, completed with empty ones; a name the paper does not know is a fault of ours."""
    known = fields_of(kind)
    strange = sorted(set(fields) - set(known))
    if strange:
        raise LookupError(f"{kind.value} knows no field {strange}")
    found: dict[str, Any] = {}
    for name in {one.name for one in FIELDS[kind]} | set(fields):
        one, value = known[name], fields.get(name)
        if one.kind is FieldKind.rows:
            found[name] = [_row(one.columns, row, place) for place, row in enumerate(value or (), 1)]
        else:
            found[name] = said(value)
    return found


def may_read_whole(actor: Actor, case: Case) -> bool:
    """Whether personal data is shown to the actor in full: who may reveal it, and who typed it in."""
    return actor.may("reveal", "Case") or (case.created_by_id is not None and case.created_by_id == actor.user_id)


def parties_of(case: Case) -> list[Party]:
    """The parties of a case with their persons."""
    eager = (joinedload(Party.person), joinedload(Party.respondent_organisation))
    return list(db.session.scalars(select(Party).where(Party.case_id == case.id).options(*eager).order_by(Party.id)))


def _party_row(party: Party, capacity: str, whole: bool) -> dict[str, Any]:
    person = party.person
    row: dict[str, Any] = {"side": party.side, "name": party.name, "capacity": capacity}
    if person is not None:
        row |= {"sex": person.sex, "birth": person.birth, "id_type": person.id_type, "employer": person.employer}
        for name, mask in MASKED.items():
            value = getattr(person, name)
            row[name] = value if whole else mask_value(mask, value)
    return row


def _capacities(case: Case) -> dict[int, str]:
    rows = db.session.scalars(
        select(Representative)
        .where(Representative.case_id == case.id)
        .options(joinedload(Representative.agent))
        .order_by(Representative.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        name = f" {row.agent.name}" if row.agent is not None else ""
        found.setdefault(row.party_id, []).append(f"{row.kind.label}{name}")
    return {party: PAPER["join"].join(words) for party, words in found.items()}


def _case_fields(case: Case) -> dict[str, Any]:
    place = "".join(org.name for org in (case.town, case.village) if org is not None)
    claims = db.session.scalars(select(Claim).where(Claim.case_id == case.id).order_by(Claim.number))
    return {
        "case_number": case.number,
        "case_title": case.title,
        "facts": case.facts,
        "category": case.category.name,
        "case_kind": case.kind,
        "channel": case.channel,
        "place": place,
        "head_count": case.head_count,
        "registered_on": clock.local(case.registered_at).date(),
        "occurred_on": case.occurred_on,
        "claims": [{"number": c.number, "text": c.text, "result": c.result, "resolved": c.resolved} for c in claims],
    }


def _parties(actor: Actor, case: Case, kind: DocumentKind, party_id: int | None) -> tuple[dict[str, Any], bool]:
    whole = kind in PERSONAL and may_read_whole(actor, case)
    parties, capacities = parties_of(case), _capacities(case)
    names = {side: PAPER["join"].join(p.name for p in parties if p.side == side) for side in Side}
    addressed = db.session.get(Party, party_id) if party_id is not None else None  # also of a matter merged into it
    named = [addressed] if addressed is not None and kind in OF_ONE_PARTY else parties
    return {
        "petitioners": names[Side.petitioner],
        "respondents": names[Side.respondent],
        "recipient": addressed.name if addressed is not None else names[Side.petitioner],
        "parties": [_party_row(p, capacities.get(p.id, ""), whole) for p in named],
    }, whole


def standard_fields(
    actor: Actor,
    owner: Case | Proposal,
    kind: DocumentKind,
    centre: Organisation,
    code: str,
    party_id: int | None = None,
) -> tuple[dict[str, Any], bool]:
    """The fields every paper has, those of its case if it has one, and whether personal data stands there in full."""
    fields = {
        "centre": _("%(city)s Public-Appeals Reception Centre", city=centre.name),
        "centre_phone": centre.phone,
        "centre_address": centre.address,
        "check_code": grouped(code),
        "verify_address": verify_page(),
        "qr": qr_picture(code),
        "date": day_words(clock.today()),
        "clerk": actor.name,
    }
    whole = False
    if isinstance(owner, Case):
        parties, whole = _parties(actor, owner, kind, party_id)
        fields |= {**parties, **_case_fields(owner)}
    rows = {one.name: one.columns for one in STANDARD if one.kind is FieldKind.rows}
    return {
        name: [_row(rows[name], row, n) for n, row in enumerate(value, 1)] if name in rows else said(value)
        for name, value in fields.items()
    }, whole
