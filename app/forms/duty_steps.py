"""The forms of the steps of a swap, a substitute or leave, and which verb carries each out."""

from app.forms.case_steps import NoteForm, ReasonForm
from app.forms.step_form import StepPage
from app.services import duty_change as verbs

DUTY_PAGES: dict[str, StepPage] = {
    "agree_change": StepPage(NoteForm, verbs.agree),
    "decline_change": StepPage(ReasonForm, verbs.decline),
    "approve_change": StepPage(NoteForm, verbs.approve),
    "refuse_change": StepPage(ReasonForm, verbs.refuse),
    "withdraw_change": StepPage(NoteForm, verbs.withdraw),
}
