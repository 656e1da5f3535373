"""Statistics: the words of the indicators, the figures against a slow and plain second computation, the tally."""

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access.actor import SYSTEM, Actor, acting
from app.core import clock
from app.core.db import db
from app.core.upsert import dialect
from app.models.case import OPEN_STATES, Case
from app.models.organisation import Level
from app.services import case_tally
from app.services.queries import breakdown, briefing
from app.services.queries.breakdown import Line, cube, veiled
from app.services.queries.indicators import BY_CODE, INDICATORS, VISITS
from app.services.queries.statistics import OWN, Asked, beside, rows_of
from seed import bulk
from tests.services.plain_statistics import days_taken, plain, rank, scatter
from tests.services.write_indicators import PLACE, text

ASKED = (
    Asked(date(2025, 1, 1), date(2025, 12, 31)),
    Asked(date(2025, 3, 10), date(2025, 3, 10)),
    Asked(date(2024, 2, 11), date(2026, 5, 9)),
)


def test_the_page_of_indicators_says_what_the_table_says() -> None:
    assert PLACE.read_text("utf-8") == text(), "run: python -m tests.services.write_indicators"


def test_no_satisfaction_stands_without_its_response_rate() -> None:
    for one in INDICATORS:
        if "satisfaction" in one.code:
            assert BY_CODE[one.response].is_rate, one.code
        assert one.is_rate == (one.whole is not None)


@pytest.fixture
def random_cases(session: Any) -> Any:
    """Some hundred generated cases, changed at random, with rows of everything that is counted."""
    with acting(SYSTEM):
        bulk.bulk(300)
        draw = random.Random(8)
        scatter(draw)
        yield draw


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_figures_are_those_of_a_plain_count(random_cases: Any, asked: Asked) -> None:
    """Of all three periods, which may have days in common and are counted piece by piece."""
    for period, found in zip((asked, asked.before(), asked.year_before()), beside(SYSTEM, asked), strict=True):
        told = plain(period)
        assert set(told) == set(found), "an indicator without a plain second count"
        assert {code: (one.numerator, one.denominator) for code, one in found.items()} == told


def test_who_sees_all_cases_counts_what_hangs_on_them_without_looking_at_them() -> None:
    head = Actor(1, "", 1, organisation_path="/1/", level=Level.city,
                 permissions=frozenset({("can_read", "Statistics")}))  # fmt: skip
    assert "JOIN" not in str(rows_of(VISITS, head, ASKED[0], func.count()))


def test_days_and_load_are_those_of_a_plain_count(random_cases: Any) -> None:
    asked = ASKED[0]
    cases = list(db.session.scalars(select(Case)))
    took: dict[str, list[float]] = {}
    for one in cases:
        ended = clock.local(one.closed_at).date() if one.closed_at else None
        if ended and asked.since <= ended <= asked.until and one.state in ("closed", "archived") and one.replied_at:
            took.setdefault(f"{ended:%Y-%m}", []).append(days_taken(one))
    found = briefing.days_by_month(SYSTEM, asked)
    assert [one.key for one in found] == sorted(took) and found
    for one in found:
        days = took[one.key]
        assert (one.cases, one.median, one.most) == (len(days), rank(days, 50), rank(days, 90))
    open_, late = Counter(), Counter()
    for one in cases:
        if one.state in OPEN_STATES and one.lead_organisation_id:
            open_[one.lead_organisation_id] += 1
            late[one.lead_organisation_id] += bool(one.due_on and one.due_on < clock.today() and not one.paused)
    told = briefing.load(SYSTEM, asked)
    assert {int(one.key): (one.cases, one.resolved) for one in told} == {key: (open_[key], late[key]) for key in open_}
    assert told == sorted(told, key=lambda one: -one.cases) and told


def test_the_map_puts_every_town_on_a_place_of_its_own(session: Any) -> None:
    places = briefing.town_places()
    assert len(places) == 11 and len(set(places.values())) == 11 and OWN in places
    assert max(map(max, places.values())) <= briefing.LARGEST


def _sums(cells: list[breakdown.Cell]) -> dict[tuple[Any, ...], tuple[int, int]]:
    sums: Counter[Any] = Counter()
    for one in cells:
        sums[(*one[:4], "cases")] += one.cases
        sums[(*one[:4], "resolved")] += one.resolved
    return {key: value for key, value in sums.items() if value}  # type: ignore[misc]


def test_the_tally_equals_the_count_after_random_writes_and_after_adding_up(random_cases: Any) -> None:
    for asked in ASKED:
        assert _sums(cube(SYSTEM, asked)) == _sums(list(breakdown._counted(SYSTEM, asked)))
    own = Asked(date(2025, 1, 1), date(2025, 12, 31), own=True)
    assert {one.owner for one in cube(SYSTEM, own)} == {None}
    assert _sums(cube(SYSTEM, own)) == _sums(list(breakdown._counted(SYSTEM, own)))
    assert case_tally.add_up(least=1) > 0
    assert case_tally.add_up(least=1) == 0
    for asked in ASKED:
        assert _sums(cube(SYSTEM, asked)) == _sums(list(breakdown._counted(SYSTEM, asked)))


def test_a_small_line_is_hidden_with_another_so_that_the_total_does_not_tell_it() -> None:
    lines = [Line("a", "a", 40, 9), Line("b", "b", 2, 1), Line("c", "c", 7, 7), Line("d", "d", 0, 0)]
    assert [one.key for one in veiled(lines, 5) if one.hidden] == ["b", "c"]
    assert not any(one.hidden for one in veiled(lines, 0))


def test_the_triggers_of_the_tally_are_there(session: Any) -> None:
    """By name: whoever rebuilds `case` (a batch of Alembic on SQLite drops them without a word) sees it here."""
    sqlite, postgres = "SELECT name FROM sqlite_master WHERE type = 'trigger'", "SELECT tgname FROM pg_trigger"
    found = set(session.connection().exec_driver_sql(sqlite if dialect() == "sqlite" else postgres).scalars())
    assert {"case_tally_added", "case_tally_changed", "case_tally_gone"} <= found


def test_the_tally_holds_while_many_write_and_add_up_at_once(tmp_path: Any, database: str) -> None:
    command = [sys.executable, "-m", "tests.services.rival_writers", str(tmp_path), database]
    answer = subprocess.run(command, cwd=PLACE.parents[1], capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr[-2000:]
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["looks"] > 0 and told["added_up"] > 0 and told["cases"] > 0, told
    assert told["wrong"] == 0 and told["left"] == 0, told
