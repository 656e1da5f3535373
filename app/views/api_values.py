"""Values of REST: what a column becomes in JSON, and how a JSON body fills the form of the page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.core.columns import Kind, display_of, key_of, spec_of
from app.core.errors import Invalid
from app.core.labels import LabelledEnum
from app.services.queries.choices import label_of
from app.views.fields import Computed, Shown, plain_of

UNKNOWN = _l("There is no field of this name.")
MISSHAPEN = _l("This value does not have the expected form.")


def plain_json(value: Any) -> Any:
    """Any value as JSON."""
    if isinstance(value, LabelledEnum):
        return value.value
    if isinstance(value, Markup):
        return value.striptags()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain_json(v) for k, v in value.items()}
    if isinstance(value, Iterable):
        return [plain_json(v) for v in value]
    return {"id": getattr(value, key_of(type(value))), "name": label_of(value)}


def _pair(key: Any, name: Any) -> dict[str, Any] | None:
    return None if key is None else {"id": key, "name": name}


def json_shown(shown: Shown) -> Shown:
    """The thing a resource gives for a column: relations with their key, everything else as the page has it."""
    spec = shown.spec
    if spec is None or spec.kind is not Kind.one or spec.path or len(spec.keys) != 1 or shown.needs_record:
        return replace(shown, formatter=None)
    if display_of(spec.target) is None:
        return shown
    return Shown(shown.key, shown.label, computed=Computed(shown.label, (spec.keys[0], shown.key), _pair))


def json_of(shown: Shown) -> Callable[..., Any]:
    """A function value(s) -> JSON; masked columns stay masked."""
    if shown.computed is not None:
        made = shown.computed.plain or shown.computed.render
        return lambda *values: plain_json(made(*values))
    if shown.spec is not None and (shown.spec.mask or shown.spec.encrypted):
        return plain_of(shown)
    return plain_json


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def form_data(model: type, names: Iterable[str], data: Mapping[str, Any]) -> MultiDict[str, str]:
    """The JSON body as form input; fields nobody offered and values of a wrong shape are refused."""
    offered, errors, found = set(names), {}, MultiDict[str, str]()
    for name, value in data.items():
        if name not in offered:
            errors[name] = [UNKNOWN]
            continue
        kind = spec_of(model, name).kind if "." not in name and hasattr(model, name) else Kind.text
        if kind is Kind.many:
            if not isinstance(value, list) or not all(_scalar(v) and v is not None for v in value):
                errors[name] = [MISSHAPEN]
                continue
            found.setlist(name, [_text(v) for v in value] or [""])
        elif kind is Kind.flag and isinstance(value, bool | None):
            found[name] = "" if value is None else str(value).lower()
        elif _scalar(value) and not (isinstance(value, bool) and kind is not Kind.flag):
            found[name] = _text(value)
        else:
            errors[name] = [MISSHAPEN]
    if errors:
        raise Invalid(errors=errors)
    return found
