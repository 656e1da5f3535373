"""The demo year: every row keeps the rules that the services enforce, and is of the shape that they leave."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from conftest import binding
from flask import Flask
from sqlalchemy import func, select
from year_exemplars import DESK, LEADER, RECTIFIED, REDIRECTED, REFERRED, REVIEWED_WAY, WAYS
from year_replay import Replay, actor

from app.access import audit
from app.access.actor import SYSTEM, acting, set_actor, system_scope
from app.core import clock, workdays
from app.core.clock import LOCAL
from app.core.db import Base, db
from app.core.identity import parse_id_number
from app.models.audit import AuditEntry
from app.models.calendar import DeadlineRule
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.dossier import Dossier
from app.models.expert import Expert
from app.models.follow_up import FollowUp
from app.models.hearing import Hearing, HearingOpinion, HearingParticipant
from app.models.party import Claim, Party
from app.models.person import Person
from app.models.reception import LeaderReception
from app.models.rectification import Rectification
from app.models.referral import Referral
from app.models.reply import ReplyPoint
from app.models.review import Review, ReviewApplicant, ReviewOutcome, ReviewSeat, ReviewState, SeatState
from app.models.roster import Shift
from app.models.step import ReviewStep
from app.models.visit import Visit
from app.services import numbering
from app.services.attachment import path_of
from app.services.queries import search
from app.services.queries.conflicts import conflicts_with
from app.services.queries.tally import agrees, outcome_of
from app.services.working_calendar import calendar
from app.workflow.review_flow import REVIEW_FLOW
from seed import year
from seed.demo import load_shifts
from seed.load_registers import load_registers
from seed.year_ledger import Ledger


@pytest.fixture(scope="module")
def year_loaded(app: Flask) -> Iterator[Any]:
    """The year, once for this module; nothing of it outlives it."""
    with binding(app) as connection:
        with app.app_context(), acting(SYSTEM):
            load_registers()
            year.load()
            db.session.remove()
        yield connection


@pytest.fixture
def loaded(app: Flask, year_loaded: Any) -> Iterator[Any]:
    """The year; what the test adds is taken back."""
    inner = year_loaded.begin_nested()
    with app.app_context(), acting(SYSTEM):
        yield db.session
        db.session.remove()
    set_actor(None)
    inner.rollback()


def _of_the_year() -> list[Case]:
    return list(db.session.scalars(select(Case).where(Case.registered_at < year.ENDS).order_by(Case.id)))


def _count(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_the_numbers_are_those_of_the_article(loaded: Any) -> None:
    cases = _of_the_year()
    assert len(cases) == 623
    assert sum(case.resolved is True for case in cases) == 561
    assert db.session.scalar(select(func.sum(Visit.head_count))) == 2112
    assert sum(case.state == CaseState.redirected for case in cases) == 8
    assert all(case.replied_at is not None for case in cases if case.state != CaseState.redirected)
    assert _count(Referral) == len({case.id for case in cases if case.lead_organisation_id}) == 126
    received = {row.case_id for row in db.session.scalars(select(LeaderReception))}
    assert _count(LeaderReception) == len(received) == 460
    assert sum(case.resolved is True for case in cases if case.id in received) == 433
    assert _count(Review) == _count(Review, Review.state == ReviewState.closed) == 24
    assert {row.value for row in db.session.scalars(select(ReviewApplicant.satisfied))} == {
        "satisfied",
        "fairly_satisfied",
    }
    assert _count(FollowUp, FollowUp.opinion.is_not(None)) == 132
    assert _count(Rectification) == 3
    assert _count(Hearing) > 1500
    assert {case.registered_at.astimezone(LOCAL).year for case in cases} == {2019}
    assert max(case.registered_at for case in cases) < year.ENDS - timedelta(days=44)


def test_every_step_was_allowed_when_it_was_done(loaded: Any) -> None:
    done = Counter(name for case in _of_the_year() for name in Replay(case).walk())
    assert done["register"] == 623
    assert done["archive"] == 615
    assert done["approve_reply"] == 2 * 126
    assert done["settle_on_spot"] + done["submit_reply"] + done["approve_decline"] == 623
    assert done["conclude_review"] == 24
    assert done["accept_rectification"] == 3


def test_every_clock_is_due_when_the_rule_says_and_was_kept(loaded: Any) -> None:
    rules = {rule.code: rule for rule in db.session.scalars(select(DeadlineRule))}
    known, states = calendar(), defaultdict(Counter)
    for row in db.session.scalars(select(Deadline)):
        rule = rules[row.code]
        due = workdays.due(row.starts_on, rule.length, rule.unit.value, known)
        assert (row.rule_id, row.due_on, row.why, row.provisional) == (rule.id, due.due, due.why, due.provisional)
        assert row.met_on is None or row.met_on <= row.due_on
        states[row.code][row.state] += 1
    for code, count in (("D-ACK15", 623), ("D-HANDLE60", 615), ("D-RECT", 3), ("D-REVACC2", 24)):
        assert states[code] == {DeadlineState.met: count}
    assert states["D-REPLY15"] == {DeadlineState.met: 615, DeadlineState.cancelled: 8}
    assert not any(counts[DeadlineState.running] for counts in states.values())
    assert _count(Case, Case.due_on.is_not(None)) == 0  # nothing of that year has a light


def test_results_people_and_receptions_fit(loaded: Any) -> None:
    points = {row.claim_id: row for row in db.session.scalars(select(ReplyPoint))}
    for claim in db.session.scalars(select(Claim).where(Claim.result.is_not(None))):
        assert (claim.result, claim.resolved) == (points[claim.id].result, points[claim.id].resolved)
    shifts = {row.id: row for row in db.session.scalars(select(Shift))}
    for row in db.session.scalars(select(LeaderReception)):
        shift, at = shifts[row.shift_id], row.at.astimezone(LOCAL)
        assert (shift.account_id, shift.on) == (row.leader_id, at.date())
        assert shift.starts_at <= at.time() <= shift.ends_at
    people = list(db.session.scalars(select(Person)))
    assert len({one.id_number for one in people}) == len({one.phone for one in people}) == len(people)
    for one in people[::20]:
        card = parse_id_number(one.id_number)
        assert (card.birth, card.sex) == (one.birth, one.sex.value)
    named = defaultdict(int)
    for party in db.session.scalars(select(Party).where(Party.person_id.is_not(None))):
        named[party.case_id] += 1
    assert all(named[case.id] <= case.head_count for case in _of_the_year())


def test_reviews_were_free_of_conflict_and_counted_right(loaded: Any) -> None:
    for review in db.session.scalars(select(Review)):
        assert agrees(review.tally, review.id)
        assert outcome_of(review.tally) == review.outcome == ReviewOutcome.upheld
        seats = list(db.session.scalars(select(ReviewSeat).where(ReviewSeat.review_id == review.id)))
        seated = [seat for seat in seats if seat.state == SeatState.seated]
        assert len(seated) == 5
        assert all(seat.signature_id and seat.declared_free for seat in seated)
        experts = [db.session.get_one(Expert, seat.expert_id) for seat in seated]
        with clock.standing_at(review.filed_at):
            assert not any(conflicts_with(review.case_id, experts).values())
        steps = select(ReviewStep).where(ReviewStep.review_id == review.id).order_by(ReviewStep.seq)
        before: Any = None
        for place, row in enumerate(db.session.scalars(steps), 1):
            flow = REVIEW_FLOW.row(row.step)
            assert flow is not None
            state = ReviewState(row.from_state) if row.from_state else None
            assert (row.seq, row.from_state) == (place, before)
            assert state in flow.sources
            assert ReviewState(row.to_state) in [state if target is None else target for target in flow.targets]
            assert flow.system or actor(row.actor_id).may(row.step, "Review"), row.step
            before = row.to_state


def test_numbers_go_in_time_and_go_on(loaded: Any) -> None:
    by_prefix = defaultdict(list)
    for case in _of_the_year():
        by_prefix[case.number.rpartition("-")[0]].append((case.registered_at, case.number))
    for prefix, rows in by_prefix.items():
        assert [number for _at, number in sorted(rows)] == [f"{prefix}-{n:06d}" for n in range(1, len(rows) + 1)]
    assert numbering.next_number("SQ", 2019) == f"SQ-2019-{len(by_prefix['SQ-2019']) + 1:06d}"
    assert _count(Dossier) == 615
    assert db.session.scalar(select(func.max(Case.id))) is not None


def test_hearings_were_called_in_time(loaded: Any) -> None:
    known = calendar()
    for row in db.session.scalars(select(Hearing)):
        assert row.noticed_on <= workdays.days_before(row.held_at.date(), 7, workdays.CALENDAR, known)
    assert _count(HearingParticipant) >= 3 * _count(Hearing)
    assert _count(HearingOpinion, HearingOpinion.adopted.is_(False), HearingOpinion.reason.is_(None)) == 0


def test_the_trail_holds_every_step_and_the_index_every_case(loaded: Any) -> None:
    walked, bad = audit.verify(db.session)
    assert bad is None
    assert walked > 4000
    assert _count(AuditEntry, AuditEntry.code == "step:accept") == 615
    assert _count(AuditEntry, AuditEntry.code == "case:year") == 1
    case = _of_the_year()[300]
    assert case.id in search.find_ids(SYSTEM, case.number, limit=10)
    files = case.attachments
    assert files
    assert all(path_of(file.storage_key).stat().st_size == file.size for file in files)


def _digest() -> str:
    """Of all rows that a telling would write now; only where the files lie is drawn anew each time."""
    ledger = Ledger(db.session.connection())
    with system_scope("the year, told again"):
        year.tell(ledger)
    rows = {table.name: rows for table, rows in ledger.rows.items()}
    for row in rows["attachment"]:
        row.pop("storage_key")
    told = [repr((name, list(row.items()))) for name in sorted(rows) for row in rows[name]]
    return hashlib.sha256("\n".join([*told, repr(ledger.trail)]).encode()).hexdigest()


def test_it_is_the_same_on_every_run_and_loads_once(loaded: Any) -> None:
    assert _digest() == _digest()
    before = (_count(Case), _count(Shift), _count(AuditEntry), _count(Hearing))
    year.load()
    assert (_count(Case), _count(Shift), _count(AuditEntry), _count(Hearing)) == before


# Not of the year: papers were kept on paper then, messages are erased after half a year, and the trail of single rows.
LEFT_OUT = {"document", "notice", "outbox_message", "paper_due", "audit_entry", "reminder", "booking"}
# Signed on paper then, on the pad today; a session was not booked in the portal; and what only some matters have.
EITHER = {
    "signature": {"strokes", "storage_key", "device", "attachment_id", "witness"},
    "review": {"booking_id"},
    "visit": {"note"},
    "dossier": {"retain_until"},
}
# What some matters have and the exemplar has not: of a town's centre, against somebody, by post, received by a leader.
SOME = {"case": {"owner_town_id"}, "party": {"organisation_name"}, "service": {"tracking", "receiver"}}
SOMETIMES = {
    "rating",
    "attachment",
    "representative",
    "leader_reception",
    "case_member",
    "recording",
    "acknowledgement",
}


def _shapes(keys: Sequence[int]) -> dict[str, set[str]]:
    """Table: columns that hold something in any row of these cases."""
    found: dict[str, set[str]] = {}
    for table in Base.metadata.sorted_tables:
        owner = table.c.id if table.name == "case" else table.c.get("case_id")
        if owner is None or table.name in LEFT_OUT:
            continue
        for row in db.session.connection().execute(select(table).where(owner.in_(keys))).mappings():
            filled = {name for name, value in row.items() if value is not None}
            found.setdefault(table.name, set()).update(filled - EITHER.get(table.name, set()))
    return found


def _way(case: Case, reviewed: set[int], rectified: set[int], leaders: set[int]) -> str:
    if case.state == CaseState.redirected:
        return REDIRECTED
    if case.lead_organisation_id is None:
        return LEADER if case.id in leaders else DESK
    return REVIEWED_WAY if case.id in reviewed else RECTIFIED if case.id in rectified else REFERRED


@pytest.mark.parametrize("way", WAYS)
def test_a_matter_has_the_shape_that_the_services_leave(loaded: Any, way: str) -> None:
    sets = [set(db.session.scalars(select(model.case_id))) for model in (Review, Rectification, LeaderReception)]
    keys = [case.id for case in _of_the_year() if _way(case, *sets) == way]
    mine = _shapes(keys)
    load_shifts()
    made = _shapes([WAYS[way]()])
    assert set(mine) >= set(made)
    for name, columns in made.items():
        assert mine[name] >= columns, name
        assert mine[name] - columns <= SOME.get(name, set()), name
    assert set(mine) - set(made) <= SOMETIMES
