"""The form of a parameter: one field that asks for the value as its kind wants it."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, Label
from wtforms.widgets import TextArea, TextInput

from app.forms.model_form import PortalForm
from app.forms.selects import SelectBox
from app.models.parameter import TEXT_MOST, Parameter, ParameterKind
from app.services import parameter
from app.services.queries.indicators import INDICATORS

TICK = Markup('<input type="checkbox" id="{0}" name="{1}" value="{2}"{3}>')


class Tick:
    """One box of several, as the field macro draws it."""

    def __init__(self, field: Field, code: str, word: str, on: bool) -> None:
        key = f"{field.id}-{code}"
        self.label = Label(key, word)
        self.html = TICK.format(key, field.name, code, Markup(" checked") if on else "")

    def __html__(self) -> str:
        return self.html


class SettingField(Field):
    """The value of a parameter as text: a number, yes or no, ticked codes, or lines."""

    render_kw: Any
    raw_data: Any
    data: Any
    widget: Any

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.type, self.widget = "StringField", TextInput()

    def ask_for(self, record: Parameter) -> None:
        """Become the field of that parameter."""
        self.label.text = f"{record.name}（{record.unit}）" if record.unit else record.name
        bounds = parameter.bounds(record)
        allowed = _("Allowed: %(bounds)s.", bounds=bounds) if bounds is not None else ""
        self.description = f"{record.note or ''} {allowed}".strip()
        shape = parameter.rule_of(record.code).form or str(record.kind.value)
        SHAPES[shape](self)

    def process_data(self, value: Any) -> None:
        """The text as it is kept."""
        self.data = value or ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """What was typed or ticked, as one text."""
        self.data = " ".join(str(one) for one in valuelist)

    def options(self) -> list[tuple[str, Any, bool]]:
        """Yes and no."""
        chosen = str(self.data).lower()
        return [(code, word, code == chosen) for code, word in ((parameter.YES, _("Yes")), (parameter.NO, _("No")))]

    def __iter__(self) -> Iterator[Tick]:
        """A box for every indicator, ticked when it is among the codes."""
        held = str(self.data).split()
        return iter([Tick(self, one.code, str(one.label), one.code in held) for one in INDICATORS])

    def _value(self) -> str:
        return str(self.data or "")


class _Lines(TextArea):
    """A text whose parts are divided by a slash, a part in a line."""

    def __call__(self, field: Any, **attributes: Any) -> Any:
        field.data = "\n".join(part.strip() for part in str(field.data or "").split("/"))
        return super().__call__(field, **attributes)


def _plain(field: SettingField) -> None:
    field.render_kw = {"maxlength": TEXT_MOST}


def _number(field: SettingField) -> None:
    field.render_kw = {"inputmode": "numeric", "maxlength": 10}


def _flag(field: SettingField) -> None:
    field.type, field.widget = "SelectField", SelectBox()


def _checks(field: SettingField) -> None:
    field.type = "SelectMultipleCheckbox"


def _lines(field: SettingField) -> None:
    field.type, field.widget, field.render_kw = "TextAreaField", _Lines(), {"rows": 9, "class": "mono"}


SHAPES: dict[str, Any] = {
    ParameterKind.integer.value: _number,
    ParameterKind.text.value: _plain,
    ParameterKind.flag.value: _flag,
    "checks": _checks,
    "lines": _lines,
}


class ParameterForm(PortalForm):
    """What an administrator sets a parameter to."""

    value: Field = SettingField(_l("Value"))
    names = ("value",)

    def __init__(self, formdata: Any = None, obj: Any = None, **kw: Any) -> None:
        super().__init__(formdata=formdata, obj=obj, **kw)
        if isinstance(obj, Parameter):
            self.value.ask_for(obj)  # type: ignore[attr-defined]
