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


def answers(*codes: str) -> dict[str, Any]:
    """The refusals every call can meet, and those of `codes`."""
    return {code: {"$ref": f"#/components/responses/{code}"} for code in (*ALWAYS, *codes)}


def sent(schema: dict[str, Any]) -> dict[str, Any]:
    """A body of JSON that must be there."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


_errors = answers


def _answer(text: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict(properties)}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


Q_SAMPLES = {
    "list": "(columns:!(number,title),filters:!((col:state,opr:eq,value:accepted)),order_column:id,"
    "order_direction:desc,page:0,page_size:25); at most 100 rows a page, pages begin with 0",
    "item": "(columns:!(number,title))",
    "info": "(keys:!(permissions))",
}


def _q(kind: str) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/get_{kind}_schema"}
    return {
        "in": "query",
        "name": "q",
        "required": False,
        "content": {"application/json": {"schema": ref}},
        "description": "What is asked for, in rison (https://github.com/Nanonid/rison) or JSON: " + Q_SAMPLES[kind],
    }


def _sent(kind: str) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/{NAME}.{kind}"}
    return {"required": True, "content": {"application/json": {"schema": ref}}}


PK = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}}
WHOLE = {"type": "integer"}
ONE = {"$ref": f"#/components/schemas/{NAME}.get"}
MANY = {"type": "array", "items": {"$ref": f"#/components/schemas/{NAME}.get_list"}}
WORDS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
RECORD = {"id": WHOLE, "result": ONE}
SHOWN = {
    **RECORD,
    "show_columns": NAMES,
    "label_columns": WORDS,
    "description_columns": WORDS,
    "show_title": {"type": "string"},
    "order_columns": NAMES,
}
LISTED = {
    "count": WHOLE,
    "ids": {"type": "array", "items": WHOLE},
    "result": MANY,
    "list_columns": NAMES,
    "label_columns": WORDS,
    "description_columns": WORDS,
    "list_title": {"type": "string"},
    "order_columns": NAMES,
}
FIELD = {
    "type": "object",
    "required": ["name", "label"],
    "properties": {
        "name": {"type": "string"},
        "label": {"type": "string"},
        "description": {"type": "string"},
        "type": {"type": "string"},
        "required": {"type": "boolean"},
        "choices": {"type": "string"},
        "values": {
            "type": "array",
            "items": {"type": "object", "properties": {"id": {"type": "string"}, "value": {"type": "string"}}},
        },
    },
}
OPERATOR = {"type": "object", "properties": {"name": {"type": "string"}, "operator": {"type": "string"}}}
TOLD_ABOUT = {
    "add_columns": {"type": "array", "items": FIELD},
    "edit_columns": {"type": "array", "items": FIELD},
    "filters": {"type": "object", "additionalProperties": {"type": "array", "items": OPERATOR}},
    "permissions": NAMES,
    "list_title": {"type": "string"},
}
OPERATIONS: dict[str, dict[str, Any]] = {
    "get_list": {
        "get": {
            "parameters": [_q("list")],
            "responses": {
                "200": _answer("One page of rows", LISTED),
                **_errors(),
            },
        }
    },
    "get": {
        "get": {"parameters": [PK, _q("item")], "responses": {"200": _answer("The record", SHOWN), **_errors("404")}}
    },
    "info": {
        "get": {
            "parameters": [_q("info")],
            "responses": {"200": _answer("Fields, filters, rights", TOLD_ABOUT), **_errors()},
        }
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
