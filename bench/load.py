"""Fills the databases of the benchmark: `load.py portal ROWS`, `load.py peer ROWS`, or `load.py given` (BENCH_DB).

PORTAL_INSTANCE, PORTAL_DATABASE_URL and BENCH_PEER_DB name the databases; `given` takes the rows of another
harness's generator (tables org and cases) and builds the portal's own database from them.
"""

import logging
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core.db import db
from bench import rows
from seed import bulk, load
from seed.bulk_matters import CHANNELS, DESKS, TOPICS, Matter, person

PASSWORD = os.environ.get("PORTAL_DEMO_PASSWORD", "Bench-2026-portal")
_STATUSES = ["待受理", "已受理", "交办中", "办理中", "待回访", "已办结", "已退回", "不予受理"]
_STATES = dict(zip(_STATUSES, rows.STATES, strict=True))


def portal(count: int) -> None:
    """The portal with its shipped data, the demo accounts and `count` cases."""
    _build(partial(rows.numbered, count), count)


def given(path: str, count: int) -> None:
    """The portal with the rows of the file `path`."""
    _build(partial(_given, path), count)


def _build(source: object, count: int) -> None:
    app = create_app()
    logging.disable(logging.INFO)
    with app.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(PASSWORD)
        where, _names = bulk.places()
        began = time.perf_counter()
        bulk.write(source, count, where, ())  # type: ignore[arg-type]
        took = time.perf_counter() - began
        (Path(app.config["INSTANCE"]) / "bulk_rate").write_text(f"{count / took:.0f}", "ascii")
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE")
        else:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")


def _given(path: str) -> Iterator[Matter]:
    """The rows of the other generator: its ten towns and 690 villages are taken as ours, in order."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    villages = [row[0] for row in base.execute("SELECT id FROM org WHERE kind = 'village' ORDER BY id")]
    place = {key: nth for nth, key in enumerate(villages)}
    names = [row[0] for row in base.execute("SELECT DISTINCT category FROM cases ORDER BY category")]
    leaf = {name: TOPICS[nth][1] for nth, name in enumerate(names)}
    draw = random.Random(1)
    query = ("SELECT id, number, title, petitioner, category, org_id, status, received_at, persons, facts FROM cases "
             "ORDER BY id")
    for key, number, title, name, category, org, status, at, persons, facts in base.execute(query):
        someone = person(key, draw)._replace(name=name)
        yield Matter(
            title, facts, (f"解决{title[-12:]}。",), someone, CHANNELS[key % 8], "appeal", leaf[category], place[org],
            DESKS[key * 7 % 8], _STATES[status], datetime.fromisoformat(at), persons, number,
        )  # fmt: skip


def peer(count: int) -> None:
    """The stock application with the same rows."""
    url = os.environ["BENCH_PEER_DB"]
    from bench import fab_peer

    fab_peer.create_app(setup=True)
    engine = create_engine(url)
    org = text("INSERT INTO org (id, parent_id, kind, name, code, path) VALUES (:a, :b, :c, :d, :e, :f)")
    names = ("id", "number", "title", "petitioner", "phone", "id_number", "channel", "category", "town_id", "org_id",
             "status", "received_at", "due_at", "persons", "facts", "satisfaction")  # fmt: skip
    case = text(f"INSERT INTO cases ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})")
    with engine.begin() as connection:
        connection.execute(org, [dict(zip("abcdef", line, strict=True)) for line in rows.tree()])
        coming = rows.peer_cases(count)
        while some := list(islice(coming, 5000)):
            connection.execute(case, [dict(zip(names, line, strict=True)) for line in some])
        if engine.dialect.name != "sqlite":
            connection.execute(text("SELECT setval('cases_id_seq', (SELECT max(id) FROM cases))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def main() -> None:
    """See the module's words."""
    what = sys.argv[1]
    if what == "given":
        path = os.environ["BENCH_DB"].removeprefix("sqlite:///")
        instance = Path(os.environ["PORTAL_INSTANCE"])
        shutil.rmtree(instance, ignore_errors=True)
        given(path, int(os.environ["BENCH_ROWS"]))
    else:
        {"portal": portal, "peer": peer}[what](int(sys.argv[2]))


if __name__ == "__main__":
    main()
