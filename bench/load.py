"""Fills the portal's database for the benchmark: `load.py ROWS BOOKINGS`, or `load.py given` (BENCH_DB, BENCH_ROWS).

PORTAL_INSTANCE and PORTAL_DATABASE_URL name it; `given` takes the rows of another harness's generator (tables org and
cases of the SQLite file BENCH_DB) instead of our own.
"""

import logging
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.access.actor import SYSTEM, acting, system_scope
from app.core.db import db, unit_of_work
from app.models.room import Room
from app.services import case_tally
from bench import rows
from seed import bulk, bulk_bookings, load
from seed.bulk_matters import CHANNELS, DESKS, TOPICS, Matter, person
from seed.bulk_rows import Place

PASSWORD = os.environ.get("PORTAL_DEMO_PASSWORD", "Bench-2026-portal")
_STATUSES = ["待受理", "已受理", "交办中", "办理中", "待回访", "已办结", "已退回", "不予受理"]
_STATES = dict(zip(_STATUSES, rows.STATES, strict=True))


def portal(count: int, bookings: int) -> None:
    """The portal with its shipped data, the demo accounts, `count` cases and that many bookings."""
    _build(lambda _where: partial(rows.numbered, count), count, bookings)


def given(path: str, count: int) -> None:
    """The portal with the rows of the file `path`."""
    _build(lambda where: partial(_given, path, _by_town(where)), count)


def _by_town(where: list[Place]) -> list[list[int]]:
    """Places by their town, towns in the order of their numbers."""
    found: dict[int, list[int]] = {}
    for nth, place in enumerate(where):
        found.setdefault(place.town_id, []).append(nth)
    return [found[town] for town in sorted(found)]


@unit_of_work
def _open_the_race_room() -> None:
    """Every day of two years can be booked there, so that no timed request meets a holiday."""
    with system_scope("bench"):
        room = db.session.scalars(select(Room).where(Room.name == rows.RACE_ROOM)).one()
        room.on_rest_days, room.ahead_days = True, 731


def _build(source_of: Callable[[list[Place]], Callable[[], Iterable[Matter]]], count: int, bookings: int = 0) -> None:
    app = create_app()
    logging.disable(logging.INFO)
    with app.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(PASSWORD)
        where, _names = bulk.places()
        began = time.perf_counter()
        bulk.write(source_of(where), count, where, ())
        took = time.perf_counter() - began
        bulk_bookings.write(bookings)
        _open_the_race_room()
        (Path(app.config["INSTANCE"]) / "bulk_rate").write_text(f"{count / took:.0f}", "ascii")
        case_tally.add_up()  # as the job does; the days add their lines after it
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE")
        else:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")


def _given(path: str, by_town: list[list[int]]) -> Iterator[Matter]:
    """The rows of the other generator: its ten towns are taken as ours, in order, and its villages as some of ours."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    towns = [row[0] for row in base.execute("SELECT id FROM org WHERE kind = 'town' ORDER BY id")]
    place: dict[int, int] = {}
    for town, ours in zip(towns, by_town, strict=True):
        villages = base.execute("SELECT id FROM org WHERE parent_id = ? ORDER BY id", (town,))
        place.update({row[0]: ours[nth % len(ours)] for nth, row in enumerate(villages)})
    names = [row[0] for row in base.execute("SELECT DISTINCT category FROM cases ORDER BY category")]
    leaf = {name: TOPICS[nth][1] for nth, name in enumerate(names)}
    draw = random.Random(1)
    query = (
        "SELECT id, number, title, petitioner, category, org_id, status, received_at, persons, facts FROM cases "
        "ORDER BY id"
    )
    for key, number, title, name, category, org, status, at, persons, facts in base.execute(query):
        someone = person(key, draw)._replace(name=name)
        yield Matter(
            title, facts, (f"解决{title[-12:]}。",), someone, CHANNELS[key % 8], "appeal", leaf[category], place[org],
            DESKS[key * 7 % 8], _STATES[status], datetime.fromisoformat(at), persons, number,
        )  # fmt: skip


def main() -> None:
    """See the module's words."""
    what = sys.argv[1]
    if what == "given":
        path = os.environ["BENCH_DB"].removeprefix("sqlite:///")
        instance = Path(os.environ["PORTAL_INSTANCE"])
        shutil.rmtree(instance, ignore_errors=True)
        given(path, int(os.environ["BENCH_ROWS"]))
    else:
        portal(int(what), int(sys.argv[2]))


if __name__ == "__main__":
    main()
