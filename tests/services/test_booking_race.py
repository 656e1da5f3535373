"""D1: many clients, the same moment, every way two bookings can meet: one winner, the others 409, nothing twice.

The whole race (20 clients, 100 slots) takes some minutes: PORTAL_PROOF=full, or PORTAL_RACE="20,100".
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SIZE = "20,100" if os.environ.get("PORTAL_PROOF") == "full" else "8,3"
CLIENTS, SLOTS = map(int, os.environ.get("PORTAL_RACE", SIZE).split(","))


def test_one_winner_each(tmp_path, database) -> None:
    command = [sys.executable, "-m", "tests.services.rival_bookings", str(tmp_path), database, str(CLIENTS), str(SLOTS)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600)
    assert answer.returncode == 0, answer.stderr[-2000:]
    *lines, overlaps = map(json.loads, answer.stdout.splitlines()[-7:])
    assert len(lines) == 6
    for name, statuses, right, told in lines:
        assert set(statuses) <= {"201", "409"}, (name, statuses)
        assert right == SLOTS, (name, statuses)
        assert sum(statuses.values()) == CLIENTS * SLOTS
        assert told, f"{name}: a 409 did not say what stands there"
    assert overlaps == 0
