"""The steps of any kind of record by REST: what stands open to the caller, and carrying one out."""

from collections.abc import Callable
from typing import Any

import yaml
from flask import jsonify

from app.access.actor import current_actor
from app.core.errors import Invalid
from app.forms.step_form import formdata_of, schema_of, version_of_body
from app.forms.steps import Subject
from app.views.api_guard import body
from app.views.api_spec import PK, _answer, _errors, sent
from app.views.transition import find_record, find_step
from app.workflow.engine import available, refusal
from app.workflow.types import Situation

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
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
STEPS_SPEC: dict[str, Any] = {
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


def step_spec(subject: Subject) -> dict[str, Any]:
    """The OpenAPI text of carrying a step of these records out."""
    name = {"in": "path", "name": "name", "required": True, "schema": {**TEXT, "enum": sorted(subject.pages)}}
    return {
        "post": {
            "parameters": [PK, name],
            "requestBody": sent({"type": "object"}),
            "responses": {
                "200": _answer("Carried out", {"id": WHOLE, "state": TEXT, "version": WHOLE, "step": TEXT}),
                **_errors("404", "409", "413", "415", "422"),
            },
        }
    }


def described(spec: dict[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the OpenAPI text of an operation behind a method's docstring, where the framework reads it."""

    def documented(method: Callable[..., Any]) -> Callable[..., Any]:
        method.__doc__ = f"{method.__doc__}\n---\n{yaml.safe_dump(spec, sort_keys=False)}"
        return method

    return documented


def steps_answer(subject: Subject, pk: str) -> Any:
    """Every step that can be carried out in this version, with the reason why not and the schema of its form."""
    record, actor = find_record(subject, pk), current_actor()
    facts = subject.facts(record)
    found = []
    for step in available(subject.flow, record, actor, facts, subject.pages):
        form = subject.pages[step.name].form.for_record(record, facts, meta={"csrf": False})
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
    return jsonify({"state": record.state.value, "version": record.version, "result": found})


def step_answer(subject: Subject, pk: str, name: str) -> Any:
    """Carry a step out; `version`, when sent, must be the present one."""
    row, page = find_step(subject, name)
    record, sent_body = find_record(subject, pk), body()
    key, facts = record.id, subject.facts(record)
    form = page.form.for_record(record, facts, meta={"csrf": False})
    version, data = version_of_body(sent_body), formdata_of(form, sent_body)
    filled = page.form.for_record(record, facts, data, meta={"csrf": False})
    if not filled.validate():
        why = refusal(subject.flow, row, Situation(record, current_actor(), facts))
        if why is not None:  # what can no longer be done is said before what is missing
            raise why
        raise Invalid(errors={field: [str(s) for s in said] for field, said in filled.errors.items() if field})
    done = page.verb(current_actor(), key, filled.values(), version)
    return jsonify({"id": done.id, "state": done.state.value, "version": done.version, "step": name})
