"""Steps of time and of endings: extension, suspension, withdrawal, split."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length

from app.access.actor import system_scope
from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm, text_field
from app.forms.rows import RowForm, RowsField, party_rows
from app.forms.step_form import StepForm, StepPage
from app.models.extension import EXTENSION_MOST
from app.models.party import Claim
from app.models.signature import SignatureKind
from app.services import extension, suspension, withdrawal
from app.services.queries.case_choices import claims_of, codes, leaves
from app.services.queries.choices import Chooser
from app.services.queries.speakers import speakers_of
from app.services.split import split


class ExtensionForm(StepForm):
    """How many days, and why."""

    days = f.IntegerField(
        _l("Days"), least=1, most=EXTENSION_MOST, validators=[f.Required()], description=_l("At most 30, and once.")
    )
    ground = f.RemoteSelectField(
        _lp("extension", "Ground"), chooser=codes("extension_reason"), validators=[f.Required()]
    )
    reason = text_field(_l("Reason"), _l("What is still to be done, and why it takes so long."), required=True)


class ApproveExtensionForm(NoteForm):
    """Granted as it was asked for."""

    reading = "portal/_extension.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """What is asked for."""
        return {"extension": facts.late.extension_of(facts.round)}


class RefuseExtensionForm(ReasonForm):
    """Refused with the reason."""

    reading = "portal/_extension.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """What is asked for."""
        return {"extension": facts.late.extension_of(facts.round)}


class SuspendForm(StepForm):
    """On what ground, until when."""

    ground = f.RemoteSelectField(
        _lp("suspension", "Ground"), chooser=codes("suspend_reason"), validators=[f.Required()]
    )
    until_on = f.DateField(
        _l("Runs on from"),
        validators=[f.Required()],
        description=_l("On this day the matter goes on by itself. What the law asks runs on meanwhile."),
    )
    reason = text_field(_l("Reason"), required=True)


class WithdrawalRow(RowForm):
    """The signature of one petitioner."""

    signature = f.SignatureField(_l("Signature"), kinds=(SignatureKind.touch, SignatureKind.witness))


class WithdrawForm(StepForm):
    """Why, and signed by all who speak for the petitioners."""

    reason = text_field(_l("Reason"), _l("In the party's own words."), required=True)
    signatures = RowsField(
        _l("Signatures"),
        WithdrawalRow,
        key="party",
        partial=True,
        description=_l("Of a group its representatives sign."),
    )
    paper = f.EvidenceField(
        _l("Signed paper, scanned"),
        description=_l("Instead of signing on the screen: one paper that everybody has signed."),
    )

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each who signs."""
        with system_scope("who speaks for the petitioners"):
            self.signatures.fix(party_rows(speakers_of(record)))


class SplitForm(StepForm):
    """Which claims go, under which title."""

    claims = f.MultiRemoteSelect(
        _l("Claims that go"),
        chooser=Chooser(Claim),
        validators=[f.Required()],
        description=_l("At least one claim stays."),
    )
    title = f.TextField(
        _l("Title of the new matter"),
        validators=[f.Required(), Length(max=200)],
        render_kw={"maxlength": 200},
    )
    category = f.RemoteSelectField(_l("Category"), chooser=leaves())
    reason = text_field(_l("Reason"), required=True, rows=3)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As the matter it comes from."""
        return {"title": record.title, "category": record.category}

    def prepare(self, record: Any, facts: Any) -> None:
        """The claims of this matter."""
        self.claims.chooser = claims_of(record.id)


TIME_PAGES: dict[str, StepPage] = {
    "request_extension": StepPage(ExtensionForm, extension.request_extension),
    "approve_extension": StepPage(ApproveExtensionForm, extension.approve_extension),
    "refuse_extension": StepPage(RefuseExtensionForm, extension.refuse_extension),
    "suspend": StepPage(SuspendForm, suspension.suspend),
    "resume": StepPage(NoteForm, suspension.resume),
    "withdraw": StepPage(WithdrawForm, withdrawal.withdraw),
    "approve_withdrawal": StepPage(NoteForm, withdrawal.approve_withdrawal),
    "refuse_withdrawal": StepPage(ReasonForm, withdrawal.refuse_withdrawal),
    "split": StepPage(SplitForm, split),
}
