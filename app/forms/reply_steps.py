"""Steps of the reply: draft, check, approval, service, acknowledgement, application."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms.validators import Length, Optional

from app.core import clock
from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm, text_field
from app.forms.rows import RowForm, RowsField, claim_rows
from app.forms.step_form import StepForm, StepPage
from app.models.document import DocumentKind
from app.models.party import Claim, ClaimResult, Party
from app.models.service import ServiceWay
from app.services import acknowledgement, reply, service
from app.services.queries.case_choices import claims_among, parties_among
from app.services.queries.choices import Chooser
from app.services.queries.reply_versions import evidence_of
from app.workflow.windows import windows

LONG = Length(max=20_000)


def _long(label: Any, help: Any, rows: int) -> Any:
    kw = {"maxlength": 20_000, "rows": rows}
    return f.LongTextField(label, description=help, validators=[f.Required(), LONG], render_kw=kw)


def _line(label: Any, help: Any = "", most: int = 64) -> Any:
    return f.TextField(
        label, description=help, validators=[Optional(), Length(max=most)], render_kw={"maxlength": most}
    )


class AnswerRow(RowForm):
    """The answer to one claim: answered and resolved are two facts."""

    result = f.EnumField(_l("Result"), enum=ClaimResult, validators=[f.Required()])
    resolved = f.FlagField(_l("Is it resolved?"), validators=[f.Required()])
    text = f.LongTextField(_l("Answer"), validators=[f.Required(), LONG], render_kw={"maxlength": 20_000, "rows": 4})


class SubmitReplyForm(StepForm):
    """The draft: what was found, on what it rests, an answer for each claim, and what proves it."""

    findings = _long(_l("Findings"), _l("What was found out, in which way."), 6)
    basis = _long(_l("Basis"), _l("The laws, rules and facts on which the reply rests."), 4)
    answers = RowsField(_l("Answers to the claims"), AnswerRow, key="claim")
    evidence = f.EvidenceField(
        _l("Evidence"), description=_l("Files of the matter, or new ones; at least one."), validators=[f.Required()]
    )
    reading = "portal/_reply_returned.html"
    drafted = True

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As the version before had it: what was given back is mended, not typed anew."""
        before = facts.late.reply
        return {"findings": before.findings, "basis": before.basis} if before is not None else {}

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each claim, as the version before answered it."""
        before = {row.claim_id: row for row in facts.late.points_of(facts.late.reply)}
        claims = {claim.number: before.get(claim.id) for claim in facts.late.claims}

        def shown(claim: Any) -> dict[str, Any]:
            point = claims[claim.number]
            return {"result": point.result, "resolved": point.resolved, "text": point.text} if point is not None else {}

        self.answers.fix(claim_rows(facts.late.claims, shown))

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The version before, if there is one."""
        return {"before": facts.late.reply}


def reading_of(late: Any, version: Any) -> dict[str, Any]:
    """A version, to be read before something is decided on it."""
    texts = {claim.id: claim.text for claim in late.claims}
    files = evidence_of(version.id) if version is not None else []
    return {"version": version, "points": late.points_of(version), "claims": texts, "evidence": files}


class ApproveReplyForm(NoteForm):
    """Checked or approved as it stands on the page."""

    reading = "portal/_reply_reading.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The draft."""
        return reading_of(facts.late, facts.late.reply)


class ReturnReplyForm(ReasonForm):
    """Given back with the reason."""

    reading = "portal/_reply_reading.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The draft."""
        return reading_of(facts.late, facts.late.reply)


class ServiceForm(StepForm):
    """To whom, how, when, and what proves it."""

    layout = "portal/_service_form.html"

    party = f.RemoteSelectField(_l("Party"), chooser=Chooser(Party), validators=[f.Required()])
    way = f.EnumField(_l("Way of service"), enum=ServiceWay, validators=[f.Required()])
    served_at = f.DateTimeField(
        _l("Received at"), description=_l("The party's own days count from here."), validators=[f.Required()]
    )
    receiver = _line(_lp("service", "Received by"), _l("If another than the party received it."))
    tracking = _line(_l("Postal number"))
    signature = f.SignatureField(_l("Signature of the receiver"))
    refused = f.BooleanField(_l("Refused to sign"))
    refusal = _line(_l("Reason of the refusal"), most=500)
    witness_one = _line(_l("First witness"))
    witness_two = _line(_l("Second witness"))
    evidence = f.EvidenceField(_l("Evidence"), description=_l("Proof of posting, photographs, record of sending."))
    note = _line(_l("Note"), most=200)

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Just now, across the desk."""
        return {"served_at": clock.now().replace(second=0, microsecond=0), "way": ServiceWay.handed}


class ServeReplyForm(ServiceForm):
    """The reply, to a party that has not received it yet."""

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As for every paper; the party, when only one is left."""
        left = sorted(facts.late.petitioners - facts.late.served(facts.late.standing_reply).keys())
        given = super().defaults(record, facts)
        if len(left) == 1:
            given["party"] = parties_among(record.id, left).find(left).get(left[0])
        return given

    def prepare(self, record: Any, facts: Any) -> None:
        """Those who have not received it."""
        served = facts.late.served(facts.late.standing_reply)
        self.party.chooser = parties_among(record.id, [row.id for row in facts.late.parties if row.id not in served])


class PaperField(f.EnumField):
    """The notices that wait to be served."""

    waiting: frozenset[str] = frozenset()

    def options(self) -> list[tuple[str, Any, bool]]:
        """Only those."""
        return [option for option in super().options() if not option[0] or option[0] in self.waiting]


class ServeNoticeForm(ServiceForm):
    """A written notice, to a party it waits for."""

    paper = PaperField(_lp("service", "Notice"), enum=DocumentKind, validators=[f.Required()])

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.names = ("paper", *(name for name in self.names if name != "paper"))

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As for every paper; notice and party that wait longest."""
        given, first = super().defaults(record, facts), next(iter(facts.late.papers_due), None)
        if first is not None:
            given["paper"] = first.paper
            given["party"] = parties_among(record.id, [first.party_id]).find([first.party_id]).get(first.party_id)
        return given

    def prepare(self, record: Any, facts: Any) -> None:
        """What waits, and for whom."""
        self.paper.waiting = frozenset(row.paper for row in facts.late.papers_due)
        self.party.chooser = parties_among(record.id, [row.party_id for row in facts.late.papers_due])


class AcknowledgeForm(StepForm):
    """The party signs and says whether he or she is satisfied; nothing is chosen before."""

    party = f.RemoteSelectField(_l("Party"), chooser=Chooser(Party), validators=[f.Required()])
    satisfied = f.FlagField(
        _l("Is the party satisfied with the reply?"),
        words=(_lp("party", "Satisfied"), _lp("party", "Not satisfied")),
        validators=[f.Required()],
    )
    signature = f.SignatureField(
        _l("Signature of the party"),
        description=_l("With it the days for an expert review end for this party. Who wants a review applies instead."),
        validators=[f.Required()],
    )
    reading = "portal/_reply_reading.html"

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The party, when only one is left."""
        left = _may_sign(facts)
        return {"party": parties_among(record.id, left).find(left).get(left[0])} if len(left) == 1 else {}

    def prepare(self, record: Any, facts: Any) -> None:
        """Those who have received it, and neither signed nor applied."""
        self.party.chooser = parties_among(record.id, _may_sign(facts))

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The reply that stands."""
        return reading_of(facts.late, facts.late.standing_reply)


def _may_sign(facts: Any) -> list[int]:
    own = windows(facts.late).values()
    return [w.party_id for w in own if w.service is not None and w.acknowledgement is None and w.application is None]


class ApplyReviewForm(StepForm):
    """Who applies, against which answers, and why."""

    party = f.RemoteSelectField(_l("Party"), chooser=Chooser(Party), validators=[f.Required()])
    claims = f.MultiRemoteSelect(
        _l("Claims whose answer is not accepted"), chooser=Chooser(Claim), validators=[f.Required()]
    )
    reason = text_field(_l("Reason"), _l("In the party's own words."), required=True)
    signature = f.SignatureField(_l("Signature of the party"), validators=[f.Required()])
    reading = "portal/_reply_reading.html"

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The party, when only one is within its days."""
        left = _may_apply(facts)
        return {"party": parties_among(record.id, left).find(left).get(left[0])} if len(left) == 1 else {}

    def prepare(self, record: Any, facts: Any) -> None:
        """Petitioners within their own days; claims that the reply answers."""
        late = facts.late
        self.party.chooser = parties_among(record.id, _may_apply(facts))
        self.claims.chooser = claims_among(record.id, [row.claim_id for row in late.points_of(late.standing_reply)])

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The reply that stands."""
        return reading_of(facts.late, facts.late.standing_reply)


def _may_apply(facts: Any) -> list[int]:
    return [window.party_id for window in windows(facts.late).values() if window.is_open(facts.today)]


REPLY_PAGES: dict[str, StepPage] = {
    "submit_reply": StepPage(SubmitReplyForm, reply.submit_reply),
    "return_reply": StepPage(ReturnReplyForm, reply.return_reply),
    "approve_reply": StepPage(ApproveReplyForm, reply.approve_reply),
    "serve_reply": StepPage(ServeReplyForm, service.serve_reply),
    "serve_notice": StepPage(ServeNoticeForm, service.serve_notice),
    "acknowledge": StepPage(AcknowledgeForm, acknowledgement.acknowledge),
    "apply_review": StepPage(ApplyReviewForm, acknowledgement.apply_review),
}
