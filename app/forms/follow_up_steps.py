"""Steps after the reply: follow-up, rectification, archive, reopening."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Optional

from app.core import clock
from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm, text_field
from app.forms.selects import FlagField, ScoreField
from app.forms.step_form import StepForm, StepPage
from app.models.follow_up import FollowUpMode, Satisfaction
from app.models.party import Party
from app.services import archive, follow_up, rectification
from app.services.queries.case_choices import codes, files_that_show, petitioners_of, recipients
from app.services.queries.choices import Chooser


class FollowUpForm(StepForm):
    """Who was asked, how, and what he or she said; no answer is there before it is given."""

    party = f.RemoteSelectField(_l("Party"), chooser=Chooser(Party), validators=[f.Required()])
    mode = f.EnumField(_l("Way of asking"), enum=FollowUpMode, validators=[f.Required()])
    at = f.DateTimeField(_l("When"))
    reached = FlagField(_l("Reached"), description=_l("After three tries in vain nobody tries again."))
    solved = FlagField(_l("Really solved"))
    satisfied = f.EnumField(_l("Satisfied overall"), enum=Satisfaction)
    quality = ScoreField(_l("Quality of handling"))
    conduct = ScoreField(_l("Conduct of the staff"))
    centre = ScoreField(_l("The centre"))
    opinion = text_field(_l("Opinions and suggestions"), _l("In the party's own words."))
    cause = text_field(
        _l("What is to be rectified"), _l("If the party is not content: an order to rectify goes out with this step.")
    )

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now, and the one party there is."""
        left = follow_up.to_be_asked(facts)
        only = Chooser(Party).find(left) if len(left) == 1 else {}
        moment = clock.now().replace(second=0, microsecond=0)
        return {"at": moment, "party": next(iter(only.values()), None)}

    def prepare(self, record: Any, facts: Any) -> None:
        """The petitioners of this case."""
        self.party.chooser = petitioners_of(record.id)


class RectificationReportForm(StepForm):
    """What was mended, and what shows it."""

    report = text_field(_l("What was mended"), required=True, rows=6)
    evidence = f.EvidenceField(
        _l("Evidence"), description=_l("Files of the matter, or new ones; at least one."), validators=[f.Required()]
    )


def _reported(facts: Any) -> dict[str, Any]:
    row = facts.late.open_rectification
    return {"rectification": row, "files": files_that_show(row.id) if row is not None else []}


class AcceptRectificationForm(NoteForm):
    """Accepted as it was reported."""

    reading = "portal/_rectification_reading.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The report, and what shows it."""
        return _reported(facts)


class ReturnRectificationForm(ReasonForm):
    """Given back with the reason."""

    reading = "portal/_rectification_reading.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The report, and what shows it."""
        return _reported(facts)


class ArchiveForm(StepForm):
    """How long the dossier is kept."""

    retention = f.RemoteSelectField(_l("Retention"), chooser=codes("retention"), validators=[f.Required()])
    pages = f.IntegerField(
        _lp("dossier", "Pages"),
        description=_l("Left empty: as many as the papers and files of the dossier have when printed."),
        least=1,
        most=99_999,
        validators=[Optional()],
    )
    note = text_field(_l("Note"), rows=3)


class ReopenForm(StepForm):
    """On what ground, and who handles it."""

    ground = f.RemoteSelectField(_lp("reopening", "Ground"), chooser=codes("reopen_reason"), validators=[f.Required()])
    lead = f.RemoteSelectField(
        _l("Lead organisation"), chooser=recipients(), description=_l("Left empty: the one that had it.")
    )
    reason = text_field(_l("Reason"), required=True)


FOLLOW_UP_PAGES: dict[str, StepPage] = {
    "follow_up": StepPage(FollowUpForm, follow_up.follow_up),
    "report_rectification": StepPage(RectificationReportForm, rectification.report),
    "return_rectification": StepPage(ReturnRectificationForm, rectification.send_back),
    "accept_rectification": StepPage(AcceptRectificationForm, rectification.accept),
    "archive": StepPage(ArchiveForm, archive.archive),
    "reopen": StepPage(ReopenForm, archive.reopen),
}
