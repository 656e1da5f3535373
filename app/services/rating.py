"""What a party says of the service on the public page: once for a round of a case, nothing said in advance."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, WrongState
from app.models.case import Case, CaseState
from app.models.follow_up import Rating
from app.services.notice import holders, tell

# From the service of the reply on there is something to rate.
RATEABLE = (
    CaseState.replied,
    CaseState.reviewing,
    CaseState.follow_up_due,
    CaseState.rectifying,
    CaseState.closed,
    CaseState.archived,
)
SCORES = ("quality", "conduct", "centre")
DONE = _l("You have rated the service already. Thank you.")


def rated(case: Case) -> bool:
    """Whether this round of the case was rated."""
    found = select(Rating.id).where(Rating.case_id == case.id, Rating.round == case.round)
    return db.session.scalar(found) is not None


@unit_of_work
def rate(actor: Actor, case: Case, data: Mapping[str, Any]) -> Rating:
    """Keep what the party says; the follow-up clerks of the centre are told."""
    if case.state not in RATEABLE:
        raise WrongState(_l("There is nothing to rate yet: the reply has not been served."))
    if data.get("satisfied") is None:
        raise Invalid(errors={"satisfied": [_l("Please say whether you are satisfied.")]})
    if rated(case):
        raise Conflict(DONE)
    row: Any = Rating(
        case_id=case.id,
        round=case.round,
        satisfied=data["satisfied"],
        opinion=(data.get("opinion") or "").strip() or None,
        **{name: data.get(name) for name in SCORES},
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as fault:
        raise Conflict(DONE) from fault
    tell(actor, case, "rated", holders("follow_up", [case.organisation_id]))
    return row
