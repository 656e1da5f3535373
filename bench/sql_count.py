"""Counts the statements of a request and says so in a header; used by the benchmark only."""

import time
from typing import Any

from flask import Flask, Response, g, has_request_context
from sqlalchemy import Engine, event


def count_statements(app: Flask, engine: Engine) -> None:
    """Add X-SQL-Count and X-SQL-ms to every answer (BEGIN, SAVEPOINT and PRAGMA are not statements here)."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(_c: Any, _cursor: Any, _sql: str, _p: Any, context: Any, _many: bool) -> None:
        if context is not None:
            context.bench_began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(_c: Any, _cursor: Any, sql: str, _p: Any, context: Any, _many: bool) -> None:
        if context is None or not has_request_context() or sql.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            return
        took = time.perf_counter() - context.bench_began
        g.bench_sql = [*g.get("bench_sql", []), (took, sql)]

    @app.after_request
    def _tell(answer: Response) -> Response:
        said = g.get("bench_sql", [])
        answer.headers["X-SQL-Count"] = str(len(said))
        answer.headers["X-SQL-ms"] = f"{sum(took for took, _sql in said) * 1000:.2f}"
        return answer
