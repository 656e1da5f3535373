"""The forms of the steps of hearings before decisions and of legal service events, and which verb carries each out."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Optional

from app.forms import fields as f
from app.forms.case_steps import ReasonForm, text_field
from app.forms.handling_steps import line_field, long_field
from app.forms.rows import Row, RowForm, RowsField
from app.forms.step_form import StepForm, StepPage
from app.models.hearing import HowChosen, MinutesSigned
from app.models.signature import SignatureKind
from app.services import decision_hearing, outreach
from app.services.queries.booking_choices import people

# ---- hearings before decisions


class ChosenRow(RowForm):
    """Who took part, and how he or she was chosen."""

    name = line_field(_lp("person", "Name"), most=64, required=True)
    capacity = line_field(_l("Part taken"), _l("Villager, deputy, concerned person, …"), most=64)
    chosen = f.EnumField(_l("How chosen"), enum=HowChosen, validators=[f.Required()])


class VoicedRow(RowForm):
    """An opinion that was voiced."""

    text = text_field(_l("Opinion"), required=True, rows=3)


class HoldDecisionForm(StepForm):
    """Who was there, how they were chosen, what was said."""

    chaired_by = f.RemoteSelectField(_l("Chaired by"), chooser=people(), validators=[Optional()])
    chosen_how = line_field(
        _l("How participants were chosen"), _l("By lot, by application, by invitation, …"), most=500
    )
    attendance = f.IntegerField(_lp("meeting", "Persons who came"), least=1, most=9999, validators=[Optional()])
    participants = RowsField(_l("Participants"), ChosenRow, least=1, one=_l("Participant"), add=_l("Add a participant"))
    minutes = long_field(_lp("meeting", "Minutes"), _lp("hearing", "Who said what."), most=10_000, rows=10)
    opinions = RowsField(_l("Opinions"), VoicedRow, one=_l("Opinion"), add=_l("Add an opinion"))
    reading = "portal/_hearing.html"

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As it was announced."""
        return {"chosen_how": record.chosen_how}

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The hearing that was called."""
        return {"hearing": record}


class SignRow(RowForm):
    """What one participant does when the minutes are read out; left empty, he or she signs later."""

    shown_if = {"signature": "signed=screen", "note": "signed=paper,refused"}
    signed = f.EnumField(_l("Signature"), enum=MinutesSigned, blank=True, validators=[Optional()])
    signature = f.SignatureField(_l("Sign here"), kinds=(SignatureKind.touch,))
    note = line_field(_l("Note"), _l("Of whoever did not sign: why."))


class SignDecisionForm(StepForm):
    """The minutes are read out, and everybody signs."""

    signatures = RowsField(_l("Signatures"), SignRow, key="participant", partial=True)
    reading = "portal/_hearing_minutes.html"

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each participant who has not signed yet."""
        waiting = [one for one in record.participants if one.signed is None]
        self.signatures.fix(Row(one.id, one.name, one.capacity or "") for one in waiting)

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The minutes."""
        return {"hearing": record}


class AnswerRow(RowForm):
    """What becomes of one opinion."""

    adopted = f.FlagField(_l("Adopted"), validators=[f.Required()])
    reason = text_field(_l("Reason"), _l("If it was not adopted."), rows=2)


class ConcludeDecisionForm(StepForm):
    """Every opinion is answered, and what follows is written down."""

    opinions = RowsField(_l("Opinions"), AnswerRow, key="opinion")
    conclusion = long_field(_lp("hearing", "Conclusion"), most=5000, rows=6)
    reading = "portal/_hearing_minutes.html"

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each opinion."""
        rows = enumerate(record.opinions, 1)
        self.opinions.fix(Row(one.id, _l("Opinion %(number)s", number=n), one.text) for n, one in rows)

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The minutes."""
        return {"hearing": record}


HEARING_PAGES: dict[str, StepPage] = {
    "hold_decision": StepPage(HoldDecisionForm, decision_hearing.hold),
    "sign_decision": StepPage(SignDecisionForm, decision_hearing.sign),
    "conclude_decision": StepPage(ConcludeDecisionForm, decision_hearing.conclude),
    "cancel_decision": StepPage(ReasonForm, decision_hearing.cancel),
}

# ---- legal service events


class HoldOutreachForm(StepForm):
    """How many came, and how it went."""

    attendance = f.IntegerField(_lp("meeting", "Persons who came"), least=1, most=9999, validators=[f.Required()])
    summary = long_field(_lp("outreach", "How it went"), _l("What was explained, what people asked."), most=4000)


OUTREACH_PAGES: dict[str, StepPage] = {
    "hold_outreach": StepPage(HoldOutreachForm, outreach.hold),
    "cancel_outreach": StepPage(ReasonForm, outreach.cancel),
}
