"""The papers that the steps of intake and dispatch issue."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.core.paper import PAPER
from app.models.case import Case
from app.models.document import Document, DocumentKind
from app.models.referral import Referral, ReferralKind
from app.models.step import CaseStep
from app.services import document

K = DocumentKind
PROVISIONAL = _l("provisional: it may move once the holidays of that year are published")


def supplement_notice(actor: Actor, case: Case, missing: Iterable[str], reason: str | None) -> Document:
    """What is missing, told once."""
    rows = [{"name": name} for name in missing]
    return document.issue(actor, case, K.supplement_notice, {"missing": rows, "reason": reason})


def acceptance_notice(actor: Actor, case: Case, handle: Any, note: str | None) -> Document:
    """That the matter is accepted, and until when it is to be handled."""
    db.session.flush()
    db.session.expire(case, ["category"])  # the dispatcher may just have chosen another
    fields = {
        "accepted_on": handle.starts_on,
        "due_on": handle.due_on,
        "due_note": PROVISIONAL if handle.provisional else None,
        "note": note,
    }
    return document.issue(actor, case, K.acceptance_notice, fields)


def proposal_of(case: Case) -> CaseStep | None:
    """The last proposal to decline or to show the legal route, with all it said."""
    proposals = select(CaseStep).where(CaseStep.case_id == case.id, CaseStep.step.in_(("decline", "redirect")))
    return db.session.scalar(proposals.order_by(CaseStep.seq.desc()).limit(1))


def decline_notice(actor: Actor, case: Case) -> Document:
    """That the matter is not accepted, or which legal route leads on."""
    proposal = proposal_of(case)
    told: Mapping[str, Any] = (proposal.data or {}) if proposal is not None else {}
    kind = K.redirect_notice if proposal is not None and proposal.step == "redirect" else K.decline_notice
    fields = {name: told.get(name) for name in ("ground", "route", "where")}
    return document.issue(actor, case, kind, {**fields, "reason": proposal.reason if proposal is not None else None})


def orders(actor: Actor, case: Case, referrals: Iterable[Referral], note: str | None) -> None:
    """An order for the lead organisation, a letter for each that helps."""
    sent = list(referrals)
    lead = next(row for row in sent if row.kind == ReferralKind.lead)
    others = [row for row in sent if row is not lead]
    common = {"note": note}
    fields = {
        "organisation": lead.organisation.name,
        "co_organisations": PAPER["join"].join(row.organisation.name for row in others),
        "due_on": lead.due_on,
        "objection_due_on": lead.objection_due_on,
    }
    document.issue(actor, case, K.assignment_order, {**common, **fields}, about=lead)
    for row in others:
        letter = {
            "organisation": row.organisation.name,
            "lead_organisation": lead.organisation.name,
            "due_on": row.due_on,
        }
        document.issue(actor, case, K.co_order, {**common, **letter}, about=row)


def objection_slip(actor: Actor, case: Case, referral: Referral, reason: str | None, proposed: Any) -> Document:
    """Why the lead organisation sends the matter back, and to whom it should go."""
    order = document.latest(case, K.assignment_order, about=referral)
    fields = {
        "organisation": referral.organisation.name,
        "order_number": order.number if order is not None else None,
        "sent_on": clock.local(referral.sent_at).date(),
        "reason": reason,
        "proposed": proposed.name if proposed is not None else None,
        "objected_by": actor.name,
        "objected_on": clock.today(),
    }
    return document.issue(actor, case, K.objection_slip, fields, about=referral)
