"""The registration form: it only carries what was typed; services/intake.py says what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, HiddenField, StringField, TextAreaField
from wtforms import FieldList as PlainList
from wtforms import FormField as PlainFormField
from wtforms.widgets.core import html_params

from app.models.case import Channel, Kind
from app.models.person import IdType

PETITIONERS_MOST = 100
CLAIMS_MOST = 30
RESPONDENTS_MOST = 20
ROW_FIELDS = {"petitioners": PETITIONERS_MOST, "claims": CLAIMS_MOST, "respondents": RESPONDENTS_MOST}


class Choice(StringField):
    """A drop-down that keeps whatever was sent; the service says whether it is one of the list."""

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]] = (), **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.choices = list(choices)

    def widget(self, _field: Any, **attributes: Any) -> Markup:
        """The drop-down itself."""
        attributes.setdefault("id", self.id)
        options = Markup().join(
            Markup('<option value="{}"{}>{}</option>').format(
                code, Markup(" selected") if code == (self.data or "") else "", str(label)
            )
            for code, label in self.choices
        )
        return Markup("<select {}>{}</select>").format(Markup(html_params(name=self.name, **attributes)), options)  # noqa: S704


class PetitionerRow(Form):
    """One petitioner."""

    name = StringField(_lp("person", "Name"))
    id_type = Choice(_l("ID type"), choices=IdType.choices(), default=IdType.id_card.value)
    id_number = StringField(_l("ID number"))
    phone = StringField(_l("Phone"))
    address = StringField(_l("Address"))
    representative = BooleanField(_l("Representative"))
    unverified = BooleanField(_l("Register anyway, to be verified later"))
    sex = HiddenField()
    birth = HiddenField()
    ethnic = HiddenField()
    agent_name = StringField(_l("Agent"))
    agent_phone = StringField(_l("Phone of the agent"))
    agent_authority = StringField(_l("Written authority"))


class RespondentRow(Form):
    """One respondent: an organisation of the tree, another organisation, or a person."""

    organisation = StringField(_l("Organisation complained of"))
    organisation_name = StringField(_l("or another organisation"))
    name = StringField(_l("or a person"))


class ClaimRow(Form):
    """One claim."""

    text = TextAreaField(_l("Claim"))


class CaseForm(Form):
    """Everything that is asked at the desk."""

    draft = HiddenField()
    idempotency_key = HiddenField()
    petitioners = PlainList(PlainFormField(PetitionerRow), min_entries=1, max_entries=PETITIONERS_MOST)
    title = StringField(_l("Title"))
    facts = TextAreaField(_l("Facts"))
    claims = PlainList(PlainFormField(ClaimRow), min_entries=1, max_entries=CLAIMS_MOST)
    category = StringField(_l("Category"))
    kind = Choice(_lp("case", "Kind"), choices=Kind.choices(), default=Kind.appeal.value)
    channel = Choice(_l("Channel"), choices=Channel.choices(), default=Channel.visit.value)
    town = Choice(_l("Town"), choices=[])
    village = StringField(_l("Village"))
    occurred_on = StringField(_l("Happened on"))
    head_count = StringField(_l("Persons who came"), default="1")
    note = StringField(_l("Note"))
    respondents = PlainList(PlainFormField(RespondentRow), min_entries=1, max_entries=RESPONDENTS_MOST)
    different_matter = BooleanField(_l("This is a different matter"))


TICKS = frozenset({"representative", "unverified"})
_DEFAULTS = frozenset({"id_type", "sex", "birth", "ethnic", *TICKS})
# What a row of the form is called where the service speaks of it.
_AGENT = {"agent-name": "agent_name", "agent-phone": "agent_phone", "agent-authority": "agent_authority"}


def _typed(row: Any) -> bool:
    """Whether anything was typed into a row."""
    return any(field.data for name, field in row.form._fields.items() if name not in _DEFAULTS)


def _petitioner(row: Any) -> dict[str, Any]:
    said = {name: field.data for name, field in row.form._fields.items() if not name.startswith("agent_")}
    agent = {
        "name": row.form.agent_name.data,
        "phone": row.form.agent_phone.data,
        "authority": row.form.agent_authority.data,
    }
    return {"side": "petitioner", **said, "agent": agent if any(agent.values()) else None}


def _respondent(row: Any) -> dict[str, Any]:
    return {"side": "respondent", **{name: field.data for name, field in row.form._fields.items()}}


def kept_rows(form: CaseForm) -> list[Any]:
    """The rows of parties that count: the first petitioner, and every row with something in it."""
    petitioners = [row for place, row in enumerate(form.petitioners) if place == 0 or _typed(row)]
    return petitioners + [row for row in form.respondents if _typed(row)]


def data_of(form: CaseForm) -> dict[str, Any]:
    """The form in the words of `register_case`."""
    rows = kept_rows(form)
    plain = (
        "title",
        "facts",
        "category",
        "kind",
        "channel",
        "town",
        "village",
        "occurred_on",
        "head_count",
        "note",
        "draft",
        "idempotency_key",
        "different_matter",
    )
    return {
        **{name: form[name].data for name in plain},
        "claims": [{"text": row.form.text.data} for row in form.claims],
        "parties": [_petitioner(row) if isinstance(row.form, PetitionerRow) else _respondent(row) for row in rows],
    }


def _field_of(form: CaseForm, path: str) -> Any:
    """The field a path of the service speaks of, or None if the form has no such field."""
    first, _dash, rest = path.partition("-")
    if first not in ("parties", "claims"):
        return form._fields.get(path)
    place, _dash, name = rest.partition("-")
    rows = kept_rows(form) if first == "parties" else list(form.claims)
    if not place.isdigit() or int(place) >= len(rows):
        return None
    fields = rows[int(place)].form._fields
    return fields.get(_AGENT.get(name, name)) or next(iter(fields.values()))


def place_errors(form: CaseForm, errors: Mapping[str, list[Any]]) -> list[tuple[str | None, Any, Any]]:
    """Put each sentence at its field; gives (id of the field or None, its label, sentence) for the summary."""
    summary = []
    for path, sentences in errors.items():
        field = _field_of(form, path)
        if field is not None:
            field.errors = list(sentences)
        for sentence in sentences:
            summary.append(
                (field.id if field is not None else None, field.label.text if field is not None else "", sentence)
            )
    return summary


def change_rows(fields: MultiDict[str, str]) -> MultiDict[str, str]:
    """The typed fields after "add a row" or "remove this row" was pressed (pages without script)."""
    add, remove = fields.get("add_row"), fields.get("remove_row")
    changed = MultiDict(
        (name, value)
        for name, value in fields.items(multi=True)
        if not (remove and (name == remove or name.startswith(f"{remove}-")))
    )
    if add in ROW_FIELDS:
        taken = [int(name.split("-")[1]) for name in changed if name.startswith(f"{add}-") and _numbered(name)]
        first = {"petitioners": "name", "claims": "text", "respondents": "organisation"}[add]
        changed[f"{add}-{max(taken, default=-1) + 1}-{first}"] = ""
    return changed


def _numbered(name: str) -> bool:
    return name.split("-")[1].isdigit() and len(name.split("-")[1]) < 6


def pairs(fields: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    """What a draft keeps of a sent form."""
    skipped = ("csrf_token", "draft", "idempotency_key", "save_draft", "add_row", "remove_row", "read_card", "visit_at")
    return ((name, value) for name, value in fields.items(multi=True) if name not in skipped and value)
