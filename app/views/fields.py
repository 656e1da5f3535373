"""How a value is shown: one short function per kind of column, prepared once per request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.core.clock import LOCAL
from app.core.columns import ColumnSpec, Kind, display_of, spec_of
from app.core.labels import LabelledEnum
from app.core.masks import mask_value
from app.core.text import listed
from app.services.queries.choices import label_of

Show = Callable[[Any], Any]
SHORT = 60
TAG = Markup('<span class="tag {}">{}</span>')


@dataclass(frozen=True, slots=True)
class Computed:
    """A cell made of several columns: `render(*values)` gives its HTML, `plain(*values)` its text for exports.

    `needs` names plain columns or single relations; one select fetches them, so nothing is loaded row by row.
    """

    label: Any
    needs: tuple[str, ...]
    render: Callable[..., Any]
    plain: Callable[..., Any] | None = None
    order: str | None = None
    help: Any = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a list, a record page or an export shows."""

    key: str
    label: Any
    spec: ColumnSpec | None = None
    computed: Computed | None = None
    formatter: Show | None = None

    @property
    def numeric(self) -> bool:
        """Whether it stands right-aligned."""
        return self.spec is not None and self.spec.kind in (Kind.whole, Kind.number) and not self.formatter

    @property
    def needs_record(self) -> bool:
        """Whether only the whole record can give the value (properties, lists of rows)."""
        if self.spec is None:
            return False
        if self.spec.kind is Kind.one:
            return display_of(self.spec.target or object) is None
        return self.spec.kind in (Kind.many, Kind.attribute)


def shown_of(
    model: type, key: str, computed: Mapping[str, Computed], formatters: Mapping[str, Show], labels: Mapping[str, Any]
) -> Shown:
    """The thing a view means by a name in its columns."""
    if key in computed:
        return Shown(key, labels.get(key) or computed[key].label, computed=computed[key])
    spec = spec_of(model, key)
    if spec.hidden:
        raise LookupError(f"{model.__name__}.{key} is secret and is never shown")
    return Shown(key, labels.get(key) or spec.label, spec, formatter=formatters.get(key))


def moment_text(value: datetime) -> str:
    """2026-11-20 16:40, local time."""
    return (value.astimezone(LOCAL) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")


def number_text(value: Any) -> str:
    """A number without exponent or trailing zeros."""
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in f"{value:f}" else str(value)


def any_text(value: Any) -> str:
    """The text of a value whose kind is not known beforehand."""
    if value is None:
        return ""
    if isinstance(value, LabelledEnum):
        return str(value.label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return listed((f"{k}: {any_text(v)}" for k, v in value.items()), clauses=True)
    if isinstance(value, Iterable):
        return _(", ").join(any_text(item) for item in value)
    return number_text(value) if isinstance(value, Decimal | int | float) else label_of(value)


def plain_of(shown: Shown) -> Show:
    """A function value -> text, for exports and REST; masked columns stay masked."""
    spec = shown.spec
    if spec is None:
        return any_text
    if spec.mask:
        mask = spec.mask
        return lambda value: mask_value(mask, str(value)) if value else ""
    if spec.encrypted:
        return lambda value: "****" if value else ""
    if spec.kind is Kind.code and spec.enum:
        labels = {member: str(member.label) for member in spec.enum}
        return lambda value: labels.get(value, "") if value is not None else ""
    if spec.kind is Kind.flag:
        words = {True: _("Yes"), False: _("No")}
        return lambda value: words.get(value, "")
    if spec.kind in (Kind.text, Kind.long):
        return lambda value: value or ""
    return any_text


def tag(member: LabelledEnum) -> Markup:
    """A code as a coloured word; the tone only colours, the word tells."""
    tone = member.tone or "plain"
    return TAG.format(tone if tone == "plain" else f"{tone} plain", str(member.label))


def html_of(shown: Shown, short: bool = False) -> Show:
    """A function value -> safe HTML, for lists (`short` cuts long texts) and record pages."""
    spec = shown.spec
    if shown.formatter is not None:
        return shown.formatter
    if spec is not None and spec.kind is Kind.code and spec.enum and not spec.mask:
        coloured = any(member.tone != "plain" for member in spec.enum)
        cells = {m: tag(m) if coloured else escape(str(m.label)) for m in spec.enum}
        return lambda value: cells.get(value, "") if value is not None else ""
    if spec is not None and spec.kind is Kind.flag:
        words = {True: escape(_("Yes")), False: escape(_("No"))}
        return lambda value: words.get(value, "")
    plain = plain_of(shown)

    def render(value: Any) -> Any:
        if isinstance(value, Markup):
            return value
        if isinstance(value, LabelledEnum):
            return tag(value)
        text = plain(value)
        if short and len(text) > SHORT:
            return Markup('<span title="{}">{}…</span>').format(text[:500], text[:SHORT])
        return escape(text)

    return render


def getter_of(shown: Shown, places: Sequence[int], render: Show | None) -> Callable[[Any], Any]:
    """A function row -> shown value; `places` are the positions of what it needs in the row."""
    if shown.computed is not None:
        make = shown.computed.render if render is None else render
        if len(places) == 1:
            only = places[0]
            return lambda row: make(row[only])
        return lambda row: make(*[row[place] for place in places])
    place = places[0]
    if shown.needs_record:
        path = shown.key.split(".")

        def from_record(row: Any) -> Any:
            value = row[place]
            for name in path:
                value = getattr(value, name, None)
            value = value() if callable(value) else value
            return render(value) if render else value

        return from_record
    if render is None:
        return lambda row: row[place]
    return lambda row: render(row[place])


NUMERIC = Markup(' class="n"')
NIL = Markup('<td class="nil"><div>')  # an empty cell: on a phone it takes no line
PICK = Markup('<td class="pick" data-label=""><input type="checkbox" name="rowid" value="{}" aria-label="{}"></td>')


def paint_rows(rows: Iterable[Any], cells: Sequence[tuple[Shown, Sequence[Show]]], base: str, pick: str | None) -> Any:
    """The table rows of a list: per cell the big value and the small ones beneath it, all of them safe HTML already."""
    show, dash, dot, between = escape(f"{base}/show/"), escape("—"), " · ", "</div></td>"
    heads = [
        Markup('<td{} data-label="{}"><div>').format(NUMERIC if shown.numeric else "", str(shown.label))
        for shown, _getters in cells
    ]
    plan = [(head, getters[0], getters[1:]) for head, (_shown, getters) in zip(heads, cells, strict=True)]
    first_big, first_smalls = plan[0][1], plan[0][2]
    for row in rows:
        address = f"{show}{row[0]}"
        smalls = [text for small in first_smalls if (text := escape(small(row)))]
        out = [
            f'<tr data-href="{address}">',
            PICK.format(row[0], pick) if pick else "",
            f'<td class="main"><a href="{address}">',
            escape(first_big(row)) or dash,
            "</a>",
            f"<small>{dot.join(smalls)}</small>" if smalls else "",
            "</td>",
        ]
        for head, big, rest in plan[1:]:
            smalls = [text for small in rest if (text := escape(small(row)))]
            value = escape(big(row))
            out += (
                head if value or smalls else NIL,
                value,
                f"<small>{dot.join(smalls)}</small>" if smalls else "",
                between,
            )
        out.append("</tr>")
        yield Markup("".join(out))  # noqa: S704 - every piece was escaped above
