#!/usr/bin/env python3
"""W9c and W9x: ten thousand rows to CSV and XLSX, the portal beside Flask-Admin, in one run (README.md).

python bench/export.py             # SQLite; makes and keeps the databases
python bench/export.py --db pg     # PostgreSQL (BENCH_PG_URL)
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import run  # noqa: E402
from bench.client import Client, Server, form_of  # noqa: E402

ROWS = 10_000


def _file(client: Client, method: str, path: str, form: dict[str, str] | None) -> tuple[float, float, int]:
    """Seconds to the first byte and to the last one, and how many bytes."""
    began = time.perf_counter()
    answer = client.send(client.raw(method, path, form))
    took = time.perf_counter() - began
    status, _headers, body = client.split(answer)
    if status != 200 or len(body) < 100_000:
        raise SystemExit(f"{path}: status {status}, {len(body)} bytes: {body[:600]!r}")
    return took, took, len(body)


def main() -> None:
    """Load, start, warm, and take turns."""
    said = argparse.ArgumentParser()
    said.add_argument("--db", default="sqlite", choices=("sqlite", "pg"))
    said.add_argument("--count", type=int, default=7)
    asked = said.parse_args()
    portal, peer = run.System("portal", asked.db, ROWS, 0), run.System("peer", asked.db, ROWS, 0)
    for system in (portal, peer):
        print(f"loading {system.name}: {system.load():.0f} s", file=sys.stderr)
    server = portal.start(8471)
    other = peer.server = Server(
        "bench.fadmin_peer:create_app()", 8472, peer.env(peer.folder, peer.base_db), run.HOME / "fadmin.log"
    )
    try:
        found = _measure(portal, peer, server, other, asked.count)
    finally:
        portal.stop()
        peer.stop()
    found["load"] = os.getloadavg()
    print(json.dumps(found, indent=1))


def _measure(portal: run.System, peer: run.System, server: Server, other: Server, count: int) -> dict[str, Any]:
    desk, browser = portal.sign_in(), peer.sign_in()
    page = desk.go("GET", "/case/list/?all=1")[2]
    token = form_of(page, "csrf_token")["csrf_token"]
    found: dict[str, Any] = {}
    for code, form in (("W9c", "csv"), ("W9x", "xlsx")):
        ours: list[float] = []
        theirs: list[float] = []
        sent = {"csrf_token": token, "query": "all=1", "form": form}
        before = {"portal": server.memory(), "fadmin": other.memory()}
        size = 0
        for turn in range(count + 1):
            took, _first, size = _file(desk, "POST", "/case/export", sent)
            peer_took, _first, _size = _file(browser, "GET", f"/fadmin/cases/export/{form}/", None)
            if turn:  # the first one warms
                ours.append(took)
                theirs.append(peer_took)
        after = {"portal": server.memory(), "fadmin": other.memory()}
        one, two = run.summary(ours), run.summary(theirs)
        found[code] = {
            "portal": one,
            "fadmin": two,
            "ratio": round(one["p50"] / two["p50"], 3),
            "bytes": size,
            "rss_mb": {name: [before[name], after[name]] for name in before},
        }
        print(code, found[code], file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
