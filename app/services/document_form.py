"""Forms that a clerk prints from the page of a case, without a step of their own."""

from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor
from app.core import workdays
from app.core.db import db, unit_of_work
from app.core.errors import NotAllowed, NotFound
from app.core.paper import with_plain_days
from app.core.text import listed
from app.models.case import Case
from app.models.document import Document, DocumentKind
from app.models.reply import Reply
from app.models.visit import Visit
from app.services import document
from app.services.document_values import said
from app.services.queries.case_page import case_page
from app.services.queries.remedies import Right, rights_of

# What changes with every printing, though the case is the same.
PASSING = frozenset({"number", "version", "check_code", "qr", "date", "clerk", "verify_address"})


def _first_visit(case: Case) -> Visit | None:
    return db.session.scalar(select(Visit).where(Visit.case_id == case.id).order_by(Visit.at, Visit.id).limit(1))


def _case_for_print(actor: Actor, case_id: int) -> Case:
    if not actor.may("print", "Case") or not actor.may("read", "Document"):
        raise NotAllowed()
    case: Case | None = db.session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise NotFound()
    return case


@unit_of_work
def print_form(actor: Actor, case_id: int, kind: DocumentKind) -> Document:
    """Issue the form; a case that stands as it stood needs no new version, and a second print is a copy."""
    case = _case_for_print(actor, case_id)
    visit = _first_visit(case)
    return _issued(actor, case, kind, {"received_at": said(visit.at if visit is not None else case.registered_at)})


def _days(right: Right) -> Any:
    if right.days is None:
        return None
    if right.unit == workdays.WORKING:
        return _lp("paper", "%(days)s working days", days=right.days)
    return _lp("paper", "%(days)s days", days=right.days)


@unit_of_work
def print_remedies(actor: Actor, case_id: int, party_id: int) -> Document:
    """Issue the slip that tells a party its rights: each with its last day, why that day, and where to go."""
    case = _case_for_print(actor, case_id)
    page = case_page(case.id)
    rights = [right for right in rights_of(case, page.facts, page.clocks, page.course) if right.party_id == party_id]
    if not rights:
        raise NotFound()
    reply = document.latest(case, DocumentKind.reply, about=db.session.get(Reply, page.facts.late.standing_reply.id))
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        rows = [
            {
                "name": _lp("paper", "%(said)s (%(why)s)", said=right.name, why=right.state.label),
                "days": _days(right),
                "last_day": f"{said(right.last_day)}{_('(provisional)') if right.provisional else ''}",
                "why": with_plain_days("".join(str(sentence) for sentence in right.why)),
                "where": listed(right.place.parts, clauses=True),
                "source": right.source,
            }
            for right in rights
        ]
    fields = {"reply_number": reply.number if reply is not None else None, "received_on": rights[0].received_on}
    return _issued(actor, case, DocumentKind.remedy_slip, {**fields, "rights": rows}, party_id)


def _issued(
    actor: Actor, case: Case, kind: DocumentKind, fields: dict[str, Any], party_id: int | None = None
) -> Document:
    kept = document.latest(case, kind, party_id=party_id)
    if kept is not None and _same(actor, case, kind, kept, fields, party_id):
        return kept
    return document.issue(actor, case, kind, fields, party_id=party_id)


def _same(
    actor: Actor, case: Case, kind: DocumentKind, kept: Document, fields: dict[str, Any], party_id: int | None
) -> bool:
    now, whole = document.values_for(actor, case, kind, fields, party_id)
    before = document.values_of(kept)
    return whole == kept.personal and all(before.get(k) == v for k, v in now.items() if k not in PASSING)
