"""What every step form is, and its two faces: a form on a page, and JSON with its schema for programs."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms.validators import Length

from app.core.columns import mapper_of
from app.core.errors import Invalid, Malformed
from app.forms import fields as f
from app.forms.model_form import PortalForm
from app.forms.selects import EnumField, FlagField, MultiRemoteSelect, RemoteSelectField
from app.services.queries.choices import Chooser

APART = ("csrf_token", "row_version")
TEXT_MAX = 20_000
LIST_MAX = 500


class StepForm(PortalForm):
    """The form of one step. `defaults` are what it shows at first; `prepare` narrows its choices to the record."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.names = tuple(name for name in self._fields if name not in APART)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """What the boxes hold when the page is opened."""
        return {}

    @classmethod
    def for_record(cls, record: Any, facts: Any, formdata: Any = None, **kw: Any) -> "StepForm":
        """The form of a record, empty or filled in."""
        probe = cls(formdata=None, data=cls.defaults(record, facts), **kw)
        probe.prepare(record, facts)
        if formdata is not None:
            for name in probe.names:
                probe[name].process(formdata, probe[name].data)
            if "csrf_token" in probe:
                probe["csrf_token"].process(formdata)
        return probe

    def prepare(self, record: Any, facts: Any) -> None:
        """Narrow what may be chosen to what fits the record."""


# ---- JSON

_KINDS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (f.IntegerField, {"type": "integer"}),
    (f.NumberField, {"type": "number"}),
    (f.DateTimeField, {"type": "string", "format": "date-time"}),
    (f.DateField, {"type": "string", "format": "date"}),
    (f.TimeField, {"type": "string", "format": "time"}),
    (f.BooleanField, {"type": "boolean"}),
    (FlagField, {"type": ["boolean", "null"]}),
)
_KEY = {"type": ["integer", "string"], "description": "id, or code"}


def _schema_of_field(field: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"title": str(field.label.text)}
    if field.description:
        said["description"] = str(field.description)
    if isinstance(field, MultiRemoteSelect):
        return {**said, "type": "array", "items": _KEY, "maxItems": LIST_MAX}
    if isinstance(field, RemoteSelectField):
        return {**_KEY, **said}
    if isinstance(field, EnumField):
        return {**said, "type": "string", "enum": [member.value for member in field.enum]}
    for kind, shape in _KINDS:
        if isinstance(field, kind):
            return {**said, **shape}
    limits = [v.max for v in field.validators if isinstance(v, Length) and v.max and v.max > 0]
    return {**said, "type": "string", "maxLength": min(limits, default=TEXT_MAX)}


def schema_of(form: StepForm) -> dict[str, Any]:
    """The JSON Schema of a step's form, with the version a careful caller sends along."""
    fields = {name: _schema_of_field(form[name]) for name in form.names}
    required = [name for name in form.names if form[name].flags.required]
    version = {"type": "integer", "title": "version", "minimum": 1}
    return {"type": "object", "properties": {**fields, "version": version}, "required": required}


def _plain(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str | int | float):
        return str(value)
    raise Invalid(errors={name: [_l("This value cannot be read.")]})


def _key(name: str, chooser: Chooser, value: Any) -> str:
    """A row named by its id, or by the code (or number) people know it by."""
    text = _plain(name, value).strip()
    if not text or (text.isascii() and text.isdigit()):
        return text
    known = mapper_of(chooser.target).column_attrs
    column = next((getattr(chooser.target, c) for c in ("code", "number") if c in known), None)
    if column is None:
        return text
    found = chooser.by(column, text[:64])
    return text if found is None else str(found)


def formdata_of(form: StepForm, body: Any) -> MultiDict[str, str]:
    """What a program sent, as a browser would have sent it; fields the form does not know are refused."""
    if not isinstance(body, Mapping):
        raise Malformed()
    strange = [name for name in body if name not in (*form.names, "version")]
    if strange:
        raise Invalid(errors={str(name)[:64]: [_l("This step has no such field.")] for name in strange[:20]})
    data: MultiDict[str, str] = MultiDict()
    for name, value in body.items():
        if name == "version" or value is None:
            continue
        field = form[name]
        values = value if isinstance(value, list) and isinstance(field, MultiRemoteSelect) else [value]
        for item in values[: LIST_MAX + 1]:
            chooser = field.chooser if isinstance(field, RemoteSelectField) else None
            data.add(name, _key(name, chooser, item) if chooser is not None else _plain(name, item))
    return data


def version_of_body(body: Any) -> int | None:
    """The version a program says its picture is of; none means that it does not ask."""
    version = body.get("version") if isinstance(body, Mapping) else None
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int):
        raise Invalid(errors={"version": [_l("This is not a whole number.")]})
    return version
