"""Text messages to parties: approved words with numbers, codes and days filled in; never a name (domain §7)."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from string import Formatter
from typing import Any

from babel.dates import format_skeleton
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db
from app.core.impersonal import Personal, is_code
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.outbox import MessageChannel, SmsTemplate
from app.models.party import Party, Side
from app.models.room import Room
from app.services import outbox, parameter

log = logging.getLogger("portal.sms")
MOBILE = re.compile(r"1[3-9]\d{9}")
PART = re.compile(r"\[([^\[\]]*)\]")
LANGUAGE = "zh"  # of those who are written to


def _day(value: Any) -> str | None:
    return str(format_skeleton("MMMd", value, locale=LANGUAGE)) if isinstance(value, date) else None


def _moment(value: Any) -> str | None:
    if not isinstance(value, datetime):
        return None
    at = clock.local(value)
    return f"{format_skeleton('MMMd', at.date(), locale=LANGUAGE)}{at:%H:%M}"


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _code(value: Any) -> str | None:
    return value if isinstance(value, str) and is_code(value) else None


def _public_name(value: Any) -> str | None:
    return str(value.name) if isinstance(value, Room | Organisation) else None


def _public_phone(value: Any) -> str | None:
    return value.phone or "" if isinstance(value, Organisation) else None


# What may be filled in, and how it is written; a value that is of another kind is refused.
VARIABLES: dict[str, Callable[[Any], str | None]] = {
    "number": _code,  # of a case, a review, a booking
    "code": _code,  # to show at the desk
    "date": _day,
    "until": lambda value: _moment(value) or _day(value),
    "time": _moment,
    "count": _number,
    "days": _number,
    "room": _public_name,
    "centre": _public_name,  # organisations are public
    "phone": _public_phone,  # of an organisation
}


def places_of(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _before, name, _form, _conversion in Formatter().parse(text) if name is not None}


def filled(text: str, told: Mapping[str, str]) -> str:
    """The text with its places filled in; a part in [brackets] falls away when a place in it stays empty."""
    known = {**dict.fromkeys(places_of(text), ""), **told}
    kept = PART.sub(lambda part: part[1] if all(known[name] for name in places_of(part[1])) else "", text)
    return kept.format_map(known)


def written(name: str, value: Any) -> str:
    """A variable as it stands in the message; Personal for what may name somebody."""
    check = VARIABLES.get(name)
    said = check(value) if check is not None else None
    if said is None:
        raise Personal(f"{name}: not a number, code, day, room or organisation")
    return said


def quiet_until(now: datetime) -> datetime | None:
    """When the night's rest ends, or None by day."""
    begins, ends = parameter.number("sms_quiet_from"), parameter.number("sms_quiet_until")
    if begins == ends:
        return None
    quiet = begins <= now.hour < ends if begins < ends else now.hour >= begins or now.hour < ends
    if not quiet:
        return None
    morning = datetime.combine(now.date(), time(ends), tzinfo=now.tzinfo)
    return morning if morning > now else morning + timedelta(days=1)


def _centre(organisation_id: int) -> Organisation:
    """The centre that people turn to: the organisation itself, or the nearest above that numbers cases and answers."""
    with system_scope("name of the centre in a text message"):
        place = db.session.get_one(Organisation, organisation_id)
        while not (place.number_prefix and place.phone) and place.parent is not None:
            place = place.parent
    return place


def _approved(code: str) -> SmsTemplate | None:
    row: SmsTemplate | None = db.session.scalar(select(SmsTemplate).where(SmsTemplate.code == code))
    if row is None:
        log.warning("text message without template", extra={"key": code})
    return row if row is not None and row.approved else None


def text_mobile(
    actor: Actor,
    organisation_id: int,
    mobile: str | None,
    template_code: str,
    *,
    case_id: int | None = None,
    sealed: bool = False,
    **variables: Any,
) -> int | None:
    """Send an approved text to a telephone in the name of an organisation; gives the message's number in the outbox.

    To be called inside the transaction of what causes it. None when it is no mobile phone, the template is not
    approved, or the same text went to the same telephone today. `centre` and `phone` fill themselves in; the other
    variables are those of VARIABLES, and anything that may name somebody raises `Personal`.
    `sealed`: nobody sees in the outbox to whom it went."""
    said = {name: written(name, value) for name, value in variables.items()}
    template = _approved(template_code) if mobile and MOBILE.fullmatch(mobile) else None
    if mobile is None or template is None:
        return None
    centre = _centre(organisation_id)
    said = {"centre": written("centre", centre), "phone": written("phone", centre), **said}
    told = {name: said[name] for name in template.variables.split() if name in said}
    now = clock.now()
    content = json.dumps([template.code, case_id, now.date().isoformat(), told], sort_keys=True)
    key = f"sms:{hashlib.sha256(content.encode()).hexdigest()[:32]}:{blind_index('phone', mobile)}"
    return outbox.put(
        MessageChannel.sms,
        template.code,
        key,
        told,
        recipient=mobile,
        case_id=case_id,
        text=filled(template.text, told),
        held_until=quiet_until(now),
        sealed=sealed,
    )


def text_party(actor: Actor, case: Case, party: Party, template_code: str, **variables: Any) -> int | None:
    """Send a party of a case an approved text; `number` fills itself in, and the rest is as in `text_mobile`.

    To be called after the case has its id."""
    with system_scope("telephone of a party"):
        mobile = party.person.phone if party.person is not None else None
    given = {"number": case.number, **variables}
    return text_mobile(actor, case.organisation_id, mobile, template_code, case_id=case.id, **given)


def text_petitioners(actor: Actor, case: Case, template_code: str, **variables: Any) -> list[int]:
    """The same text to those who speak for the petitioners: the representatives, or else every petitioner."""
    with system_scope("those who speak for the petitioners"):
        petitioners = [party for party in case.parties if party.side == Side.petitioner]
        speaking = {one.party_id for one in case.representatives}
    chosen = [party for party in petitioners if party.id in speaking] or petitioners
    sent = [text_party(actor, case, party, template_code, **variables) for party in chosen]
    return [number for number in sent if number is not None]
