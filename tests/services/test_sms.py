"""Text messages: approved words, numbers and days only, once, not at night, only to a mobile phone."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db, work
from app.core.impersonal import Personal
from app.models.outbox import MessageState, OutboxMessage, SmsTemplate
from app.models.room import Room
from app.services import case as intake
from app.services import sms
from seed.sms import templates
from tests.case_factory import Cases, code_item

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=LOCAL)


@pytest.fixture
def noon():
    """The clock stands at noon, when messages may go out."""
    with clock.standing_at(NOON):
        yield


def messages() -> list[Any]:
    with system_scope("test"):
        return list(
            db.session.scalars(
                select(OutboxMessage).order_by(OutboxMessage.id).execution_options(populate_existing=True)
            )
        )


def codes() -> list[str]:
    return [row.code for row in messages()]


def test_each_step_of_intake_writes_its_text(session, actor, noon) -> None:
    cases = Cases(actor)
    case = cases.register()
    cases.do("clerk", intake.request_supplement, case, reason="缺身份证明", missing=[code_item("supplement_item")])
    cases.do("clerk", intake.supplement, case, note="已补")
    cases.do("dispatcher", intake.accept, case)
    assert codes() == ["registered", "supplement_asked", "accepted"]
    declined = cases.declining()
    cases.do("centre_head", intake.approve_decline, declined)
    assert codes()[3:] == ["registered", "declined"]
    first = messages()[0]
    assert case.number in first.text and "12月10日" in first.text and "{" not in first.text
    assert first.recipient == "15800000001" and first.state is MessageState.waiting
    assert first.case_id == case.id and "于秀兰" not in str(first.data) + first.text


def test_a_step_that_fails_sends_nothing(session, actor, noon) -> None:
    clerk, case = actor("clerk"), Cases(actor).register()
    before = codes()
    with acting(clerk), pytest.raises(RuntimeError), work():
        sms.text_petitioners(clerk, case, "accepted", until=date(2026, 12, 1))
        raise RuntimeError
    assert codes() == before


def test_the_same_text_goes_once_a_day(session, actor, noon) -> None:
    clerk, case = actor("clerk"), Cases(actor).register()
    with acting(clerk), work():
        first = sms.text_petitioners(clerk, case, "accepted", until=date(2026, 12, 1))
        again = sms.text_petitioners(clerk, case, "accepted", until=date(2026, 12, 1))
        other = sms.text_petitioners(clerk, case, "accepted", until=date(2026, 12, 2))
    assert (len(first), len(again), len(other)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("hour", "state", "morning"),
    [
        (20, MessageState.waiting, None),
        (21, MessageState.held, datetime(2026, 11, 26, 8, tzinfo=LOCAL)),
        (3, MessageState.held, datetime(2026, 11, 25, 8, tzinfo=LOCAL)),
        (8, MessageState.waiting, None),
    ],
)
def test_the_night_is_quiet(session, actor, hour, state, morning) -> None:
    with clock.standing_at(NOON.replace(hour=hour)):
        Cases(actor).register()
        row = messages()[-1]
    assert row.state is state and (morning is None or row.next_at == morning)


def test_without_a_mobile_phone_nothing_is_written(session, actor, noon) -> None:
    cases = Cases(actor)
    body = cases.body()
    for phone in ("", "0536-7212345"):
        parties = [{**body["parties"][0], "phone": phone}]
        cases.register(parties=parties, different_matter=True)
    assert codes() == []


def test_only_approved_texts_are_sent(session, actor, noon) -> None:
    clerk, case = actor("clerk"), Cases(actor).register()
    session.scalars(select(SmsTemplate).where(SmsTemplate.code == "accepted")).one().approved = False
    session.commit()
    with acting(clerk), work():
        assert sms.text_petitioners(clerk, case, "accepted", until=date(2026, 12, 1)) == []
        assert sms.text_petitioners(clerk, case, "no_such_text") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "于秀兰"),
        ("number", "村道占地未补偿"),
        ("number", "15800000001"),
        ("code", "370786198002022226"),
        ("code", "37078619800202222X"),
        ("code", "0536-7212345"),
        ("number", "a b"),
        ("until", "2026-12-01"),
        ("room", "柳疃镇西付村12号"),
        ("centre", "某某"),
        ("phone", "15800000001"),
        ("title", "SQ-2026-000001"),
        ("count", True),
    ],
)
def test_what_may_name_somebody_is_refused(session, actor, noon, name, value) -> None:
    clerk, case = actor("clerk"), Cases(actor).register()
    before = codes()
    with acting(clerk), pytest.raises(Personal), work():
        sms.text_petitioners(clerk, case, "registered", **{name: value})
    assert codes() == before


def test_rooms_times_and_numbers_are_written_the_chinese_way(session, actor) -> None:
    room = Room(name="专家评审室")
    assert sms.written("room", room) == "专家评审室"
    assert sms.written("time", datetime(2026, 12, 1, 9, 30, tzinfo=LOCAL)) == "12月1日09:30"
    assert sms.written("until", date(2026, 12, 1)) == "12月1日"
    assert sms.written("count", 5) == "5"


def test_a_part_without_its_number_falls_away() -> None:
    text = "已受理{number}。[电话{phone}。]"
    assert sms.filled(text, {"number": "SQ-1", "phone": ""}) == "已受理SQ-1。"
    assert sms.filled(text, {"number": "SQ-1", "phone": "0536-1"}) == "已受理SQ-1。电话0536-1。"


def test_shipped_texts_fit_one_message_and_fill_in_only_what_they_may(session) -> None:
    longest = {
        "number": "SQCY-2026-000318",
        "until": "12月10日18:00",
        "time": "12月10日09:30",
        "room": "矛盾纠纷调处室",
    }
    longest |= {"centre": "奎聚街道", "phone": "0536-7212345"}
    for text in templates():
        allowed = set(text.variables.split())
        assert sms.places_of(text.text) <= allowed <= set(sms.VARIABLES), text.code
        assert len(sms.filled(text.text, longest)) <= 70, text.code
