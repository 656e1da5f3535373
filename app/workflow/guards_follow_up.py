"""The guards of what comes after the reply: follow-up, rectification, archive, reopening."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.text import listed
from app.models.deadline import DeadlineState
from app.models.document import DocumentKind
from app.models.rectification import RectificationState
from app.models.referral import ReferralKind
from app.workflow.types import Message, Situation

TRIES = 3  # so often a party is tried before 联系不上 [D]
HANDLED = ("sign_for", "log_work", "mediate", "submit_reply", "approve_reply", "receive_by_leader", "settle_on_spot")


def not_the_handler(at: Situation) -> Message | None:
    """Neither somebody who handled, received or settled the matter, nor anybody of an organisation that handled it."""
    if at.actor.user_id in at.facts.doers(*HANDLED):
        return _l("You worked on this matter; somebody else follows it up.")
    if at.facts.referral_of(at.actor.organisation_id) is not None:
        return _l("Your organisation handled this matter; somebody else follows it up.")
    return None


# ---- what: the form of a follow-up


def party_is_asked(at: Situation) -> tuple[str, Message] | None:
    """One of the petitioners is asked, and not one who has answered already."""
    party = at.data.get("party")
    if party is None or party.id not in at.facts.late.petitioners:
        return "party", _l("Please choose the party who is asked.")
    if party.id in {row.party_id for row in at.facts.late.asked_since_rectified if row.reached}:
        return "party", _l("This party has been asked already.")
    return None


def asked_after_the_service(at: Situation) -> tuple[str, Message] | None:
    """A party is asked after the reply was served, and not in the future."""
    moment: datetime | None = at.data.get("at")
    party = at.data.get("party")
    if moment is None:
        return None
    if moment > clock.now():
        return "at", _l("This lies in the future.")
    late = at.facts.late
    served = late.served(late.standing_reply).get(party.id) if party is not None else None
    if served is not None and moment < served.served_at.replace(second=0, microsecond=0):
        return "at", _l("This lies before the reply was served.")
    return None


def answers_are_whole(at: Situation) -> tuple[str, Message] | None:
    """Who was reached says whether it is solved and whether he or she is satisfied; who was not says nothing."""
    reached = at.data.get("reached")
    if reached is None:
        return "reached", _l("Please say whether the party was reached.")
    for name in ("solved", "satisfied"):
        if reached and at.data.get(name) is None:
            return name, _l("Please ask for this and say what the party answered.")
        if not reached and at.data.get(name) is not None:
            return name, _l("Who was not reached has answered nothing.")
    return None


def cause_is_named(at: Situation) -> tuple[str, Message] | None:
    """What is to be rectified is said when the party is not content."""
    if at.data.get("low") and not (at.data.get("cause") or "").strip():
        return "cause", _l("The party is not content: please say what is to be rectified.")
    return None


# ---- rectification


def is_to_be_rectified(at: Situation) -> Message | None:
    """A rectification is ordered and not yet reported."""
    row = at.facts.late.open_rectification
    if row is None or row.state != RectificationState.ordered:
        return _l("The rectification has been reported and waits for the supervisor.")
    return None


def is_reported(at: Situation) -> Message | None:
    """The organisation has reported what it mended."""
    row = at.facts.late.open_rectification
    if row is None or row.state != RectificationState.reported:
        return _l("The organisation has not reported yet.")
    return None


def own_organisation_rectifies(at: Situation) -> Message | None:
    """The own organisation is the one that rectifies."""
    row = at.facts.late.open_rectification
    if row is not None and row.organisation_id == at.actor.organisation_id:
        return None
    return _l("Only the organisation that rectifies may do this.")


def not_the_reporter(at: Situation) -> Message | None:
    """Who reported a rectification does not decide on it."""
    row = at.facts.late.open_rectification
    if row is not None and row.reported_by_id is not None and row.reported_by_id == at.actor.user_id:
        return _l("You reported this yourself; somebody else decides.")
    return None


def report_is_told(at: Situation) -> tuple[str, Message] | None:
    """A report says what was mended."""
    return None if (at.data.get("report") or "").strip() else ("report", _l("Please say what was mended."))


def report_has_evidence(at: Situation) -> tuple[str, Message] | None:
    """A report comes with at least one piece of evidence."""
    return None if at.data.get("evidence") else ("evidence", _l("Please add at least one piece of evidence."))


# ---- archive and reopening


def dossier_is_complete(at: Situation) -> Message | None:
    """The dossier holds what its kind needs: a reply with its service, and a follow-up; nothing runs any more."""
    missing = missing_from_dossier(at)
    if missing:
        return _l("The dossier is not complete: %(what)s.", what=listed(missing))
    return None


def missing_from_dossier(at: Situation) -> list[Any]:
    """What a dossier still lacks, in words."""
    late, reply = at.facts.late, at.facts.late.standing_reply
    checks = (
        (reply is not None, _l("an approved reply")),
        (reply is None or late.petitioners <= set(late.served(reply)), _l("the service to every petitioner")),
        (any(row.round == at.facts.round for row in late.follow_ups), _l("a follow-up")),
        (late.open_review is None, _l("the end of the expert review")),
        (late.open_rectification is None, _l("the acceptance of the rectification")),
        (not _waiting(at), _l("the service of every notice that waits to be served")),
        (not _duties(at), _l("the end of every deadline")),
    )
    return [name for present, name in checks if not present]


def _waiting(at: Situation) -> list[Any]:
    """Notices without a proof of service (decision 14), but for those that events have overtaken: what was missing came
    in, or the party signed for the settlement at the desk."""
    late = at.facts.late
    found = [row for row in late.papers_due if row.paper != DocumentKind.supplement_notice.value]
    return found if found and not (late.standing_reply and late.standing_reply.on_spot) else []


def _duties(at: Situation) -> list[Any]:
    """Clocks of the offices that still run; rights of a party are no reason to wait."""
    duties = ("D-ACK15", "D-REPLY15", "D-HANDLE60", "D-RECT")
    open_ = (DeadlineState.running, DeadlineState.paused)
    return [row for row in at.facts.late.clocks if row.code in duties and row.state in open_]


def retention_is_chosen(at: Situation) -> tuple[str, Message] | None:
    """It is said how long the dossier is kept."""
    return None if at.data.get("retention") is not None else ("retention", _l("Please say how long it is kept."))


def ground_of_reopening_is_named(at: Situation) -> tuple[str, Message] | None:
    """A new fact, a court or a superior order is named."""
    return None if at.data.get("ground") is not None else ("ground", _l("Please choose the ground."))


def has_somebody_to_handle_it(at: Situation) -> tuple[str, Message] | None:
    """A lead organisation stands or is named."""
    lead = next((r for r in at.facts.referrals if r.kind == ReferralKind.lead), None)
    if lead is None and at.data.get("lead") is None:
        return "lead", _l("Please choose the lead organisation.")
    return None
