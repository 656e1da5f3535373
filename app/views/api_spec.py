"""OpenAPI of the generated resources: schemas from the column specs, one table of operations, the contract's errors."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml
from marshmallow import Schema, fields, validate

from app.core.columns import ColumnSpec, Kind, spec_of

ERROR = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "error_id": {"type": "string"},
    },
}
TOLD = {
    "400": "The call cannot be read",
    "401": "Nobody is signed in",
    "403": "The role may not do this",
    "404": "Not there, or not yours",
    "405": "The address does not take this method",
    "409": "Wrong state, stale version, or taken",
    "413": "Too large",
    "415": "This type of content is not accepted",
    "422": "The content breaks a rule",
    "429": "Too many calls",
    "503": "Busy, try again",
}
RESPONSES: dict[str, Any] = {
    code: {"description": text, "content": {"application/json": {"schema": ERROR}}} for code, text in TOLD.items()
}
ALWAYS = ("400", "401", "403", "429", "503")
NAME = "{{self.__class__.__name__}}"


def _errors(*codes: str) -> dict[str, Any]:
    return {code: {"$ref": f"#/components/responses/{code}"} for code in (*ALWAYS, *codes)}


def _answer(text: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict(properties)}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _q(kind: str) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/get_{kind}_schema"}
    return {"in": "query", "name": "q", "content": {"application/json": {"schema": ref}}}


def _sent(kind: str) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/{NAME}.{kind}"}
    return {"required": True, "content": {"application/json": {"schema": ref}}}


PK = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer", "minimum": 1}}
WHOLE = {"type": "integer"}
ONE = {"$ref": f"#/components/schemas/{NAME}.get"}
MANY = {"type": "array", "items": {"$ref": f"#/components/schemas/{NAME}.get_list"}}
RECORD = {"id": WHOLE, "result": ONE}
OPERATIONS: dict[str, dict[str, Any]] = {
    "get_list": {
        "get": {
            "parameters": [_q("list")],
            "responses": {
                "200": _answer(
                    "One page of rows", {"count": WHOLE, "ids": {"type": "array", "items": WHOLE}, "result": MANY}
                ),
                **_errors(),
            },
        }
    },
    "get": {
        "get": {"parameters": [PK, _q("item")], "responses": {"200": _answer("The record", RECORD), **_errors("404")}}
    },
    "info": {
        "get": {"parameters": [_q("info")], "responses": {"200": _answer("Fields, filters, rights", {}), **_errors()}}
    },
    "post": {
        "post": {
            "requestBody": _sent("post"),
            "responses": {"201": _answer("Kept", RECORD), **_errors("409", "413", "415", "422")},
        }
    },
    "put": {
        "put": {
            "parameters": [PK],
            "requestBody": _sent("put"),
            "responses": {"200": _answer("Changed", RECORD), **_errors("404", "409", "413", "415", "422")},
        }
    },
    "delete": {
        "delete": {
            "parameters": [PK],
            "responses": {"200": _answer("Deleted", {"message": {"type": "string"}}), **_errors("404", "409", "422")},
        }
    },
}


def operation(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the OpenAPI text of an operation behind a method's docstring, where the framework reads it."""

    def documented(method: Callable[..., Any]) -> Callable[..., Any]:
        method.__doc__ = f"{method.__doc__}\n---\n{yaml.safe_dump(OPERATIONS[name], sort_keys=False)}"
        return method

    return documented


class _Reference(Schema):
    """A row of another resource."""

    id = fields.Integer()
    name = fields.String()


def _given(spec: ColumnSpec | None) -> fields.Field:
    """The marshmallow field of a value that is given out."""
    if spec is None or spec.kind is Kind.attribute or spec.path:
        return fields.Raw(allow_none=True)
    plain: dict[Kind, Callable[..., fields.Field]] = {
        Kind.flag: fields.Boolean,
        Kind.whole: fields.Integer,
        Kind.number: fields.Float,
        Kind.day: fields.Date,
        Kind.moment: fields.AwareDateTime,
        Kind.time: fields.String,
        Kind.json: fields.Raw,
    }
    if spec.kind is Kind.one:
        return fields.Nested(_Reference, allow_none=True)
    if spec.kind is Kind.many:
        return fields.List(fields.Nested(_Reference))
    return plain.get(spec.kind, fields.String)(allow_none=True)


def _taken(spec: ColumnSpec, required: bool) -> fields.Field:
    """The marshmallow field of a value that is sent."""
    kw: dict[str, Any] = {"required": required, "allow_none": not spec.required}
    kw["metadata"] = {"description": str(spec.name)}
    if spec.kind is Kind.one:
        return fields.Integer(**kw)
    if spec.kind is Kind.many:
        return fields.List(fields.Integer(), required=required)
    if spec.kind is Kind.code and spec.enum:
        return fields.String(validate=validate.OneOf([member.value for member in spec.enum]), **kw)
    if spec.kind in (Kind.text, Kind.long) and spec.length:
        return fields.String(validate=validate.Length(max=spec.length), **kw)
    plain: dict[Kind, Callable[..., fields.Field]] = {
        Kind.flag: fields.Boolean,
        Kind.whole: fields.Integer,
        Kind.number: fields.Float,
        Kind.day: fields.Date,
        Kind.moment: fields.AwareDateTime,
        Kind.json: fields.Raw,
    }
    return plain.get(spec.kind, fields.String)(**kw)


def item_schema(name: str, columns: Sequence[str], shown: Mapping[str, Any], version: str | None) -> Schema:
    """What a record looks like when it is given out."""
    given: dict[str, fields.Field] = {c: _given(shown[c].spec) for c in columns}
    given["id"] = fields.Integer()
    if version:
        given["version"] = fields.Integer()
    return Schema.from_dict(given, name=name)()


def write_schema(name: str, model: type, form: Any, version: str | None) -> Schema:
    """What a record looks like when it is sent; `version` must come along with a change."""
    names = [n for n in form.names if hasattr(model, n)]
    specs = {n: spec_of(model, n) for n in names}
    taken: dict[str, fields.Field] = {
        n: _taken(spec, spec.required and version is None and spec.default is None) for n, spec in specs.items()
    }
    if version:
        taken["version"] = fields.Integer(required=True)
    return Schema.from_dict(taken, name=name)()
