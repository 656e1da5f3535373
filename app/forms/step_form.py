"""What every step form is, and its two faces: a form on a page, and JSON with its schema for programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from werkzeug.datastructures import MultiDict
from wtforms.validators import Length

from app.core.columns import mapper_of
from app.core.errors import Invalid, Malformed
from app.forms import fields as f
from app.forms.model_form import PortalForm
from app.forms.rows import RowsField
from app.forms.selects import EnumField, FlagField, MultiRemoteSelect, RemoteSelectField, ScoreField
from app.forms.signing import CaseFiles, SignatureField
from app.models.case import Case
from app.services.queries.choices import Chooser

APART = ("csrf_token", "row_version")
TEXT_MAX = 20_000
LIST_MAX = 500


def case_of(record: Any) -> int | None:
    """The case that a record is, or belongs to."""
    found: int | None = record.id if isinstance(record, Case) else getattr(record, "case_id", None)
    return found


class StepForm(PortalForm):
    """The form of one step. `defaults` are what it shows at first; `prepare` narrows its choices to the record.

    A form whose boxes need a shape of their own names its template part in `layout`; `beside` is what that part, or the
    part named in `reading`, shows of the record; `style` and `script` are files of ours."""

    drafted: ClassVar[bool] = False  # long to write: what is typed is kept on the server meanwhile
    layout: ClassVar[str | None] = None
    reading: ClassVar[str | None] = None
    style: ClassVar[str | None] = None
    script: ClassVar[str | None] = None

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
        if (case_id := case_of(record)) is not None:
            for field in probe.file_fields():
                field.take_case(case_id)
        if formdata is not None:
            for name in probe.names:
                probe[name].process(formdata, probe[name].data)
            if "csrf_token" in probe:
                probe["csrf_token"].process(formdata)
        return probe

    def prepare(self, record: Any, facts: Any) -> None:
        """Narrow what may be chosen to what fits the record."""

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """What the page shows of the record beside the boxes."""
        return {}

    def rearrange(self, formdata: Any) -> bool:
        """Whether a button only asked for a row more or less."""
        fields = [self[name] for name in self.names]
        return any(field.rearrange(formdata) for field in fields if isinstance(field, RowsField))

    def find(self, path: str) -> Any:
        """A field by its name, or a box within its rows by `rows.box`; None for an unknown one."""
        name, _dot, box = path.partition(".")
        if name not in self.names:
            return None
        found = self[name]
        return found.sub(box) if box and isinstance(found, RowsField) else None if box else found

    def file_fields(self) -> list[CaseFiles]:
        """The fields that take files."""
        fields = [self[name] for name in self.names]
        boxes = [box for field in fields if isinstance(field, RowsField) for row in field.rows for box in row]
        return [field for field in (*fields, *boxes) if isinstance(field, CaseFiles)]

    @property
    def signs(self) -> bool:
        """Whether something is signed."""
        return any(isinstance(field, SignatureField) for field in self.file_fields())


@dataclass(frozen=True, slots=True)
class StepPage:
    """What carries a step out: the form that asks, the verb that does it."""

    form: type[StepForm]
    verb: Callable[..., Any]


# ---- JSON

_KINDS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (f.IntegerField, {"type": "integer"}),
    (f.NumberField, {"type": "number"}),
    (f.DateTimeField, {"type": "string", "format": "date-time"}),
    (f.DateField, {"type": "string", "format": "date"}),
    (f.TimeField, {"type": "string", "format": "time"}),
    (f.BooleanField, {"type": "boolean"}),
    (FlagField, {"type": ["boolean", "null"]}),
    (ScoreField, {"type": ["integer", "null"], "minimum": 1, "maximum": 5}),
)
_KEY = {"type": ["integer", "string"], "description": "id, or code"}


def _schema_of_field(field: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"title": str(field.label.text)}
    if field.description:
        said["description"] = str(field.description)
    if isinstance(field, RowsField):
        return {**said, **_schema_of_rows(field)}
    if isinstance(field, SignatureField):
        return {**said, **field.json_schema()}
    if isinstance(field, MultiRemoteSelect):
        return {**said, "type": "array", "items": _KEY, "maxItems": LIST_MAX}
    if isinstance(field, RemoteSelectField):
        return {**_KEY, **said}
    if isinstance(field, f.OptionsField):
        return {**said, "type": "integer", "enum": [key for key, _label in field.choices]}
    if isinstance(field, EnumField):
        return {**said, "type": "string", "enum": [member.value for member in field.enum]}
    for kind, shape in _KINDS:
        if isinstance(field, kind):
            return {**said, **shape}
    limits = [v.max for v in field.validators if isinstance(v, Length) and v.max and v.max > 0]
    return {**said, "type": "string", "maxLength": min(limits, default=TEXT_MAX)}


def _schema_of_rows(field: RowsField) -> dict[str, Any]:
    probe = field.row_form(formdata=None, prefix="row-")
    boxes = {box.short_name: _schema_of_field(box) for box in probe}
    required = [box.short_name for box in probe if box.flags.required]
    if field.key:
        keys = [row.key for row in field.fixed]
        boxes = {field.key: {"enum": keys, "title": field.key}, **boxes}
        required.insert(0, field.key)
    row = {"type": "object", "properties": boxes, "required": required, "additionalProperties": False}
    least = 0 if field.partial else len(field.fixed) if field.key else field.least
    return {"type": "array", "items": row, "minItems": least, "maxItems": max(field.most, len(field.fixed))}


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
    """A row named by its id, or by the code, number or name people know it by."""
    text = _plain(name, value).strip()
    if not text or (text.isascii() and text.isdigit()):
        return text
    known = mapper_of(chooser.target).column_attrs
    words = ("code", "number", "username", "name")
    worded = (c for c in words if c in known and isinstance(known[c].columns[0].type, String))
    column = next((getattr(chooser.target, c) for c in worded), None)
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
        if name != "version" and value is not None:
            _send(data, name, name, form[name], value)
    return data


def _send(data: MultiDict[str, str], said: str, name: str, field: Any, value: Any) -> None:
    """One value as a browser sends it, under `name`; faults are told of the field `said`."""
    if isinstance(field, SignatureField):
        data.update(field.pairs(name, value))
        return
    if isinstance(field, RowsField):
        _send_rows(data, said, field, value)
        return
    values = value if isinstance(value, list) and isinstance(field, MultiRemoteSelect) else [value]
    for item in values[: LIST_MAX + 1]:
        chooser = field.chooser if isinstance(field, RemoteSelectField) else None
        if item is False and isinstance(field, FlagField):
            data.add(name, "no")
        else:
            data.add(name, _key(said, chooser, item) if chooser is not None else _plain(said, item))


def _send_rows(data: MultiDict[str, str], said: str, field: RowsField, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Invalid(errors={said: [_l("This value cannot be read.")]})
    for place, row in enumerate(value[: LIST_MAX + 1]):
        for name, part in row.items():
            full, box = f"{field.name}-{place}-{name}", field.sub(str(name))
            if name == field.key and field.key:
                data.add(full, _plain(said, part))
            elif box is None:
                raise Invalid(errors={said: [_l("A row has no box “%(name)s”.", name=str(name)[:64])]})
            elif part is not None:
                _send(data, said, full, box, part)


def version_of_body(body: Any) -> int | None:
    """The version a program says its picture is of; none means that it does not ask."""
    version = body.get("version") if isinstance(body, Mapping) else None
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int):
        raise Invalid(errors={"version": [_l("This is not a whole number.")]})
    return version
