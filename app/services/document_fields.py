"""Which fields each kind of paper knows: its name in a template, what people call it, and its columns if it is a list.

Templates may use these and nothing else; `services/document.py` fills the standard ones from the case, the verb that
issues a paper gives the others. The example values for previews are data (data/document_examples.json).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Any

from flask_babel import lazy_pgettext as _lp

from app.models.document import DocumentKind

K = DocumentKind
_EXAMPLES: dict[str, Any] = json.loads(files("app.services").joinpath("data/document_examples.json").read_text("utf-8"))


class FieldKind(StrEnum):
    """What a field holds: text, a list of rows, or a picture (a signature)."""

    text = "text"
    rows = "rows"
    picture = "picture"


@dataclass(frozen=True)
class Field:
    """One field of a paper."""

    name: str
    label: Any
    kind: FieldKind = FieldKind.text
    columns: Mapping[str, Any] = field(default_factory=dict)


def _text(name: str, label: Any) -> Field:
    return Field(name, label)


def _rows(name: str, label: Any, /, **columns: Any) -> Field:
    return Field(name, label, FieldKind.rows, columns)


def _picture(name: str, label: Any) -> Field:
    return Field(name, label, FieldKind.picture)


# Tables, one row a line.
# fmt: off
_NO = {"number": _lp("paper", "No.")}
STANDARD: tuple[Field, ...] = (
    _text("centre", _lp("paper", "Name of the centre")),
    _text("centre_phone", _lp("paper", "Telephone of the centre")),
    _text("centre_address", _lp("paper", "Address of the centre")),
    _text("number", _lp("paper", "Document number")),
    _text("version", _lp("paper", "Version of the paper")),
    _text("check_code", _lp("paper", "Check code")),
    _text("verify_address", _lp("paper", "Address where the paper is verified")),
    _picture("qr", _lp("paper", "QR code of that address")),
    _text("date", _lp("paper", "Day of issue, in characters")),
    _text("case_number", _lp("paper", "Number of the case")),
    _text("case_title", _lp("paper", "Matter")),
    _text("facts", _lp("paper", "Facts")),
    _text("category", _lp("paper", "Category")),
    _text("case_kind", _lp("paper", "Kind of matter")),
    _text("channel", _lp("paper", "Channel")),
    _text("place", _lp("paper", "Place")),
    _text("head_count", _lp("paper", "Persons who came")),
    _text("registered_on", _lp("paper", "Day of registration")),
    _text("occurred_on", _lp("paper", "Day it happened")),
    _text("petitioners", _lp("paper", "Names of the petitioners")),
    _text("respondents", _lp("paper", "Names of the respondents")),
    _text("recipient", _lp("paper", "To whom it is addressed")),
    _text("clerk", _lp("paper", "Clerk")),
    _rows("parties", _lp("paper", "Parties"), side=_lp("paper", "Side"), name=_lp("paper", "Name of the party"), sex=_lp("paper", "Sex"), birth=_lp("paper", "Birthday"),
          id_type=_lp("paper", "ID type"), id_number=_lp("paper", "ID number"), phone=_lp("paper", "Phone"), address=_lp("paper", "Address"),
          employer=_lp("paper", "Employer"), capacity=_lp("paper", "Capacity")),
    _rows("claims", _lp("paper", "Claims"), **_NO, text=_lp("paper", "Claim"), result=_lp("paper", "Result"), resolved=_lp("paper", "Resolved")),
)
_ORGANISATION, _DUE, _NOTE = _lp("paper", "Organisation"), _lp("paper", "Due on"), _lp("paper", "Note")
_PERSONS = {"name": _lp("paper", "Name of the person"), "post": _lp("paper", "Post"), "organisation": _ORGANISATION}
_EXPERTS = {**_NO, "name": _lp("paper", "Name of the expert"), "category": _lp("paper", "Category"), "pool": _lp("paper", "Pool"),
            "field": _lp("paper", "Specialty")}
_ANSWER = {**_NO, "claim": _lp("paper", "Claim"), "result": _lp("paper", "Result"), "text": _lp("paper", "Answer")}
_FIGURE = {"name": _lp("paper", "Indicator"), "value": _lp("paper", "This period"), "before": _lp("paper", "Period before, with change"),
           "year_before": _lp("paper", "Year before, with change")}
_SHARE = {"name": _lp("paper", "Name"), "cases": _lp("paper", "Matters registered"), "resolved": _lp("paper", "Matters resolved"),
          "rate": _lp("paper", "Resolution rate")}

FIELDS: dict[DocumentKind, tuple[Field, ...]] = {
    K.intake_form: (
        _text("received_at", _lp("paper", "Time of the visit")), _text("remarks", _lp("paper", "Remarks")),
        _picture("signature", _lp("paper", "Signature of the party")),
    ),
    K.supplement_notice: (
        _rows("missing", _lp("paper", "What is missing"), **_NO, name=_lp("paper", "Item")), _text("reason", _lp("paper", "Explanation")),
        _text("due_on", _DUE),
    ),
    K.acceptance_notice: (
        _text("accepted_on", _lp("paper", "Day of acceptance")), _text("due_on", _lp("paper", "Last day for handling")),
        _text("due_note", _lp("paper", "Remark on that day")), _text("note", _NOTE),
    ),
    K.decline_notice: (
        _text("ground", _lp("paper", "Ground")), _text("reason", _lp("paper", "Reason")), _text("where", _lp("paper", "Where to go")),
        _text("route", _lp("paper", "Legal route")),
    ),
    K.redirect_notice: (
        _text("route", _lp("paper", "Legal route")), _text("where", _lp("paper", "Where to go")), _text("reason", _lp("paper", "Reason")),
        _text("ground", _lp("paper", "Ground")),
    ),
    K.assignment_order: (
        _text("organisation", _lp("paper", "Lead organisation")), _text("co_organisations", _lp("paper", "Co-organisations")),
        _text("due_on", _DUE), _text("objection_due_on", _lp("paper", "Last day to object")), _text("note", _NOTE),
    ),
    K.co_order: (
        _text("organisation", _lp("paper", "Co-organisation")), _text("lead_organisation", _lp("paper", "Lead organisation")),
        _text("due_on", _DUE), _text("note", _NOTE),
    ),
    K.objection_slip: (
        _text("organisation", _ORGANISATION), _text("order_number", _lp("paper", "Number of the order")),
        _text("sent_on", _lp("paper", "Sent on")), _text("reason", _lp("paper", "Reason")), _text("proposed", _lp("paper", "Proposed organisation")),
        _text("objected_by", _lp("paper", "Objected by")), _text("objected_on", _lp("paper", "Day of the objection")),
    ),
    K.extension_approval: (
        _text("organisation", _ORGANISATION), _text("asked_by", _lp("paper", "Asked by")), _text("asked_on", _lp("paper", "Asked on")),
        _text("reason", _lp("paper", "Reason")), _text("old_due_on", _lp("paper", "Due on before")), _text("new_due_on", _lp("paper", "Due on now")),
        _text("days", _lp("paper", "Days")), _text("decision", _lp("paper", "Decision")), _text("opinion", _lp("paper", "Opinion")),
        _text("decided_by", _lp("paper", "Decided by")), _text("decided_on", _lp("paper", "Decided on")),
    ),
    K.extension_notice: (
        _text("organisation", _ORGANISATION), _text("reason", _lp("paper", "Reason")), _text("days", _lp("paper", "Days")),
        _text("old_due_on", _lp("paper", "Due on before")), _text("new_due_on", _lp("paper", "Due on now")),
        _text("due_note", _lp("paper", "Remark on that day")),
    ),
    K.reception_record: (
        _text("leader", _lp("paper", "Leader")), _text("leader_post", _lp("paper", "Post")), _text("received_at", _lp("paper", "Time of reception")),
        _text("venue", _lp("paper", "Room")), _text("mode", _lp("paper", "Way of reception")), _text("told", _lp("paper", "What was said")),
        _text("instructions", _lp("paper", "Instructions")), _text("result", _lp("paper", "Result")), _text("recorder", _lp("paper", "Recorder")),
        _rows("attendees", _lp("paper", "Present"), **_PERSONS),
        _rows("commitments", _lp("paper", "Commitments"), **_NO, text=_lp("paper", "Commitment"), organisation=_ORGANISATION, due_on=_DUE),
        _picture("signature", _lp("paper", "Signature of the party")), _picture("leader_signature", _lp("paper", "Signature of the leader")),
    ),
    K.conference_minutes: (
        _text("topic", _lp("paper", "Topic")), _text("held_at", _lp("paper", "Time of the conference")), _text("venue", _lp("paper", "Room")),
        _text("host", _lp("paper", "Chair")), _text("recorder", _lp("paper", "Recorder")), _text("summary", _lp("paper", "Summary")),
        _text("result", _lp("paper", "Result")),
        _rows("attendees", _lp("paper", "Present"), **_PERSONS),
        _rows("opinions", _lp("paper", "Opinions"), organisation=_ORGANISATION, text=_lp("paper", "Opinion")),
        _rows("decisions", _lp("paper", "Decisions"), **_NO, text=_lp("paper", "Decision"), organisation=_ORGANISATION, due_on=_DUE),
    ),
    K.mediation_agreement: (
        _text("mediators", _lp("paper", "Mediators")), _text("mediated_at", _lp("paper", "Time of mediation")), _text("venue", _lp("paper", "Room")),
        _text("dispute", _lp("paper", "The dispute")), _text("performance", _lp("paper", "Way and time of performance")),
        _text("effective_on", _lp("paper", "In force from")), _text("confirm_by", _lp("paper", "Last day for judicial confirmation")),
        _text("court", _lp("paper", "Court")),
        _rows("terms", _lp("paper", "Terms"), **_NO, text=_lp("paper", "Term")),
        _rows("signatures", _lp("paper", "Signatures"), side=_lp("paper", "Side"), name=_lp("paper", "Name of the party"), picture=_lp("paper", "Picture")),
    ),
    K.reply: (
        _text("organisation", _lp("paper", "Organisation that handled it")), _text("found", _lp("paper", "What was found")),
        _text("basis", _lp("paper", "Basis")), _text("measures", _lp("paper", "What was done")), _text("contact", _lp("paper", "Contact person")),
        _text("contact_phone", _lp("paper", "Telephone of the contact")), _text("review_days", _lp("paper", "Days for expert review")),
        _text("recheck_days", _lp("paper", "Days for re-examination")),
        _text("recheck_at", _lp("paper", "Where to ask for re-examination")),
        _rows("answers", _lp("paper", "Answers"), **_ANSWER),
    ),
    K.service_return: (
        _text("served_kind", _lp("paper", "Paper served")), _text("served_number", _lp("paper", "Number of that paper")),
        _text("served_version", _lp("paper", "Version of that paper")),
        _text("way", _lp("paper", "Way of service")), _text("served_at", _lp("paper", "Time of service")),
        _text("venue", _lp("paper", "Place of service")),
        _text("server", _lp("paper", "Served by")), _text("received_by", _lp("paper", "Received by")),
        _text("refusal", _lp("paper", "Reason of refusal")), _text("evidence", _lp("paper", "Evidence")), _text("remarks", _lp("paper", "Remarks")),
        _rows("witnesses", _lp("paper", "Witnesses"), name=_lp("paper", "Name of the person"), organisation=_ORGANISATION),
        _picture("signature", _lp("paper", "Signature of the party")),
    ),
    K.review_application: (
        _text("reply_number", _lp("paper", "Number of the reply")), _text("reply_received_on", _lp("paper", "Reply received on")),
        _text("last_day", _lp("paper", "Last day")), _text("applied_on", _lp("paper", "Applied on")), _text("reason", _lp("paper", "Reason")),
        _text("choice", _lp("paper", "How the experts are chosen")),
        _rows("objected", _lp("paper", "Objected claims"), **_NO, claim=_lp("paper", "Claim"), answer=_lp("paper", "Answer"), reason=_lp("paper", "Reason")),
        _picture("signature", _lp("paper", "Signature of the party")),
    ),
    K.expert_choice: (
        _text("review_number", _lp("paper", "Number of the review")), _text("chosen_on", _lp("paper", "Chosen on")),
        _text("way", _lp("paper", "How the experts are chosen")), _text("seed", _lp("paper", "Seed of the draw")),
        _rows("chosen", _lp("paper", "Chosen experts"), **_EXPERTS), _rows("reserves", _lp("paper", "Reserves"), **_EXPERTS),
        _picture("signature", _lp("paper", "Signature of the party")),
    ),
    K.review_opinion: (
        _text("reply_number", _lp("paper", "Number of the reply")), _text("review_number", _lp("paper", "Number of the review")),
        _text("held_at", _lp("paper", "Time of the session")), _text("venue", _lp("paper", "Room")), _text("chair", _lp("paper", "Chair")),
        _text("materials", _lp("paper", "Material")), _text("dissent", _lp("paper", "Dissent")), _text("conclusion", _lp("paper", "Conclusion")),
        _text("effect", _lp("paper", "What follows")),
        _rows("panel", _lp("paper", "Panel"), **_EXPERTS),
        _rows("points", _lp("paper", "Points"), **_NO, claim=_lp("paper", "Claim"), legality=_lp("paper", "Legality"),
              reasonableness=_lp("paper", "Reasonableness"), votes=_lp("paper", "Votes"), result=_lp("paper", "Result"), text=_lp("paper", "Opinion")),
        _rows("signatures", _lp("paper", "Signatures"), name=_lp("paper", "Name of the expert"), picture=_lp("paper", "Picture")),
    ),
    K.hearing_record: (
        _text("hearing_kind", _lp("paper", "Kind of hearing")), _text("held_at", _lp("paper", "Time of the hearing")),
        _text("venue", _lp("paper", "Room")), _text("host", _lp("paper", "Chair")), _text("recorder", _lp("paper", "Recorder")),
        _text("noticed_on", _lp("paper", "Notice given on")), _text("topic", _lp("paper", "Topic")), _text("conclusion", _lp("paper", "Conclusion")),
        _rows("attendees", _lp("paper", "Present"), role=_lp("paper", "Part taken"), name=_lp("paper", "Name of the person"),
              organisation=_ORGANISATION),
        _rows("statements", _lp("paper", "Statements"), speaker=_lp("paper", "Speaker"), text=_lp("paper", "Statement")),
    ),
    K.supervision_letter: (
        _text("organisation", _ORGANISATION), _text("cause", _lp("paper", "Cause")), _text("requirement", _lp("paper", "Requirement")),
        _text("due_on", _DUE), _text("supervisor", _lp("paper", "Supervisor")),
    ),
    K.rectification_notice: (
        _text("organisation", _ORGANISATION), _text("cause", _lp("paper", "Cause")), _text("requirement", _lp("paper", "Requirement")),
        _text("owner", _lp("paper", "Person in charge")), _text("due_on", _DUE), _text("ordered_by", _lp("paper", "Ordered by")),
        _rows("problems", _lp("paper", "Problems"), **_NO, text=_lp("paper", "Problem")),
    ),
    K.follow_up_form: (
        _text("followed_at", _lp("paper", "Time of the follow-up")), _text("mode", _lp("paper", "Way of the follow-up")),
        _text("reached", _lp("paper", "Reached")), _text("solved", _lp("paper", "Solved")), _text("quality", _lp("paper", "Quality of handling")),
        _text("conduct", _lp("paper", "Conduct of the staff")), _text("overall", _lp("paper", "The centre on the whole")),
        _text("opinion", _lp("paper", "Opinion of the party")), _text("follow_up_clerk", _lp("paper", "Follow-up clerk")),
        _text("remarks", _lp("paper", "Remarks")),
        _rows("tries", _lp("paper", "Tries"), **_NO, at=_lp("paper", "Time"), mode=_lp("paper", "Way"), result=_lp("paper", "Result")),
        _picture("signature", _lp("paper", "Signature of the party")),
    ),
    K.dossier_cover: (
        _text("opened_on", _lp("paper", "Opened on")), _text("closed_on", _lp("paper", "Closed on")), _text("result", _lp("paper", "Result")),
        _text("lead_organisation", _lp("paper", "Lead organisation")), _text("retention", _lp("paper", "Retention")),
        _text("archived_by", _lp("paper", "Archived by")), _text("archived_on", _lp("paper", "Archived on")),
        _text("volume", _lp("paper", "Volume")), _text("pages", _lp("paper", "Pages")), _text("round", _lp("paper", "Round")),
        _rows("catalogue", _lp("paper", "Catalogue"), **_NO, name=_lp("paper", "Title"), document_number=_lp("paper", "Document number"),
              date=_lp("paper", "Date"), pages=_lp("paper", "Pages"), note=_NOTE),
    ),
    K.remedy_slip: (
        _text("reply_number", _lp("paper", "Number of the reply")), _text("received_on", _lp("paper", "Received on")),
        _rows("rights", _lp("paper", "Rights"), **_NO, name=_lp("paper", "Right"), days=_lp("paper", "Days"), last_day=_lp("paper", "Last day"),
              why=_lp("paper", "Why that day"), where=_lp("paper", "Where to go"), source=_lp("paper", "Source")),
    ),
    K.proposal_letter: (
        _text("proposal_kind", _lp("paper", "Kind of proposal")), _text("proposal_number", _lp("paper", "Number of the proposal")),
        _text("addressee", _lp("paper", "To whom it is addressed")), _text("subject", _lp("paper", "Subject")), _text("facts", _lp("paper", "Facts")),
        _text("proposal", _lp("paper", "What is proposed")), _text("due_on", _DUE),
    ),
    K.weekly_report: (
        _text("title", _lp("paper", "Title of the report")), _text("scope", _lp("paper", "Area of the report")),
        _text("since", _lp("paper", "First day of the period")), _text("until", _lp("paper", "Last day of the period")),
        _text("before", _lp("paper", "Days of the period before")), _text("year_before", _lp("paper", "Days of the year before")),
        _text("made_at", _lp("paper", "Time of counting")), _text("maker", _lp("paper", "Made by")),
        _text("small", _lp("paper", "Which numbers are hidden")), _text("overdue_note", _lp("paper", "Remark on overdue matters")),
        _rows("head", _lp("paper", "Head figures"), **_FIGURE), _rows("reviews", _lp("paper", "Expert reviews"), **_FIGURE),
        _rows("satisfaction", _lp("paper", "Satisfaction and follow-ups"), **_FIGURE),
        _rows("towns", _lp("paper", "By centre"), **_SHARE), _rows("categories", _lp("paper", "By category"), **_SHARE),
        _rows("load", _lp("paper", "Load of lead organisations"), name=_lp("paper", "Lead organisation"), open=_lp("paper", "Open matters"),
              overdue=_lp("paper", "Overdue matters"), share=_lp("paper", "Share overdue")),
        _rows("overdue", _lp("paper", "Overdue matters, by number"), number=_lp("paper", "Number of the case"), category=_lp("paper", "Category"),
              organisation=_lp("paper", "Lead organisation"), due_on=_DUE, days=_lp("paper", "Days overdue")),
    ),
}
# Papers of a centre: no case, no number, nothing to check them by.
REPORTS: frozenset[DocumentKind] = frozenset({K.weekly_report})
_OF_REPORTS = frozenset({"centre", "centre_phone", "centre_address", "date"})
# Letters of a proposal: papers like all others, but not of a case.
LETTERS: frozenset[DocumentKind] = frozenset({K.proposal_letter})
_OF_LETTERS = _OF_REPORTS | {"number", "version", "check_code", "verify_address", "qr", "clerk"}
# On these, ID numbers, telephones and addresses of the parties stand in full; on all others they are masked.
PERSONAL: frozenset[DocumentKind] = frozenset({K.intake_form, K.mediation_agreement, K.review_application})
# What one party declares names this party alone.
OF_ONE_PARTY: frozenset[DocumentKind] = frozenset({K.review_application})
# fmt: on


def standard_of(kind: DocumentKind) -> tuple[Field, ...]:
    """The standard fields of a kind: those of a case, of a letter, or of a centre alone."""
    if kind not in REPORTS | LETTERS:
        return STANDARD
    known = _OF_REPORTS if kind in REPORTS else _OF_LETTERS
    return tuple(one for one in STANDARD if one.name in known)


def fields_of(kind: DocumentKind) -> dict[str, Field]:
    """Every field that a paper of that kind knows, by name: the standard ones first."""
    return {one.name: one for one in (*standard_of(kind), *FIELDS[kind])}


def example_of(kind: DocumentKind) -> dict[str, Any]:
    """Example values of all its text and list fields, for previews and for the trial of a new template."""
    return {
        name: _EXAMPLES.get(f"{kind.value}.{name}", _EXAMPLES.get(name, ""))
        for name, one in fields_of(kind).items()
        if one.kind is not FieldKind.picture
    }


def _check() -> None:
    lost = [kind for kind in DocumentKind if kind not in FIELDS]
    twice = [kind for kind in FIELDS if len(fields_of(kind)) < len(standard_of(kind)) + len(FIELDS[kind])]
    if lost or twice:
        raise LookupError(f"fields of papers: {lost or twice}")


_check()
