"""What the guards need to know about a request to change the roster."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.duty_change import ChangeKind, DutyChange, DutyStep
from app.models.roster import Shift
from app.services.queries import duty
from app.workflow.duty_facts import DutyFacts, Held
from app.workflow.facts import Event


def duty_steps(change_id: int) -> list[Any]:
    """The steps of a request, first to last."""
    found = select(DutyStep).where(DutyStep.change_id == change_id).order_by(DutyStep.seq)
    with system_scope("the course of a request taken up already"):
        return list(db.session.scalars(found))


def _held(shift: Shift | None) -> Held | None:
    if shift is None:
        return None
    begins = datetime.combine(shift.on, shift.starts_at, clock.LOCAL)
    ends = datetime.combine(shift.on, shift.ends_at, clock.LOCAL)
    return Held(shift.id, shift.account_id, shift.on, begins, ends, shift.published)


def _shift(shift_id: int | None) -> Shift | None:
    if shift_id is None:
        return None
    with system_scope("the shifts of a request"):
        return db.session.get(Shift, shift_id)


def clash_of(change: DutyChange, names: dict[int, str]) -> Any | None:
    """Who could not hold the shift he or she would get, and why."""
    pairs = [(change.other_id, _shift(change.shift_id))]
    if change.kind is ChangeKind.swap:
        pairs.append((change.account_id, _shift(change.other_shift_id)))
    both = [one.id for _who, one in pairs if one is not None]
    for who, shift in pairs:
        if who is None or shift is None:
            continue
        why = duty.known([who], shift.on, shift.on).why_not(who, shift, both)
        if why is not None:
            return _l("%(name)s is %(why)s (%(day)s).", name=names.get(who, ""), why=why, day=f"{shift.on:%m-%d}")
    return None


def facts_of(change: DutyChange) -> DutyFacts:
    """The facts of a request, from the database."""
    steps = duty_steps(change.id) if change.id is not None else []
    names = duty.names_of([change.account_id, change.other_id])
    return DutyFacts(
        now=clock.now(),
        next_seq=max((step.seq for step in steps), default=0) + 1,
        course=tuple(Event(s.step, s.actor_id, s.from_state, s.to_state) for s in steps),
        shift=_held(_shift(change.shift_id)),
        other_shift=_held(_shift(change.other_shift_id)),
        asker_name=names.get(change.account_id, ""),
        other_name=names.get(change.other_id or 0, ""),
        clash=clash_of(change, names),
    )
