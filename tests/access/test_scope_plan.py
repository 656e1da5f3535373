"""The row scope goes by indexes: an organisation that many complain of reads its list no slower than another."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from app.access.scope import criteria
from app.core.db import db
from app.models.case import Case


@pytest.mark.sqlite_only  # the planner of PostgreSQL counts the rows before it chooses
@pytest.mark.parametrize("username", ["clerk.t1", "handler.d1", "village_officer.1"])
def test_whether_a_case_is_against_the_own_organisation_is_found_by_the_case(session, actor, username) -> None:
    table = Case.__table__
    seen = select(table.c.id).where(criteria(Case, actor(username))).order_by(table.c.registered_at.desc()).limit(26)
    statement = str(seen.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    steps = [row.detail for row in db.session.connection().execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    accused = [step for step in steps if "scope_accused" in step]
    assert accused
    assert all("case_id=?" in step for step in accused), accused
