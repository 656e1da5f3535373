"""Reports into the inbox: each period once, to those who may still see it, and opened by nobody else."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.models.account import Account
from app.models.audit import Notice
from app.models.report_subscription import ReportDelivery, ReportForm, ReportSubscription, Rhythm
from app.services import job
from app.services import report_subscription as service
from app.services.notice import sentence
from app.services.queries.statistics import moment

ROOT = Path(__file__).parents[2]
HOME = "/statistics/subscriptions"
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday(monkeypatch: Any) -> Any:
    """The job runs on a Monday that is no first of a month."""

    def at(day: date) -> None:
        monkeypatch.setattr(clock, "today", lambda: day)

    at(MONDAY)
    return at


def ask(
    actor: Any, who: str, rhythm: Rhythm = Rhythm.weekly, form: ReportForm = ReportForm.page, since: Any = None
) -> int:
    """A subscription, made at the beginning of that day."""
    person = actor(who)
    with acting(person):
        row = service.subscribe(person, rhythm, form, person.organisation_id)
    asked = ReportSubscription.__table__
    made = moment(since or MONDAY - timedelta(days=40))
    db.session.connection().execute(update(asked).where(asked.c.id == row.id).values(created_at=made))
    return int(row.id)


def told(session: Any) -> list[Notice]:
    with acting(SYSTEM):
        found = select(Notice).where(Notice.code.in_(("report_weekly", "report_monthly"))).order_by(Notice.id)
        return list(session.scalars(found))


def deliver() -> int:
    with acting(SYSTEM):
        return service.deliver()


def test_a_week_that_is_over_is_told_once(session: Any, actor: Any, app: Any) -> None:
    ask(actor, "centre_head")
    assert deliver() == 1 and deliver() == 0
    [note] = told(session)
    assert note.user_id == actor("centre_head").user_id
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert "2026-11-16 至 2026-11-22 的周报" in sentence(note)


def test_the_next_week_is_told_too_and_a_missed_monday_is_made_up(session: Any, actor: Any, monday: Any) -> None:
    ask(actor, "supervisor")
    deliver()
    monday(MONDAY + timedelta(days=9))  # a Wednesday
    assert deliver() == 1 and len(told(session)) == 2


def test_a_month_is_told_on_its_first(session: Any, actor: Any, monday: Any) -> None:
    ask(actor, "centre_head", Rhythm.monthly, since=date(2026, 11, 5))
    assert deliver() == 0  # October was over before
    monday(date(2026, 12, 1))
    assert deliver() == 1
    assert (told(session)[0].data["since"], told(session)[0].data["until"]) == ("2026-11-01", "2026-11-30")


def test_who_asks_in_the_middle_of_a_week_waits_for_its_end(session: Any, actor: Any, monday: Any) -> None:
    ask(actor, "centre_head", since=MONDAY)
    assert deliver() == 0
    monday(MONDAY + timedelta(days=7))
    assert deliver() == 1


@pytest.mark.parametrize("loss", ["role", "account", "place"])
def test_who_lost_the_right_gets_nothing(session: Any, actor: Any, loss: str) -> None:
    ask(actor, "supervisor")
    with acting(SYSTEM):
        person = session.get(Account, actor("supervisor").user_id)
        if loss == "role":
            person.roles = list(session.get(Account, actor("clerk").user_id).roles)
        elif loss == "account":
            person.active = False
        else:
            person.organisation_id = actor("clerk.t1").organisation_id
        session.flush()
    assert deliver() == 0 and told(session) == []


def test_only_ones_own_place_and_never_twice(session: Any, actor: Any) -> None:
    head = actor("centre_head.t1")
    with acting(head):
        with pytest.raises(Invalid):
            service.subscribe(head, Rhythm.weekly, ReportForm.page, actor("centre_head").organisation_id)
        with pytest.raises(Invalid):
            service.subscribe(head, Rhythm.weekly, ReportForm.page, actor("centre_head.t2").organisation_id)
    ask(actor, "centre_head.t1")
    with pytest.raises(Invalid):
        ask(actor, "centre_head.t1")


def test_the_runner_does_it(session: Any, actor: Any, app: Any) -> None:
    ask(actor, "centre_head")
    assert "reports" in job.TASKS
    with acting(SYSTEM):
        job.run_once()
        job.run_once()
    assert len(told(session)) == 1


@pytest.mark.parametrize(
    ("form", "page"), [(ReportForm.page, "/statistics/"), (ReportForm.paper, "/statistics/report")]
)
def test_the_message_leads_to_the_report_and_only_its_reader(
    session: Any, actor: Any, login: Any, form: ReportForm, page: str
) -> None:
    ask(actor, "centre_head", form=form)
    deliver()
    [note] = told(session)
    browser = login("centre_head")
    answer = browser.post(f"/notice/{note.id}/open", data={"csrf_token": browser.token})
    assert answer.headers["Location"].endswith(note.link)
    there = browser.get(note.link)
    assert there.headers["Location"].startswith(f"{page}?from=2026-11-16&to=2026-11-22&organisation=")
    assert browser.get(there.headers["Location"]).status_code == 200
    assert login("supervisor").get(note.link).status_code == 404
    assert login("clerk").get(note.link).status_code == 403


def test_the_page(session: Any, actor: Any, login: Any) -> None:
    browser, home = login("leader.1"), actor("leader.1").organisation_id
    said = {"csrf_token": browser.token, "rhythm": "weekly", "form": "page", "organisation": str(home)}
    assert browser.post(HOME, data=said).status_code == 302
    again = browser.post(HOME, data=said)
    assert again.status_code == 422 and "已经订阅过" in again.text
    assert browser.post(HOME, data={**said, "rhythm": "daily"}).status_code == 422
    assert "每周一" in browser.get(HOME).text and HOME in browser.get("/statistics/").text
    key = re.search(rf"{HOME}/(\d+)/drop", browser.get(HOME).text).group(1)  # type: ignore[union-attr]
    other = login("supervisor")
    assert other.post(f"{HOME}/{key}/drop", data={"csrf_token": other.token}).status_code == 404
    browser = login("leader.1")
    assert browser.post(f"{HOME}/{key}/drop", data={"csrf_token": browser.token}).status_code == 302
    assert "尚未订阅" in browser.get(HOME).text and login("clerk").get(HOME).status_code == 403


def test_what_was_given_up_is_told_no_more_and_opens_no_more(session: Any, actor: Any, login: Any) -> None:
    key = ask(actor, "centre_head")
    deliver()
    [note] = told(session)
    head = actor("centre_head")
    with acting(head):
        service.unsubscribe(head, key)
    assert deliver() == 0 and login("centre_head").get(note.link).status_code == 404
    assert session.connection().execute(select(ReportDelivery.__table__.c.id)).first() is None


def test_killed_and_rival_runners_tell_of_each_period_once(tmp_path: Path, database: str) -> None:
    command = [sys.executable, "-m", "tests.services.rival_reports", str(tmp_path), database]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr[-2000:]
    each, killed, sums = (part.split() for part in answer.stdout.splitlines()[-1].split("|"))
    dead, deliveries, notices = map(int, killed)
    assert dead == 1 and (deliveries, notices) == (0, 0), "the killed one left nothing half done"
    asked, kept, told_of = map(int, sums)
    assert len(each) == 3 and sum(map(int, each)) == asked == kept == told_of == 4
