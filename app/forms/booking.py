"""The form of a booking: where, when, what for, who; and how often."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length, Optional

from app.forms import fields as f
from app.forms.step_form import StepForm
from app.models.booking import Purpose
from app.models.case import Case
from app.services.queries.booking_choices import bookable_rooms, people
from app.services.queries.case_choices import codes
from app.services.queries.choices import Chooser

LINE = {"maxlength": 200}


class BookingForm(StepForm):
    """A new booking."""

    room = f.RemoteSelectField(_l("Room"), chooser=bookable_rooms(), validators=[f.Required()])
    purpose = f.EnumField(_lp("booking", "Purpose"), enum=Purpose, validators=[f.Required()])
    start = f.DateTimeField(_lp("booking", "From"), validators=[f.Required()])
    end = f.DateTimeField(_lp("booking", "Until"), validators=[f.Required()])
    people = f.MultiRemoteSelect(
        _l("Taking part"), chooser=people(), description=_l("Staff, advisers, counsellors; their time is kept too.")
    )
    people_count = f.IntegerField(
        _l("How many people"), description=_l("Everybody who comes."), least=1, most=9999, validators=[Optional()]
    )
    title = f.TextField(_lp("booking", "Subject"), validators=[Optional(), Length(max=200)], render_kw=LINE)
    case = f.RemoteSelectField(_l("Case"), chooser=Chooser(Case), inline=False)
    contact_name = f.TextField(
        _lp("booking", "Contact"),
        description=_l("Who comes from outside; kept encrypted."),
        validators=[Optional(), Length(max=64)],
        render_kw={"maxlength": 64},
    )
    contact_phone = f.TextField(_l("Contact's phone"), validators=[Optional(), Length(max=32)])
    equipment = f.MultiRemoteSelect(_l("Equipment"), chooser=codes("equipment"))
    secret = f.BooleanField(
        _lp("booking", "Confidential"),
        description=_l("Others see only that the room is taken. Counselling always is."),
    )
    notes = f.LongTextField(
        _lp("booking", "Notes"),
        description=_l("Kept encrypted; only for those who take part."),
        validators=[Optional(), Length(max=2000)],
        render_kw={"maxlength": 2000, "rows": 3},
    )


class SeriesForm(BookingForm):
    """The same on the page, where it may repeat."""

    every_weeks = f.IntegerField(_l("Every so many weeks"), least=1, most=8, validators=[Optional()], default=1)
    times = f.IntegerField(
        _l("How many times"), description=_l("1: only once."), least=1, most=60, validators=[Optional()], default=1
    )


class FreeForm(StepForm):
    """What the search for free times asks; nothing of it must be said."""

    purpose = f.EnumField(_lp("booking", "Purpose"), enum=Purpose)
    room = f.RemoteSelectField(_l("Room"), chooser=bookable_rooms())
    people = f.MultiRemoteSelect(_l("Taking part"), chooser=people())
    people_count = f.IntegerField(_l("How many people"), least=1, most=9999)
    equipment = f.MultiRemoteSelect(_l("Equipment"), chooser=codes("equipment"))


def wish_of(values: dict[str, Any]) -> dict[str, Any]:
    """What was filled in, as the verbs take it."""
    said = {name: values.get(name) for name in ("room", "start", "end", "purpose", "people_count", "title", "case")}
    more = {name: values.get(name) for name in ("contact_name", "contact_phone", "notes")}
    return {
        **said,
        **more,
        "people": [row.id for row in values.get("people") or ()],
        "equipment": list(values.get("equipment") or ()),
        "secret": bool(values.get("secret")),
    }
