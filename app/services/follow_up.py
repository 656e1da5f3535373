"""Follow-up 回访: a party is asked whether it is really solved, and whether he or she is satisfied (domain §3)."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.follow_up import FollowUp, FollowUpMode, Satisfaction
from app.services import deadline, document, parameter, sms
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.notice import holders, tell
from app.services.rectification import order
from app.workflow.facts import CaseFacts
from app.workflow.guards_follow_up import TRIES
from app.workflow.types import SAME

SCORES = ("quality", "conduct", "centre")
REACHED = {True: _lp("paper", "reached"), False: _lp("paper", "not reached")}


def is_low(data: Data) -> bool:
    """Whether what a party says calls for a rectification: not solved, dissatisfied, or a score at the low mark."""
    if not data.get("reached"):
        return False
    scores = [int(data[name]) for name in SCORES if data.get(name) is not None]
    poor = any(score <= parameter.number("low_score") for score in scores)
    return data.get("solved") is False or data.get("satisfied") == Satisfaction.dissatisfied or poor


def to_be_asked(facts: CaseFacts) -> set[int]:
    """The petitioners of whom nothing is known yet in this stage: neither reached nor tried three times in vain."""
    asked = facts.late.asked_since_rectified
    tries: dict[int, int] = {}
    for row in asked:
        tries[row.party_id] = tries.get(row.party_id, 0) + 1
    done = {row.party_id for row in asked if row.reached} | {key for key, n in tries.items() if n >= TRIES}
    return set(facts.late.petitioners) - done


def _target(facts: CaseFacts, data: Mapping[str, Any], attempt: int) -> Any:
    """Rectifying when the party is not content; closed when nobody is left to be asked; else the case stays."""
    if data["low"]:
        return CaseState.rectifying
    party = data.get("party")
    done = bool(data.get("reached")) or attempt >= TRIES
    left = to_be_asked(facts) - ({party.id} if party is not None and done else set())
    return SAME if left else CaseState.closed


def _told(data: Mapping[str, Any], attempt: int) -> dict[str, Any]:
    party, mode, satisfied = data.get("party"), data.get("mode"), data.get("satisfied")
    told = {
        "party": str(party) if party is not None else None,
        "mode": mode.value if mode is not None else None,
        "attempt": attempt,
        "reached": bool(data.get("reached")),
        "solved": data.get("solved"),
        "satisfied": satisfied.value if satisfied is not None else None,
        **{name: data.get(name) for name in SCORES},
    }
    return {key: value for key, value in told.items() if value is not None}


@unit_of_work
def follow_up(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Keep one try and what the party said: it closes the case, orders a rectification, or leaves others to ask."""
    opinion = text_of(data, "opinion")
    case, facts = take(actor, case_id, version, "follow_up", opinion)
    party = data.get("party")
    attempt = 1 + sum(row.party_id == party.id for row in facts.late.asked_since_rectified) if party is not None else 1
    given = {**data, "low": is_low(data)}
    target = _target(facts, given, attempt)
    step = carry_out(actor, case, facts, "follow_up", given, reason=opinion, to=target, told=_told(data, attempt))
    row: Any = FollowUp(
        case_id=case.id,
        round=case.round,
        attempt=attempt,
        party_id=data["party"].id,
        by_id=actor.user_id,
        at=data.get("at") or step.at,
        mode=data["mode"],
        reached=bool(data["reached"]),
        solved=data.get("solved"),
        satisfied=data.get("satisfied"),
        opinion=opinion,
        **{name: data.get(name) for name in SCORES},
    )
    db.session.add(row)
    db.session.flush()
    if data["mode"] == FollowUpMode.sms and not data["reached"]:
        sms.text_party(actor, case, data["party"], "follow_up_ask")
    fields = _paper(actor, row, _tries(row))
    document.issue(actor, case, document.DocumentKind.follow_up_form, fields, party_id=row.party_id, about=row)
    deadline.meet_first(case, deadline.FOLLOW_UPS)
    if target == CaseState.rectifying:
        order(actor, case, facts, row, str(text_of(data, "cause")))
    if target == CaseState.closed:
        case.closed_at = step.at
        deadline.cancel(case, deadline.FOLLOW_UPS)
        deadline.show_nearest(case)
        tell(actor, case, "closed", holders("archive", [case.organisation_id]))
    return keep(case)


def _tries(row: FollowUp) -> list[FollowUp]:
    """The tries of this stage to reach the party, up to this one."""
    same = select(FollowUp).where(FollowUp.case_id == row.case_id, FollowUp.party_id == row.party_id)
    return list(db.session.scalars(same.order_by(FollowUp.id.desc()).limit(row.attempt)))[::-1]


def _score(value: int | None) -> Any:
    return _lp("paper", "%(score)s of 5", score=value) if value is not None else Satisfaction.not_rated


def _paper(actor: Actor, row: FollowUp, tries: Iterable[Any]) -> dict[str, Any]:
    """What was asked and said; what was not said is not left blank, and each try stands there."""
    overall = row.satisfied or Satisfaction.not_rated
    if row.centre is not None:
        overall = _lp("paper", "%(overall)s; the centre: %(score)s of 5", overall=overall.label, score=row.centre)
    return {
        "followed_at": row.at,
        "mode": row.mode,
        "reached": row.reached,
        "solved": row.solved if row.solved is not None else Satisfaction.not_rated,
        "quality": _score(row.quality),
        "conduct": _score(row.conduct),
        "overall": overall,
        "opinion": row.opinion,
        "follow_up_clerk": actor.name,
        "tries": [
            {"number": one.attempt, "at": one.at, "mode": one.mode, "result": REACHED[one.reached]} for one in tries
        ],
    }
