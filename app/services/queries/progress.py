"""The course of a case as its party reads it: what happened, what comes next, by when; no names of staff, no notes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.case import CaseState

Data = Mapping[str, Any]
S = CaseState


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that happened: its day and a sentence."""

    on: date
    text: Any


def _plain(sentence: Any) -> Callable[[Data], Any]:
    return lambda _data: sentence


def _assigned(data: Data) -> Any:
    return _l("It was handed to %(name)s.", name=data.get("lead", ""))


# What a party is told of each step; steps that stand nowhere here are matters of the offices.
SAID: dict[str, Callable[[Data], Any]] = {
    "register": _plain(_l("We registered your matter.")),
    "request_supplement": _plain(_l("We asked for further papers.")),
    "supplement": _plain(_l("Your further papers came in.")),
    "approve_decline": _plain(
        _l("It was decided that another way is open for this matter; a written notice says which.")
    ),
    "merge": _plain(_l("It goes on together with another matter of the same kind.")),
    "unmerge": _plain(_l("It goes on by itself again.")),
    "split": _plain(_l("A part of it goes on as a matter of its own.")),
    "accept": _plain(_l("The matter was accepted.")),
    "assign": _assigned,
    "sign_for": _plain(_l("The organisation took it over.")),
    "receive_by_leader": _plain(_l("A leader received you and keeps the matter in hand.")),
    "confer": _plain(_l("The organisations concerned met on it.")),
    "mediate": _plain(_l("A mediation began.")),
    "conclude_mediation": _plain(_l("The mediation ended.")),
    "call_hearing": _plain(_l("A hearing was called.")),
    "hold_hearing": _plain(_l("The hearing was held.")),
    "approve_extension": _plain(_l("The days for handling it were extended; a written notice says why.")),
    "suspend": _plain(_l("The handling rests for a while.")),
    "resume": _plain(_l("The handling goes on.")),
    "approve_reply": _plain(_l("The written reply was approved.")),
    "settle_on_spot": _plain(_l("It was settled on the spot.")),
    "serve_reply": _plain(_l("The written reply was handed over.")),
    "acknowledge": _plain(_l("A party signed for the reply.")),
    "apply_review": _plain(_l("An expert review was applied for.")),
    "conclude_review": _plain(_l("The expert review ended.")),
    "follow_up": _plain(_l("We asked how it went.")),
    "accept_rectification": _plain(_l("What you were not content with was mended and accepted.")),
    "reopen": _plain(_l("The matter was taken up again.")),
    "withdraw": _plain(_l("A withdrawal was taken down.")),
    "approve_withdrawal": _plain(_l("The matter was withdrawn as you asked.")),
}
# Where it stands, what comes next, and what the party can do.
NEXT: dict[CaseState, tuple[Any, Any]] = {
    S.registered: (_l("We check whether it can be accepted, and tell you in writing."), _l("You need do nothing now.")),
    S.supplement_pending: (
        _l("We wait for your further papers."),
        _l("Please bring what the notice names to any of our centres."),
    ),
    S.decline_proposed: (_l("A decision is being made; you will be told in writing."), _l("You need do nothing now.")),
    S.merged: (_l("It goes on together with another matter."), _l("Your own days go on; ask at the centre.")),
    S.redirected: (
        _l("Another way is open for it; the notice names it and where to go."),
        _l("Please fetch the notice at the centre if you do not have it."),
    ),
    S.accepted: (_l("We choose the organisation that handles it."), _l("You need do nothing now.")),
    S.assigned: (_l("The organisation takes it over."), _l("You need do nothing now.")),
    S.objected: (_l("We settle which organisation handles it."), _l("You need do nothing now.")),
    S.handling: (
        _l("The organisation looks into it and prepares the reply."),
        _l("You can bring further papers at any time, or ask to see a leader."),
    ),
    S.suspended: (_l("The handling rests until the day you were told."), _l("You need do nothing now.")),
    S.reply_checking: (_l("The reply is being checked."), _l("You need do nothing now.")),
    S.reply_approved: (_l("The written reply waits for you."), _l("Please fetch it at the centre.")),
    S.replied: (
        _l("You have the reply."),
        _l("If you agree, please sign; if not, you can apply for an expert review until the day below."),
    ),
    S.reviewing: (_l("Experts review the reply."), _l("Follow the review below.")),
    S.follow_up_due: (_l("We will ask you how it went."), _l("Please rate the service.")),
    S.rectifying: (_l("What you were not content with is being mended."), _l("We will ask you again.")),
    S.withdrawal_proposed: (_l("Your withdrawal is being looked at."), _l("You need do nothing now.")),
    S.withdrawn: (_l("The matter was withdrawn."), _l("You can bring it again at any time.")),
    S.closed: (_l("The matter is closed."), _l("Please rate the service.")),
    S.archived: (_l("The matter is closed and filed."), _l("If there are new facts, please come to the centre.")),
}


def _midway(row: Any) -> bool:
    """Whether the reply is only checked and not yet approved: the party hears of it once."""
    return row.step == "approve_reply" and row.to_state != S.reply_approved


def passed(course: Iterable[Any]) -> list[Passed]:
    """What happened, the newest first."""
    told = (row for row in course if row.step in SAID and not _midway(row))
    return [Passed(clock.local(row.at).date(), SAID[row.step](row.data or {})) for row in told][::-1]
