"""What the public page asks of somebody who books: how to address them, a telephone, and as little else as possible."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length, Optional

from app.forms import fields as f
from app.forms.step_form import StepForm
from app.models.room import PublicService

BRIEF = 500


class PublicBookingForm(StepForm):
    """The four boxes; how many come is asked for a visit only."""

    contact_name = f.TextField(
        _l("How may we address you?"),
        description=_l("Your name, or what you would like to be called."),
        validators=[f.Required(), Length(max=64)],
        render_kw={"maxlength": 64, "autocomplete": "name"},
    )
    contact_phone = f.TextField(
        _lp("public", "Telephone"),
        description=_l("Only so that we can reach you if something changes; kept encrypted."),
        validators=[f.Required(), Length(max=32)],
        render_kw={"maxlength": 32, "inputmode": "tel", "autocomplete": "tel"},
    )
    people_count = f.IntegerField(_l("How many people come?"), least=1, most=999, validators=[Optional()], default=1)
    notes = f.LongTextField(
        _l("What is it about? (may be left empty)"),
        validators=[Optional(), Length(max=BRIEF)],
        render_kw={"maxlength": BRIEF, "rows": 3},
    )

    @classmethod
    def of(cls, service: PublicService, formdata: Any = None) -> "PublicBookingForm":
        """The form for a service."""
        form = cls(formdata=formdata)
        if service is not PublicService.visit:
            del form.people_count
            form.names = tuple(name for name in form.names if name != "people_count")
        return form
