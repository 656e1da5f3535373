"""What the database says when all is over: what is there, what is torn, and whether the chain holds."""

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.access.chain import check
from reliability.server import Portal

# A case is whole when nothing here finds it: one transaction wrote all of it, or none.
TORN = {
    "no first step": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM case_step s WHERE s.case_id = c.id "
    "AND s.seq = 1 AND s.step = 'register')",
    "steps missing": "SELECT case_id FROM case_step GROUP BY case_id HAVING count(*) <> max(seq)",
    "steps of no case": "SELECT case_id FROM case_step s WHERE case_id IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM {case} c WHERE c.id = s.case_id)",
    "another state than the last step's": "SELECT c.id FROM {case} c JOIN case_step s ON s.case_id = c.id "
    "WHERE s.seq = (SELECT max(seq) FROM case_step WHERE case_id = c.id) AND s.to_state <> c.state",
    "no claim": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM claim x WHERE x.case_id = c.id)",
    "no party": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM party x WHERE x.case_id = c.id)",
    "no visit": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM visit x WHERE x.case_id = c.id)",
    "no clocks": "SELECT id FROM {case} c WHERE (SELECT count(*) FROM deadline x WHERE x.case_id = c.id) < 2",
    "not in the trail": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM audit_entry a "
    "WHERE a.subject_type = 'case' AND a.subject_id = c.id AND a.code = 'case:add')",
    "a step without its entry in the trail": "SELECT c.id FROM {case} c WHERE "
    "(SELECT count(*) FROM case_step s WHERE s.case_id = c.id AND s.seq > 1 AND s.from_state <> s.to_state) > "
    "(SELECT count(*) FROM audit_entry a WHERE a.subject_type = 'case' AND a.subject_id = c.id "
    "AND a.code = 'case:edit')",
    "not to be found": "SELECT id FROM {case} c WHERE NOT EXISTS (SELECT 1 FROM case_search f WHERE f.{key} = c.id)",
    "two numbers alike": "SELECT number FROM {case} GROUP BY number HAVING count(*) > 1",
    "a file's row without a case or draft": "SELECT id FROM attachment WHERE case_id IS NULL AND draft_id IS NULL",
}


class Truth:
    """Asks the database past the program."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.sqlite = make_url(portal.url).get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def open(self) -> Iterator[Connection]:
        """A connection of one's own."""
        engine = create_engine(self.portal.url)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def rows(self, sql: str, **given: Any) -> list[Any]:
        """The rows of a question."""
        with self.open() as connection:
            return list(connection.execute(text(sql), given))

    def one(self, sql: str, **given: Any) -> Any:
        """One value."""
        return self.rows(sql, **given)[0][0]

    def torn(self) -> list[str]:
        """Every half thing, in words; empty when all is whole."""
        names = {"case": '"case"', "key": "rowid" if self.sqlite else "case_id"}
        found = []
        with self.open() as connection:
            for what, sql in TORN.items():
                ids = [row[0] for row in connection.execute(text(sql.format(**names)))]
                found += [f"{what}: {ids[:5]} ({len(ids)})"] if ids else []
        return found

    def sound(self) -> list[str]:
        """Whether the file itself is sound (SQLite), and no reference dangles."""
        if not self.sqlite:
            return []
        said = [row[0] for row in self.rows("PRAGMA integrity_check")]
        dangling = self.rows("PRAGMA foreign_key_check")
        return [word for word in said if word != "ok"] + [str(tuple(row)) for row in dangling]

    def chain(self) -> str:
        """Where the chain of the audit trail breaks, and why; empty when it holds."""
        with self.open() as connection:
            walked = check(Session(connection))
        return "" if walked.bad is None else f"entry {walked.bad}: {walked.why}"

    def check(self) -> None:
        """Nothing torn, the file sound, the chain unbroken."""
        assert not self.sound()
        assert not self.torn(), "\n".join(self.torn())
        assert not self.chain()

    def prints(self) -> dict[str, tuple[int, str]]:
        """For every table its rows and a hash of all they hold."""
        with self.open() as connection:
            if self.sqlite:
                names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            else:
                names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            tables = sorted(row[0] for row in connection.execute(text(names)) if not row[0].startswith("case_search_"))
            found = {}
            for table in tables:
                rows = sorted(repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
                found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
            return found
