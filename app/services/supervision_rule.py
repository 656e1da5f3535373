"""Supervision that the rules raise (domain §5): half of the time gone with no record, the party came again, a returned
reply left lying, a co-organisation silent. For the job; each occasion comes up once, however often it is looked for."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.organisation import Organisation
from app.models.referral import Referral, ReferralKind, ReferralState
from app.models.step import CaseStep
from app.models.supervision import Supervision, SupervisionCause
from app.models.visit import Visit
from app.services import parameter
from app.services.movers import Movers
from app.services.notice import tell_people
from app.services.queries.case_facts import HANDLE
from app.services.queries.home import ENDED
from app.services.supervision import office_of, raise_order

MOST = 200  # of one rule in one run; the next run goes on
AGAIN_WITHIN = timedelta(days=30)  # older visits are no news
LONGEST_HALF = timedelta(days=60)
AT_THE_UNIT = (CaseState.assigned, CaseState.handling)
# What counts as a record of handling.
RECORDS = (
    *("log_work", "receive_by_leader", "confer", "escalate", "mediate", "conclude_mediation", "call_hearing"),
    *("hold_hearing", "request_extension", "submit_reply"),
)
_case, _step, _clock = Case.__table__, CaseStep.__table__, Deadline.__table__
_visit, _referral, _order = Visit.__table__, Referral.__table__, Supervision.__table__


class Found(NamedTuple):
    """An occasion: the case, which occasion of its kind, and the office if it is another than the one at work."""

    case_id: int
    occasion: int
    office_id: int | None = None


def _known(cause: SupervisionCause, occasion: Any) -> Any:
    return exists().where(_order.c.case_id == _case.c.id, _order.c.cause == cause, _order.c.occasion == occasion)


def _rows(statement: Any) -> Iterator[Any]:
    yield from db.session.connection().execute(statement)


def half_time() -> Iterator[Found]:
    """Half of the days for handling are gone, and nobody has written down anything."""
    today = clock.today()
    done = exists().where(_step.c.case_id == _case.c.id, _step.c.round == _case.c.round, _step.c.step.in_(RECORDS))
    statement = (
        select(_case.c.id, _case.c.round, _clock.c.starts_on, _clock.c.due_on)
        .join(_clock, _clock.c.case_id == _case.c.id)
        .where(
            _clock.c.state == DeadlineState.running,
            _clock.c.due_on <= today + LONGEST_HALF,
            _clock.c.code == HANDLE,
            _case.c.state.in_(AT_THE_UNIT),
            ~done,
            ~_known(SupervisionCause.half_time, _case.c.round),
        )
        .order_by(_clock.c.due_on, _case.c.id)
    )
    for row in _rows(statement):
        if 2 * (today - row.starts_on) >= row.due_on - row.starts_on:
            yield Found(row.id, row.round)


def came_again() -> Iterator[Found]:
    """The party came again while the matter is open."""
    statement = (
        select(_case.c.id, _visit.c.id.label("visit"))
        .join(_visit, _visit.c.case_id == _case.c.id)
        .where(
            _visit.c.at >= clock.now() - AGAIN_WITHIN,
            _visit.c.first.is_(False),
            _case.c.state.not_in(ENDED),
            ~_known(SupervisionCause.came_again, _visit.c.id),
        )
        .order_by(_visit.c.at, _visit.c.id)
    )
    return (Found(row.id, row.visit) for row in _rows(statement))


def reply_idle() -> Iterator[Found]:
    """A reply was given back, and nothing has been done with it for days."""
    later = _step.alias("later")
    idle = clock.now() - timedelta(days=parameter.number("supervise_returned_days"))
    moved = exists().where(later.c.case_id == _case.c.id, later.c.seq > _step.c.seq, later.c.step.in_(RECORDS))
    statement = (
        select(_case.c.id, _step.c.id.label("step"))
        .join(_step, _step.c.case_id == _case.c.id)
        .where(
            _case.c.state == CaseState.handling,
            _step.c.step == "return_reply",
            _step.c.at < idle,
            ~moved,
            ~_known(SupervisionCause.reply_idle, _step.c.id),
        )
        .order_by(_step.c.id)
    )
    return (Found(row.id, row.step) for row in _rows(statement))


def co_silent() -> Iterator[Found]:
    """A co-organisation has not even signed for the matter for days."""
    silent = clock.now() - timedelta(days=parameter.number("supervise_co_days"))
    statement = (
        select(_case.c.id, _referral.c.id.label("referral"), _referral.c.organisation_id)
        .join(_referral, _referral.c.case_id == _case.c.id)
        .where(
            _case.c.state.in_(AT_THE_UNIT),
            _referral.c.kind == ReferralKind.co,
            _referral.c.state == ReferralState.sent,
            _referral.c.created_at < silent,
            ~_known(SupervisionCause.co_silent, _referral.c.id),
        )
        .order_by(_referral.c.id)
    )
    return (Found(row.id, row.referral, row.organisation_id) for row in _rows(statement))


FINDERS: dict[SupervisionCause, Callable[[], Iterator[Found]]] = {
    SupervisionCause.half_time: half_time,
    SupervisionCause.came_again: came_again,
    SupervisionCause.reply_idle: reply_idle,
    SupervisionCause.co_silent: co_silent,
}


@unit_of_work
def supervise_by_rule() -> int:
    """Raise what the rules find, and tell the supervisors how much it is; how many orders were raised."""
    with acting(SYSTEM), system_scope("supervision by rule"):
        found = [(cause, one) for cause, finder in FINDERS.items() for one in list(islice(finder(), MOST))]
        everybody, told = Movers(), defaultdict[int, int](int)
        for cause, one in found:
            case = db.session.get_one(Case, one.case_id)
            office = db.session.get_one(Organisation, one.office_id) if one.office_id else office_of(case)
            raise_order(SYSTEM, case, cause, one.occasion, office)
            for user in everybody.nearest("close_supervision", case.organisation_id, case.id, "Supervision"):
                told[user] += 1
        for user, count in told.items():
            tell_people(SYSTEM, "supervision_raised", [user], {"count": count}, link="/supervision/list/?tab=raised")
    return len(found)
