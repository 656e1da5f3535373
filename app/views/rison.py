"""What a REST list is asked for in `q` (rison or JSON): read safely, and turned into clauses by a short table."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import jsonschema
import prison
from flask import request
from flask_appbuilder.api.schemas import get_info_schema, get_item_schema, get_list_schema
from flask_babel import gettext as _
from prison.decoder import ParserException

from app.core.clock import LOCAL
from app.core.columns import ColumnSpec, Kind, key_of, spec_of
from app.core.errors import Malformed
from app.forms.fields import parse_day, parse_moment
from app.services.queries.choices import parse_key
from app.views.typed import Refused, clean

LENGTH_MAX, DEPTH_MAX, FILTERS_MAX = 4000, 20, 30
SCHEMAS = {"list": get_list_schema, "item": get_item_schema, "info": get_info_schema}
TEXT_OPERATORS = ("eq", "neq", "ct", "nct", "sw", "ew", "in")
ORDER_OPERATORS = ("eq", "neq", "gt", "lt", "in")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.text: TEXT_OPERATORS,
    Kind.long: ("ct", "nct", "sw", "ew"),
    Kind.code: ("eq", "neq", "in"),
    Kind.flag: ("eq", "neq"),
    Kind.whole: ORDER_OPERATORS,
    Kind.number: ORDER_OPERATORS,
    Kind.day: ORDER_OPERATORS,
    Kind.moment: ORDER_OPERATORS,
    Kind.one: ("rel_o_m", "nrel_o_m", "eq", "in"),
    Kind.many: ("rel_m_m", "eq", "in"),
}


@dataclass(slots=True)
class Query:
    """The readable form of `q`."""

    columns: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    order: str = ""
    descending: bool = False
    page: int = 0
    page_size: int = 0


def _decoded(text: str) -> Any:
    if len(text) > LENGTH_MAX or max(text.count(c) for c in "([{") > DEPTH_MAX * 10:
        raise Malformed(_("The parameter q is too long."))
    try:
        return prison.loads(text)
    except (ParserException, RecursionError, ValueError, TypeError, IndexError, AttributeError, KeyError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Malformed(_("The parameter q is neither rison nor JSON.")) from fault


def read_query(kind: str) -> Query:
    """The parameter `q` of this call, checked against the framework's schema of it."""
    text = request.args.get("q", "")
    if not text.strip():
        return Query()
    data = _decoded(text)
    try:
        jsonschema.validate(data, SCHEMAS[kind])
    except (jsonschema.ValidationError, RecursionError) as fault:
        raise Malformed(_("The parameter q does not have the expected form.")) from fault
    columns = [*data.get("columns", ()), *data.get("select_columns", ())]
    page, size = data.get("page", 0), data.get("page_size", 0)
    filters = data.get("filters", [])
    if not 0 <= page <= 10**7 or len(filters) > FILTERS_MAX:
        raise Malformed(_("The parameter q does not have the expected form."))
    keys = [k for k in data.get("keys", ()) if k != "none"] or (["-"] if "keys" in data else [])
    order, down = data.get("order_column", ""), data.get("order_direction") == "desc"
    return Query(columns, keys, filters, order, down, page, max(0, size))


def _moment(value: Any) -> datetime:
    text = str(value)
    return parse_moment(text) if len(text) > 10 else datetime.combine(parse_day(text), time(), LOCAL)


def _number(value: Any) -> Decimal:
    number = Decimal(str(value)[:40])
    if not number.is_finite() or abs(number) > Decimal(10) ** 18:
        raise ValueError(number)
    return number


def _whole(value: Any) -> int:
    key = parse_key(str(value).removeprefix("-")) if not isinstance(value, bool) else None
    if key is None:
        raise ValueError(value)
    return -key if str(value).startswith("-") else key


def _flag(value: Any) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
    return words[str(value).lower()]


def _code(spec: ColumnSpec) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        member = spec.enum.of(str(value)) if spec.enum else None
        if member is None:
            raise ValueError(value)
        return member

    return read


def _reader(spec: ColumnSpec) -> Callable[[Any], Any]:
    table: dict[Kind, Callable[[Any], Any]] = {
        Kind.flag: _flag,
        Kind.whole: _whole,
        Kind.number: _number,
        Kind.day: lambda v: parse_day(str(v)),
        Kind.moment: _moment,
        Kind.one: _whole,
        Kind.many: _whole,
        Kind.code: _code(spec),
    }
    return table.get(spec.kind, lambda v: clean(str(v)))


def _values(spec: ColumnSpec, operator: str, value: Any) -> Any:
    read = _reader(spec)
    try:
        if operator == "in":
            values = value if isinstance(value, list) else [value]
            return [read(v) for v in values[:100]]
        if isinstance(value, list):
            raise ValueError(value)
        return read(value)
    except (ValueError, KeyError, InvalidOperation, OverflowError, Refused) as fault:
        raise Malformed(_("A filter value of %(column)s cannot be read.", column=spec.name)) from fault


def where(model: type, searchable: Sequence[str], asked: dict[str, Any]) -> Any:
    """The WHERE clause of one filter; only searchable columns and the operators of their kind."""
    name, operator = asked["col"], asked["opr"]
    if name not in searchable:
        raise Malformed(_("There is no filter of this name."))
    spec = spec_of(model, name)
    if operator not in OPERATORS.get(spec.kind, ()):
        raise Malformed(_("This column does not know this operator."))
    value = _values(spec, operator, asked["value"])
    if spec.kind in (Kind.one, Kind.many):
        return _related(spec, operator, value if isinstance(value, list) else [value])
    column = spec.attribute
    table: dict[str, Callable[[], Any]] = {
        "eq": lambda: column == value,
        "neq": lambda: column != value,
        "gt": lambda: column > value,
        "lt": lambda: column < value,
        "in": lambda: column.in_(value),
        "ct": lambda: column.icontains(value, autoescape=True),
        "nct": lambda: ~column.icontains(value, autoescape=True),
        "sw": lambda: column.istartswith(value, autoescape=True),
        "ew": lambda: column.iendswith(value, autoescape=True),
    }
    return table[operator]()


def _related(spec: ColumnSpec, operator: str, keys: list[int]) -> Any:
    if spec.kind is Kind.one and len(spec.keys) == 1:
        clause = getattr(spec.model, spec.keys[0]).in_(keys)
    else:
        key = getattr(spec.target, key_of(spec.target))
        clause = spec.attribute.any(key.in_(keys)) if spec.kind is Kind.many else spec.attribute.has(key.in_(keys))
    return ~clause if operator.startswith("n") else clause


def operators(model: type, name: str) -> list[dict[str, str]]:
    """The operators a searchable column knows, as `_info` tells them."""
    return [{"name": operator, "operator": operator} for operator in OPERATORS.get(spec_of(model, name).kind, ())]
