"""What a party does on the public page: the forms of the desk, signed by hand on the party's own screen only.

A scan would offer the files of the case, and a witness nobody can ask."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l

from app.forms import fields as f
from app.forms.step_form import StepPage
from app.forms.steps import CASE, REVIEW, Subject
from app.models.review import Door
from app.models.signature import SignatureKind

FOR_REVIEW = ("pick_experts", "draw_experts", "withdraw_review")


def _by_hand(page: StepPage, **told: Any) -> StepPage:
    signature = f.SignatureField(_l("Signature of the party"), kinds=(SignatureKind.touch,), validators=[f.Required()])
    form: Any = type(
        f"{page.form.__name__}ByHand", (page.form,), {"signature": signature, "__doc__": page.form.__doc__}
    )
    return StepPage(form, partial(page.verb, **told) if told else page.verb)


CASE_BY_PARTY: Subject = replace(
    CASE, pages={"apply_review": _by_hand(CASE.pages["apply_review"], door=Door.public)}, apart=frozenset()
)
REVIEW_BY_PARTY: Subject = replace(REVIEW, pages={name: _by_hand(REVIEW.pages[name]) for name in FOR_REVIEW})
