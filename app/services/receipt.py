"""The receipt of a case: number, secret code, what happens next and by when; its printing is noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import NotAllowed, NotFound
from app.core.late import late
from app.models.audit import AuditKind
from app.models.case import OPEN_STATES, Case
from app.models.deadline import Deadline, DeadlineState
from app.services import idempotency
from app.services.numbering import centre_of
from app.services.registration import hash_of_code, new_code

segno = late("segno")

SHOWN_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class Receipt:
    """All that stands on a receipt."""

    case: Case
    code: str | None
    centre: str
    centre_phone: str | None
    clocks: Sequence[tuple[Any, date, bool]]
    first_print: bool


def find_case(case_id: int) -> Case:
    """The case within the row scope; NotFound otherwise."""
    case = db.session.scalar(select(Case).where(Case.id == case_id))
    if case is None:
        raise NotFound()
    return case


def code_of(actor: Actor, case: Case, ticket: str) -> str | None:
    """The secret code, for half an hour after this person registered the case or renewed the code."""
    answer = idempotency.kept_answer(actor, ticket, SHOWN_FOR)
    if answer and answer.get("case") == case.id and hash_of_code(case.number, str(answer["code"])) == case.receipt_hash:
        return str(answer["code"])
    return None


def receipt_of(actor: Actor, case_id: int, ticket: str) -> Receipt:
    """The receipt of a case; without a valid ticket it carries no code."""
    case = find_case(case_id)
    clocks = db.session.scalars(
        select(Deadline)
        .where(Deadline.case_id == case.id, Deadline.state == DeadlineState.running, Deadline.party_id.is_(None))
        .order_by(Deadline.due_on, Deadline.id)
    ).all()
    with system_scope("name of the centre on paper"):
        centre = centre_of(case.organisation)
        shown = [(clock.rule.name, clock.due_on, clock.provisional) for clock in clocks]
    code = code_of(actor, case, ticket)
    return Receipt(case, code, centre.name, centre.phone, shown, code is not None)


def qr_code(number: str) -> str:
    """The QR code of a case number as an SVG drawing: a desk's scanner types it into the search box."""
    code = segno.make(number, error="m")
    return str(code.svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True))


@unit_of_work
def note_print(actor: Actor, case_id: int, form: str) -> None:
    """Note that a receipt was printed."""
    case = find_case(case_id)
    audit.note(db.session, AuditKind.access, "case:print-receipt", case, changes={"form": form})


@unit_of_work
def renew_receipt(actor: Actor, case_id: int, key: str) -> None:
    """Make a new secret code; the old one no longer opens anything. It is shown for half an hour under `key`."""
    if not actor.may("print", "Case"):
        raise NotAllowed()
    case = find_case(case_id)
    if case.state not in OPEN_STATES and not actor.may("register", "Case"):
        raise NotAllowed(_l("The case is ended; its code is no longer renewed."))
    if idempotency.claim(actor, key) is not None:
        return
    code = new_code()
    case.receipt_hash = hash_of_code(case.number, code)
    audit.note(db.session, AuditKind.access, "case:renew-receipt", case)
    idempotency.keep_answer(actor, key, {"case": case.id, "code": code})
