"""Many clients want the same room or person at the same moment, over REST; run by test_booking_race.py.

    python -m tests.services.rival_bookings INSTANCE DATABASE_URL CLIENTS SLOTS

Prints one JSON line for each pattern: how many answers of each status, how many slots were won as often as they should
be, and at the end how many rows of the database overlap."""

import contextvars
import json
import multiprocessing
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import select, text

from app import create_app
from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.room import Room
from app.services.room_hours import at
from app.services.working_calendar import calendar
from seed import load

PASSWORD = "Demo-2026-portal"
PROCESSES = 4
OVERLAPS = """SELECT count(*) FROM occupancy a JOIN occupancy b ON a.resource = b.resource
              AND a.booking_id < b.booking_id AND a.begins < b.ends AND a.ends > b.begins"""
Body = dict[str, Any]
Pattern = Callable[[int, int], Body]


def days_from(start: date, known: Any) -> list[date]:
    """The working days of two years."""
    found = [start + timedelta(days=offset) for offset in range(2, 728)]
    return [day for day in found if known.is_workday(day)]


def patterns(rooms: dict[str, int], person: int, days: list[date]) -> dict[str, tuple[Pattern, int]]:
    """What each client wants in each slot, and how many may have it."""

    def body(room: str, start: datetime, end: datetime, people: list[int] | None = None) -> Body:
        said = {"room": rooms[room], "start": start.isoformat(), "end": end.isoformat(), "purpose": "other"}
        return {**said, "people": people or []}

    def moment(slot: int, minutes: int) -> datetime:
        return at(days[slot], datetime.min.time()) + timedelta(minutes=minutes)

    def same(client: int, slot: int) -> Body:
        return body("回访室", moment(slot, 600), moment(slot, 660))

    def overlapping(client: int, slot: int) -> Body:
        late = 5 * (client % 10)
        return body("和合会客厅", moment(slot, 600 + late), moment(slot, 660 + late))

    def touching(client: int, slot: int) -> Body:
        late = 60 * (client % 2)
        return body("回访室", moment(slot, 780 + late), moment(slot, 840 + late))

    def contained(client: int, slot: int) -> Body:
        wide = 10 * (client % 8)
        return body("矛盾纠纷调处室", moment(slot, 660 - wide), moment(slot, 690 + wide))

    def several_days(client: int, slot: int) -> Body:
        monday = days[0] + timedelta(days=7 * (slot + 1) - days[0].weekday())
        first, last = monday + timedelta(days=client % 2), monday + timedelta(days=2 + client % 3)
        start, end = at(first, datetime.min.time()), at(last, datetime.min.time())
        return body("诉讼服务室", start + timedelta(hours=10), end + timedelta(hours=11))

    def one_person(client: int, slot: int) -> Body:
        room = ("回访室", "和合会客厅", "矛盾纠纷调处室")[client % 3]
        return body(room, moment(slot, 900 + 10 * (client % 3)), moment(slot, 960), [person])

    return {
        "same": (same, 1),
        "overlapping": (overlapping, 1),
        "touching": (touching, 2),
        "contained": (contained, 1),
        "several days": (several_days, 1),
        "one person": (one_person, 1),
    }


@unit_of_work
def prepare() -> tuple[dict[str, int], int]:
    """The rooms of the race may be booked far ahead and for long."""
    with system_scope("test"):
        for room in db.session.scalars(select(Room)):
            room.ahead_days, room.longest_minutes, room.purposes = 731, 44_640, []
        rooms = {room.name: room.id for room in db.session.scalars(select(Room))}
        person = db.session.scalars(select(Account.id).where(Account.username == "clerk.t1")).one()
    return rooms, person


def compete(app: Any, token: str, clients: range, race: Any, slots: int, known: dict[str, Any], said: Any) -> None:
    """The clients of one process: each in a thread, all of all processes starting each slot together."""
    found: dict[str, list[Any]] = {name: [] for name in known}

    def client(number: int) -> None:
        browser = app.test_client()
        for name, (pattern, _winners) in known.items():
            for slot in range(slots):
                race.wait()
                answer = browser.post(
                    "/api/v1/booking/",
                    json=pattern(number, slot),
                    headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh"},
                )
                standing = bool((answer.json or {}).get("standing")) if answer.status_code == 409 else None
                found[name].append((slot, answer.status_code, standing))

    threads = [threading.Thread(target=contextvars.Context().run, args=(client, number)) for number in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said.put(found)


def main() -> None:
    """See the module's words."""
    clients, slots = int(sys.argv[3]), int(sys.argv[4])
    app = create_app({"INSTANCE": Path(sys.argv[1]), "SQLALCHEMY_DATABASE_URI": sys.argv[2]})
    with app.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(PASSWORD)
        rooms, person = prepare()
        days = days_from(clock.today(), calendar())
        db.session.remove()
        known = patterns(rooms, person, days)
    answer = app.test_client().post("/api/v1/security/login", json={"username": "clerk", "password": PASSWORD})
    token = answer.json["access_token"]
    with app.app_context():
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    race, said = fork.Barrier(clients), fork.Queue()
    shares = [range(place, clients, PROCESSES) for place in range(PROCESSES)]
    children = [
        fork.Process(target=compete, args=(app, token, share, race, slots, known, said)) for share in shares if share
    ]
    for child in children:
        child.start()
    results = [said.get() for _child in children]
    for child in children:
        child.join()
    for name, (_pattern, winners) in known.items():
        rows = [row for result in results for row in result[name]]
        won = Counter(slot for slot, status, _standing in rows if status == 201)
        right = sum(won[slot] == winners for slot in range(slots))
        told = all(standing for _slot, status, standing in rows if status == 409)
        print(json.dumps([name, dict(Counter(status for _s, status, _t in rows)), right, told]))
    with app.app_context():
        print(json.dumps(db.session.connection().execute(text(OVERLAPS)).scalar_one()))


if __name__ == "__main__":
    main()
