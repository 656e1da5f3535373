#!/usr/bin/env python3
"""Where the time of a page goes: `profile_page.py INSTANCE ADDRESS [USER]`, in process, without a server.

Prints the CPU time of the whole request, the statements, and the functions by own and by cumulative time.
"""

import contextvars
import cProfile
import os
import pstats
import re
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PASSWORD = "Bench-2026-portal"


def main() -> None:
    """See the module's words."""
    os.environ["PORTAL_INSTANCE"] = sys.argv[1]
    os.environ.setdefault("PORTAL_SECRET_KEY", "bench-only-key-not-a-secret-000000")
    from bench.portal_app import create_app

    browser = create_app().test_client()

    def ask(address: str, data: dict[str, str] | None = None) -> object:
        verb = browser.get if data is None else browser.post
        return contextvars.Context().run(verb, address, data=data, headers={"Accept-Language": "zh-CN"})

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', ask("/login/").get_data(as_text=True))
    user = sys.argv[3] if len(sys.argv) > 3 else "clerk"
    ask("/login/", {"username": user, "password": PASSWORD, "csrf_token": token[1] if token else ""})
    for _ in range(3):
        answer = ask(sys.argv[2])
    times = []
    for _ in range(60):
        began = time.process_time()
        ask(sys.argv[2])
        times.append(time.process_time() - began)
    middle, least = statistics.median(times) * 1e3, min(times) * 1e3
    print(answer.status, len(answer.get_data()), f"bytes, CPU {middle:.1f} ms, least {least:.1f} ms,",
          answer.headers.get("X-SQL-Count"), "statements,", answer.headers.get("X-SQL-ms"), "ms in SQL")  # fmt: skip
    if len(sys.argv) > 4:
        return
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(30):
        ask(sys.argv[2])
    profile.disable()
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(25)
    pstats.Stats(profile).sort_stats("cumtime").print_stats(
        r"/(app|bench|seed)/[^ ]*\.(py|html)|jinja2/environment|wsgi_app|commit", 70
    )


if __name__ == "__main__":
    main()
