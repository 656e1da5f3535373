"""The guards of the reply: drafted, checked and approved by three persons; served; answered by the party."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.party import Side
from app.models.reply import ReplyState
from app.models.review import ReviewState
from app.models.service import ServiceWay
from app.workflow.facts import LateFacts
from app.workflow.guards import own_organisation_leads
from app.workflow.types import Message, Situation
from app.workflow.windows import Window, windows

STILL_CHOOSING = (ReviewState.filed, ReviewState.choosing)  # until then another party may join a review
NOT_SERVED = _l("This party has not received the reply yet.")


# ---- who


def not_the_checker(at: Situation) -> Message | None:
    """Who checked the reply does not approve it."""
    reply = at.facts.late.reply
    if reply is not None and reply.checked_by_id is not None and reply.checked_by_id == at.actor.user_id:
        return _l("You checked this reply yourself; somebody else approves it.")
    return None


def decides_on_the_reply(at: Situation) -> Message | None:
    """The lead organisation checks the reply; then a head of a centre, who decides on extensions too, approves it."""
    reply = at.facts.late.reply
    if reply is None or reply.state == ReplyState.checking:
        if own_organisation_leads(at) is not None:
            return _l("The head of the lead organisation checks it first.")
        return None
    if not at.actor.may("approve_extension", "Case"):
        return _l("It has been checked; now the head of the centre decides.")
    return None


# ---- when


def somebody_waits_for_a_paper(at: Situation) -> Message | None:
    """A written notice waits to be served."""
    return None if at.facts.late.papers_due else _l("No written notice waits to be served.")


def somebody_may_sign(at: Situation) -> Message | None:
    """A petitioner has received the reply, and has neither signed for it nor applied for a review."""
    if not any(_waits(window) for window in windows(at.facts.late).values()):
        return _l("Nobody is left who has received the reply and may sign for it.")
    return None


def _too_late(window: Window) -> Message:
    """The last day, and the day of receipt from which it counts."""
    return _l(
        "The reply was received on %(received)s; the last day to apply for an expert review was %(day)s.",
        received=clock.local(window.service.served_at).date().isoformat(),
        day=window.last_day.isoformat() if window.last_day is not None else "-",
    )


def a_window_is_open(at: Situation) -> Message | None:
    """A petitioner is within the days for a review."""
    own = windows(at.facts.late)
    if any(window.is_open(at.facts.today) for window in own.values()):
        return None
    late = [window for window in own.values() if window.has_lapsed(at.facts.today)]
    if late:
        return _too_late(max(late, key=lambda window: window.last_day or date.min))
    return _l("No petitioner is within the days for an expert review.")


def review_can_be_joined(at: Situation) -> Message | None:
    """The reply is reviewed once; another party joins only while the experts are not picked yet."""
    late = at.facts.late
    reply = late.standing_reply
    done = [row for row in late.reviews if reply is not None and row.reply_id == reply.id]
    if any(row.state == ReviewState.closed for row in done):
        return _l("This reply has been reviewed already.")
    if late.open_review is not None and late.open_review.state not in STILL_CHOOSING:
        return _l("The experts of the review are picked already; its opinion is served to every party.")
    return None


# ---- what: the reply


def reply_is_written(at: Situation) -> tuple[str, Message] | None:
    """A reply says what was found out."""
    return None if (at.data.get("findings") or "").strip() else ("findings", _l("Please say what was found out."))


def reply_has_basis(at: Situation) -> tuple[str, Message] | None:
    """A reply names its basis."""
    return None if (at.data.get("basis") or "").strip() else ("basis", _l("Please name the laws, rules and facts."))


def every_claim_is_answered(at: Situation) -> tuple[str, Message] | None:
    """Every claim has its own result, answer, and word on whether it is resolved."""
    given = {row.get("claim"): row for row in at.data.get("answers") or ()}
    for claim in at.facts.late.claims:
        row = given.get(claim.number)
        if (
            row is None
            or row.get("result") is None
            or row.get("resolved") is None
            or not (row.get("text") or "").strip()
        ):
            return "answers", _l("Claim %(number)s is not answered.", number=claim.number)
    return None


def evidence_is_given(at: Situation) -> tuple[str, Message] | None:
    """At least one file of the case is named as evidence."""
    files = at.data.get("evidence") or ()
    if not files:
        return "evidence", _l("Please name at least one file as evidence.")
    if any(file.case_id != at.record.id for file in files):
        return "evidence", _l("This file belongs to another matter.")
    return None


# ---- what: service


def _of_the_matter(at: Situation, party: Any) -> bool:
    return any(row.id == party.id for row in at.facts.late.parties)


def party_is_named(at: Situation) -> tuple[str, Message] | None:
    """A party of the matter, or of one merged into it, is named."""
    party = at.data.get("party")
    if party is None:
        return "party", _l("Please choose the party.")
    return None if _of_the_matter(at, party) else ("party", _l("This is no party of the matter."))


def party_has_not_received_it(at: Situation) -> tuple[str, Message] | None:
    """One party receives one version of the reply once."""
    party, late = at.data.get("party"), at.facts.late
    row = late.served(late.standing_reply).get(party.id) if party is not None else None
    if row is None:
        return None
    return "party", _l("This party received the reply on %(day)s already.", day=row.served_at.date().isoformat())


def served_after_approval(at: Situation) -> tuple[str, Message] | None:
    """A reply is served after its approval, and not in the future."""
    reply = at.facts.late.standing_reply
    return _served_within(at, reply.approved_at if reply is not None else None)


def served_after_issue(at: Situation) -> tuple[str, Message] | None:
    """A notice is served after it was issued, and not in the future."""
    paper, party = at.data.get("paper"), at.data.get("party")
    found = [row for row in at.facts.late.papers_due if row.paper == paper and party is not None]
    issued = next((row.asked_at for row in found if row.party_id == party.id), None) if party is not None else None
    return _served_within(at, issued)


def _served_within(at: Situation, earliest: datetime | None) -> tuple[str, Message] | None:
    served = at.data.get("served_at")
    if served is None:
        return "served_at", _l("Please say when it was served.")
    if served > clock.now():
        return "served_at", _l("This lies in the future.")
    if earliest is not None and served < earliest.replace(second=0, microsecond=0):
        return "served_at", _l("This lies before the paper was issued.")
    return None


def paper_waits_for_the_party(at: Situation) -> tuple[str, Message] | None:
    """The notice waits to be served to this very party."""
    paper, party = at.data.get("paper"), at.data.get("party")
    if party is None:
        return None
    if any(row.paper == paper and row.party_id == party.id for row in at.facts.late.papers_due):
        return None
    return "paper", _l("This notice does not wait to be served to this party.")


def refusal_has_two_witnesses(at: Situation) -> tuple[str, Message] | None:
    """A refusal to sign is attested by two persons, neither of them the party, and its reason is kept."""
    if not at.data.get("refused"):
        return None
    if not (at.data.get("refusal") or "").strip():
        return "refusal", _l("Please say why the party refuses to sign.")
    if at.data.get("signature") is not None:
        return "signature", _l("Who refuses does not sign. Please choose one of the two.")
    return _two_witnesses(at)


def _two_witnesses(at: Situation) -> tuple[str, Message] | None:
    names = [(at.data.get(field) or "").strip() for field in ("witness_one", "witness_two")]
    party = at.data.get("party")
    for field, name in zip(("witness_one", "witness_two"), names, strict=True):
        if not name:
            return field, _l("Two witnesses are named when nobody signs.")
        if party is not None and name == party.name:
            return field, _l("The party is no witness. Please name another person.")
    return ("witness_two", _l("The two witnesses are two persons.")) if names[0] == names[1] else None


def service_is_proved(at: Situation) -> tuple[str, Message] | None:
    """Each way of service has its proof: a signature, witnesses, a postal number, or a file."""
    if at.data.get("refused"):
        return None
    way, files = at.data.get("way"), at.data.get("evidence")
    case_id = getattr(at.record, "case_id", at.record.id)
    if any(file.case_id != case_id for file in files or ()):
        return "evidence", _l("This file belongs to another matter.")
    if way is None:
        return "way", _l("Please choose the way of service.")
    if way in (ServiceWay.handed, ServiceWay.proxy):
        if way is ServiceWay.proxy and not (at.data.get("receiver") or "").strip():
            return "receiver", _l("Please name the person who received it.")
        return None if at.data.get("signature") is not None else ("signature", _l("Please let the receiver sign."))
    if way is ServiceWay.left:
        return None if files else _two_witnesses(at)
    if way is ServiceWay.post and (at.data.get("tracking") or "").strip():
        return None
    if files:
        return None
    if way is ServiceWay.post:
        return "tracking", _l("Please enter the postal number, or attach the proof of posting.")
    return "evidence", _l("Please attach what proves this way of service.")


# ---- what: the party answers


def _waits(window: Window) -> bool:
    return window.service is not None and window.acknowledgement is None and window.application is None


def _window(at: Situation) -> Window | None:
    party = at.data.get("party")
    return windows(at.facts.late).get(party.id) if party is not None else None


def petitioner_is_named(at: Situation) -> tuple[str, Message] | None:
    """A petitioner of the matter is named."""
    if (fault := party_is_named(at)) is not None:
        return fault
    if at.data["party"].side != Side.petitioner:
        return "party", _l("Only petitioners have this right.")
    return None


def party_may_sign(at: Situation) -> tuple[str, Message] | None:
    """The party has received this version, and has neither signed nor applied."""
    window = _window(at)
    if window is None:
        return None
    if window.service is None:
        return "party", NOT_SERVED
    if window.acknowledgement is not None:
        return "party", _l("This party has signed for the reply already.")
    if window.application is not None:
        return "party", _l("This party has applied for an expert review.")
    return None


def satisfaction_is_said(at: Situation) -> tuple[str, Message] | None:
    """The party says whether he or she is satisfied; nothing is taken for granted."""
    if at.data.get("satisfied") is None:
        return "satisfied", _l("Please ask whether the party is satisfied.")
    return None


def party_has_signed(at: Situation) -> tuple[str, Message] | None:
    """The party signs, or a witness stands for it."""
    return None if at.data.get("signature") is not None else ("signature", _l("Please let the party sign."))


def own_window_is_open(at: Situation) -> tuple[str, Message] | None:
    """The party applies within its own days, counted from its own day of receipt."""
    window = _window(at)
    if window is None or window.is_open(at.facts.today):
        return None
    if window.service is None:
        return "party", NOT_SERVED
    if window.application is not None:
        return "party", _l("This party has applied for an expert review.")
    if window.acknowledgement is not None:
        return "party", _l("This party has signed for the reply already.")
    return "party", _too_late(window)


def a_claim_is_objected_to(at: Situation) -> tuple[str, Message] | None:
    """At least one answer of the reply is objected to."""
    claims = at.data.get("claims") or ()
    if not claims:
        return "claims", _l("Please choose at least one claim whose answer is not accepted.")
    answered = {row.claim_id for row in at.facts.late.points_of(at.facts.late.standing_reply)}
    if any(claim.id not in answered for claim in claims):
        return "claims", _l("The reply does not answer this claim.")
    return None


def awaits_review(late: LateFacts) -> bool:
    """Whether a review of the version that stands goes on."""
    reply, review = late.standing_reply, late.open_review
    return reply is not None and review is not None and review.reply_id == reply.id
