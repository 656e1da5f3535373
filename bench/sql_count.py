"""Counts the statements of a request and says so in a header; used by the benchmark only.

Counting stands outside the application, so what is written after the page was made counts as well.
"""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

QUIET = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")


def count_statements(app: Flask, engine: Engine) -> None:
    """Add X-SQL-Count and X-SQL-ms to every answer; one request at a time, as a synchronous worker serves.

    With BENCH_SQL_LOG=1 the statements go to standard output."""
    said: list[tuple[float, str]] = []
    inner: Callable[..., Iterable[bytes]] = app.wsgi_app

    @event.listens_for(engine, "before_cursor_execute")
    def _before(_c: Any, _cursor: Any, _sql: str, _p: Any, context: Any, _many: bool) -> None:
        if context is not None:
            context.bench_began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(_c: Any, _cursor: Any, sql: str, _p: Any, context: Any, _many: bool) -> None:
        if context is not None and not sql.startswith(QUIET):
            said.append((time.perf_counter() - context.bench_began, sql))

    def counting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        said.clear()

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            took = sum(one for one, _sql in said) * 1000
            if os.environ.get("BENCH_SQL_LOG"):
                for one, sql in said:
                    print(f"{one * 1000:.2f} ms", " ".join(sql.split()), flush=True)
            return start(status, [*headers, ("X-SQL-Count", str(len(said))), ("X-SQL-ms", f"{took:.2f}")], *more)

        return inner(environ, begin)

    app.wsgi_app = counting  # type: ignore[method-assign]
