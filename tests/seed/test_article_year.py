"""The article as an acceptance test: with the demo year loaded the statistics show its figures, each of them a list."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from conftest import binding
from flask import Flask
from sqlalchemy import func, select

from app.access.actor import SYSTEM, acting
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.services.queries.indicators import BY_CODE, Indicator
from app.services.queries.statistics import Asked, figures, rows_of
from seed import year
from seed.load_registers import load_registers

THE_YEAR = Asked(date(2019, 1, 1), date(2019, 11, 18))
FIGURES = {
    "cases": (623, None),
    "persons": (2112, None),
    "resolved": (561, None),
    "resolution_rate": (561, 623),
    "answer_rate": (623, 623),
    "assigned": (126, None),
    "redirected": (8, None),
    "declined": (0, None),
    "leader_receptions": (460, None),
    "leader_resolved": (433, None),
    "leader_resolution_rate": (433, 460),
    "reviews": (24, None),
    "reviews_closed": (24, None),
    "review_satisfaction": (24, 24),
    "review_response": (24, 24),
    "opinions": (132, None),
    "rectifications": (3, None),
    "satisfaction": (588, 600),
    "response_rate": (600, 615),
    "on_time_acceptance": (601, 601),  # counted by their last days, of which some lie after the period
    "on_time_reply": (594, 594),
    "on_time_handling": (525, 525),
    "closed": (615, None),
    "advisers": (90, None),
    "hearings": (1526, None),
    "consultations": (506, None),  # the article: more than 500
    "consulted": (546, None),
    "counselling": (64, None),
    "confidential": (0, None),
    "events": (25, None),  # at least two each month
}
RATES = {"resolution_rate": 90.0, "leader_resolution_rate": 94.1, "satisfaction": 98.0, "review_satisfaction": 100.0}


@pytest.fixture(scope="module")
def loaded(app: Flask) -> Iterator[None]:
    """The year, once for this module; nothing of it outlives it."""
    with binding(app), app.app_context(), acting(SYSTEM):
        load_registers()
        year.load()
        yield
        db.session.remove()


def _statistician() -> Any:
    account = Account.__table__
    key = db.session.connection().scalar(select(account.c.id).where(account.c.username == "statistician"))
    return actor_of(account_row(key))


def _listed(one: Indicator, part: Any) -> int:
    """How many rows lie behind a number, each of them once."""
    key = one.source.table.c.id
    found = rows_of(one.source, _statistician(), THE_YEAR, key, part=part)
    rows = db.session.connection().execute(found, {"today": clock.today()})
    keys = [row[0] for row in rows]
    assert len(keys) == len(set(keys))
    return len(keys)


def test_the_statistics_show_the_figures_of_the_article(loaded: None) -> None:
    found = figures(_statistician(), THE_YEAR, FIGURES)
    assert {code: (figure.numerator, figure.denominator) for code, figure in found.items()} == FIGURES
    assert {code: found[code].value for code in RATES} == RATES


@pytest.mark.parametrize("code", [code for code in FIGURES if BY_CODE[code].sums is None])
def test_each_number_opens_as_many_rows_as_it_says(loaded: None, code: str) -> None:
    one, (numerator, denominator) = BY_CODE[code], FIGURES[code]
    assert _listed(one, one.part) == numerator
    if denominator is not None:
        assert _listed(one, one.whole) == denominator


def test_persons_open_the_contacts_they_came_with(loaded: None) -> None:
    one = BY_CODE["persons"]
    found = rows_of(one.source, _statistician(), THE_YEAR, func.count(), func.sum(one.sums))
    contacts, persons = db.session.connection().execute(found).one()
    assert (contacts, persons) == (_listed(BY_CODE["visits"], None), 2112)


def test_each_month_has_its_events(loaded: None) -> None:
    for month in range(1, 12):
        asked = Asked(date(2019, month, 1), date(2019, month, 28))
        assert (figures(_statistician(), asked, ["events"])["events"].numerator or 0) >= 2, month


def test_nothing_of_the_year_is_open_or_overdue_today(loaded: None) -> None:
    found = figures(_statistician(), THE_YEAR, ("open", "overdue"))
    assert (found["open"].numerator, found["overdue"].numerator) == (0, 0)
