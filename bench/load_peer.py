"""Fills the stock application's database: `load_peer.py ROWS BOOKINGS` (BENCH_PEER_DB names it)."""

import os
import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import create_engine, text

from bench import fab_peer, rows

COLUMNS = ("id", "number", "title", "petitioner", "phone", "id_number", "channel", "category", "town_id", "org_id",
           "status", "received_at", "due_at", "persons", "facts", "satisfaction")  # fmt: skip


def main() -> None:
    """Tables, permissions, the clerk, the organisations, the cases, the rooms and their bookings."""
    fab_peer.create_app(setup=True)
    engine = create_engine(os.environ["BENCH_PEER_DB"])
    org = text("INSERT INTO org (id, parent_id, kind, name, code, path) VALUES (:a, :b, :c, :d, :e, :f)")
    case = text(f"INSERT INTO cases ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + name for name in COLUMNS)})")
    with engine.begin() as connection:
        connection.execute(org, [dict(zip("abcdef", line, strict=True)) for line in rows.tree()])
        coming = rows.peer_cases(int(sys.argv[1]))
        while some := list(islice(coming, 5000)):
            connection.execute(case, [dict(zip(COLUMNS, line, strict=True)) for line in some])
        connection.execute(text("INSERT INTO room (id, name) VALUES (:a, :b)"),
                           [dict(zip("ab", line, strict=True)) for line in rows.peer_rooms()])  # fmt: skip
        booking = text("INSERT INTO booking (id, room_id, day, slot, booker, purpose) VALUES (:a, :b, :c, :d, :e, :f)")
        booked = rows.peer_bookings(int(sys.argv[2]))
        while some := list(islice(booked, 5000)):
            connection.execute(booking, [dict(zip("abcdef", line, strict=True)) for line in some])
        if engine.dialect.name != "sqlite":
            for table in ("cases", "room", "booking"):
                connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 1) FROM {table}))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


if __name__ == "__main__":
    main()
