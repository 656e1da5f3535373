"""D3: the same form ten times at once, as from a nervous hand or a proxy that tries again: one row, one answer."""

import secrets
from functools import partial
from typing import Any

import pytest

from reliability.callers import Desk, Program, at_once
from reliability.forms import fields_of
from reliability.matters import body, handling, register, room_like
from reliability.server import Portal, number
from reliability.truth import Truth

ROUNDS = number(2, 25)  # for each of the four kinds of form: a hundred in all when the proof is full
TIMES = 10


@pytest.fixture(scope="module")
def clerks(portal: Portal) -> list[Desk]:
    """Ten connections of one signed-in browser."""
    first = Desk(portal, "clerk")
    return [first, *(first.twin() for _each in range(TIMES - 1))]


def all_post(desks: list[Desk], address: str, form: dict[str, Any]) -> list[Any]:
    """The same form from every window at the same moment."""
    return whole(at_once(*(partial(desk.post, address, form) for desk in desks)))


def all_call(programs: list[Program], path: str, said: dict[str, Any], **headers: str) -> list[Any]:
    """The same call over every connection at the same moment."""
    return whole(at_once(*(partial(one.call, "POST", path, said, **headers) for one in programs)))


def whole(answers: list[Any]) -> list[Any]:
    """No answer is lost, none is a fault of ours."""
    assert not [a for a in answers if not hasattr(a, "status") or a.status >= 500], [
        getattr(a, "text", repr(a))[-300:] for a in answers
    ]
    return answers


def test_registration_page(portal: Portal, truth: Truth, clerks: list[Desk]) -> None:
    for turn in range(ROUNDS):
        title = f"重复登记{turn}"
        fields = fields_of(clerks[0].get("/case/add").text, 'action="/case/add"')
        person = body(title)["parties"][0]
        category = truth.one("SELECT id FROM category WHERE code = 'C0101'")
        village = truth.one("SELECT id FROM organisation WHERE code = '370786001201'")
        fields |= {
            "title": title,
            "facts": "村道占地",
            "category": str(category),
            "village": str(village),
            "kind": "appeal",
            "channel": "visit",
            "head_count": "1",
            "occurred_on": "2025-06-01",
            "claims-0-text": "支付补偿款",
            "different_matter": "y",
            **{f"petitioners-0-{name}": person[name] for name in ("name", "id_type", "id_number", "phone", "address")},
        }
        answers = all_post(clerks, "/case/add", fields)
        assert {answer.status for answer in answers} == {302}, answers[0].text[:1500]
        assert len({answer.headers["Location"] for answer in answers}) == 1, "the same answer to all"
        assert truth.one('SELECT count(*) FROM "case" WHERE title = :title', title=title) == 1


def test_registration_by_rest(portal: Portal, truth: Truth) -> None:
    programs = [Program(portal, "clerk") for _each in range(TIMES)]
    for turn in range(ROUNDS):
        said = body(f"重复上报{turn}", idempotency_key=secrets.token_urlsafe(12))
        answers = all_call(programs, "/case/", said)
        assert {answer.status for answer in answers} == {201}
        assert len({(answer.json["id"], answer.json["result"]["receipt_code"]) for answer in answers}) == 1
        assert truth.one('SELECT count(*) FROM "case" WHERE title = :title', title=said["title"]) == 1


def test_a_register_of_any_kind(portal: Portal, truth: Truth, clerks: list[Desk]) -> None:
    case = register(Program(portal, "clerk"), "重复来访")["id"]
    for turn in range(ROUNDS):
        fields = fields_of(clerks[0].get(f"/visit/add?case={case}").text, "data-guard") | {"note": f"重复来访{turn}"}
        answers = all_post(clerks, "/visit/add", fields)
        assert {answer.status for answer in answers} == {302}, [a.text[-3000:] for a in answers if a.status != 302][:1]
        assert len({answer.headers["Location"] for answer in answers}) == 1
        assert truth.one("SELECT count(*) FROM visit WHERE note = :note", note=f"重复来访{turn}") == 1


def test_a_step(portal: Portal, truth: Truth) -> None:
    clerk, dispatcher, handler = (Program(portal, name) for name in ("clerk", "dispatcher", "handler.d1"))
    case = handling(clerk, dispatcher, handler, "重复步骤")["id"]
    first = Desk(portal, "handler.d1")
    desks = [first, *(first.twin() for _each in range(TIMES - 1))]
    for turn in range(ROUNDS):
        fields = fields_of(first.get(f"/case/{case}/do/log_work").text, "row_version") | {"text": f"重复办理{turn}"}
        answers = all_post(desks, f"/case/{case}/do/log_work", fields)
        statuses = sorted(answer.status for answer in answers)
        assert set(statuses) <= {302, 409} and 302 in statuses
        assert truth.one("SELECT count(*) FROM case_step WHERE reason = :text", text=f"重复办理{turn}") == 1


def test_a_resource_by_rest(portal: Portal, truth: Truth) -> None:
    programs = [Program(portal, "business_admin") for _each in range(TIMES)]
    said = room_like(programs[0])
    for turn in range(ROUNDS):
        said["name"], key = f"重复功能室{turn}", secrets.token_urlsafe(12)
        answers = all_call(programs, "/room/", said, **{"Idempotency-Key": key})
        assert {answer.status for answer in answers} == {201}, [a.text[:300] for a in answers if a.status != 201][:1]
        assert len({answer.json["id"] for answer in answers}) == 1
        assert truth.one("SELECT count(*) FROM room WHERE name = :name", name=said["name"]) == 1


def test_nothing_was_torn(truth: Truth) -> None:
    truth.check()
