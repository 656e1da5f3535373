"""The forms of supervision: urging, the letter, its answer, and what comes of a proposal."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length

from app.core import clock
from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm, text_field
from app.forms.step_form import StepForm, StepPage
from app.models.organisation import Organisation
from app.models.proposal import ProposalAnswer
from app.services import proposal, supervision
from app.services.queries.case_choices import offices_of
from app.services.queries.choices import Chooser


def _answer_field(label: Any, help: Any = "") -> Any:
    size = {"maxlength": 5000, "rows": 6}
    return f.LongTextField(label, description=help, validators=[f.Required(), Length(max=5000)], render_kw=size)


class UrgeForm(StepForm):
    """What is urged."""

    text = text_field(
        _l("What you urge"),
        _l("Goes to whoever has to act now, and stands in the course of the matter."),
        required=True,
    )


class LetterForm(StepForm):
    """To which office, what was found, what is asked until when."""

    organisation = f.RemoteSelectField(
        _lp("supervision", "Office supervised"),
        chooser=Chooser(Organisation),
        validators=[f.Required()],
        description=_l("The offices that have the matter."),
    )
    due_on = f.DateField(_l("Answer by"), validators=[f.Required()])
    why = text_field(_lp("supervision", "What was found"), _l("Stands on the letter as you write it here."), True)
    requirement = text_field(_lp("supervision", "What is asked"), required=True)

    def prepare(self, record: Any, facts: Any) -> None:
        """The offices that have the matter."""
        self.organisation.chooser = offices_of(getattr(record, "case_id", None) or record.id)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The office that has it now, and the usual days."""
        return {"organisation": supervision.office_of(record), "due_on": supervision.answer_day()}


class IssueLetterForm(LetterForm):
    """The letter about what a rule has raised."""

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The office that the rule found, and why it came up."""
        return {
            "organisation": record.organisation,
            "due_on": supervision.answer_day(),
            "why": str(record.cause.label),
        }


class AnswerForm(StepForm):
    """What the office says to the letter."""

    reading = "portal/_supervision_letter.html"
    answer = _answer_field(_lp("supervision", "Answer"), _l("What was done, and what will be done until when."))


class ReturnAnswerForm(StepForm):
    """Why the answer does not do, and until when it is answered anew."""

    reading = "portal/_supervision_letter.html"
    reason = text_field(_l("Reason"), required=True)
    due_on = f.DateField(_l("Answer by"), validators=[f.Required()])

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The usual days."""
        return {"due_on": supervision.answer_day()}


class CloseForm(NoteForm):
    """The order has done its work."""

    reading = "portal/_supervision_letter.html"


class ProposalAnswerForm(StepForm):
    """What the other body answered, and when."""

    outcome = f.EnumField(_lp("proposal", "Outcome"), enum=ProposalAnswer, validators=[f.Required()])
    answered_on = f.DateField(_lp("proposal", "Answered on"), validators=[f.Required()])
    answer = _answer_field(_lp("proposal", "Answer"))

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Today."""
        return {"answered_on": clock.today()}


# Steps of a case, of an order, of a proposal.
CASE_SUPERVISION_PAGES: dict[str, StepPage] = {
    "urge": StepPage(UrgeForm, supervision.urge),
    "supervise": StepPage(LetterForm, supervision.supervise),
}
SUPERVISION_PAGES: dict[str, StepPage] = {
    "issue_letter": StepPage(IssueLetterForm, supervision.issue_letter),
    "answer_supervision": StepPage(AnswerForm, supervision.answer),
    "return_answer": StepPage(ReturnAnswerForm, supervision.return_answer),
    "close_supervision": StepPage(CloseForm, supervision.close),
    "drop_supervision": StepPage(ReasonForm, supervision.drop),
}
PROPOSAL_PAGES: dict[str, StepPage] = {
    "record_answer": StepPage(ProposalAnswerForm, proposal.record_answer),
    "close_proposal": StepPage(NoteForm, proposal.close),
    "withdraw_proposal": StepPage(ReasonForm, proposal.withdraw),
}
