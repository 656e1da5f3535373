"""Exactly once: runners are killed (SIGKILL) in the middle of their work, and every message arrives, none twice."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.receiver import receiving

ROOT = Path(__file__).parent.parent.parent
MESSAGES = 100


def run(tmp_path: Path, database: str, runners: int, port: int | None = None) -> int:
    """Let the runners be killed; how many were."""
    command = [sys.executable, "-m", "tests.services.killed_runners", str(tmp_path), database, str(MESSAGES)]
    command += [str(runners), *([str(port)] if port else [])]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return int(answer.stdout.split()[-1])


@pytest.mark.parametrize("runners", [1, 2])
def test_each_message_stands_in_the_file_once(tmp_path, database, runners) -> None:
    killed = run(tmp_path, database, runners)
    assert killed >= 3
    lines = (tmp_path / "sms.jsonl").read_text("utf-8").splitlines()
    arrived = Counter(json.loads(line)["phone"] for line in lines)
    assert arrived == {f"138{place:08d}": 1 for place in range(MESSAGES)}


def test_a_receiver_that_knows_the_key_has_each_event_once(tmp_path, database) -> None:
    with receiving() as receiver:
        killed = run(tmp_path, database, 2, receiver.port)
        assert killed >= 3
        assert Counter(body["data"]["id"] for body in receiver.bodies()) == dict.fromkeys(range(MESSAGES), 1)
        assert len(receiver.calls) >= MESSAGES


def test_rivals_remind_of_each_clock_once(tmp_path, database) -> None:
    command = [sys.executable, "-m", "tests.services.rival_reminders", str(tmp_path), database]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr[-2000:]
    each, sums = (part.split() for part in answer.stdout.splitlines()[-1].split("|"))
    kept, told, twice = map(int, sums)
    assert len(each) == 3 and sum(map(int, each)) == kept > 0
    assert told >= kept and twice == 0


@pytest.mark.parametrize("runners", [1, 2])
def test_a_large_export_is_whole_and_made_once(tmp_path, database, runners) -> None:
    command = [sys.executable, "-m", "tests.services.killed_exports", str(tmp_path), database, "3000", str(runners)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr[-2000:]
    killed, rows, different, notices, files = map(int, answer.stdout.split()[-5:])
    assert (killed, rows, different, notices, files) == (3, 3000, 3000, 1, 1)
