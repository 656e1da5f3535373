"""Webhooks: who is told, of what, in which words."""

from datetime import date, datetime
from typing import Any

import pytest
from booking_factory import Bookings, hour
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db, work
from app.core.impersonal import Personal, is_code, plain_data
from app.models.booking import Purpose
from app.models.outbox import MessageChannel, OutboxMessage, Webhook
from app.services import booking_steps
from app.services.webhook import announce, wants
from tests.case_factory import Cases


@pytest.fixture
def hook(session, actor):
    """A webhook that listens to every step of a case."""
    with acting(actor("business_admin")):
        row = Webhook(name="市平台", url="https://platform.example/hook", secret="s" * 40, events="case.* review.filed")
        session.add(row)
        session.commit()
    return row


def deliveries() -> list[Any]:
    with system_scope("test"):
        wanted = select(OutboxMessage).where(OutboxMessage.channel == MessageChannel.webhook)
        return list(db.session.scalars(wanted.order_by(OutboxMessage.id)))


@pytest.mark.parametrize(
    ("events", "event", "told"),
    [
        ("*", "case.accept", True),
        ("case.*", "case.accept", True),
        ("case.*", "review.filed", False),
        ("case.accept review.*", "review.filed", True),
        ("case.accept", "case.accepted", False),
        ("", "case.accept", False),
    ],
)
def test_events_are_chosen_by_name(events, event, told) -> None:
    assert wants(events, event) is told


def test_every_step_of_a_case_is_announced_without_a_name(hook, actor) -> None:
    case = Cases(actor).handling()
    rows = deliveries()
    assert [row.code for row in rows] == ["case.register", "case.accept", "case.assign", "case.sign_for"]
    assert [row.data["data"]["seq"] for row in rows] == [1, 2, 3, 4]
    body = rows[-1].data
    assert body["event"] == "case.sign_for" and body["data"]["to"] == "handling" and body["data"]["case_id"] == case.id
    assert body["data"]["number"] == case.number and len({row.data["id"] for row in rows}) == 4
    said = str([row.data for row in rows])
    assert not any(word in said for word in ("于秀兰", "村道", "1580000", "西付村", "王"))


def test_who_is_not_in_use_or_does_not_listen_is_not_told(hook, session, actor) -> None:
    with acting(actor("business_admin")):
        hook.active = False
        session.add(Webhook(name="另一平台", url="https://other.example/", secret="s", events="booking.*"))
        session.commit()
    Cases(actor).register()
    assert deliveries() == []


def test_what_did_not_happen_is_not_announced(hook, actor) -> None:
    with acting(actor("clerk")), pytest.raises(RuntimeError), work():
        announce("case.accept", {"case_id": 1})
        raise RuntimeError
    assert deliveries() == []


@pytest.mark.parametrize(
    "value", ["于秀兰", "柳疃镇西付村12号", "15800000001", "370786198002022226", "a b", "x" * 101, b"x", object()]
)
def test_what_may_name_somebody_is_not_announced(hook, actor, value) -> None:
    with acting(actor("clerk")), pytest.raises(Personal), work():
        announce("case.accept", {"deep": [{"er": value}]})
    assert deliveries() == []


def test_plain_data_is_kept_as_json_has_it() -> None:
    told = {
        "id": 5,
        "on": date(2026, 11, 25),
        "ok": True,
        "none": None,
        "states": ("a", "b"),
        "number": "SQ-2026-000318",
    }
    assert plain_data(told) == {**told, "on": "2026-11-25", "states": ["a", "b"]}
    assert is_code("2026-11-25T09:30:00+08:00") and not is_code("电话") and not is_code("tel:13800132207")


def test_the_steps_of_a_booking_are_announced_without_room_time_or_purpose(session, actor) -> None:
    with acting(actor("business_admin")):
        session.add(Webhook(name="市平台", url="https://platform.example/hook", secret="s" * 40, events="booking.*"))
        session.commit()
    with clock.standing_at(datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)):
        made = Bookings(actor)
        secret = {"people": ["counsellor.1"], "contact_name": "孟晓棠", "contact_phone": "13912345678"}
        booking = made.book("心理咨询室", 9, 10, purpose=Purpose.counselling, **secret)
        made.do("clerk", booking_steps.move, booking, start=hour(11), end=hour(12))
        made.do("clerk", booking_steps.cancel, booking, reason="孟晓棠来电")
    rows = deliveries()
    assert [row.code for row in rows] == ["booking.book", "booking.admit", "booking.move", "booking.cancel"]
    known = {"id", "number", "step", "seq", "case_id", "round", "from", "to"}
    assert all(set(row.data["data"]) == known for row in rows) and rows[-1].data["data"]["to"] == "cancelled"
    said = str([row.data["data"] for row in rows])
    assert not [word for word in ("孟", "139", "心理", "counselling", "09:00", "来电") if word in said]
