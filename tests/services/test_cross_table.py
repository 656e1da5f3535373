"""The table by category, month and centre: its sums are those of the cases, and what is hidden cannot be worked out."""

import random
from collections import Counter, defaultdict
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.services.queries.breakdown import Cell, cube
from app.services.queries.cross_table import Key, cross_table, sums_of, veiled_cells
from app.services.queries.statistics import Asked
from seed import bulk
from tests.services.plain_statistics import scatter

LEAST = 5


@pytest.mark.parametrize("resolved", [False, True])
def test_the_table_is_that_of_a_plain_count(session: Any, resolved: bool) -> None:
    with acting(SYSTEM):
        bulk.bulk(300)
        scatter(random.Random(3))
    asked = Asked(date(2025, 1, 1), date(2025, 12, 31))
    plain: Counter[Key] = Counter()
    with acting(SYSTEM):
        cases = list(db.session.scalars(select(Case)))
        cells = cube(SYSTEM, asked)
    for case in cases:
        day = clock.local(case.registered_at).date()
        if day.year == 2025 and case.state != "merged" and (case.resolved or not resolved):
            for category, month in product((case.category_id, None), (day.replace(day=1), None)):
                for centre in (case.owner_town_id or 0, None):
                    plain[category, centre, month] += 1
    table = cross_table(cells, 0, "the city's", "all", resolved)
    shown = {}
    for line in (*table.lines, table.whole):
        for month, number in zip((*table.months, None), (*line.months, line.total), strict=True):
            shown[line.category, line.centre, month] = number
    assert {key: number for key, number in shown.items() if number} == {
        key: number for key, number in plain.items() if key[0] is not None or key[1] is None
    }


def _some(draw: random.Random) -> list[Cell]:
    months = [date(2025, nth, 1) for nth in (1, 2, 3, 4)]
    return [
        Cell(month, centre, None, category, draw.choice((0, 0, 1, 2, 4, 7, 30)), 0)
        for month, centre, category in product(months, (None, 1, 2, 3), (1, 2, 3))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_hidden_does_not_follow_from_what_stands_beside_it(seed: int) -> None:
    sums = sums_of(_some(random.Random(seed)))
    hidden = veiled_cells(sums, LEAST)
    assert all(key in hidden for key, number in sums.items() if number < LEAST)
    rows: dict[Key, list[Key]] = defaultdict(list)
    for key in sums:
        for side in range(3):
            if key[side] is not None:
                rows[(*key[:side], None, *key[side + 1 :])].append(key)  # type: ignore[index]
    for side, (whole, found) in product(range(3), rows.items()):
        parts = [key for key in found if key[side] is not None and whole[side] is None]
        parts = [key for key in parts if (*key[:side], None, *key[side + 1 :]) == whole]
        shut = [key for key in parts if key in hidden]
        if whole in hidden:
            assert shut or not parts, (side, whole)
        else:
            assert not shut or (len(shut) > 1 and sum(sums[key] for key in shut) >= LEAST), (side, whole)


def test_nothing_is_hidden_where_every_number_is_large() -> None:
    cells = [Cell(date(2025, 1, 1), centre, None, 1, 9, 3) for centre in (None, 1, 2)]
    assert veiled_cells(sums_of(cells), LEAST) == set()
