"""REST of cases: list and record as everywhere, registering, and the steps, the course and the clocks."""

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import expose

from app.access.actor import current_actor
from app.forms.steps import CASE
from app.models.case import Case, Channel, Kind
from app.models.party import Side
from app.models.person import IdType
from app.services.access_log import log_read
from app.services.queries.case_page import case_page, clocks_of
from app.services.queries.remedies import rights_of
from app.services.queries.story import story
from app.services.queries.why import sentences
from app.services.registration import register_case
from app.views.api_base import PortalRestApi
from app.views.api_guard import body, guarded
from app.views.api_spec import PK, _answer, _errors, sent
from app.views.case import CaseView
from app.views.document_api import PAPERS_SPEC, papers_answer
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import find_record

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
EVENT = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "title": TEXT,
        "by": TEXT,
        "kind": TEXT,
        "step": {"type": ["string", "null"]},
        "from": {"type": ["string", "null"]},
        "to": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": TEXT},
        "reason": {"type": ["string", "null"]},
    },
}
CLOCK = {
    "type": "object",
    "properties": {
        "code": TEXT,
        "name": TEXT,
        "start": DAY,
        "due": DAY,
        "state": TEXT,
        "met": {"type": ["string", "null"]},
        "provisional": {"type": "boolean"},
        "why": {"type": "array", "items": TEXT},
        "proof": {"type": "array", "items": {"type": "object"}},
        "party": {"type": ["integer", "null"]},
        "referral": {"type": ["integer", "null"]},
    },
}
RIGHT = {
    "type": "object",
    "properties": {
        "code": TEXT,
        "name": TEXT,
        "party": {"type": ["integer", "null"]},
        "party_name": {"type": ["string", "null"]},
        "state": TEXT,
        "received": {"type": ["string", "null"]},
        "last_day": {"type": ["string", "null"]},
        "provisional": {"type": "boolean"},
        "why": {"type": "array", "items": TEXT},
        "where": TEXT,
        "source": {"type": ["string", "null"]},
    },
}
CODE_OR_ID = {"type": ["string", "integer"], "description": "code or id"}
PERSON = {
    "type": "object",
    "properties": {
        "side": {"type": "string", "enum": [side.value for side in Side]},
        "name": TEXT,
        "id_type": {"type": "string", "enum": [kind.value for kind in IdType]},
        "id_number": TEXT,
        "phone": TEXT,
        "address": TEXT,
        "organisation": {**CODE_OR_ID, "description": "a respondent of the tree: code or id"},
        "organisation_name": TEXT,
        "representative": {"type": "boolean"},
    },
}
CLAIMS = {"type": "array", "items": {"type": "object", "required": ["text"], "properties": {"text": TEXT}}}
NEEDED = ["title", "facts", "claims", "parties", "category", "village"]
NEW_CASE = {
    "type": "object",
    "required": NEEDED,
    "properties": {
        "channel": {"type": "string", "enum": [channel.value for channel in Channel]},
        "kind": {"type": "string", "enum": [kind.value for kind in Kind]},
        "category": CODE_OR_ID,
        "title": {**TEXT, "maxLength": 200},
        "facts": TEXT,
        "claims": CLAIMS,
        "parties": {"type": "array", "items": PERSON},
        "village": CODE_OR_ID,
        "head_count": {**WHOLE, "minimum": 1, "maximum": 9999},
        "occurred_on": DAY,
        "different_matter": {"type": "boolean", "description": "similar cases were looked at; this is another matter"},
        "idempotency_key": {**TEXT, "maxLength": 80, "description": "a repeated call answers as the first did"},
    },
}
REGISTERED = {
    "id": WHOLE,
    "result": {
        "type": "object",
        "required": ["number", "state", "version"],
        "properties": {
            "number": TEXT,
            "state": TEXT,
            "version": WHOLE,
            "receipt_code": {"type": ["string", "null"]},
            "warnings": {"type": "array", "items": TEXT},
        },
    },
}


def _list_of(text: str, item: dict[str, Any]) -> dict[str, Any]:
    return _answer(text, {"count": WHOLE, "result": {"type": "array", "items": item}})


class CaseApi(PortalRestApi):
    """Cases."""

    view, resource_name = CaseView, "case"
    method_permission_name = {
        "register": "register",
        "steps": "read",
        "step": "read",
        "course": "read",
        "clocks": "read",
        "remedies": "read",
        "documents": "read",
    }

    def read_one(self, pk: Any, names: Any) -> dict[str, Any]:
        """One case; the reading is noted in the trail."""
        item = super().read_one(pk, names)
        log_read(current_actor(), find_record(CASE, item["id"]))
        return item

    @expose("/", methods=("POST",))
    @described(
        {
            "post": {
                "requestBody": sent(NEW_CASE),
                "responses": {"201": _answer("Registered", REGISTERED), **_errors("409", "413", "415", "422")},
            }
        }
    )
    @guarded
    def register(self) -> Any:
        """Register a case."""
        said = body()
        said.setdefault("idempotency_key", request.headers.get("Idempotency-Key"))
        made = register_case(current_actor(), said)
        case = made.case
        result = {
            "number": case.number,
            "state": case.state.value,
            "version": case.version,
            "receipt_code": made.receipt_code,
        }
        if made.warnings:
            result["warnings"] = [str(sentence) for sentence in made.warnings]
        return jsonify({"id": case.id, "result": result}), 201

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step that can be carried out in this version, with the reason why not and the schema of its form."""
        return steps_answer(CASE, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(CASE))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(CASE, pk, name)

    @expose("/<pk>/timeline", methods=("GET",))
    @described(
        {
            "get": {
                "parameters": [PK],
                "responses": {"200": _list_of("All events, the newest first", EVENT), **_errors("404")},
            }
        }
    )
    @guarded
    def course(self, pk: str) -> Any:
        """The whole course of a case."""
        case: Case = find_record(CASE, pk)
        log_read(current_actor(), case)
        page = case_page(case.id)
        events = story(page.course, page.visits, page.review_course, page.recordings)
        rows = [
            {
                "at": e.at.isoformat(),
                "title": str(e.title),
                "by": e.by,
                "kind": e.kind,
                "step": e.step,
                "from": e.from_state,
                "to": e.to_state,
                "lines": [str(line) for line in e.lines],
                "reason": e.quote,
            }
            for e in events
        ]
        return jsonify({"count": len(rows), "result": rows})

    @expose("/<pk>/clocks", methods=("GET",))
    @described({"get": {"parameters": [PK], "responses": {"200": _list_of("All clocks", CLOCK), **_errors("404")}}})
    @guarded
    def clocks(self, pk: str) -> Any:
        """All clocks of a case, each with the reason of its day."""
        case: Case = find_record(CASE, pk)
        rows = [
            {
                "code": c.code,
                "name": c.rule.name,
                "start": c.starts_on.isoformat(),
                "due": c.due_on.isoformat(),
                "state": c.state.value,
                "met": c.met_on.isoformat() if c.met_on else None,
                "provisional": c.provisional,
                "why": [str(s) for s in sentences(c.why)],
                "proof": c.why,
                "party": c.party_id,
                "referral": c.referral_id,
            }
            for c in clocks_of(case.id)
        ]
        return jsonify({"count": len(rows), "result": rows})

    @expose("/<pk>/documents", methods=("GET",))
    @described(PAPERS_SPEC)
    @guarded
    def documents(self, pk: str) -> Any:
        """The papers of a case, with the addresses of their files."""
        return papers_answer(find_record(CASE, pk).id)

    @expose("/<pk>/remedies", methods=("GET",))
    @described({"get": {"parameters": [PK], "responses": {"200": _list_of("All rights", RIGHT), **_errors("404")}}})
    @guarded
    def remedies(self, pk: str) -> Any:
        """Every right of every party: its last day, why that day, where to go, and whether it can still be used."""
        page = case_page(find_record(CASE, pk).id)
        log_read(current_actor(), page.case)
        rows = [
            {
                "code": right.code,
                "name": str(right.name),
                "party": right.party_id,
                "party_name": page.facts.late.name_of(right.party_id) if right.party_id is not None else None,
                "state": right.state.value,
                "received": right.received_on.isoformat() if right.received_on else None,
                "last_day": right.last_day.isoformat() if right.last_day else None,
                "provisional": right.provisional,
                "why": [str(s) for s in right.why],
                "where": right.place.words,
                "source": right.source,
            }
            for right in rights_of(page.case, page.facts, page.clocks, page.course)
        ]
        return jsonify({"count": len(rows), "result": rows})
