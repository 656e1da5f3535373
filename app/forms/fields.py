"""Form fields that mend what the framework's do wrong: codes, local times, scoped choices, honest boxes.

The class names DateField, DateTimeField, TimeField and BooleanField are known to the `field` macro (it adds pickers).
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField as PlainBooleanField
from wtforms import Field, StringField, TextAreaField
from wtforms import IntegerField as PlainIntegerField
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from app.core.clock import LOCAL
from app.core.errors import Invalid
from app.core.text import clean_line, clean_text
from app.forms.selects import EnumField, FlagField, MultiRemoteSelect, OptionsField, RemoteSelectField
from app.forms.signing import EvidenceField, SignatureField

__all__ = [
    "BooleanField",
    "DateField",
    "DateTimeField",
    "EnumField",
    "EvidenceField",
    "FlagField",
    "IntegerField",
    "JsonField",
    "LongTextField",
    "MaskedField",
    "MultiRemoteSelect",
    "NumberField",
    "OptionsField",
    "RemoteSelectField",
    "Required",
    "SignatureField",
    "TextField",
    "TimeField",
    "parse_day",
    "parse_moment",
]

INT_MAX = 2**31 - 1
YEARS = range(1900, 2201)
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
TEXT_MAX = 20000


def _read(clean: Callable[..., str], text: Any) -> str | None:
    """A text as the core cleans it, or None for nothing; what cannot be kept is refused in words."""
    try:
        return clean(str(text), most=TEXT_MAX) or None
    except Invalid as refusal:
        raise ValueError(next(str(s) for sentences in refusal.errors.values() for s in sentences)) from refusal


class Required:
    """Must be filled in; a box that holds something unreadable keeps its own sentence."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation
        if field.data is None or field.data in ("", []):
            raise StopValidation(field.gettext("This field is required."))


class TextField(StringField):
    """One line of text; line breaks become spaces."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take what was typed."""
        if valuelist:
            self.data = valuelist[0]
            self.data = _read(clean_line, valuelist[0])


class LongTextField(TextAreaField):
    """Several lines of text."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.type = "TextAreaField"  # known to the field macro

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take what was typed, with plain line ends."""
        if valuelist:
            self.data = valuelist[0]
            self.data = _read(clean_text, valuelist[0])


class MaskedField(TextField):
    """A personal text that a form never shows: the mask stands as a hint, an empty box keeps what there is."""

    render_kw: Any
    kept = False

    def __init__(self, *args: Any, hide: Any = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.hide = hide

    def process_data(self, value: Any) -> None:
        """Remember that there is a value; show only its mask."""
        self.kept = bool(value)
        self.data = None
        if value and self.hide:
            self.render_kw = {**(self.render_kw or {}), "placeholder": self.hide(value)}

    def pre_validate(self, form: Any) -> None:
        """What stays as it is needs no check."""
        if self.untouched:
            raise StopValidation
        super().pre_validate(form)

    @property
    def untouched(self) -> bool:
        """Whether the value stays as it is."""
        return self.kept and not self.data


class BooleanField(PlainBooleanField):
    """A box that can be unticked: absence is a no, never a missing answer."""

    false_values = (False, "false", "False", "0", "off", "no", "")


class IntegerField(PlainIntegerField):
    """A whole number within what the column holds."""

    render_kw: Any
    widget = TextInput()

    def __init__(self, *args: Any, least: int = -INT_MAX, most: int = INT_MAX, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.least, self.most = least, most
        self.render_kw = {"inputmode": "numeric", **(self.render_kw or {})}

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the number."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
            raise ValueError(_("This is not a whole number."))
        if not self.least <= int(text) <= self.most:
            raise ValueError(_("The number must lie between %(least)s and %(most)s.", least=self.least, most=self.most))
        self.data = int(text)


def parse_day(text: str) -> date:
    """A date as people type it; ValueError for anything else."""
    for form in DAY_FORMS:
        try:
            day = datetime.strptime(text.strip()[:20], form).date()
        except ValueError:
            continue
        if day.year in YEARS:
            return day
    raise ValueError(_("This is not a date. Write it as 2026-11-20."))


def parse_moment(text: str) -> datetime:
    """A date and time, local unless an offset says otherwise; ValueError for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip()[:40].replace("/", "-"))
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise ValueError(_("This is not a date and time. Write it as 2026-11-20 16:40."))
    return moment.replace(tzinfo=LOCAL) if moment.tzinfo is None else moment.astimezone(LOCAL)


class _Typed(Field):
    """A text box whose content is read into a value; what cannot be read stays in the box."""

    widget = TextInput()
    raw_data: Any
    render_kw: Any

    def read(self, text: str) -> Any:
        """The value of a text; ValueError says what is wrong."""
        raise ValueError(text)

    def show(self, value: Any) -> str:
        """The text of a value."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the value."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if text:
            self.data = self.read(text)


class NumberField(_Typed):
    """A decimal number within what the column holds."""

    def __init__(self, *args: Any, most: Decimal = Decimal(10) ** 12, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.most = most
        self.render_kw = {"inputmode": "decimal", **(self.render_kw or {})}

    def read(self, text: str) -> Decimal:
        """The number; thousands commas are allowed."""
        try:
            value = Decimal(text.replace(",", "")[:40])
        except InvalidOperation:
            raise ValueError(_("This is not a number.")) from None
        if not value.is_finite() or abs(value) > self.most:
            raise ValueError(_("The number must lie between %(least)s and %(most)s.", least=-self.most, most=self.most))
        return value

    def show(self, value: Any) -> str:
        """The number without exponent."""
        return f"{value:f}" if isinstance(value, Decimal) else str(value)


class DateField(_Typed):
    """A day, with the calendar picker."""

    def read(self, text: str) -> date:
        """A day as people type it."""
        return parse_day(text)

    def show(self, value: date) -> str:
        """2026-11-20."""
        return value.strftime("%Y-%m-%d")


class DateTimeField(_Typed):
    """A moment in local time, with the calendar picker."""

    def read(self, text: str) -> datetime:
        """A date and time."""
        return parse_moment(text)

    def show(self, value: datetime) -> str:
        """2026-11-20 16:40."""
        return value.strftime("%Y-%m-%d %H:%M")


class TimeField(_Typed):
    """A time of day."""

    def read(self, text: str) -> time:
        """08:30."""
        try:
            value = time.fromisoformat(text.strip()[:8])
        except ValueError:
            raise ValueError(_("This is not a time. Write it as 08:30.")) from None
        return value.replace(tzinfo=None)

    def show(self, value: time) -> str:
        """08:30."""
        return value.strftime("%H:%M")


class JsonField(_Typed):
    """A structure, written as JSON; only technical screens have one."""

    def read(self, text: str) -> Any:
        """The structure."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(_("This is not valid JSON.")) from None

    def show(self, value: Any) -> str:
        """The structure as text."""
        return json.dumps(value, ensure_ascii=False)
