"""Steps of the handling: reception, conference, mediation, hearing, settlement on the spot."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length, Optional

from app.access.actor import system_scope
from app.core import clock
from app.forms import fields as f
from app.forms.case_steps import ReasonForm, text_field
from app.forms.rows import Row, RowForm, RowsField, claim_rows, party_rows
from app.forms.step_form import StepForm, StepPage
from app.forms.time_steps import TIME_PAGES
from app.models.mediation import Confirmation
from app.models.party import ClaimResult, Side
from app.models.roster import Shift
from app.models.service import ServiceWay
from app.models.signature import SignatureKind
from app.services import conference, hearing, mediation, reception, settlement
from app.services.queries.case_choices import recipients
from app.services.queries.choices import Chooser
from app.services.queries.shifts import leader_shifts, leaders_today
from app.services.queries.speakers import speakers_of
from app.workflow.facts import LateFacts
from app.workflow.guards_handling import agreement_before_court

IN_ROWS = (SignatureKind.touch, SignatureKind.witness)
SIGNED_PAPER = _l("Signed paper, scanned")
SIGNED_PAPER_HELP = _l("Instead of signing on the screen: one paper that everybody has signed.")


def long_field(label: Any, help: Any = "", most: int = 5000, rows: int = 6, required: bool = True) -> Any:
    """A field for a page of text."""
    first = f.Required() if required else Optional()
    kw = {"maxlength": most, "rows": rows}
    return f.LongTextField(label, description=help, validators=[first, Length(max=most)], render_kw=kw)


def line_field(label: Any, help: Any = "", most: int = 200, required: bool = False) -> Any:
    """A field for one line."""
    first = f.Required() if required else Optional()
    return f.TextField(label, description=help, validators=[first, Length(max=most)], render_kw={"maxlength": most})


def just_now() -> Any:
    """This minute."""
    return clock.now().replace(second=0, microsecond=0)


def side_rows(late: LateFacts, ids: Iterable[int] | None = None) -> list[Row]:
    """A row for each party, those of merged matters included."""
    wanted = None if ids is None else set(ids)
    return [
        Row(party.id, late.name_of(party.id), str(party.side.label))
        for party in late.parties
        if wanted is None or party.id in wanted
    ]


# ---- reception


class PresentForm(StepForm):
    """Before which leader, on which shift."""

    reading = "portal/_leaders_today.html"
    shift = f.RemoteSelectField(
        _l("Leader and shift"),
        chooser=Chooser(Shift),
        validators=[f.Required()],
        description=_l("Leaders on the roster of the next two weeks."),
    )
    note = text_field(_l("Note"), rows=3)

    def prepare(self, record: Any, facts: Any) -> None:
        """The leaders of this centre and those above."""
        self.shift.chooser = leader_shifts(record)

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """Who is on duty today."""
        return {"leaders": leaders_today(record)}


class ReceptionForm(StepForm):
    """What was said and instructed, and where the recording is found."""

    reading = "portal/_leaders_today.html"
    at = f.DateTimeField(
        _lp("reception", "Received at"), description=_l("Within a shift of your own."), validators=[f.Required()]
    )
    head_count = f.IntegerField(_l("Persons who came"), least=1, most=9999, validators=[f.Required()])
    said = long_field(_l("What the parties said"), rows=5)
    instruction = text_field(_l("What you instruct"), _l("Who does what until when."), required=True, rows=5)
    settled = f.BooleanField(_l("The parties agreed at once"))
    video = f.BooleanField(_l("By video"))
    camera = line_field(_l("Camera of the recording"), most=64)
    recorded_from = f.DateTimeField(_l("Recording from"))
    recorded_until = f.DateTimeField(_l("Recording until"))
    checksum = line_field(_l("Checksum"), most=128)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now, with as many as came last."""
        return {"at": just_now(), "head_count": record.head_count}

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """Who is on duty today."""
        return {"leaders": leaders_today(record)}


# ---- conference


class ConferenceForm(StepForm):
    """Who met, what was said, what was concluded."""

    at = f.DateTimeField(_l("Held at"), validators=[f.Required()])
    place = line_field(_l("Place"))
    organisations = f.MultiRemoteSelect(
        _l("Organisations that met"),
        chooser=recipients(),
        validators=[f.Required()],
        description=_l("At least two."),
    )
    minutes = long_field(_lp("meeting", "Minutes"), _l("Who said what."), most=20_000, rows=8)
    conclusion = text_field(_l("Conclusion"), required=True)
    solved = f.FlagField(
        _l("A solution was found"),
        validators=[f.Required()],
        description=_l("After a conference without a solution the matter can be brought to the other level."),
    )

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now."""
        return {"at": just_now()}


# ---- mediation


class ConsentRow(RowForm):
    """Whether a party consents."""

    consents = f.FlagField(_l("Consents"), validators=[f.Required()])


class OtherSideRow(RowForm):
    """A side that is no party of the matter yet."""

    name = line_field(_lp("person", "Name"), most=64, required=True)
    side = f.EnumField(_l("Side"), enum=Side, blank=False, validators=[f.Required()])
    consents = f.FlagField(_l("Consents"), validators=[f.Required()])


class MediateForm(StepForm):
    """Every side is asked first."""

    began_at = f.DateTimeField(_l("Began at"), validators=[f.Required()])
    place = line_field(_l("Place"))
    consents = RowsField(
        _l("Consent of each party"),
        ConsentRow,
        key="party",
        description=_l("A mediation needs the consent of every side; one refusal ends it at once."),
    )
    others = RowsField(
        _l("Sides that are no parties yet"),
        OtherSideRow,
        one=_l("Other side"),
        add=_l("Add a side"),
        description=_l("They become parties of the matter."),
    )
    note = text_field(_l("Note"), rows=3)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now."""
        return {"began_at": just_now()}

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each party."""
        self.consents.fix(side_rows(facts.late))


class SignatureRow(RowForm):
    """The signature of one party."""

    signature = f.SignatureField(_l("Signature"), kinds=IN_ROWS)


class ConcludeForm(StepForm):
    """With an agreement, or without one."""

    agreed = f.FlagField(_l("An agreement was reached"), validators=[f.Required()])
    minutes = long_field(_lp("meeting", "Minutes"))
    agreement = long_field(_l("What was agreed"), _l("Each term on a line of its own."), required=False)
    effective_on = f.DateField(
        _l("In force from"), description=_l("The thirty days to apply for judicial confirmation count from here.")
    )
    signatures = RowsField(_l("Signatures"), SignatureRow, key="party", partial=True)
    paper = f.EvidenceField(SIGNED_PAPER, description=SIGNED_PAPER_HELP)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """From today."""
        return {"effective_on": clock.today()}

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each side that consented."""
        under_way = facts.late.open_mediation
        sides = [row.party_id for row in facts.late.consents if under_way and row.mediation_id == under_way.id]
        self.signatures.fix(side_rows(facts.late, sides))


class ConfirmForm(StepForm):
    """What the court said."""

    confirmation = f.EnumField(_l("Judicial confirmation"), enum=Confirmation, validators=[f.Required()])
    on = f.DateField(_l("On"), validators=[f.Required()])
    note = text_field(_l("Note"), rows=3)
    reading = "portal/_agreement.html"

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Today."""
        return {"on": clock.today()}

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The agreement."""
        return {"agreement": agreement_before_court(facts.late)}


# ---- hearing


class ToldRow(RowForm):
    """How one party was told."""

    way = f.EnumField(_l("Told by"), enum=ServiceWay, validators=[f.Required()])


class CallHearingForm(StepForm):
    """What is heard, when, where, and how every side was told."""

    subject = line_field(_l("Subject"), required=True)
    held_at = f.DateTimeField(
        _l("Date and time"),
        validators=[f.Required()],
        description=_l("The sides are told at least seven days before."),
    )
    place = line_field(_l("Place"), required=True)
    told = RowsField(_l("How every side was told"), ToldRow, key="party")
    note = text_field(_l("Note"), rows=3)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """On the matter itself."""
        return {"subject": record.title}

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each party."""
        self.told.fix(side_rows(facts.late))


class ParticipantRow(RowForm):
    """Who took part."""

    name = line_field(_lp("person", "Name"), most=64, required=True)
    capacity = line_field(_l("Part taken"), _l("Chair, member of the panel, party, witness, …"), most=64)


class OpinionRow(RowForm):
    """An opinion, and what became of it."""

    text = text_field(_l("Opinion"), required=True, rows=3)
    adopted = f.FlagField(_l("Adopted"))
    reason = text_field(_l("Reason"), _l("If it was not adopted."), rows=2)


class HoldHearingForm(StepForm):
    """Who was there, what was said, what becomes of it."""

    chosen_how = line_field(
        _l("How participants were chosen"), _l("By lot, by application, by invitation, …"), most=500, required=True
    )
    attendance = f.IntegerField(_lp("meeting", "Persons who came"), least=1, most=9999, validators=[Optional()])
    participants = RowsField(
        _l("Participants"), ParticipantRow, least=1, one=_l("Participant"), add=_l("Add a participant")
    )
    minutes = long_field(_lp("meeting", "Minutes"), most=10_000, rows=10)
    opinions = RowsField(_l("Opinions"), OpinionRow, one=_l("Opinion"), add=_l("Add an opinion"))
    conclusion = text_field(_l("Conclusion"))
    reading = "portal/_hearing.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The hearing that was called."""
        return {"hearing": facts.late.called_hearing}


# ---- settlement on the spot


class SettledClaimRow(RowForm):
    """The answer to one claim: answered and resolved are two facts."""

    result = f.EnumField(_l("Result"), enum=ClaimResult, validators=[f.Required()])
    resolved = f.FlagField(_l("Is it resolved?"), validators=[f.Required()])
    text = text_field(_l("Answer"), required=True, rows=3)


class SignerRow(RowForm):
    """The word and the signature of one petitioner."""

    satisfied = f.FlagField(_l("Satisfied"), validators=[f.Required()])
    signature = f.SignatureField(_l("Signature"), kinds=IN_ROWS)


class SettleForm(StepForm):
    """Claim by claim, and signed by all who speak for the petitioners."""

    findings = text_field(_l("Findings"), _l("What was found out, and how it was settled."), required=True)
    basis = text_field(_l("Basis"), _l("The laws, rules and facts on which the reply rests."), required=True, rows=3)
    answers = RowsField(_l("Answers to the claims"), SettledClaimRow, key="claim")
    signers = RowsField(
        _l("Signatures"),
        SignerRow,
        key="party",
        description=_l("Of a group its representatives sign, and receive it for the others."),
    )
    paper = f.EvidenceField(SIGNED_PAPER, description=SIGNED_PAPER_HELP)

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each claim, and for each who signs."""
        self.answers.fix(claim_rows(facts.late.claims))
        with system_scope("who speaks for the petitioners"):
            self.signers.fix(party_rows(speakers_of(record)))


HANDLING_PAGES: dict[str, StepPage] = {
    **TIME_PAGES,
    "settle_on_spot": StepPage(SettleForm, settlement.settle_on_spot),
    "present_to_leader": StepPage(PresentForm, reception.present_to_leader),
    "receive_by_leader": StepPage(ReceptionForm, reception.receive_by_leader),
    "confer": StepPage(ConferenceForm, conference.confer),
    "escalate": StepPage(ReasonForm, conference.escalate),
    "mediate": StepPage(MediateForm, mediation.mediate),
    "conclude_mediation": StepPage(ConcludeForm, mediation.conclude_mediation),
    "confirm_agreement": StepPage(ConfirmForm, mediation.confirm_agreement),
    "call_hearing": StepPage(CallHearingForm, hearing.call_hearing),
    "hold_hearing": StepPage(HoldHearingForm, hearing.hold_hearing),
}
