"""Filters with readable names in the address: `?state=handling&town=5&registered_from=2026-01-01&q=...`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.clock import LOCAL
from app.core.columns import ColumnSpec, Kind, key_of, spec_of
from app.core.text import listed
from app.forms.fields import parse_day
from app.services.queries.choices import Chooser, parse_key
from app.views.typed import Refused, clean, for_address, typed_in

MANY = 20
TYPED = (Kind.text, Kind.long)
Args = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter in force: its chip, its parameters, its WHERE clause."""

    name: str
    label: Any
    text: str
    params: tuple[tuple[str, str], ...]
    clause: Any


@dataclass(slots=True)
class Panel:
    """What the filter panel shows for one filter."""

    name: str
    label: Any
    kind: str
    value: str = ""
    start: str = ""
    end: str = ""
    options: list[tuple[str, Any, bool]] = field(default_factory=list)
    url: str = ""


def base_name(spec: ColumnSpec) -> str:
    """The name a column has in the address: `registered_at` is asked for as `registered`."""
    if spec.kind in (Kind.moment, Kind.day):
        return spec.name.removesuffix("_at").removesuffix("_on")
    return spec.name


def _given(args: Args, name: str) -> list[str]:
    return [value for value in (typed_in(v) for v in args.getlist(name)[:MANY]) if value]


class Filter:
    """One column a list may be narrowed by."""

    ranged = (Kind.day, Kind.moment, Kind.whole, Kind.number)

    def __init__(self, model: type, name: str, chooser: Chooser | None = None) -> None:
        self.spec = spec_of(model, name)
        if not self.spec.open or self.spec.path:
            raise LookupError(f"{model.__name__}.{name} is masked, secret or computed: it cannot be searched")
        self.name, self.label = base_name(self.spec), self.spec.label
        self.chooser = chooser or (Chooser(self.spec.target) if self.spec.target else None)

    @property
    def params(self) -> tuple[str, ...]:
        """The parameter names it answers to."""
        if self.spec.kind in self.ranged:
            return (f"{self.name}_from", f"{self.name}_to")
        return (self.name,)

    def read(self, args: Args) -> Applied | None:
        """The filter as the address asks for it, or None; Refused when that cannot be read."""
        if not any(args.get(p, "").strip() for p in self.params):
            return None
        if self.spec.kind in self.ranged:
            return self._range(args)
        values = _given(args, self.name)
        reader = {Kind.code: self._codes, Kind.flag: self._flag, Kind.one: self._rows, Kind.many: self._rows}
        clause, text = reader.get(self.spec.kind, self._text)(values)
        return Applied(self.name, self.label, text, tuple((self.name, v) for v in self._kept(args, values)), clause)

    def _kept(self, args: Args, values: Sequence[str]) -> Sequence[str]:
        """The values as the next address holds them."""
        return [for_address(v) for v in args.getlist(self.name) if v.strip()] if self.spec.kind in TYPED else values

    def _codes(self, values: Sequence[str]) -> tuple[Any, str]:
        members = [self.spec.enum.of(v) for v in values] if self.spec.enum else []
        if not members or None in members:
            raise Refused
        return self.spec.attribute.in_(members), listed(str(m.label) for m in members if m)

    def _flag(self, values: Sequence[str]) -> tuple[Any, str]:
        if values[:1] not in (["yes"], ["no"]):
            raise Refused
        yes = values[0] == "yes"
        return self.spec.attribute.is_(yes), _("Yes") if yes else _("No")

    def _rows(self, values: Sequence[str]) -> tuple[Any, str]:
        keys = [parse_key(v) for v in values]
        found = [k for k in keys if k is not None]
        if None in keys or self.chooser is None or self.spec.target is None:
            raise Refused
        labels = dict(self.chooser.labels(found))
        if any(k not in labels for k in found):
            raise Refused
        if self.spec.kind is Kind.one and len(self.spec.keys) == 1:
            clause = getattr(self.spec.model, self.spec.keys[0]).in_(found)
        else:
            key = getattr(self.spec.target, key_of(self.spec.target))
            related = self.spec.attribute
            clause = related.has(key.in_(found)) if self.spec.kind is Kind.one else related.any(key.in_(found))
        return clause, listed(labels[k] for k in found)

    def _text(self, values: Sequence[str]) -> tuple[Any, str]:
        return self.spec.attribute.icontains(values[0], autoescape=True), values[0]

    def _bound(self, text: str, end: bool) -> Any:
        kind = self.spec.kind
        try:
            if kind is Kind.whole:
                key = parse_key(text.removeprefix("-"))
                return None if key is None else (-key if text.startswith("-") else key)
            if kind is Kind.number:
                number = Decimal(text)
                return number if number.is_finite() and abs(number) < Decimal(10) ** 18 else None
            day: date = parse_day(text)
        except (ValueError, InvalidOperation):
            return None
        if kind is Kind.day:
            return day
        return datetime.combine(day + timedelta(days=1 if end else 0), time(), LOCAL)

    def _range(self, args: Args) -> Applied:
        column, clauses, params, texts = self.spec.attribute, [], [], []
        for param, end in zip(self.params, (False, True), strict=True):
            text = clean(args.get(param, ""))
            if not text:
                continue
            bound = self._bound(text, end)
            if bound is None:
                raise Refused
            before = column < bound if self.spec.kind is Kind.moment else column <= bound
            clauses.append(before if end else column >= bound)
            params.append((param, text))
            texts.append(_("until %(bound)s", bound=text) if end else _("from %(bound)s", bound=text))
        both = clauses[0] if len(clauses) == 1 else clauses[0] & clauses[1]
        return Applied(self.name, self.label, " ".join(texts), tuple(params), both)

    def panel(self, args: Args, applied: Applied | None, url: str) -> Panel:
        """The controls of this filter."""
        given = [value for _name, value in applied.params] if applied else []
        panel = Panel(self.name, self.label, self.spec.kind.value)
        if self.spec.kind in self.ranged:
            panel.start, panel.end = (dict(applied.params).get(p, "") if applied else "" for p in self.params)
        elif self.spec.kind is Kind.code and self.spec.enum:
            panel.options = [(code, label, code in given) for code, label in self.spec.enum.choices()]
        elif self.spec.kind is Kind.flag:
            panel.options = [("yes", _("Yes"), "yes" in given), ("no", _("No"), "no" in given)]
        elif self.spec.kind in (Kind.one, Kind.many):
            texts = applied.text.split(", ") if applied else []
            panel.options = [(v, t, True) for v, t in zip(given, texts, strict=False)]
            panel.url = url
        elif applied:
            panel.value = applied.text
        return panel
