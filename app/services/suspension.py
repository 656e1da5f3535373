"""Suspensions: on a listed ground the local days of a matter stand still until a day; what the law asks runs on."""

import logging
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, Actor, acting, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import PortalError
from app.models.case import Case, CaseState
from app.models.deadline import DeadlineState
from app.models.extension import Suspension
from app.models.recount import RecountCause
from app.services import deadline, parameter
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take, told_after
from app.services.notice import tell
from app.services.recount import owners_of, recount_case, words_of

log = logging.getLogger("portal.suspension")
DAYS_MOST = "suspend_days"


def _stop(case: Case, before: DeadlineState, after: DeadlineState) -> None:
    """The clocks that a suspension stops, or lets run on."""
    for row in deadline.open_of(case):
        if row.state == before and deadline.stands_still(row):
            row.state = after


@unit_of_work
def suspend(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let the local days stand still from today until the day named."""
    reason, ground, until = text_of(data, "reason"), data.get("ground"), data.get("until_on")
    case, facts = take(actor, case_id, version, "suspend", reason)
    most, today = parameter.number(DAYS_MOST), clock.today()
    told = {"ground": ground.name if ground is not None else None, "from_on": today.isoformat()}
    told["until_on"] = until.isoformat() if until is not None else None
    step = carry_out(actor, case, facts, "suspend", {**data, "days_most": most}, reason=reason, told=told)
    assert ground is not None  # the guard has seen to it
    with told_after(step) as more:
        row: Any = Suspension(case_id=case.id, ground_id=ground.id, reason=reason, from_on=today, until_on=until)
        db.session.add(row)
        _stop(case, DeadlineState.running, DeadlineState.paused)
        more["moved"] = words_of(recount_case(case, RecountCause.suspension, ground.name))
        deadline.show_nearest(case)
    tell(actor, case, "suspend", owners_of(case), day=told["until_on"])
    return keep(case)


@unit_of_work
def resume(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Let the days run on, earlier than planned or on the day named."""
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "resume", note)
    step = carry_out(actor, case, facts, "resume", data, reason=note, told={"by_itself": actor.system or None})
    with told_after(step) as more:
        more |= end_suspension(case)
    tell(actor, case, "resume", owners_of(case))
    return keep(case)


def end_suspension(case: Case) -> dict[str, Any]:
    """The open suspension ends today, or ended on its day; the days are counted by what really stood still."""
    row: Any = db.session.scalar(
        select(Suspension).where(Suspension.case_id == case.id, Suspension.resumed_on.is_(None))
    )
    if row is None:
        return {}
    row.resumed_on = min(row.until_on, clock.today())
    _stop(case, DeadlineState.paused, DeadlineState.running)
    moves = recount_case(case, RecountCause.resumption, case.number)
    deadline.show_nearest(case)
    return {"resumed_on": row.resumed_on.isoformat(), "moved": words_of(moves)}


@unit_of_work
def resume_due() -> None:
    """Matters whose suspension has reached its day go on by themselves; one that cannot does not hold up the others."""
    with acting(SYSTEM), system_scope("suspensions that have reached their day"):
        reached = (
            select(Case.id)
            .join(Suspension, Suspension.case_id == Case.id)
            .where(
                Case.state == CaseState.suspended,
                Suspension.resumed_on.is_(None),
                Suspension.until_on <= clock.today(),
            )
            .order_by(Case.id)
        )
        for case_id in db.session.scalars(reached).all():
            try:
                with db.session.begin_nested():
                    resume(SYSTEM, case_id, {})
            except PortalError:
                log.exception("a suspension did not end", extra={"key": case_id})
