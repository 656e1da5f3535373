"""A form made from what the model says: one field per column, with label, help, limits and choices."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy import BigInteger
from wtforms import HiddenField
from wtforms.validators import Length, Optional

from app.core.columns import ColumnSpec, Kind, mapper_of, spec_of
from app.core.errors import PortalError
from app.core.masks import mask_value
from app.forms import fields as f
from app.forms.rows import RowsField
from app.services.queries.choices import Chooser

LONG_FROM = 300
TEXT_MAX = 20000


class PortalForm(DynamicForm):
    """The base of every generated form; knows its values and takes back the errors of a service."""

    row_version = HiddenField()
    names: tuple[str, ...] = ()
    form_errors: list[Any]

    def values(self) -> dict[str, Any]:
        """What was filled in, by column; masked boxes left empty are not part of it."""
        kept = (name for name in self.names if name in self and not getattr(self[name], "untouched", False))
        return {name: self[name].data for name in kept}

    def take(self, error: PortalError) -> None:
        """Show the sentences of a refusal at their fields, or above the form."""
        above: list[str] = []
        for name, sentences in error.errors.items():
            if name in self and name in self.names:
                self[name].errors = [*self[name].errors, *map(str, sentences)]
            else:
                above += map(str, sentences)
        if not error.errors:
            above.append(str(error.message))
        self.form_errors = [*self.form_errors, *above]

    def offer(self, url: Callable[[str], str]) -> None:
        """Prepare the relation fields for showing; `url` gives the look-up address of a field."""
        for name in self.names:
            field = self._fields.get(name)
            if isinstance(field, f.RemoteSelectField | RowsField):
                field.offer(url(name))


def _rules(spec: ColumnSpec, more: Sequence[Any]) -> list[Any]:
    rules: list[Any] = []
    if spec.kind is not Kind.flag and (spec.required or spec.kind is not Kind.many):
        rules.append(f.Required() if spec.required else Optional())
    if spec.kind in (Kind.text, Kind.long):
        rules.append(Length(max=spec.length or TEXT_MAX))
    return rules + list(more)


def _number_most(spec: ColumnSpec) -> Decimal:
    type_ = mapper_of(spec.model).columns[spec.name].type
    whole = (getattr(type_, "precision", None) or 12) - (getattr(type_, "scale", None) or 0)
    return Decimal(10) ** whole - 1


def field_for(spec: ColumnSpec, chooser: Chooser | None = None, more: Sequence[Any] = ()) -> Any:
    """The unbound form field of one column."""
    kw: dict[str, Any] = {"description": spec.help or "", "validators": _rules(spec, more), "default": spec.default}
    if spec.kind in (Kind.one, Kind.many):
        target = chooser or Chooser(spec.target or object)
        kind = f.MultiRemoteSelect if spec.kind is Kind.many else f.RemoteSelectField
        return kind(spec.label, chooser=target, **kw)
    if spec.mask or spec.encrypted:
        mask = spec.mask
        return f.MaskedField(spec.label, hide=lambda text: mask_value(mask, text) if mask else "****", **kw)
    match spec.kind:
        case Kind.code if spec.enum:
            return f.EnumField(spec.label, enum=spec.enum, blank=not spec.required, **kw)
        case Kind.flag:
            nullable = mapper_of(spec.model).columns[spec.name].nullable
            return (f.FlagField if nullable else f.BooleanField)(spec.label, **kw)
        case Kind.whole:
            big = isinstance(mapper_of(spec.model).columns[spec.name].type, BigInteger)
            return f.IntegerField(spec.label, **({"least": -(2**63) + 1, "most": 2**63 - 1} if big else {}), **kw)
        case Kind.number:
            return f.NumberField(spec.label, most=_number_most(spec), **kw)
        case Kind.day:
            return f.DateField(spec.label, **kw)
        case Kind.moment:
            return f.DateTimeField(spec.label, **kw)
        case Kind.time:
            return f.TimeField(spec.label, **kw)
        case Kind.json:
            return f.JsonField(spec.label, **kw)
        case _:
            long = spec.kind is Kind.long or (spec.length or 0) >= LONG_FROM
            limit = {"maxlength": spec.length} if spec.length else {}
            return (f.LongTextField if long else f.TextField)(spec.label, render_kw=limit, **kw)


def model_form(
    model: type,
    names: Iterable[str],
    extra: Mapping[str, Any] | None = None,
    validators: Mapping[str, Sequence[Any]] | None = None,
    choosers: Mapping[str, Chooser] | None = None,
    unlocked: Iterable[str] = (),
) -> type[PortalForm]:
    """The form class of some columns of a model; stamps and secrets are left out unless unlocked."""
    extra, validators, choosers, free = extra or {}, validators or {}, choosers or {}, set(unlocked)
    built: dict[str, Any] = {}
    for name in names:
        if name in extra:
            built[name] = extra[name]
            continue
        spec = spec_of(model, name)
        if spec.path or spec.kind is Kind.attribute or spec.hidden or not (spec.editable or name in free):
            continue
        built[name] = field_for(spec, choosers.get(name), validators.get(name, ()))
    return type("PortalForm", (PortalForm,), {**built, "names": tuple(built)})
