"""What a party is asked on the public page; nothing is chosen in advance."""

from flask_babel import lazy_gettext as _l

from app.forms import fields as f
from app.forms.case_steps import text_field
from app.forms.selects import ScoreField
from app.forms.step_form import StepForm
from app.models.follow_up import Satisfaction


class RatingForm(StepForm):
    """Overall, then quality, conduct and centre apart."""

    satisfied = f.EnumField(_l("Are you satisfied on the whole?"), enum=Satisfaction, validators=[f.Required()])
    quality = ScoreField(_l("Quality of handling"))
    conduct = ScoreField(_l("Conduct of the staff"))
    centre = ScoreField(_l("The centre"))
    opinion = text_field(_l("Opinions and suggestions"), rows=4)
