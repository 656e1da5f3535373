"""The lines of the tally added up, so that reading stays quick; the sums never change by it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Date, Interval, cast, delete, func, insert, literal, select, text
from sqlalchemy import case as sql_case

from app.core.db import db, unit_of_work
from app.core.upsert import dialect
from app.models.case import Case, CaseState
from app.models.statistics import CaseTally

LEAST = 2000  # loose lines from which adding up is worth it
ADDED = "case_tally_added"  # the trigger that counts a new case
_tally, _case = CaseTally.__table__, Case.__table__
_KEYS = (_tally.c.month, _tally.c.owner_town_id, _tally.c.town_id, _tally.c.category_id)
# One statement: what it takes away is what it puts back, whatever others write meanwhile.
_AT_ONCE = text("""
    WITH gone AS (DELETE FROM case_tally WHERE month IN (SELECT month FROM case_tally WHERE loose) RETURNING *)
    INSERT INTO case_tally (month, owner_town_id, town_id, category_id, cases, resolved, loose)
    SELECT month, owner_town_id, town_id, category_id, sum(cases), sum(resolved), FALSE
    FROM gone GROUP BY month, owner_town_id, town_id, category_id HAVING sum(cases) <> 0 OR sum(resolved) <> 0
""")


@unit_of_work
def add_up(least: int = LEAST) -> int:
    """Add up the months that have loose lines, once there are `least` of them; how many there were."""
    loose = db.session.connection().execute(select(func.count()).where(_tally.c.loose)).scalar_one()
    if loose < max(least, 1):
        return 0
    connection = db.session.connection()
    if dialect() == "postgresql":
        connection.execute(_AT_ONCE)
        return int(loose)
    # SQLite has one writer at a time: nothing comes between these two.
    months = connection.execute(select(_tally.c.month).where(_tally.c.loose).distinct()).scalars().all()
    sums = (func.sum(_tally.c.cases), func.sum(_tally.c.resolved))
    rows = connection.execute(select(*_KEYS, *sums).where(_tally.c.month.in_(months)).group_by(*_KEYS)).all()
    connection.execute(delete(_tally).where(_tally.c.month.in_(months)))
    names = ("month", "owner_town_id", "town_id", "category_id", "cases", "resolved")
    lines = [{**dict(zip(names, row, strict=True)), "loose": False} for row in rows if row[4] or row[5]]
    if lines:
        connection.execute(insert(_tally), lines)
    return int(loose)


def count_new(above: int) -> None:
    """Count the cases with larger ids at once, as the trigger would have one by one; for a load without it."""
    connection, at = db.session.connection(), _case.c.registered_at
    month: Any = func.strftime("%Y-%m-01", at, "+8 hours")
    if dialect() == "postgresql":
        local = func.timezone(literal(timedelta(hours=8), Interval), at)
        month = cast(func.date_trunc("month", local), Date)
    keys = [month.label("month"), _case.c.owner_town_id, _case.c.town_id, _case.c.category_id]
    counted = select(*keys, func.count(), func.sum(sql_case((_case.c.resolved, 1), else_=0)), literal(False))
    counted = counted.where(_case.c.id > above, _case.c.state != CaseState.merged).group_by(*keys)
    names = (*(key.name for key in _KEYS), "cases", "resolved", "loose")
    connection.execute(insert(_tally).from_select(names, counted, include_defaults=False))
