"""Repeated rows of a step form: one for each claim or party of the record, or as many as somebody adds.

    results = RowsField(_l("Claims"), ClaimResultRow, key="claim")   in prepare: self.results.fix(claim_rows(claims))
    opinions = RowsField(_l("Opinions"), OpinionRow, least=1, add=_l("Another opinion"))

`data` is a list of mappings, for fixed rows with the key of each: [{"claim": 1, "result": …}]; JSON has the same shape.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.utils import unset_value

from app.forms.selects import RemoteSelectField

MOST = 50
ROW, ADD = _lp("form", "Row"), _l("Add a row")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that the record asks for: its key, what it is called, what it is about, what its boxes hold at first."""

    key: Any
    title: Any
    text: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict)


class RowForm(FlaskForm):
    """What is asked in one row."""

    class Meta(FlaskForm.Meta):
        """The form around it carries the token."""

        csrf = False

    key: Any = None
    title: Any = ""
    text: str = ""
    # A box that is asked for only by some answers: its name, and "other box=answer,answer" of the same row.
    shown_if: ClassVar[Mapping[str, str]] = {}

    @property
    def blank(self) -> bool:
        """Nothing was typed, chosen or ticked."""
        return not any(field.data not in (None, "", [], False) or field.errors for field in self)


def claim_rows(claims: Iterable[Any], shown: Callable[[Any], Mapping[str, Any]] = lambda _claim: {}) -> list[Row]:
    """A row for each claim, named by its number."""
    return [Row(c.number, _l("Claim %(number)s", number=c.number), c.text, shown(c)) for c in claims]


def party_rows(parties: Iterable[Any], shown: Callable[[Any], Mapping[str, Any]] = lambda _party: {}) -> list[Row]:
    """A row for each party, named by its id."""
    return [Row(p.id, p.name, str(p.side.label), shown(p)) for p in parties]


class RowsField(Field):
    """Rows of the same boxes. With a `key` there is one for each fixed row, all to be filled in (`partial`: some);
    without, rows are added and removed, at least `least`, and rows left blank do not count."""

    def __init__(
        self,
        label: Any,
        row: type[RowForm],
        *,
        key: str = "",
        partial: bool = False,
        least: int = 0,
        most: int = MOST,
        one: Any = ROW,
        add: Any = ADD,
        **kw: Any,
    ) -> None:
        super().__init__(label, **kw)
        self.row_form, self.key, self.partial = row, key, partial
        self.least, self.most, self.one, self.add = least, most, one, add
        self.fixed: tuple[Row, ...] = ()
        self.rows: list[RowForm] = []
        self.flags.required = bool(least or (key and not partial))

    process_errors: list[Any]
    errors: list[Any]

    def fix(self, rows: Iterable[Row]) -> None:
        """Say for which claims or parties there is a row."""
        self.fixed = tuple(rows)
        self.process(None)

    def _made(self, place: int, formdata: Any, shown: Mapping[str, Any], said: Row | None = None) -> RowForm:
        row = self.row_form(formdata=formdata, prefix=f"{self.name}-{place}-", data=dict(shown))
        if said is not None:
            row.key, row.title, row.text = said.key, said.title, said.text
        else:
            row.title = f"{self.one} {place + 1}"
        return row

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Make the rows out of what was sent, or of what they hold at first."""
        self.process_errors, self.errors = [], []
        sent = self._sent(formdata) if formdata is not None else None
        if self.key:
            self.rows = self._fixed_rows(sent)
        elif sent is not None:
            self.rows = [self._made(n, _part(part, self.name, place, n), {}) for n, (place, part) in enumerate(sent)]
        else:
            given = data if isinstance(data, list | tuple) else ()
            self.rows = [self._made(n, None, shown) for n, shown in enumerate(given)]
        while not self.key and len(self.rows) < max(self.least, 1):
            self._add()

    def _add(self) -> None:
        self.rows.append(self._made(len(self.rows), None, {}))

    def _sent(self, formdata: Any) -> list[tuple[int, Any]]:
        """The places that were sent, in their order; more than there may be are refused."""
        start, places = f"{self.name}-", set()
        for name in formdata:
            place = name[len(start) :].split("-", 1)[0] if name.startswith(start) else ""
            if place.isascii() and place.isdigit() and len(place) < 6:
                places.add(int(place))
        most = max(self.most, len(self.fixed))
        if len(places) > most:
            self.process_errors.append(_("At most %(most)s rows.", most=most))
        return [(place, formdata) for place in sorted(places)[:most]]

    def _fixed_rows(self, sent: list[tuple[int, Any]] | None) -> list[RowForm]:
        """Each fixed row with what was sent for its key; keys of no row, and keys sent twice, are refused."""
        if sent is None:
            return [self._made(n, None, row.shown, row) for n, row in enumerate(self.fixed)]
        found: dict[str, Any] = {}
        for place, formdata in sent:
            key = str(formdata.get(f"{self.name}-{place}-{self.key}", "")).strip()
            if key in found or key not in {str(row.key) for row in self.fixed}:
                self.process_errors.append(_("There is no such row, or it was sent twice: %(key)s.", key=key[:20]))
                continue
            found[key] = (place, formdata)
        rows = []
        for n, row in enumerate(self.fixed):
            place, formdata = found.get(str(row.key), (n, MultiDict()))
            rows.append(self._made(n, _part(formdata, self.name, place, n), row.shown, row))
        return rows

    def rearrange(self, formdata: Any) -> bool:
        """Without scripts: one row more, or one less, when its button was pressed."""
        if self.key:
            return False
        gone = str(formdata.get("remove_row", ""))
        if gone.startswith(f"{self.name}-"):
            place = gone.removeprefix(f"{self.name}-").strip("-")
            self.rows = [row for row in self.rows if row._prefix != f"{self.name}-{place}-"]
            kept = [row.data for row in self.rows]
            self.rows = [self._made(n, None, data) for n, data in enumerate(kept)]
        elif formdata.get("add_row") == self.name and len(self.rows) < self.most:
            self._add()
        else:
            return False
        while len(self.rows) < max(self.least, 1):
            self._add()
        return True

    @property
    def filled(self) -> list[RowForm]:
        """The rows that count."""
        return [row for row in self.rows if not row.blank or (self.key and not self.partial)]

    @property
    def data(self) -> list[dict[str, Any]]:
        """What the rows hold."""
        return [{**({self.key: row.key} if self.key else {}), **row.data} for row in self.filled]

    @data.setter
    def data(self, _value: Any) -> None:
        """The rows are the data."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Each row by its own rules; the sentences are said at the box, and together with the row's name."""
        self.errors = list(self.process_errors)
        for row in self.filled:
            if not row.validate():
                self.errors += [
                    f"{row.title} · {row[name].label.text}: {sentence}"
                    for name, sentences in row.errors.items()
                    for sentence in sentences
                ]
        if len(self.filled) < self.least:
            self.errors.append(
                ngettext("Please fill in at least %(num)s row.", "Please fill in at least %(num)s rows.", self.least)
            )
        return not self.errors

    def sub(self, name: str) -> Any:
        """One of the boxes of a row, by its name in the row; None for an unknown one."""
        probe = self.rows[0] if self.rows else self._made(0, None, {})
        return probe._fields.get(name)

    def offer(self, url: str) -> None:
        """Prepare the relation boxes of every row for showing."""
        for row in self.rows:
            for box in row:
                if isinstance(box, RemoteSelectField):
                    box.offer(f"{url}.{box.short_name}")


def _part(formdata: Any, name: str, old: int, new: int) -> Any:
    """What was sent for one row, under the place where the row stands now."""
    start = f"{name}-{old}-"
    part: MultiDict[str, Any] = MultiDict()
    for key in formdata:
        if key.startswith(start):
            part.setlist(f"{name}-{new}-{key[len(start) :]}", formdata.getlist(key))
    return part
