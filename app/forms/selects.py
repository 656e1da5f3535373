"""Selects of forms: codes with translated labels, yes-no-unknown, and rows of a relation checked within their scope."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.widgets import html_params

from app.core.labels import LabelledEnum
from app.services.queries.choices import Chooser, label_of, parse_key


class SelectBox:
    """Draws a select from the field's own options."""

    input_type = "select"

    def __init__(self, multiple: bool = False) -> None:
        self.multiple = multiple

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        attributes.setdefault("id", field.id)
        if self.multiple:
            attributes["multiple"] = True
        if field.flags.required:
            attributes.setdefault("required", True)
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if on else "", str(label))
            for value, label, on in field.options()
        )
        own = Markup(html_params(name=field.name, **attributes))  # noqa: S704 - it escapes
        return Markup("<select {}>{}</select>").format(own, options)


class _Select(Field):
    """A select whose options are (value, label, selected)."""

    widget: Any = SelectBox()
    render_kw: Any

    def options(self) -> list[tuple[str, Any, bool]]:
        """The options in the page."""
        return []


class EnumField(_Select):
    """A choice among the codes of a LabelledEnum; labels in the reader's language, codes in the data."""

    def __init__(self, *args: Any, enum: type[LabelledEnum], blank: bool = True, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.enum, self.blank = enum, blank
        self.type = "SelectField"
        self.choices = enum.choices()

    def options(self) -> list[tuple[str, Any, bool]]:
        """All codes, after an empty one where none need be chosen."""
        current = self.data
        empty = [("", "", current is None)] if self.blank or current is None else []
        return empty + [(code, label, code == current) for code, label in self.enum.choices()]

    def process_data(self, value: Any) -> None:
        """The member of a stored code."""
        self.data = self.enum.of(str(value)) if value is not None else None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """The member of the chosen code."""
        code = str(valuelist[0]).strip() if valuelist else ""
        self.data = self.enum.of(code)
        if code and self.data is None:
            raise ValueError(_("Please choose one of the list."))


class OptionsField(_Select):
    """One of a few that the record offers: `offer_these` says which, as (number, label)."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.type = "SelectField"
        self.choices: list[tuple[int, Any]] = []

    def offer_these(self, choices: Iterable[tuple[int, Any]]) -> None:
        """What may be chosen."""
        self.choices = list(choices)

    def options(self) -> list[tuple[str, Any, bool]]:
        """An empty one, then all."""
        return [("", "", self.data is None)] + [(str(key), label, key == self.data) for key, label in self.choices]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """The number chosen."""
        key = parse_key(valuelist[0]) if valuelist and str(valuelist[0]).strip() else None
        self.data = key
        if valuelist and str(valuelist[0]).strip() and key not in {choice for choice, _label in self.choices}:
            self.data = None
            raise ValueError(_("Please choose one of the list."))


class FlagField(_Select):
    """Yes, no, or not said: for a fact that may be unknown; `words` say it otherwise than by yes and no."""

    def __init__(self, *args: Any, words: tuple[Any, Any] | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.words = words
        self.type = "SelectField"
        self.choices = ("", "yes", "no")

    def options(self) -> list[tuple[str, Any, bool]]:
        """Not said, yes, no."""
        yes, no = self.words or (_("Yes"), _("No"))
        return [("", "", self.data is None), ("yes", yes, self.data is True), ("no", no, self.data is False)]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the answer; true and false are taken too."""
        text = str(valuelist[0]).strip().lower() if valuelist else ""
        if text not in ("", "yes", "no", "true", "false", "none"):
            raise ValueError(_("Please choose one of the list."))
        self.data = {"yes": True, "true": True, "no": False, "false": False}.get(text)


class ScoreField(_Select):
    """One to five, or not said; nothing is chosen before somebody says it."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.type = "SelectField"

    def options(self) -> list[tuple[str, Any, bool]]:
        """Not said, then the scores, the best first."""
        words = {5: _("5 · very good"), 4: _("4 · good"), 3: _("3 · fair"), 2: _("2 · poor"), 1: _("1 · very poor")}
        return [("", "", self.data is None), *((str(n), word, self.data == n) for n, word in words.items())]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the score."""
        text = str(valuelist[0]).strip() if valuelist else ""
        if text not in ("", "1", "2", "3", "4", "5"):
            raise ValueError(_("Please choose one of the list."))
        self.data = int(text) if text else None


class RemoteSelectField(_Select):
    """One row of a relation: a plain list when there are few, search-as-you-type otherwise; checked again when sent."""

    def __init__(self, *args: Any, chooser: Chooser, inline: bool | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.chooser, self.inline = chooser, inline
        self.url: str | None = None
        self.present: Any = None
        self._few: list[tuple[int, str]] | None = None

    def offer(self, url: str) -> None:
        """Before showing: list the few, or name the address that searches the many."""
        self._few = None if self.inline is False else self.chooser.few()
        mark = {"data-pick": ""} if self._few is not None else {"data-remote": url}
        self.render_kw = {**(self.render_kw or {}), **mark}

    def chosen(self) -> list[Any]:
        """The rows chosen now."""
        return [] if self.data is None else [self.data]

    def options(self) -> list[tuple[str, Any, bool]]:
        """An empty one, the few, and whatever is chosen."""
        key = self.chooser.key_of
        chosen = {key(record): label_of(record) for record in self.chosen()}
        listed = dict(self._few or ())
        rows = [(str(k), label, k in chosen) for k, label in {**chosen, **listed}.items()]
        return ([("", "", not chosen)] if not self.many else []) + rows

    many = False

    def process_data(self, value: Any) -> None:
        """Remember what is set now: it may stay even if it could not be chosen anew."""
        self.data = self.present = value

    def _find(self, texts: Sequence[Any]) -> list[Any]:
        keys = [parse_key(text) for text in texts if str(text).strip()]
        present = self.present if isinstance(self.present, list | tuple) else [self.present] if self.present else []
        wanted = [k for k in keys if k is not None]
        kept = {self.chooser.key_of(record): record for record in present}
        found = {**self.chooser.find(k for k in wanted if k not in kept), **kept}
        if None in keys or any(k not in found for k in wanted):
            raise ValueError(_("Please choose one of the list."))
        return [found[k] for k in dict.fromkeys(wanted)]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Look the chosen row up again, within what may be chosen."""
        self.data = None
        if valuelist:
            self.data = next(iter(self._find(valuelist[:1])), None)


class MultiRemoteSelect(RemoteSelectField):
    """Several rows of a relation."""

    widget = SelectBox(multiple=True)
    many = True

    def process_data(self, value: Any) -> None:
        """Remember what is set now."""
        self.data = self.present = list(value or ())

    def chosen(self) -> list[Any]:
        """The rows chosen now."""
        return list(self.data or ())

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Look the chosen rows up again."""
        self.data = []
        if len(valuelist) > 500:
            raise ValueError(_("Too many were chosen."))
        self.data = self._find(valuelist)
