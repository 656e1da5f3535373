"""What reviews and bookings add to the lists: to whom each waits, and no longer once it is done."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.access.actor import acting
from app.core import clock
from app.core.db import db
from app.services import ballot, review, supervision, working_calendar
from app.services.queries import work
from app.services.queries.work import Asking, Tab
from app.services.queries.work_booking import BOOKINGS
from app.services.queries.work_review import REVIEWS
from app.services.queries.work_supervision import SUPERVISIONS
from app.views.work import BUILT
from tests.booking_factory import Bookings
from tests.case_factory import Cases, organisation_of
from tests.review_factory import PANEL, Reviews


@pytest.fixture
def lists(session, actor):
    """`lists("clerk", source, tab)` gives (title, move) of what one room shows a demo account."""

    def of(who: str, source: work.Source, tab: Tab = Tab.todo) -> list[tuple[str, str]]:
        person = actor(who)
        with acting(person):
            found = work.items((source,), Asking(person, BUILT), tab)
            assert work.counts((source,), Asking(person, BUILT), (tab,))[tab] == len(found)
            return [(str(one.title), str(one.move)) for one in found]

    return of


def test_a_review_waits_for_whoever_moves_it_on(lists, actor) -> None:
    reviews = Reviews(actor)
    record = reviews.filed()
    title = f"专家评审 {record.number}"
    assert lists("review_secretary", REVIEWS) == [(title, "受理申请")]
    assert lists("clerk", REVIEWS, Tab.started) == [(title, "None")]
    assert lists("clerk", REVIEWS) == []
    record = reviews.do("review_secretary", review.accept_review, record)
    assert lists("review_secretary", REVIEWS, Tab.done)[0][0] == title
    assert [row[0] for row in lists("clerk", REVIEWS)] == [title]  # the party picks at the desk


def test_an_expert_is_waited_for_until_he_answers_and_votes(lists, actor) -> None:
    reviews = Reviews(actor)
    record = reviews.inviting()
    first, second = PANEL[:2]
    assert len(lists(f"expert.{first}", REVIEWS)) == 1 and lists("expert.12", REVIEWS) == []
    reviews.accept(record, first)
    assert lists(f"expert.{first}", REVIEWS) == [] and len(lists(f"expert.{second}", REVIEWS)) == 1
    assert len(lists(f"expert.{first}", REVIEWS, Tab.done)) == 1
    record = reviews.scheduled(record=reviews.accept(record, *PANEL[1:]))
    record = reviews.do("review_secretary", ballot.open_ballots, record)
    assert len(lists(f"expert.{first}", REVIEWS)) == 1
    reviews.vote(record, first)
    assert lists(f"expert.{first}", REVIEWS) == [] and len(lists(f"expert.{second}", REVIEWS)) == 1


@pytest.fixture
def booked(session, actor):
    """A room that is given by approval, and managed by the head of the centre; asked for by the clerk."""
    manager = actor("centre_head").user_id
    change = text("UPDATE room SET manager_id = :who, kind = 'approval' WHERE name = '法律服务室'")
    db.session.connection().execute(change, {"who": manager})
    calendar = working_calendar.load()
    days = next(n for n in range(1, 15) if calendar.is_workday(clock.today() + timedelta(days=n)))
    return Bookings(actor).book("法律服务室", 10, 11, days=days)


def test_a_booking_waits_for_who_decides_on_the_room(lists, booked) -> None:
    title = f"预约 {booked.number}"
    assert [row[0] for row in lists("centre_head", BOOKINGS)] == [title]
    assert lists("clerk", BOOKINGS) == []  # not on one's own wish
    assert [row[0] for row in lists("clerk", BOOKINGS, Tab.started)] == [title]
    assert [row[0] for row in lists("clerk", BOOKINGS, Tab.done)] == [title]
    assert lists("centre_head.t2", BOOKINGS) == []
    db.session.connection().execute(text("UPDATE booking SET state = 'confirmed'"))
    assert lists("centre_head", BOOKINGS) == []


def test_a_letter_waits_for_its_office_and_its_answer_for_another_supervisor(lists, actor) -> None:
    cases = Cases(actor)
    case = cases.handling()
    day = clock.today() + timedelta(days=7)
    asked = {
        "organisation": organisation_of("handler.d1"),
        "due_on": day,
        "why": "久拖未办",
        "requirement": "三日内核实",
    }
    cases.do("supervisor", supervision.supervise, case, **asked)
    key, number = db.session.connection().execute(text("SELECT id, number FROM supervision")).one()
    title = f"督办 {number}"
    assert lists("unit_head.d1", SUPERVISIONS) == [(title, "回复督办")]
    for who in ("handler.d1", "handler.d2", "unit_head.d2", "supervisor", "clerk", "supervisor.t2"):
        assert lists(who, SUPERVISIONS) == []
    with acting(actor("unit_head.d1")):
        supervision.answer(actor("unit_head.d1"), key, {"answer": "已入户核实，三日内答复。"})
    assert lists("unit_head.d1", SUPERVISIONS) == []
    assert lists("unit_head.d1", SUPERVISIONS, Tab.done) == [(title, "回复督办")]
    assert [row[0] for row in lists("supervisor", SUPERVISIONS)] == [title]
    with acting(actor("supervisor")):
        supervision.close(actor("supervisor"), key, {"note": "已落实"})
    assert lists("supervisor", SUPERVISIONS) == []


def test_the_page_shows_all_rooms_together(booked, login) -> None:
    page = login("centre_head").get("/work/").get_data(as_text=True)
    assert booked.number in page and f"/booking/show/{booked.id}" in page
