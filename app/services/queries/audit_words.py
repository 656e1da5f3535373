"""Entries of the trail in words: which action, which record, what changed from what to what."""

import re
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from markupsafe import Markup, escape

from app.access.permissions import ACTIONS, PAGES
from app.core import clock
from app.core.columns import spec_of
from app.core.db import Base
from app.core.labels import LabelledEnum
from app.core.text import listed

VERBS: dict[str, Any] = {
    "add": _lp("audit", "Added"),
    "edit": _lp("audit", "Changed"),
    "delete": _lp("audit", "Deleted"),
    "reveal": _lp("audit", "Revealed masked data"),
    "export": _lp("audit", "Exported"),
    "import": _lp("audit", "Imported"),
    "undo": _lp("audit", "Import undone"),
    "approve": _lp("audit", "Approved"),
    "refuse": _lp("audit", "Refused"),
    "send": _lp("audit", "Envelope made"),
    "receive": _lp("audit", "Envelope taken in"),
    "compare": _lp("audit", "Compared"),
    "show": _lp("audit", "Opened"),
    "read": _lp("audit", "Opened"),
    "search": _lp("audit", "Searched"),
    "print": _lp("audit", "Printed"),
    "download": _lp("audit", "Downloaded"),
    "screen": _lp("document", "Shown on screen"),
    "docx": _lp("document", "Saved as Word"),
    "pdf": _lp("document", "Saved as PDF"),
    "reset_password": _lp("audit", "Password replaced"),
    "enable": _lp("audit", "Enabled"),
    "disable": _lp("audit", "Disabled"),
    "unlock": _lp("audit", "Unlocked"),
    "unlocked": _lp("audit", "Unlocked"),
    "ok": _lp("audit", "Signed in"),
    "failed": _lp("audit", "Failed try"),
    "one-time-expired": _lp("audit", "One-time password too late"),
    "locked": _lp("audit", "Locked after failed tries"),
    "refused": _lp("audit", "Refused"),
    "ended": _lp("audit", "Signed out"),
    "all-ended": _lp("audit", "All sessions ended"),
    "address-full": _lp("audit", "Network address blocked"),
    "password-changed": _lp("audit", "Password changed"),
    "mass-reading": _lp("audit", "Read en masse"),
    "mass-listing": _lp("audit", "Walked through lists"),
    "export-refused": _lp("audit", "Export refused: too large"),
    "restored": _lp("audit", "Restored from a backup"),
}
TABLES: dict[str, Any] = {
    "ab_user": _l("Account"),
    "ab_role": _l("Role: permissions"),
    "role_profile": _l("Role"),
    "role_request": _l("Request for a role"),
    "ab_permission": _l("Permission"),
    "ab_view_menu": _l("Page"),
    "ab_permission_view": _l("Permission of a page"),
    "organisation": _l("Organisation"),
    "case": _l("Case"),
    "claim": _l("Claim"),
    "party": _l("Party"),
    "person": _l("Person"),
    "visit": _l("Visit"),
    "representative": _l("Representative"),
    "referral": _l("Referral"),
    "attachment": _l("Attachment"),
    "deadline": _l("Deadline"),
    "expert": _l("Expert"),
    "expert_employment": _l("Employer of an expert"),
    "expert_kin": _l("Kin of an expert"),
    "legal_adviser": _l("Legal adviser"),
    "law_firm": _l("Law firm"),
    "room": _l("Function room"),
    "category": _l("Category"),
    "code_table": _l("Code table"),
    "code_item": _l("Code"),
    "calendar_day": _l("Calendar day"),
    "calendar_year": _l("Calendar year"),
    "deadline_rule": _l("Deadline rule"),
    "case_member": _l("Person named on a case"),
    "recount": _l("Count anew"),
    "saved_view": _l("Saved filter"),
    "notice": _l("Notice"),
    "job": _l("Job"),
    "recovery_code": _l("Recovery code"),
    "sign-in": _l("Sign-in"),
    "account": _l("Account"),
    "second-factor": _l("Second factor"),
    "shift": _l("Single shifts"),
    "roster": _l("Monthly roster"),
    "roster_rule": _l("Roster rules"),
    "duty_change": _l("Swaps and leave"),
    "parameter": _l("Parameter"),
    "booking": _l("Booking"),
    "booking_series": _l("Series"),
    "public_hold": _l("Kept for a public booking"),
    "report_subscription": _l("Reports into the inbox"),
    "report_delivery": _l("Reports into the inbox"),
    "case_tally": _l("Tally of the cases"),
    "waiting_entry": _l("Waiting list"),
    "closure": _l("Closures of rooms"),
    "room_hours": _l("Hours by weekday"),
    "feed_address": _l("Calendar addresses"),
    "template_file": _l("Template file"),
    "backup": _l("Backup"),
    "sms_template": _l("Text messages"),
    "webhook": _l("Webhooks"),
    "acknowledgement": _l("Acknowledgement of the reply"),
    "ballot": _l("Ballot"),
    "ballot_mark": _l("Ballot"),
    "conference": _l("Confer"),
    "dossier": _l("Dossiers"),
    "extension": _l("Ask for extension"),
    "follow_up": _l("Follow-up"),
    "hearing": _l("Hearings"),
    "hearing_opinion": _l("Opinions"),
    "hearing_participant": _l("Participants"),
    "hearing_step": _l("Hearings"),
    "consultation": _l("Consultations"),
    "outreach_event": _l("Legal service events"),
    "outreach_step": _l("Legal service events"),
    "firm_pair": _l("Firms and communities"),
    "leader_reception": _l("Leader reception"),
    "mediation": _l("Mediate"),
    "mediation_consent": _l("Consents"),
    "paper_due": _l("Papers and service"),
    "rating": _l("Rate the service"),
    "recording": _l("Recording"),
    "rectification": _l("Rectification"),
    "supervision": _l("Supervision order"),
    "proposal": _l("Proposal"),
    "reply": _lp("service", "Reply"),
    "reply_point": _l("Points of the reply"),
    "review": _l("Expert review"),
    "review_applicant": _l("Apply for expert review"),
    "review_draw": _l("Draw experts"),
    "review_objection": _l("Claims whose answer is not accepted"),
    "review_seat": _l("Seats"),
    "service": _l("Way of service"),
    "signature": _l("Signature"),
    "suspension": _l("Suspend"),
    "document": _lp("document", "Paper"),
    "document_template": _l("Template of a paper"),
    "import_batch": _l("Import of tables"),
    "import_row": _l("Import of tables"),
    "export_request": _l("Large exports"),
    "exchange": _l("Data exchange"),
    "partner": _l("Neighbouring systems"),
    "code_mapping": _l("Table of codes"),
}
# Columns of the framework's tables, which carry no labels of their own.
COLUMNS: dict[tuple[str, str], Any] = {
    ("ab_user", "roles"): _l("Roles"),
    ("ab_permission", "name"): _l("Code"),
    ("ab_view_menu", "name"): _l("Code"),
    ("ab_user", "email"): _l("E-mail"),
    ("ab_user", "session_epoch"): _l("Sign-ins ended"),
    ("ab_user", "password_changed_at"): _l("Password changed at"),
    ("ab_user", "demo"): _l("Demo account"),
    ("ab_user", "totp_secret"): _l("Second factor"),
    ("ab_role", "permissions"): _l("Permissions"),
    ("ab_role", "name"): _l("Code"),
    ("role_profile", "role_id"): _l("Role"),
}
# Columns that no form shows, whatever the table.
INNER: dict[str, Any] = {
    "id": _l("Record number"),
    "seq": _l("No."),
    "state": _l("State"),
    "accepted_by_id": _l("Decided by"),
    "approved_by_id": _l("Decided by"),
    "archived_by_id": _l("Changed by"),
    "checked_by_id": _l("Decided by"),
    "drafted_by_id": _l("Created by"),
    "issued_by_id": _l("Created by"),
    "reported_by_id": _l("Asked by"),
    "served_by_id": _l("Changed by"),
    "answered_by_id": _lp("supervision", "Answered by"),
    "closed_by_id": _lp("supervision", "Closed by"),
    "occasion": _lp("supervision", "Occasion"),
    "by_id": _l("Account"),
    "author_id": _l("Created by"),
    "applicant_id": _l("Party"),
    "claim_id": _l("Claim"),
    "reply_id": _l("Reply version"),
    "review_id": _l("Expert review"),
    "seat_id": _l("Seats"),
    "replaces_id": _l("Seats"),
    "ballot_id": _l("Ballot"),
    "point_id": _l("Points of the reply"),
    "service_id": _l("Way of service"),
    "signature_id": _l("Signature"),
    "choice_signature_id": _l("Signature"),
    "mediation_id": _l("Mediate"),
    "hearing_id": _l("Hearings"),
    "event_id": _l("Legal service events"),
    "follow_up_id": _l("Follow-up"),
    "draw_id": _l("Draw experts"),
    "booking_id": _l("Booking"),
    "seed": _l("Draw experts"),
    "candidates": _l("Candidates"),
    "drawn": _l("Drawn by lot"),
    "wanted": _l("Seats"),
    "tally": _l("Content"),
    "cast_at": _l("Date and time"),
    "at": _l("Date and time"),
    "voided_at": _l("Date and time"),
    "void_reason": _l("Reason"),
    "strokes": _l("Signature"),
    "about_id": _l("Record number"),
    "about_type": _l("Record type"),
    "docx_key": _l("Storage place"),
    "pdf_key": _l("Storage place"),
    "photo_key": _l("Storage place"),
    "fields": _l("Content"),
    "subject": _l("Record"),
    "cap_on": _l("Due on"),
    "overnight": _l("Booking"),
    "secret": _l("Secret code"),
    "token_hash": _l("Secret code"),
    "cancel_hash": _l("Secret code"),
    "address_hash": _l("Network address"),
    "hold_id": _l("Kept for a public booking"),
    "version": _l("Version"),
    "user_id": _l("Account"),
    "role_id": _l("Role"),
    "permission_id": _l("Permission"),
    "view_menu_id": _l("Page"),
    "asked_by_id": _l("Asked by"),
    "decided_by_id": _l("Decided by"),
    "signed_by_id": _l("Signed by"),
    "organisation_id": _l("Organisation"),
    "owner_town_id": _l("Town"),
    "case_id": _l("Case"),
    "draft_id": _l("Draft"),
    "party_id": _l("Party"),
    "referral_id": _l("Referral"),
    "rule_id": _l("Deadline rule"),
    "round": _l("Round"),
    "met_on": _l("Met on"),
    "why": _l("Reckoning"),
    "receipt_hash": _l("Secret code"),
    "code_hash": _l("Recovery code"),
    "id_number_hash": _l("Fingerprint of the ID number"),
    "phone_hash": _l("Fingerprint of the phone"),
    "phone_tail_hash": _l("Fingerprint of the phone"),
    "storage_key": _l("Storage place"),
    "capacity": _l("Acts as"),
    "since": _l("Since"),
    "view": _l("Page"),
    "query": _l("Query"),
    "sort": _l("Order"),
    "data": _l("Content"),
    "leased_until": _l("Running until"),
    "used_at": _l("Used at"),
    "last_login": _l("Last sign-in"),
    "login_count": _l("Sign-ins"),
    "fail_login_count": _l("Failed tries"),
    "created_on": _l("Created"),
    "changed_on": _l("Changed"),
    "created_by_fk": _l("Created by"),
    "changed_by_fk": _l("Changed by"),
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
UNSAID = frozenset({("ab_user", "last_name"), ("ab_user", "preferences"), ("ab_user", "totp_last_step")})
FAULTS: dict[str, Any] = {
    "missing": _l("it is missing"),
    "changed": _l("it was changed"),
    "rebuilt": _l("the chain was rebuilt"),
    "beyond the head": _l("it was added behind the end"),
    "head does not fit": _l("the end was changed"),
}
SHOWN = 3


@cache
def _model_of(table: str) -> type | None:
    found = [mapper.class_ for mapper in Base.registry.mappers if getattr(mapper.local_table, "name", None) == table]
    return max(found, key=lambda model: len(model.__mro__), default=None)  # our account before the framework's user


def fault(why: str) -> Any:
    """Why an entry of the chain does not fit."""
    return FAULTS.get(why, why)


def table_label(name: str | None) -> str:
    """A kind of record as people call it."""
    return str(TABLES.get(name or "", name or ""))


def action(code: str) -> str:
    """`ab_user:edit` in words."""
    thing, _colon, verb = code.partition(":")
    if thing == "step":
        return str(ACTIONS.get(verb, verb))
    said = str(VERBS.get(verb, verb.replace("_", " ").replace("-", " ")))
    if thing in ("sign-in", "access"):
        return said
    return f"{table_label(thing)} · {said}" if verb else table_label(thing)


def _whole(text: str) -> Markup:
    return Markup('<span class="nowrap">{}</span>').format(text)


def action_html(code: str) -> Markup:
    """The action, never broken over lines."""
    return _whole(action(code))


def person_html(name: str | None) -> Markup:
    """The person, never broken over lines."""
    return _whole(person(name))


def record(kind: str | None, number: int | None, subject: str | None) -> str:
    """The record that an entry is about, as plain text."""
    name = subject or (f"#{number}" if number else "")
    return f"{table_label(kind)} {name}".strip()


def record_html(kind: str | None, number: int | None, subject: str | None) -> Any:
    """The record that an entry is about: its name, and small beneath it kind and number."""
    if not kind:
        return ""
    small = f"{table_label(kind)}{f' #{number}' if number else ''}"
    return Markup("{} <small>{}</small>").format(subject, small) if subject else escape(small)


def column_label(table: str | None, key: str) -> str:
    """A column as the forms call it."""
    if (table or "", key) in COLUMNS:
        return str(COLUMNS[table or "", key])
    model = _model_of(table or "")
    if model is None or not hasattr(model, key):
        return str(INNER.get(key, key.replace("_", " ")))
    said = str(spec_of(model, key).label)
    return str(INNER[key]) if key in INNER and said == key.replace("_", " ").capitalize() else said


def _grant_text(text: str) -> str:
    """`can read on Case` in words; any other text as it is."""
    name, on, page = text.partition(" on ")
    if not on or page not in PAGES:
        return text
    verb = name.removeprefix("can ").replace(" ", "_")
    said = _("Menu entry") if name == "menu access" else ACTIONS.get(verb, verb)
    return f"{PAGES[page].label}: {said}"


def person(name: str | None) -> str:
    """Who acted; the program itself by a word."""
    return {"system": _("the system"), "-": "—"}.get(name or "-", name or "")


def value_text(table: str | None, key: str, value: Any) -> str:
    """A value as people read it: codes by their labels, yes and no, lists with commas."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return listed(_grant_text(str(one)) for one in value) or "—"
    if isinstance(value, str) and MOMENT.match(value):
        return clock.local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    model = _model_of(table or "")
    enum = spec_of(model, key).enum if model is not None and hasattr(model, key) else None
    member = enum.of(value) if enum is not None and issubclass(enum, LabelledEnum) else None
    return str(member.label) if member is not None else str(value)


def _pairs(changes: Any, table: str | None) -> list[tuple[str, str, str]]:
    if not isinstance(changes, dict):
        return []
    found = []
    for key, pair in changes.items():
        if (table or "", key) in UNSAID:
            continue
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        found.append((column_label(table, key), value_text(table, key, before), value_text(table, key, after)))
    return found


def summary(changes: Any, table: str | None, reason: str | None) -> str:
    """The first few changes on one line; the reason where nothing changed."""
    pairs = _pairs(changes, table)
    parts = [
        f"{label}: {after}" if before == "—" else f"{label}: {before} → {after}"
        for label, before, after in pairs[:SHOWN]
    ]
    if len(pairs) > SHOWN:
        parts.append(_("and %(count)s more", count=len(pairs) - SHOWN))
    return listed(parts, clauses=True) or (reason or "")


def diff_html(changes: Any, table: str | None) -> Any:
    """Every change: before and after beside each other."""
    pairs = _pairs(changes, table)
    if not pairs:
        return ""
    head = Markup("<tr><th>{}</th><th>{}</th><th>{}</th></tr>").format(_("Field"), _("Before"), _("After"))
    row = Markup('<tr><td>{}</td><td data-label="{}">{}</td><td data-label="{}">{}</td></tr>')
    rows = Markup("").join(row.format(label, _("Before"), before, _("After"), after) for label, before, after in pairs)
    table_html = Markup('<div class="scroll"><table class="rows"><thead>{}</thead><tbody>{}</tbody></table></div>')
    return table_html.format(head, rows)
