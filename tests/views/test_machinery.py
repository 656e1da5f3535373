"""What monitors are told of the outbox and the jobs."""

import re
from datetime import datetime, timedelta

import pytest

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import work
from app.models.outbox import MessageChannel
from app.services import job, outbox

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=LOCAL)


@pytest.fixture
def watch(session):
    """A clock that the test moves."""
    held = [NOON]
    clock.use_clock(lambda: held[0])
    yield held
    clock.use_clock(None)


def gauge(client, name: str) -> float:
    page = client.get("/metrics", headers={"Authorization": "Bearer "}).get_data(as_text=True)
    return float(re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)[1])


def test_the_depth_of_the_outbox_and_the_longest_wait(watch, client) -> None:
    queue = 'portal_outbox_messages{channel="sms",state="waiting"}'
    assert gauge(client, queue) == 0 and gauge(client, "portal_outbox_wait_seconds") == 0
    with acting(SYSTEM), work():
        for place in range(3):
            outbox.put(MessageChannel.sms, "accepted", f"t:{place}", {}, recipient="13800130001", text="已受理。")
    watch[0] += timedelta(minutes=7)
    assert gauge(client, queue) == 3 and gauge(client, "portal_outbox_wait_seconds") == 420


def test_deadlines_nobody_looks_at_are_an_alarm(watch, client) -> None:
    assert gauge(client, "portal_deadline_job_late") == 1 and gauge(client, "portal_deadline_job_age_seconds") == -1
    with acting(SYSTEM):
        job.run_once()
    assert gauge(client, "portal_deadline_job_late") == 0
    watch[0] += timedelta(minutes=59)
    assert gauge(client, "portal_deadline_job_late") == 0
    watch[0] += timedelta(minutes=2)
    assert gauge(client, "portal_deadline_job_late") == 1
    assert gauge(client, "portal_deadline_job_age_seconds") == 3660


def test_a_job_that_fails_is_put_off_and_told_at_the_end(watch, session, monkeypatch) -> None:
    def broken() -> None:
        raise RuntimeError("磁盘已满")

    done: list[int] = []
    monkeypatch.setattr(
        job, "TASKS", {"broken": (broken, timedelta(days=9)), "good": (lambda: done.append(1), timedelta(days=9))}
    )
    with acting(SYSTEM):
        assert job.run_once() == 1 and done == [1]  # the other is done all the same
        for _try in range(job.MOST_TRIES):
            watch[0] += timedelta(minutes=10)
            job.run_once()
        row = session.query(job.Job).filter_by(kind="broken").one()
        told = session.query(job.notice.Notice).filter_by(code="job_failed").all()
    assert row.state is job.JobState.failed and row.tries == job.MOST_TRIES and "磁盘已满" in row.error
    assert told and {one.data["kind"] for one in told} == {"broken"}


def test_the_system_page_tells_it_too(watch, login) -> None:
    page = login("sysadmin").get("/maintenance/system/").get_data(as_text=True)
    assert "待发消息" in page and "上次检查期限" in page
