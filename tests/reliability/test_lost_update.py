"""D2: two people with the same page open. One saves, the other is told; nothing is ever overwritten unseen."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from reliability.callers import Desk, Program, at_once
from reliability.forms import fields_of
from reliability.matters import handling, new_room
from reliability.server import Portal, number
from reliability.truth import Truth

PAIRS = number(12, 250)  # for each of the four ways: 1,000 pairs in all when the proof is full


@pytest.fixture(scope="module")
def two(portal: Portal) -> Callable[[str, type], list[Any]]:
    """Two callers of one account, each with a session of his own."""
    return lambda username, kind: [kind(portal, username) for _each in range(2)]


def both_post(desks: list[Desk], address: str, forms: list[dict[str, str]]) -> list[Any]:
    """Two forms sent at the same moment."""
    return at_once(*(partial(desk.post, address, form) for desk, form in zip(desks, forms, strict=True)))


def both_call(programs: list[Program], method: str, path: str, bodies: list[dict[str, Any]]) -> list[Any]:
    """Two calls made at the same moment."""
    return at_once(*(partial(one.call, method, path, said) for one, said in zip(programs, bodies, strict=True)))


def judge(answers: list[Any], good: int) -> int:
    """Exactly one of two went through, the other was told 409; which one."""
    statuses = [getattr(answer, "status", answer) for answer in answers]
    assert sorted(map(str, statuses)) == sorted([str(good), "409"]), [getattr(a, "text", a)[:300] for a in answers]
    return statuses.index(good)


def test_by_page(portal: Portal, truth: Truth, two: Any) -> None:
    desks, admin = two("business_admin", Desk), Program(portal, "business_admin")
    room = new_room(admin, "争抢室甲")
    for turn in range(PAIRS):
        pages = [desk.get(f"/room/edit/{room['id']}").text for desk in desks]
        fields = [
            fields_of(page, "data-guard") | {"name": f"争抢室甲{turn}-{place}"} for place, page in enumerate(pages)
        ]
        answers = both_post(desks, f"/room/edit/{room['id']}", fields)
        winner = judge(answers, 302)
        assert truth.one("SELECT name FROM room WHERE id = :id", id=room["id"]) == f"争抢室甲{turn}-{winner}"
        assert f"争抢室甲{turn}-{winner}" in answers[1 - winner].text, "the loser sees what stands there now"


def test_by_rest(portal: Portal, truth: Truth, two: Any) -> None:
    programs = two("business_admin", Program)
    room = new_room(programs[0], "争抢室乙")
    for turn in range(PAIRS):
        version = programs[0].call("GET", f"/room/{room['id']}").json["result"]["version"]
        said = [{"version": version, "name": f"争抢室乙{turn}-{place}"} for place in range(2)]
        answers = both_call(programs, "PUT", f"/room/{room['id']}", said)
        winner = judge(answers, 200)
        assert truth.one("SELECT name FROM room WHERE id = :id", id=room["id"]) == f"争抢室乙{turn}-{winner}"


@pytest.fixture(scope="module")
def cases(portal: Portal) -> list[dict[str, Any]]:
    """Cases in the hands of the first department, one for every twenty-five pairs."""
    clerk, dispatcher, handler = (Program(portal, name) for name in ("clerk", "dispatcher", "handler.d1"))
    return [handling(clerk, dispatcher, handler, f"争抢事项{place}") for place in range(1 + PAIRS // 25)]


def told(truth: Truth, case: int) -> list[str]:
    """What the course of a case tells of work, in order."""
    sql = "SELECT reason FROM case_step WHERE case_id = :id AND step = 'log_work' ORDER BY seq"
    return [str(row[0]) for row in truth.rows(sql, id=case)]


def test_by_step_on_the_page(portal: Portal, truth: Truth, two: Any, cases: list[dict[str, Any]]) -> None:
    desks = two("handler.d1", Desk)
    for turn in range(PAIRS):
        case = cases[turn // 25]["id"]
        before = len(told(truth, case))
        address = f"/case/{case}/do/log_work"
        pages = [fields_of(desk.get(address).text, "row_version") for desk in desks]
        fields = [filled_step(page, f"到村走访甲{turn}-{place}") for place, page in enumerate(pages)]
        answers = both_post(desks, address, fields)
        winner = judge(answers, 302)
        after = told(truth, case)
        assert len(after) == before + 1 and after[-1] == f"到村走访甲{turn}-{winner}"
        assert f"到村走访甲{turn}-{1 - winner}" in answers[1 - winner].text, "what the loser typed is still there"


def filled_step(hidden: dict[str, str], text: str) -> dict[str, str]:
    """The form of a work entry."""
    return {name: hidden[name] for name in ("csrf_token", "row_version")} | {"text": text}


def test_by_step_over_rest(portal: Portal, truth: Truth, two: Any, cases: list[dict[str, Any]]) -> None:
    programs = two("handler.d1", Program)
    for turn in range(PAIRS):
        case = cases[turn // 25]["id"]
        before = len(told(truth, case))
        version = programs[0].call("GET", f"/case/{case}/steps").json["version"]
        said = [{"version": version, "text": f"电话回访乙{turn}-{place}"} for place in range(2)]
        answers = both_call(programs, "POST", f"/case/{case}/steps/log_work", said)
        judge(answers, 200)
        assert len(told(truth, case)) == before + 1


def test_page_against_program(portal: Portal, truth: Truth, cases: list[dict[str, Any]]) -> None:
    desk, program = Desk(portal, "handler.d1"), Program(portal, "handler.d1")
    case = cases[0]["id"]
    address = f"/case/{case}/do/log_work"
    for turn in range(3):
        before = len(told(truth, case))
        page = fields_of(desk.get(address).text, "row_version")
        said = {"version": int(page["row_version"]), "text": f"两路丙{turn}"}
        by_page = partial(desk.post, address, filled_step(page, f"两路丁{turn}"))
        answers = at_once(by_page, partial(program.call, "POST", f"/case/{case}/steps/log_work", said))
        assert sorted(answer.status for answer in answers) in ([200, 409], [302, 409])
        assert len(told(truth, case)) == before + 1


def test_nothing_was_torn(truth: Truth) -> None:
    truth.check()
