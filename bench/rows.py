"""The rows of the benchmark: one generator, loaded into the portal and into the stock application alike."""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta

from seed import bulk_matters
from seed.bulk_matters import Matter
from seed.category import categories
from seed.organisation import organisations
from seed.rooms import rooms

NEEDLE_NAME, NEEDLE_TITLE = "建国", "噪音"
RACE_ROOM = "回访室"  # for the bookings that are timed: no buffers, no approval
STATES = ("registered", "accepted", "assigned", "handling", "follow_up_due", "closed", "objected", "redirected")


def tree() -> list[tuple[int, int | None, str, str, str, str]]:
    """711 organisations of the stock application: city, ten towns, ten departments, 690 villages."""
    found: list[tuple[int, int | None, str, str, str, str]] = []
    ids: dict[str, int] = {}
    departments = 0
    for node in organisations():
        if node.level == "department":
            departments += node.parent is not None and "-" in node.code and node.parent.isdigit()
            if departments > 10:
                continue
        number = len(found) + 1
        ids[node.code] = number
        parent = ids.get(node.parent or "")
        found.append((number, parent, node.level, node.name, node.code, f"/{parent or ''}/{number}/"))
    return found


def places() -> list[tuple[str, str]]:
    """(town, village) by name, the first village of each town before the second of any; as seed/bulk.py has them."""
    towns = [node for node in organisations() if node.level == "township"]
    below = {
        town.code: [node for node in organisations() if node.parent == town.code and node.level == "village"]
        for town in towns
    }
    most = max(map(len, below.values()))
    return [(town.name, node.name) for nth in range(most) for town in towns for node in below[town.code][nth : nth + 1]]


def numbered(count: int, where: list[tuple[str, str]] | None = None) -> Iterator[Matter]:
    """The matters with numbers of their own, so that both systems show the same."""
    for index, matter in enumerate(bulk_matters.matters(count, where or places()), 1):
        yield matter._replace(number=f"BN{matter.at.year}{index:08}")


def peer_cases(count: int) -> Iterator[tuple[object, ...]]:
    """The same matters as lines of the stock application's one table."""
    where, category = places(), {node.code: node.name for node in categories()}
    ids = {(kind, name, parent): number for number, parent, kind, name, _code, _path in tree()}
    town_ids = {name: number for (kind, name, _parent), number in ids.items() if kind == "township"}
    recent: deque[tuple[str, str, str]] = deque(maxlen=bulk_matters.RECENT)
    for number, matter in enumerate(numbered(count, where), 1):
        town, village = where[matter.village]
        if matter.person is not None:
            recent.append((matter.person.name, matter.person.phone, matter.person.id_number))
        name, phone, paper = recent[-1] if matter.person is not None else recent[len(recent) // 2]
        yield (
            number, matter.number, matter.title, name, phone, paper, matter.channel, category[matter.category],
            town_ids[town], ids["village", village, town_ids[town]], matter.state, str(matter.at),
            str(matter.at + timedelta(days=60)), matter.head_count, matter.facts, None,
        )  # fmt: skip


def peer_rooms() -> list[tuple[int, str]]:
    """The same eighteen rooms."""
    return [(number, room.name) for number, room in enumerate(rooms(), 1)]


def peer_bookings(count: int) -> Iterator[tuple[object, ...]]:
    """As many bookings as `seed bulk` makes, from two months ahead back into the past, as many to a day as it makes."""
    open_rooms = [number for number, room in enumerate(rooms(), 1) if room.kind != "private"]
    day, number = date.today() + timedelta(days=60), 0
    while True:
        if day.weekday() < 5:
            for room in open_rooms:
                for slot in range(1, 10):
                    number += 1
                    if number > count:
                        return
                    yield number, room, str(day), slot, f"接待员{number % 97}", f"土地承包咨询{number}"
        day -= timedelta(days=1)
