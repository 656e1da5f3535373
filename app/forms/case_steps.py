"""The forms of the steps of a case: what is asked of the person who carries one out."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length, Optional

from app.core import clock
from app.forms import fields as f
from app.forms.step_form import StepForm
from app.models.case import Case, Kind
from app.services.queries.case_choices import codes, leaves, recipients, sisters_of
from app.services.queries.choices import Chooser

MOST = Length(max=2000)


def text_field(label: Any, help: Any = "", required: bool = False, rows: int = 4) -> Any:
    """A field for a few sentences."""
    first = f.Required() if required else Optional()
    size = {"maxlength": 2000, "rows": rows}
    return f.LongTextField(label, description=help, validators=[first, MOST], render_kw=size)


class ReasonForm(StepForm):
    """A step that needs nothing but its reason."""

    reason = text_field(_l("Reason"), required=True)


class NoteForm(StepForm):
    """A step that may carry a note."""

    note = text_field(_l("Note"), rows=3)


class OpinionForm(StepForm):
    """A decision that may carry its reason."""

    reason = text_field(_l("Reason"), rows=3)


class SupplementRequestForm(StepForm):
    """What is missing."""

    missing = f.MultiRemoteSelect(
        _l("What is missing"),
        chooser=codes("supplement_item"),
        description=_l("Choose everything at once; a supplement is asked for only one time."),
    )
    reason = text_field(_l("In words"), _l("Stands on the notice as you write it here."))


class SupplementForm(StepForm):
    """What was brought."""

    note = text_field(_l("What was brought"), required=True, rows=3)
    facts = f.LongTextField(
        _l("Further facts"),
        description=_l("Added below the facts as they stand."),
        validators=[Optional(), Length(max=5000)],
        render_kw={"maxlength": 5000, "rows": 5},
    )


class MergeForm(StepForm):
    """Into which matter."""

    parent = f.RemoteSelectField(
        _l("Merge into"),
        chooser=Chooser(Case),
        validators=[f.Required()],
        description=_l("Open matters of the same kind without a reply."),
    )
    reason = text_field(_l("Why it is the same claim"), required=True, rows=3)

    def prepare(self, record: Any, facts: Any) -> None:
        """Offer sister matters only."""
        self.parent.chooser = sisters_of(record)


class DeclineForm(StepForm):
    """On what ground."""

    ground = f.RemoteSelectField(_l("Ground"), chooser=codes("decline_reason"), validators=[f.Required()])
    route = f.RemoteSelectField(
        _l("Legal route"), chooser=codes("legal_route"), description=_l("If another way is open to the petitioner.")
    )
    where = f.TextField(_l("Where to go"), validators=[Optional(), Length(max=200)], render_kw={"maxlength": 200})
    reason = text_field(_l("Reason"), _l("Stands on the notice as you write it here."), required=True)


class RedirectForm(StepForm):
    """Which legal route, and where to go."""

    route = f.RemoteSelectField(_l("Legal route"), chooser=codes("legal_route"), validators=[f.Required()])
    where = f.TextField(
        _l("Where to go"),
        description=_l("Name, address or telephone, so that the petitioner finds it."),
        validators=[f.Required(), Length(max=200)],
        render_kw={"maxlength": 200},
    )
    reason = text_field(_l("Reason"), _l("Stands on the notice as you write it here."), required=True)


class AcceptForm(StepForm):
    """Kind and category as the dispatcher sees them."""

    kind = f.EnumField(_l("Kind"), enum=Kind, blank=False)
    category = f.RemoteSelectField(_l("Category"), chooser=leaves())
    note = text_field(_l("Note"), rows=3)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As registered."""
        return {"kind": record.kind, "category": record.category}


class AssignForm(StepForm):
    """Who leads, who helps, until when."""

    lead = f.RemoteSelectField(_l("Lead organisation"), chooser=recipients(), validators=[f.Required()])
    lead_due_on = f.DateField(_l("Due on (lead)"), description=_l("Not after the matter itself."))
    co = f.MultiRemoteSelect(_l("Co-organisations"), chooser=recipients())
    co_due_on = f.DateField(_l("Due on (co-organisations)"), description=_l("Left empty: the same day as the lead."))
    note = text_field(_l("Instructions"), rows=3)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The next day that runs for the matter: as a rule the day on which the petitioner is to be answered."""
        return {"lead_due_on": facts.proposed_due(record.due_on)}


class ObjectForm(StepForm):
    """Why not here, and where instead."""

    proposed = f.RemoteSelectField(_l("Should go to"), chooser=recipients(), validators=[f.Required()])
    reason = text_field(
        _l("Reason"), _l("Facts, powers and rules that speak against your organisation."), required=True
    )


class LogWorkForm(StepForm):
    """What was done, and when."""

    done_at = f.DateTimeField(_l("When"), description=_l("The day and hour of the work itself."))
    text = text_field(
        _l("What was done"), _l("Whom you spoke to, what was found, what comes next."), required=True, rows=6
    )

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now."""
        return {"done_at": clock.now().replace(second=0, microsecond=0)}
