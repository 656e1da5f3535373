"""The forms of the steps of a booking, and which verb carries each out."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length, Optional

from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm
from app.forms.step_form import StepForm, StepPage
from app.services import booking_steps as verbs
from app.services.queries.booking_choices import bookable_rooms, people
from app.services.queries.case_choices import codes


class MoveForm(StepForm):
    """Another time, or another room; what is left empty stays."""

    room = f.RemoteSelectField(_l("Room"), chooser=bookable_rooms(), validators=[Optional()])
    start = f.DateTimeField(_lp("booking", "From"), validators=[Optional()])
    end = f.DateTimeField(_lp("booking", "Until"), validators=[Optional()])
    note = f.LongTextField(_l("Note"), validators=[Optional(), Length(max=2000)], render_kw={"rows": 3})

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Where it stands."""
        return {"room": record.room, "start": record.starts_at, "end": record.ends_at}


class AmendForm(StepForm):
    """What it is about, and who comes."""

    title = f.TextField(
        _lp("booking", "Subject"), validators=[Optional(), Length(max=200)], render_kw={"maxlength": 200}
    )
    people = f.MultiRemoteSelect(_l("Taking part"), chooser=people())
    people_count = f.IntegerField(_l("How many people"), least=1, most=9999, validators=[f.Required()])
    contact_name = f.MaskedField(
        _lp("booking", "Contact"), hide=lambda _text: "****", validators=[Optional(), Length(max=64)]
    )
    contact_phone = f.MaskedField(
        _l("Contact's phone"), hide=lambda _text: "****", validators=[Optional(), Length(max=32)]
    )
    equipment = f.MultiRemoteSelect(_l("Equipment"), chooser=codes("equipment"))
    notes = f.LongTextField(
        _lp("booking", "Notes"), validators=[Optional(), Length(max=2000)], render_kw={"maxlength": 2000, "rows": 4}
    )

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As it stands."""
        names = ("title", "people", "people_count", "contact_name", "contact_phone", "equipment", "notes")
        return {name: getattr(record, name) for name in names}

    def prepare(self, record: Any, facts: Any) -> None:
        """A confidential booking has no subject in the open."""
        if record.secret:
            del self.title
            self.names = tuple(name for name in self.names if name != "title")


BOOKING_PAGES: dict[str, StepPage] = {
    "confirm": StepPage(NoteForm, verbs.confirm),
    "reject": StepPage(ReasonForm, verbs.reject),
    "check_in": StepPage(NoteForm, verbs.check_in),
    "finish": StepPage(NoteForm, verbs.finish),
    "move": StepPage(MoveForm, verbs.move),
    "amend": StepPage(AmendForm, verbs.amend),
    "cancel": StepPage(ReasonForm, verbs.cancel),
}
