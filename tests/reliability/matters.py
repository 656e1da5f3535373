"""Cases and steps as a neighbouring system sends them."""

from itertools import count
from typing import Any

from case_factory import id_number

from reliability.callers import Program
from seed.organisation import CITY, CITY_DEPARTMENTS

LEAD = f"{CITY}-{CITY_DEPARTMENTS[0][0]}"  # the organisation of handler.d1
_places = count(1)


def body(title: str, **more: Any) -> dict[str, Any]:
    """A case to register; the title is how it is found again."""
    place = next(_places)
    person = {
        "side": "petitioner",
        "name": f"于秀{'兰英华珍'[place % 4]}",
        "id_type": "id_card",
        "id_number": id_number(place),
        "phone": f"1580000{place % 10000:04d}",
        "address": "山东省昌邑市柳疃镇西付村12号",
    }
    return {
        "channel": "visit",
        "kind": "appeal",
        "category": "C0101",
        "title": title,
        "facts": "二〇二五年修路占用围墙外空地，至今没有补偿。",
        "claims": [{"text": "支付补偿款"}, {"text": "书面说明原因"}],
        "parties": [person],
        "village": "370786001201",
        "head_count": 1,
        "occurred_on": "2025-06-01",
        **more,
    }


def register(clerk: Program, title: str, **more: Any) -> dict[str, Any]:
    """A registered case: id, number, version."""
    answer = clerk.call("POST", "/case/", body(title, **more))
    assert answer.status == 201, answer.text[:800]
    return {"id": answer.json["id"], **answer.json["result"]}


def step(who: Program, case: int, name: str, version: int, **said: Any) -> Any:
    """A step by REST; the answer."""
    return who.call("POST", f"/case/{case}/steps/{name}", {**said, "version": version})


def handling(clerk: Program, dispatcher: Program, handler: Program, title: str) -> dict[str, Any]:
    """A case that the first department of the city has signed for: id and version."""
    case = register(clerk, title)
    done = step(dispatcher, case["id"], "accept", case["version"], kind="appeal", category="C0101")
    assert done.status == 200, done.text[:800]
    done = step(dispatcher, case["id"], "assign", done.json["version"], lead=LEAD)
    assert done.status == 200, done.text[:800]
    done = step(handler, case["id"], "sign_for", done.json["version"])
    assert done.status == 200, done.text[:800]
    return {"id": case["id"], "version": done.json["version"]}


def room_like(admin: Program) -> dict[str, Any]:
    """What is said of a new room beside its name; in the organisation of one that is there."""
    like = admin.call("GET", "/room/?q=(page_size:1)").json["result"][0]
    home = admin.call("GET", f"/room/{like['id']}").json["result"].get("organisation")
    said = {"kind": "open", "capacity": 4, "opens_at": "08:00", "closes_at": "18:00"}
    return {**said, "organisation": home["id"] if isinstance(home, dict) else home}


def new_room(admin: Program, name: str) -> dict[str, Any]:
    """A room to quarrel about."""
    answer = admin.call("POST", "/room/", {**room_like(admin), "name": name})
    assert answer.status == 201, answer.text[:800]
    return {**answer.json["result"], "id": answer.json["id"]}
