"""The inbox: filters, reading and unreading, where a message leads; and what is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db, work
from app.models.audit import Notice
from app.services import notice
from tests.case_factory import Cases


def user(name: str) -> int:
    return int(
        db.session.connection().execute(text("SELECT id FROM ab_user WHERE username = :n"), {"n": name}).scalar_one()
    )


def give(name: str, code: str, **more: Any) -> int:
    """A message to a demo account."""
    with acting(SYSTEM), system_scope("test"), work():
        row: Any = Notice(user_id=user(name), code=code, data=more.pop("data", {}), **more)
        db.session.add(row)
        db.session.flush()
        return int(row.id)


def state(pk: int) -> Any:
    with system_scope("test"):
        return db.session.connection().execute(select(Notice.__table__.c.read_at).where(Notice.id == pk)).scalar()


@pytest.fixture
def inbox(session, actor):
    """Two messages about cases, one about a deadline, one read long since."""
    case = Cases(actor).assigned()
    first = give("handler.d1", "deadline_soon", data={"number": case.number, "clock": "答复", "day": "2026-12-01"})
    give("handler.d1", "uphold", case_id=case.id, data={"number": case.number, "by": "陈静"}, read_at=clock.now())
    return case, first


def test_messages_are_filtered_by_kind_and_by_being_read(inbox, login) -> None:
    case, _first = inbox
    browser = login("handler.d1")
    every = browser.get("/notice/list/").get_data(as_text=True)
    assert every.count(case.number) == 3 and "期限提醒" in every
    assert browser.get("/notice/list/?unread=yes").get_data(as_text=True).count(case.number) == 2
    deadlines = browser.get("/notice/list/?kind=reminder").get_data(as_text=True)
    assert deadlines.count(case.number) == 1 and "答复将于 2026-12-01 到期" in deadlines
    assert browser.get("/notice/list/?kind=nonsense&page=x").get_data(as_text=True).count(case.number) == 3
    assert browser.get("/notice/list/?page=99999").status_code == 200
    assert case.number not in login("handler.d2").get("/notice/list/").get_data(as_text=True)


def test_a_message_is_marked_and_unmarked_by_its_reader_only(inbox, login) -> None:
    _case, first = inbox
    browser, other = login("handler.d1"), login("handler.d2")
    said = {"csrf_token": other.token, "read": "yes"}
    assert other.post(f"/notice/{first}/mark", data=said).status_code == 404 and state(first) is None
    here = "/notice/list/?unread=yes"
    answer = browser.post(f"/notice/{first}/mark", data={"csrf_token": browser.token, "read": "yes", "back": here})
    assert answer.status_code == 302 and answer.location.endswith(here) and state(first) is not None
    data = {"csrf_token": browser.token, "read": "no", "back": "https://elsewhere.example/"}
    answer = browser.post(f"/notice/{first}/mark", data=data)
    assert answer.location.endswith("/notice/list/") and state(first) is None


def test_a_message_does_not_lead_where_its_reader_may_not_go(session, actor, login) -> None:
    case = Cases(actor).assigned()
    theirs, ours = give("handler.d2", "assign", case_id=case.id), give("handler.d1", "assign", case_id=case.id)
    stranger, holder = login("handler.d2"), login("handler.d1")
    answer = stranger.post(f"/notice/{theirs}/open", data={"csrf_token": stranger.token})
    assert answer.location.endswith("/notice/list/") and state(theirs) is not None
    assert "已不在您可以查看的范围内" in stranger.get("/notice/list/").get_data(as_text=True)
    answer = holder.post(f"/notice/{ours}/open", data={"csrf_token": holder.token})
    assert answer.location.endswith(f"/case/show/{case.id}")


def test_opening_leads_to_the_case_or_where_the_message_says(inbox, login) -> None:
    case, _first = inbox
    browser = login("handler.d1")
    told = give("handler.d1", "assign", case_id=case.id)
    answer = browser.post(f"/notice/{told}/open", data={"csrf_token": browser.token})
    assert answer.location.endswith(f"/case/show/{case.id}") and state(told) is not None
    many = give("handler.d1", "deadlines_many", link="/case/list/?tab=overdue")
    assert browser.post(f"/notice/{many}/open", data={"csrf_token": browser.token}).location.endswith("?tab=overdue")
    strange = give("handler.d1", "deadlines_many", link="//elsewhere.example/")
    answer = browser.post(f"/notice/{strange}/open", data={"csrf_token": browser.token})
    assert answer.location.endswith("/notice/list/")


def test_all_of_a_kind_are_read_at_once(inbox, login) -> None:
    _case, first = inbox
    browser = login("handler.d1")
    assert "<b>2</b>" in browser.get("/").get_data(as_text=True)
    browser.post("/notice/read", data={"csrf_token": browser.token, "kind": "case"})
    assert state(first) is None and "<b>1</b>" in browser.get("/").get_data(as_text=True)
    browser.post("/notice/read", data={"csrf_token": browser.token})
    assert state(first) is not None


def test_pages_go_on(session, login) -> None:
    for place in range(30):
        give("clerk", "outbox_failed", data={"code": f"样例{place:02d}", "tries": 8})
    browser = login("clerk")
    first, second = (browser.get(f"/notice/list/?page={page}").get_data(as_text=True) for page in (0, 1))
    assert "样例29" in first and "样例04" not in first and "样例04" in second and "样例05" not in second
    assert "page=1" in first and "page=2" not in second


def test_old_messages_are_forgotten(session) -> None:
    now = clock.now()
    old, older = now - timedelta(days=200), now - timedelta(days=400)
    kept = [give("clerk", "assign", at=old), give("clerk", "assign", at=older, read_at=now)]
    gone = [give("clerk", "assign", at=older, read_at=old), give("clerk", "assign", at=older)]
    kept.pop()  # read today, but told more than twice the time ago
    with acting(SYSTEM), system_scope("test"):
        assert notice.purge() == 3
        left = set(db.session.scalars(select(Notice.id)))
    assert set(kept) <= left and not left & set(gone)
