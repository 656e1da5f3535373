"""My work in four lists: what waits for whom, what was done, started and told; counted, paged, within the row scope."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.supervision import SupervisionCause
from app.services import case as intake
from app.services import referral, supervision
from app.services.queries import work
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_sources import SOURCES
from app.views.work import BUILT
from tests.case_factory import Cases, organisation_of


@pytest.fixture
def cases(session, actor) -> Cases:
    """Makes cases."""
    return Cases(actor)


def listed(actor: Any, who: str, tab: Tab, **more: Any) -> list[str]:
    """The numbers on a list."""
    person = actor(who)
    with acting(person):
        return [one.sub.split(" · ")[0] for one in work.items(SOURCES, Asking(person, BUILT), tab, **more)]


def counted(actor: Any, who: str) -> dict[Tab, int]:
    person = actor(who)
    with acting(person):
        return work.counts(SOURCES, Asking(person, BUILT))


def test_a_case_wanders_through_the_lists(cases, actor) -> None:
    case = cases.register()
    number = case.number
    assert listed(actor, "dispatcher", Tab.todo) == [number] and listed(actor, "clerk", Tab.todo) == []
    assert listed(actor, "clerk", Tab.done) == listed(actor, "clerk", Tab.started) == [number]
    case = cases.do("dispatcher", intake.accept, case)
    case = cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d1"), co=[])
    assert listed(actor, "dispatcher", Tab.todo) == [] and listed(actor, "dispatcher", Tab.done) == [number]
    assert listed(actor, "handler.d1", Tab.todo) == [number] and listed(actor, "handler.d1", Tab.copied) == []
    cases.do("handler.d1", referral.sign_for, case)
    assert listed(actor, "unit_head.d1", Tab.copied) == [number]  # told of it, and not the one to act
    assert listed(actor, "handler.d1", Tab.done) == [number] and listed(actor, "dispatcher", Tab.started) == []


def test_an_order_waits_with_a_day(cases, actor) -> None:
    case = cases.assigned(co=("handler.d2",))
    with acting(SYSTEM):
        supervision.raise_order(SYSTEM, case, SupervisionCause.co_silent, 1, organisation_of("handler.d2"))
    person = actor("supervisor")
    with acting(person):
        (raised,) = work.items(SOURCES, Asking(person, BUILT), Tab.todo)
    assert raised.due_on == case.due_on is not None  # no letter has set a day yet: the one of the matter
    day = clock.today() + timedelta(days=5)
    words = {"organisation": organisation_of("handler.d2"), "due_on": day, "why": "未响应", "requirement": "限期报告"}
    cases.do("supervisor", supervision.supervise, case, **words)
    head = actor("unit_head.d2")
    with acting(head):
        letters = [one for one in work.items(SOURCES, Asking(head, BUILT), Tab.todo) if one.kind == "supervision"]
    assert [one.due_on for one in letters] == [day]


def test_done_shows_a_case_once_with_the_last_own_step(cases, actor) -> None:
    case = cases.accepted()
    other = cases.register(different_matter=True)
    cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d1"), co=[])
    cases.do("dispatcher", intake.accept, other)
    dispatcher = actor("dispatcher")
    with acting(dispatcher):
        rows = work.items(SOURCES, Asking(dispatcher, BUILT), Tab.done)
    assert [(one.id, str(one.move)) for one in rows] == [(other.id, "受理"), (case.id, "分流交办")]


def test_what_is_no_longer_seen_is_on_no_list(cases, actor) -> None:
    case = cases.handling()
    assert counted(actor, "handler.d1") == {Tab.todo: 1, Tab.done: 1, Tab.started: 0, Tab.copied: 0}
    db.session.connection().execute(text("UPDATE referral SET state = 'ended' WHERE case_id = :id"), {"id": case.id})
    assert counted(actor, "handler.d1") == dict.fromkeys(Tab, 0)
    assert all(listed(actor, "handler.d1", tab) == [] for tab in Tab)


@pytest.mark.parametrize("who", ["sysadmin", "security_auditor", "business_admin", "statistician"])
def test_who_sees_no_cases_has_empty_lists(cases, actor, login, who) -> None:
    case = cases.register()
    assert counted(actor, who) == dict.fromkeys(Tab, 0)
    page = login(who).get("/work/").get_data(as_text=True)
    assert case.number not in page and "data-count" not in page


def test_the_nearest_day_comes_first_and_pages_go_on(cases, actor) -> None:
    made = [cases.register(different_matter=True) for _place in range(5)]
    for place, case in enumerate(made):
        day = date(2026, 12, 20) - timedelta(days=place)
        db.session.connection().execute(
            text('UPDATE "case" SET due_on = :day WHERE id = :id'), {"day": day, "id": case.id}
        )
    wanted = [case.number for case in reversed(made)]
    assert listed(actor, "dispatcher", Tab.todo) == wanted
    assert listed(actor, "dispatcher", Tab.todo, size=2) == wanted[:3]  # one more says that there is a next page
    assert listed(actor, "dispatcher", Tab.todo, page=1, size=2) == wanted[2:]
    assert listed(actor, "dispatcher", Tab.todo, page=2, size=2) == wanted[4:]


def test_rooms_are_merged_in_the_order_of_the_list(cases, actor) -> None:
    case = cases.register()
    near = clock.today() + timedelta(days=1)

    def item(_asking: Asking, _tab: Tab, row: Any) -> Item:
        return Item("review", row.id, "/review/show/1", "评审", "PS-1", case.state, due_on=near, at=clock.now())

    other = Source("review", "评审", lambda asking, tab: SOURCES[0].statement(asking, tab), item)
    dispatcher = actor("dispatcher")
    with acting(dispatcher):
        asking = Asking(dispatcher, BUILT)
        rows = work.items((*SOURCES, other), asking, Tab.todo)
        assert [one.kind for one in rows] == ["review", "case"]
        assert work.counts((*SOURCES, other), asking)[Tab.todo] == 2


def test_the_page_has_the_lists_their_numbers_and_lights(cases, login) -> None:
    case = cases.register()
    db.session.connection().execute(
        text('UPDATE "case" SET due_on = :day WHERE id = :id'), {"day": date(2026, 1, 5), "id": case.id}
    )
    browser = login("dispatcher")
    page = browser.get("/work/").get_data(as_text=True)
    for label in ("待办", "已办", "我发起的", "抄送我"):
        assert label in page
    assert case.number in page and "超期" in page and "受理" in page
    assert re.search(r'href="/work/\?tab=todo" class="on" aria-current="page">待办<b>1</b>', page)
    assert case.number not in browser.get("/work/?tab=done").get_data(as_text=True)
    assert browser.get("/work/?tab=nonsense&page=-1").status_code == 200
    answer = browser.get("/work/count?tabs=todo,done,nonsense")
    assert answer.get_json() == {"todo": "1", "done": ""}
    assert browser.get("/work/count").get_json() == {}


def test_the_first_page_leads_to_the_lists(cases, login) -> None:
    case = cases.register()
    page = login("dispatcher").get("/").get_data(as_text=True)
    assert case.number in page and 'href="/work/?tab=copied"' in page and 'data-count="copied"' in page


def test_counters_stop_at_ninety_nine(cases, actor, monkeypatch) -> None:
    monkeypatch.setattr(work, "MOST", 2)
    for _place in range(4):
        cases.register(different_matter=True)
    assert counted(actor, "dispatcher")[Tab.todo] == 3


@pytest.mark.sqlite_only  # it tells its plan without figures
@pytest.mark.parametrize("tab", list(Tab))
@pytest.mark.parametrize("who", ["dispatcher", "clerk.t1", "archivist"])
def test_every_list_is_walked_by_an_index(cases, actor, tab, who) -> None:
    person, plans = actor(who), []
    with acting(person):
        for source in SOURCES:
            statement = source.statement(Asking(person, BUILT), tab)
            if statement is None:
                continue
            compiled = statement.limit(21).compile(db.engine, compile_kwargs={"render_postcompile": True})
            plan = db.session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {compiled}", tuple(compiled.params[name] for name in compiled.positiontup)
            )
            plans += [row[3] for row in plan]
    assert plans or tab is Tab.todo
    large = ("case", "case_", "own", "told", "booking", "review", "booking_step", "review_step")
    assert not [line for line in plans if line.startswith(tuple(f"SCAN {name}" for name in large))], plans
