"""The rights of each party after a reply: their days begin with receipt, are used, or lapse; then follow-up begins."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from app.access.actor import SYSTEM, Actor, acting, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.services import deadline
from app.services.course import CASES, keep
from app.services.notice import holders, tell
from app.workflow.windows import RECHECK_DAYS, REVIEW_DAYS, all_settled, windows

OF_A_PARTY = (REVIEW_DAYS, RECHECK_DAYS)


def _running(case: Case, party_id: int, codes: Iterable[str]) -> list[Deadline]:
    return [row for row in deadline.running([case.id], list(codes)) if row.party_id == party_id]


def begin(case: Case, party_id: int, on: date) -> Deadline:
    """A petitioner has received a reply: the days for review and for re-examination begin, and those of an earlier
    version end. Gives the days for review."""
    for row in _running(case, party_id, OF_A_PARTY):
        row.state = DeadlineState.cancelled
    review, _recheck = (deadline.start(case, code, on, party_id=party_id) for code in OF_A_PARTY)
    return review


def use(case: Case, party_id: int) -> None:
    """The party applies for a review: its days for that are met; those for re-examination run on."""
    for row in _running(case, party_id, (REVIEW_DAYS,)):
        row.state, row.met_on = DeadlineState.met, clock.today()


def give_back(case: Case, party_id: int) -> None:
    """The application was refused or taken back: what is left of the party's days runs on."""
    used = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.party_id == party_id,
        Deadline.code == REVIEW_DAYS,
        Deadline.state == DeadlineState.met,
        Deadline.due_on >= clock.today(),
    )
    for row in db.session.scalars(used):
        row.state, row.met_on = DeadlineState.running, None


def settle(case: Case, party_id: int) -> None:
    """The party has signed for the reply: its days for review no longer apply."""
    for row in _running(case, party_id, (REVIEW_DAYS,)):
        row.state = DeadlineState.cancelled


def await_follow_up(case: Case, on: date) -> None:
    """The matter is closed by its reply: the days of the three follow-ups begin, unless they run already."""
    present = {row.code for row in deadline.running([case.id], deadline.FOLLOW_UPS)}
    for code in deadline.FOLLOW_UPS:
        if code not in present:
            deadline.start(case, code, on)
    deadline.show_nearest(case)


def close_if_settled(actor: Actor, case: Case) -> bool:
    """Let the matter go on to follow-up once every petitioner has signed or is out of time; within a unit of work."""
    keep(case)
    if case.state is not CaseState.replied:
        return False
    with system_scope("closing the days of all parties"):
        facts = CASES.facts(case)
        if not all_settled(facts.late, facts.today):
            return False
        lapsed = [facts.late.name_of(key) for key, own in windows(facts.late).items() if own.has_lapsed(facts.today)]
        by_program = replace(actor, system=True)
        row = CASES.carry_out(by_program, case, facts, "close_window", told={"lapsed": lapsed} if lapsed else None)
        follow_up_begins(actor, case, clock.local(row.at).date())
    return True


def follow_up_begins(actor: Actor, case: Case, on: date) -> None:
    """Nothing more is waited for from the parties: their days end, and the follow-up clerks are told."""
    deadline.cancel(case, [REVIEW_DAYS])
    await_follow_up(case, on)
    tell(actor, case, "close_window", holders("follow_up", [case.organisation_id]))
    keep(case)


@unit_of_work
def close_lapsed() -> None:
    """The day after its last day a right no longer applies; matters all of whose parties are settled go on."""
    with acting(SYSTEM):
        over = select(Deadline).where(
            Deadline.code.in_(OF_A_PARTY), Deadline.state == DeadlineState.running, Deadline.due_on < clock.today()
        )
        for row in db.session.scalars(over.order_by(Deadline.id)):
            row.state = DeadlineState.cancelled
        db.session.flush()
        waits = select(Deadline.id).where(
            Deadline.case_id == Case.id, Deadline.code == REVIEW_DAYS, Deadline.state == DeadlineState.running
        )
        settled = select(Case).where(Case.state == CaseState.replied, ~waits.exists()).order_by(Case.id)
        for case in db.session.scalars(settled.with_for_update(skip_locked=True)).all():
            close_if_settled(SYSTEM, case)
