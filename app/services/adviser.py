"""Legal advisers and law firms: who sits in the centres, from which firm, until when."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core.db import unit_of_work
from app.core.identity import check_phone
from app.models.adviser import AdviserKind, LawFirm, LegalAdviser
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import TERM_ORDER, keep_initials, merged, must_own, read_member

register_sentences(
    {
        "ck_legal_adviser_appointment_order": ("appointed_until", TERM_ORDER),
        "uq_legal_adviser_licence": ("licence", _l("Another adviser holds this licence number.")),
        "uq_legal_adviser_account_id": ("account", _l("This account belongs to another adviser already.")),
        "uq_law_firm_licence": ("licence", _l("Another law firm holds this licence number.")),
        "uq_law_firm_name": ("name", _l("This law firm is on file already.")),
    }
)


def _read(given: Mapping[str, Any], record: LegalAdviser | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    read_member(values, record, problems)
    if values.get("licence"):
        values["licence"] = values["licence"].replace(" ", "").upper()
    if merged(values, record, "kind") in (AdviserKind.lawyer, AdviserKind.legal_worker):
        if not merged(values, record, "licence"):
            problems.add("licence", _l("A lawyer or legal worker has a licence number; please enter it."))
        if merged(values, record, "firm") is None:
            problems.add("firm", _l("A lawyer or legal worker belongs to a law firm; please choose it."))
    problems.stop()
    return values


@unit_of_work
def add_adviser(actor: Actor, given: Mapping[str, Any]) -> LegalAdviser:
    """Appoint an adviser to a centre."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    return save_record(actor, LegalAdviser(), values, keep_initials)


@unit_of_work
def change_adviser(actor: Actor, adviser: LegalAdviser, given: Mapping[str, Any]) -> LegalAdviser:
    """Change what is said of an adviser."""
    must_own(actor, adviser.organisation_id)
    values = _read(given, adviser)
    if values.get("organisation") is not None:
        must_own(actor, values["organisation"].id)
    return save_record(actor, adviser, values, keep_initials)


@unit_of_work
def delete_adviser(actor: Actor, adviser: LegalAdviser) -> None:
    """Remove an adviser entered by mistake."""
    must_own(actor, adviser.organisation_id)
    delete_record(actor, adviser)


@unit_of_work
def save_firm(actor: Actor, firm: LawFirm, given: Mapping[str, Any]) -> LawFirm:
    """Enter or change a law firm."""
    values, problems = dict(given), Problems()
    if values.get("phone"):
        values["phone"] = problems.catch(check_phone, values["phone"], "phone")
    if values.get("licence"):
        values["licence"] = values["licence"].replace(" ", "").upper()
    problems.stop()
    return save_record(actor, firm, values)


def add_firm(actor: Actor, given: Mapping[str, Any]) -> LawFirm:
    """Enter a law firm."""
    return save_firm(actor, LawFirm(), given)
