"""The reviews of the demo: what their forms hand over, step by step at its own hour."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.expert import Expert
from app.models.follow_up import Satisfaction
from app.models.party import Claim, Party
from app.models.review import Review
from app.models.room import Room
from app.models.service import ServiceWay
from app.services import ballot, opinion, review, review_seat, review_session
from app.services.queries.tally import lines_of
from app.services.signature import Signing
from app.services.working_calendar import calendar

REVIEW_VERBS: dict[str, Callable[..., Review]] = {
    "accept_review": review.accept_review,
    "pick_experts": review_seat.pick_experts,
    "invite": review_seat.invite,
    "accept_invitation": review_seat.accept_invitation,
    "decline_invitation": review_seat.decline_invitation,
    "serve_material": review_session.serve_material,
    "fix_session": review_session.fix_session,
    "open_ballots": ballot.open_ballots,
    "cast_ballot": ballot.cast_ballot,
    "assemble_opinion": opinion.assemble_opinion,
    "sign_opinion": opinion.sign_opinion,
    "serve_opinion": opinion.serve_opinion,
}


def _experts(numbers: Any) -> list[Expert]:
    found = []
    for number in numbers:
        named = select(Expert).join(Account, Account.id == Expert.account_id)
        found.append(db.session.scalars(named.where(Account.username == f"expert.{number}")).one())
    return found


def _session(taken: list[datetime]) -> dict[str, Any]:
    """Nine o'clock of the next working day on which the demo has no other session yet."""
    day = clock.today()
    while True:
        day += timedelta(days=1)
        start = datetime.combine(day, time(9), clock.LOCAL)
        if calendar().is_workday(day) and start not in taken:
            taken.append(start)
            room = db.session.scalars(select(Room).where(Room.name == "专家评审室")).one()
            return {"room": room, "start": start, "end": start + timedelta(hours=2)}


def _marks(record: Review, vote: str, comment: str) -> list[dict[str, Any]]:
    """The first claim as the expert sees it, everything else sound."""
    rows = []
    for line in lines_of(record):
        said = vote if line.number == 1 else "sound"
        remark = comment if said == "unsound" else None
        rows.append({"line": line.key, "legality": said, "reasonableness": said, "comment": remark})
    return rows


def of_the_review(record_id: int, said: dict[str, Any], sign: Callable[[str], Signing], taken: list[Any]) -> Any:
    """What the form of a step of a review hands over."""
    meant = dict(said)
    with system_scope("demo: what a form of a review offers"):
        record = db.session.get_one(Review, record_id)
        for field in ("experts", "reserves"):
            if field in said:
                meant[field] = _experts(said[field])
        if "party" in said:
            meant["party"] = db.session.get_one(Party, record.applicants[said["party"]].party_id)
        if "session" in said:
            meant |= _session(taken)
        if "vote" in said:
            meant["marks"] = _marks(record, said["vote"], said["comment"])
    if "way" in said:
        meant |= {"way": ServiceWay(said["way"]), "served_at": clock.now()}
    if "satisfied" in said:
        meant["satisfied"] = Satisfaction(said["satisfied"])
    if said.get("signature"):
        meant["signature"] = sign(said["signature"])
    return meant


def review_of(case_id: int) -> int:
    """The review of a matter of the demo."""
    with system_scope("demo: the review of a matter"):
        return db.session.scalars(select(Review.id).where(Review.case_id == case_id)).one()


def objected(case_id: int, numbers: Any) -> list[Claim]:
    """The claims whose answer is not accepted."""
    with system_scope("demo: claims of a matter"):
        found = select(Claim).where(Claim.case_id == case_id, Claim.number.in_(list(numbers)))
        return list(db.session.scalars(found.order_by(Claim.number)))
