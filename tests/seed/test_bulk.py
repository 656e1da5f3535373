"""Generated cases: the same each time, whole, found, numbered on, and one entry in a valid trail."""

import contextlib
import json
import multiprocessing
import re
from collections import Counter
from functools import partial
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access import audit
from app.access.actor import SYSTEM, acting
from app.core import workdays
from app.core.clock import LOCAL
from app.core.db import db
from app.core.identity import parse_id_number
from app.models.audit import AuditEntry
from app.models.booking import Booking, BookingStep, occupancy
from app.models.calendar import DeadlineRule
from app.models.case import Case, CaseState
from app.models.deadline import Deadline
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.referral import Referral, ReferralState
from app.models.statistics import CaseTally
from app.models.step import CaseStep
from app.services import numbering
from app.services.deadline import OBJECT
from app.services.person import hash_id
from app.services.queries import search
from app.services.working_calendar import calendar
from app.workflow.case_flow import CASE_FLOW
from seed import bulk
from seed.bulk_matters import matters
from seed.bulk_ways import PATHS

CASES = 400


@pytest.fixture
def loaded(session: Any) -> Any:
    """A database with some hundred generated cases."""
    with acting(SYSTEM):
        before = db.session.scalar(select(func.count()).select_from(Case)) or 0
        assert bulk.bulk(CASES) == CASES
        assert db.session.scalar(select(func.count()).select_from(Case)) == before + CASES
        yield session


def test_the_same_count_gives_the_same_matters() -> None:
    places = [("甲镇", f"{nth}村") for nth in range(690)]
    assert list(matters(50, places)) == list(matters(50, places))
    assert list(matters(50, places)) != list(matters(51, places))[:50]
    some = list(matters(3000, places))
    assert 0.04 < sum("噪音" in row.title for row in some) / 3000 < 0.1
    assert sum(row.state == "closed" for row in some) > 2200
    assert [row.at for row in some] == sorted(row.at for row in some)
    people = [row.person for row in some if row.person]
    assert len({one.id_number for one in people}) == len(people)
    for one in islice(people, 50):
        card = parse_id_number(one.id_number)
        assert (card.birth.isoformat(), card.sex) == (one.birth, one.sex)


def test_the_ways_of_the_cases_are_ways_of_the_flow() -> None:
    for path in PATHS.values():
        state = None
        for stride in path.strides:
            row = CASE_FLOW.row(stride.step)
            assert row is not None
            assert stride.before == state
            assert state in {None if source is None else source.value for source in row.sources}
            assert any(target is not None and target.value == stride.to for target in row.targets)
            state = stride.to
        assert state in set(CaseState)


def test_a_case_is_whole(loaded: Any) -> None:
    led = select(Case).where(Case.state == CaseState.closed, Case.lead_organisation_id.is_not(None))
    case = db.session.scalars(led.order_by(Case.id.desc())).first()
    assert case is not None
    petitioner = case.parties[0].person
    assert petitioner is not None and petitioner.name == case.petitioner_name
    assert parse_id_number(petitioner.id_number).number == petitioner.id_number
    assert petitioner.id_number_hash == hash_id(petitioner.id_number)
    assert re.fullmatch(r"154\d{8}", petitioner.phone or "") and "****" in (case.petitioner_phone or "")
    assert case.claims and all(claim.resolved is not None for claim in case.claims)
    assert case.visits[0].first and case.visits[0].at == case.registered_at
    assert case.registered_at.utcoffset() == LOCAL.utcoffset(case.registered_at.replace(tzinfo=None))
    assert case.referrals[0].state == ReferralState.ended
    steps = db.session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.seq)).all()
    assert [step.to_state for step in steps][-1] == "closed" and steps[0].at == case.registered_at
    assert case.version == len(steps)
    clocks = db.session.scalars(select(Deadline).where(Deadline.case_id == case.id)).all()
    assert {clock.code for clock in clocks} == {"D-ACK15", "D-REPLY15", "D-HANDLE60", "D-OBJ5"}
    assert all(clock.why[0]["step"] == "start" for clock in clocks) and case.due_on is None


def test_a_case_says_when_it_was_answered_and_closed_and_whether_it_is_resolved(loaded: Any) -> None:
    """As the services say it (serving, follow-up, the results of the claims): the statistics count nothing else."""
    cases = db.session.scalars(select(Case).where(Case.id.in_(select(CaseStep.case_id)))).all()
    moments = {(row.case_id, row.step): row.at for row in db.session.scalars(select(CaseStep))}
    for case in cases:
        assert case.closed_at == moments.get((case.id, "follow_up")), case.number
        served = moments.get((case.id, "serve_reply"), moments.get((case.id, "settle_on_spot")))
        assert case.replied_at == served, case.number
        ended = case.closed_at is not None
        assert case.resolved == (all(claim.resolved for claim in case.claims) if ended else None), case.number
    assert {True, False, None} == {case.resolved for case in cases}


def test_open_cases_show_their_nearest_day(loaded: Any) -> None:
    waiting = db.session.scalars(select(Case).where(Case.state == CaseState.handling)).all()
    assert waiting
    for case in waiting:
        clocks = select(func.min(Deadline.due_on)).where(Deadline.case_id == case.id, Deadline.state == "running")
        assert case.due_on == db.session.scalar(clocks)


def test_cases_are_found_by_title_name_number_and_paper(loaded: Any) -> None:
    case = db.session.scalars(select(Case).where(Case.title.contains("噪音")).order_by(Case.id.desc())).first()
    assert case is not None
    person = case.parties[0].person
    assert person is not None
    for typed in ("噪音", case.number, case.petitioner_name, person.id_number or "", person.phone or ""):
        assert case.id in search.find_ids(SYSTEM, typed, limit=CASES), typed


def test_the_search_words_are_those_of_the_index(loaded: Any) -> None:
    case = db.session.scalars(select(Case).order_by(Case.id.desc())).first()
    assert case is not None
    sqlite = db.engine.dialect.name == "sqlite"
    column, key = ("tokens", "rowid") if sqlite else ("array_to_string(tokens, ' ')", "case_id")
    line = f"SELECT {column} FROM case_search WHERE {key} = {case.id}"
    mine = set(str(db.session.connection().exec_driver_sql(line).scalar()).split())
    search.words.index_case(case)
    assert mine == set(str(db.session.connection().exec_driver_sql(line).scalar()).split())


def test_numbering_goes_on(loaded: Any) -> None:
    city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    year = 2024
    last = db.session.scalar(
        select(func.max(Case.number)).where(Case.number.startswith(f"{city.number_prefix}-{year}-"))
    )
    following = numbering.next_number(str(city.number_prefix), year)
    assert int(following[-6:]) == int(str(last)[-6:]) + 1


def test_a_second_load_goes_on(loaded: Any) -> None:
    bulk.bulk(100)
    hashes = db.session.scalars(select(Person.id_number_hash).where(Person.id_number_hash.is_not(None))).all()
    assert len(hashes) == len(set(hashes))


def test_one_entry_in_the_trail(loaded: Any) -> None:
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.code == "case:bulk")).one()
    assert entry.changes == {"cases": [None, CASES]}
    assert audit.verify(db.session)[1] is None


def test_the_indexes_are_all_there_again(loaded: Any) -> None:
    names = {index.name for index in Case.__table__.indexes}
    found = db.inspect(db.session.connection()).get_indexes("case")
    assert names <= {index["name"] for index in found}


def test_referrals_open_cases_to_the_department(loaded: Any) -> None:
    referral = db.session.scalars(select(Referral).where(Referral.state == ReferralState.signed)).first()
    assert referral is not None and referral.signed_at is not None and referral.objection_due_on is not None


def test_bookings_fill_the_rooms_one_after_the_other(session: Any) -> None:
    """Generated bookings hold what their state says, over none that is there; their numbers go on."""
    with acting(SYSTEM):
        assert bulk.bulk(0, 300) == 0
        states = dict(db.session.execute(select(Booking.state, func.count()).group_by(Booking.state)).all())
        assert sum(states.values()) == 300
        held = db.session.connection().scalar(select(func.count()).select_from(occupancy))
        assert held == sum(count for state, count in states.items() if state not in ("cancelled", "no_show"))
        bulk.bulk(0, 100)
        numbers = db.session.scalars(select(Booking.number)).all()
        assert len(set(numbers)) == 400
        year = int(numbers[0].split("-")[2])
        last = max(int(number[-6:]) for number in numbers if f"-{year}-" in number)
        assert numbering.next_number("YY-SQ", year) == f"YY-SQ-{year}-{last + 1:06d}"
        steps = db.session.scalars(select(BookingStep.to_state).where(BookingStep.booking_id == 1)).all()
        assert steps[0] == "requested"
        found = db.session.scalars(select(Booking).where(Booking.secret)).all()
        assert found and all(one.title is None and one.contact_name for one in found)
        assert audit.verify(db.session)[1] is None


def test_a_second_process_makes_the_same_rows(session: Any) -> None:
    with acting(SYSTEM):
        where, names = bulk.places()
        task = bulk.task_of(partial(matters, 60, names), where, bulk.YEARS)
        here = [list(batch.tables["claim"]) for batch in bulk.made(task)]
        task = bulk.task_of(partial(matters, 60, names), where, bulk.YEARS)
        with contextlib.closing(bulk.made_beside(task)) as beside:
            there = [batch.tables["claim"] for batch in beside]
    assert here == there


def test_the_second_process_ends_when_the_first_is_gone(session: Any) -> None:
    """However it went, killed too: none is left that waits for a reader."""
    with acting(SYSTEM):
        where, names = bulk.places()
        task = bulk.task_of(partial(matters, 3 * bulk.BATCH, names), where, bulk.YEARS)
    how = multiprocessing.get_context("fork")
    near, far = how.Pipe()
    maker = how.Process(target=bulk._make, args=(far, near), daemon=True)
    maker.start()
    far.close()
    near.send(task)
    near.recv_bytes()
    near.close()
    maker.join(20)
    left = maker.exitcode
    maker.kill()
    assert left == 0


def _schema() -> list[Any]:
    """Tables, indexes and triggers as the engine has them, those beside the database included."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        statement = "SELECT name, sql FROM sqlite_master UNION ALL SELECT name, sql FROM sqlite_temp_master"
        return sorted(map(tuple, connection.exec_driver_sql(statement)))
    statement = (
        "SELECT tgname, tgenabled::text FROM pg_trigger UNION ALL SELECT indexname, indexdef FROM pg_indexes "
        "UNION ALL SELECT relname, relkind::text FROM pg_class WHERE relname LIKE 'bulk_%%'"
    )
    return sorted(map(tuple, connection.exec_driver_sql(statement)))


def _tally() -> Counter[Any]:
    """What the tally says, by month, centre's town, town and category."""
    table, found = CaseTally.__table__, Counter()
    for row in db.session.connection().execute(select(table)):
        found[row.month, row.owner_town_id, row.town_id, row.category_id, "cases"] += row.cases
        found[row.month, row.owner_town_id, row.town_id, row.category_id, "resolved"] += row.resolved
    return Counter({key: number for key, number in found.items() if number})


def _counted() -> Counter[Any]:
    """The same, counted from the cases one by one."""
    found: Counter[Any] = Counter()
    for case in db.session.scalars(select(Case).where(Case.state != CaseState.merged)):
        key = (case.registered_at.date().replace(day=1), case.owner_town_id, case.town_id, case.category_id)
        found[(*key, "cases")] += 1
        found[(*key, "resolved")] += bool(case.resolved)
    return Counter({key: number for key, number in found.items() if number})


@pytest.mark.parametrize("many", [50, 500])
def test_a_load_leaves_the_schema_and_a_true_tally(session: Any, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """A large load makes indexes and tally at the end, a small one leaves them to the engine: all is the same after."""
    monkeypatch.setattr(bulk, "BATCH", 50)
    monkeypatch.setattr(bulk, "MANY", many)
    with acting(SYSTEM):
        before = _schema()
        bulk.bulk(120)
        assert _schema() == before
        assert _tally() == _counted()
        case = db.session.scalars(select(Case).order_by(Case.id.desc())).first()
        assert case is not None and case.id in search.find_ids(SYSTEM, case.number)
        case.category_id = db.session.scalars(select(Case.category_id).where(Case.id != case.id)).first()
        db.session.flush()
        assert _tally() == _counted()


def test_a_large_load_is_sound(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case has its line in the search index, however the lines are gathered; the engine finds nothing amiss."""
    for name, number in (("BATCH", 50), ("MANY", 50), ("LINES", 60)):
        monkeypatch.setattr(bulk, name, number)
    with acting(SYSTEM):
        bulk.bulk(130)
        run = db.session.connection().exec_driver_sql
        sqlite = db.engine.dialect.name == "sqlite"
        key = "id FROM case_search_docsize" if sqlite else "case_id FROM case_search"
        assert set(run(f"SELECT {key}").scalars()) == set(db.session.scalars(select(Case.id)))
        if sqlite:
            assert run("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert run("PRAGMA foreign_key_check").all() == []
            run("INSERT INTO case_search (case_search) VALUES ('integrity-check')")
            kept = dict(run("SELECT k, v FROM case_search_config").all())
            assert (kept["automerge"], kept["hashsize"]) == (4, 1024 * 1024)


def test_a_load_that_breaks_off_leaves_nothing(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 50)
    monkeypatch.setattr(bulk, "MANY", 50)
    with acting(SYSTEM):
        before, tally, (where, names) = _schema(), _tally(), bulk.places()

        def broken() -> Any:
            yield from islice(matters(120, names), 110)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            bulk.write(broken, 120, where, bulk.YEARS)
        assert _schema() == before and _tally() == tally == _counted()


def test_course_and_clocks_are_those_of_the_way(loaded: Any) -> None:
    """What the database derived in two statements, reckoned once more case by case."""
    rules = {rule.code: rule for rule in db.session.scalars(select(DeadlineRule))}
    known, seen = calendar(), set()
    for case in db.session.scalars(select(Case)):
        path = next(one for one in PATHS.values() if (one.state, len(one.strides)) == (case.state, case.version))
        seen.add((path.state, case.version))
        steps = db.session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.id)).all()
        told = [
            (s.seq, s.round, s.step, s.from_state, s.to_state, s.at, s.actor_name, s.actor_post, s.data) for s in steps
        ]
        desk = db.session.get_one(Organisation, case.organisation_id).name
        assert {step.organisation_name for step in steps} == {desk}
        assert told == [
            (nth, 1, s.step, s.before, s.to, case.registered_at + s.after, s.actor, s.post, json.loads(s.data))
            for nth, s in enumerate(path.strides, 1)
        ]
        clocks = db.session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.id)).all()
        assert [clock.code for clock in clocks] == [one.code for one in path.clocks]
        for clock, one in zip(clocks, path.clocks, strict=True):
            start = (case.registered_at + one.start).date()
            due = workdays.due(start, rules[one.code].length, str(rules[one.code].unit), known)
            met_on = None if one.met is None else (case.registered_at + one.met).date()
            state = one.otherwise if met_on is None else "met" if met_on <= due.due else "late"
            assert (clock.starts_on, clock.due_on, clock.provisional, clock.why) == (
                start,
                due.due,
                due.provisional,
                due.why,
            )
            assert (clock.state, clock.met_on, clock.rule_id) == (state, met_on, rules[one.code].id)
            assert (clock.created_at, clock.changed_at, clock.version) == (case.registered_at, case.registered_at, 1)
            assert (clock.referral_id is not None) == (one.code == OBJECT)
            if clock.referral_id is not None:
                assert clock.referral_id == case.referrals[0].id
    assert len(seen) > 8


def test_state_and_number_of_steps_tell_every_way_from_the_others() -> None:
    assert len({(path.state, len(path.strides)) for path in PATHS.values()}) == len(PATHS)
