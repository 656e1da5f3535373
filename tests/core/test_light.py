"""Traffic lights."""

from datetime import date, timedelta

import pytest

from app.core.light import light

DUE = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("left", "code"), [(30, "ok"), (4, "ok"), (3, "soon"), (0, "soon"), (-1, "late"), (-99, "late")]
)
def test_by_days_left(left, code):
    assert light(DUE, DUE - timedelta(days=left)) == code
    assert light(DUE, DUE - timedelta(days=left), paused=True) == "hold"


def test_met_and_without_date():
    assert light(DUE, date(2027, 1, 1), met_on=DUE) == "ok"
    assert light(DUE, date(2027, 1, 1), met_on=DUE + timedelta(days=1)) == "late"
    assert light(None, DUE) == "hold"
