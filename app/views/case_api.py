"""REST of cases: list and record as everywhere, registering, and the steps, the course and the clocks."""

from collections.abc import Callable
from typing import Any

import yaml
from flask import jsonify
from flask_appbuilder.api import expose

from app.access.actor import current_actor
from app.core.errors import Invalid
from app.forms.step_form import formdata_of, schema_of, version_of_body
from app.forms.steps import CASE
from app.models.case import Case, Channel, Kind
from app.models.party import Side
from app.models.person import IdType
from app.services.access_log import log_read
from app.services.queries.case_facts import course_of
from app.services.queries.case_page import clocks_of, visits_of
from app.services.queries.timeline import timeline
from app.services.queries.why import sentences
from app.services.registration import register_case
from app.views.api_base import PortalRestApi
from app.views.api_guard import body, guarded
from app.views.api_spec import PK, _answer, _errors, sent
from app.views.case import CaseView
from app.views.transition import find_record, find_step
from app.workflow.engine import available

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
NAME = {"in": "path", "name": "name", "required": True, "schema": {"type": "string", "enum": sorted(CASE.pages)}}
STEP = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "label": TEXT,
        "allowed": {"type": "boolean"},
        "reason": {"type": ["string", "null"]},
        "primary": {"type": "boolean"},
        "schema": {"type": "object"},
    },
}
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


def described(spec: dict[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the OpenAPI text of an operation behind a method's docstring, where the framework reads it."""

    def documented(method: Callable[..., Any]) -> Callable[..., Any]:
        method.__doc__ = f"{method.__doc__}\n---\n{yaml.safe_dump(spec, sort_keys=False)}"
        return method

    return documented


class CaseApi(PortalRestApi):
    """Cases."""

    view, resource_name = CaseView, "case"
    method_permission_name = {
        "register": "register",
        "steps": "read",
        "step": "read",
        "course": "read",
        "clocks": "read",
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
        made = register_case(current_actor(), body())
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
    @described(
        {
            "get": {
                "parameters": [PK],
                "responses": {
                    "200": _answer(
                        "The steps as they stand for the caller",
                        {"state": TEXT, "version": WHOLE, "result": {"type": "array", "items": STEP}},
                    ),
                    **_errors("404"),
                },
            }
        }
    )
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step that can be carried out in this version, with the reason why not and the schema of its form."""
        case, actor = find_record(CASE, pk), current_actor()
        facts = CASE.facts(case)
        found = []
        for step in available(CASE.flow, case, actor, facts, CASE.pages):
            form = CASE.pages[step.name].form.for_record(case, facts, meta={"csrf": False})
            found.append(
                {
                    "name": step.name,
                    "label": str(step.label),
                    "allowed": step.allowed,
                    "reason": None if step.reason is None else str(step.reason),
                    "primary": step.primary,
                    "schema": schema_of(form),
                }
            )
        return jsonify({"state": case.state.value, "version": case.version, "result": found})

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(
        {
            "post": {
                "parameters": [PK, NAME],
                "requestBody": sent({"type": "object"}),
                "responses": {
                    "200": _answer("Carried out", {"id": WHOLE, "state": TEXT, "version": WHOLE, "step": TEXT}),
                    **_errors("404", "409", "413", "415", "422"),
                },
            }
        }
    )
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        _row, page = find_step(CASE, name)
        case, sent = find_record(CASE, pk), body()
        key = case.id
        form = page.form.for_record(case, CASE.facts(case), meta={"csrf": False})
        version, data = version_of_body(sent), formdata_of(form, sent)
        filled = page.form.for_record(case, CASE.facts(case), data, meta={"csrf": False})
        if not filled.validate():
            raise Invalid(errors={field: [str(s) for s in said] for field, said in filled.errors.items() if field})
        done = page.verb(current_actor(), key, filled.values(), version)
        return jsonify({"id": done.id, "state": done.state.value, "version": done.version, "step": name})

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
        events = timeline(course_of(case.id), visits_of(case.id))
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
