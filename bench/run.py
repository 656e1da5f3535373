#!/usr/bin/env python3
"""The portal beside a stock Flask-AppBuilder application: same rows, same machine, same minute (README.md).

python bench/run.py --rows 200000                    # both systems, all work items, a table and a JSON file
python bench/run.py --rows 200000 --db pg            # on PostgreSQL (BENCH_PG_URL: a superuser's URL)
python bench/run.py --growth 20000,200000,1000000    # the portal alone, for a city, a town and a village account
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine, text  # noqa: E402

from bench import room_work, work  # noqa: E402
from bench.client import Client, Server, sign_in  # noqa: E402

HOME = Path(os.environ.get("BENCH_HOME") or Path(tempfile.gettempdir()) / "portal-bench")
PG_URL = os.environ.get("BENCH_PG_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
PASSWORD = "Bench-2026-portal"
USERS = ("clerk", "clerk.t1", "village_officer.1")
CHUNKS = 10


def _postgres(*statements: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(PG_URL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _schema() -> str:
    """A mark of the tables: databases of another one are made anew."""
    ours = [ROOT / "bench" / "rows.py", ROOT / "bench" / "fab_peer.py"]
    files = [*sorted((ROOT / "app" / "migrations").rglob("*.py")), *ours]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


class System:
    """One of the two: where its database is, how it is started, what its addresses are."""

    def __init__(self, name: str, db: str, rows: int, bookings: int) -> None:
        self.name, self.db, self.rows, self.bookings = name, db, rows, bookings
        self.base = HOME / f"{name}-{db}-{rows}"
        self.base_db, self.work_db = f"bench_{name}_{rows}", f"bench_{name}_work"
        self.folder, self.server = self.base, None  # type: Path, Server | None

    def url(self, folder: Path, database: str) -> str:
        """The database's URL."""
        if self.db == "pg":
            return PG_URL.rpartition("/")[0] + "/" + database
        return f"sqlite:///{folder / 'portal.db'}"

    def env(self, folder: Path, database: str) -> dict[str, str]:
        """What the application is told."""
        url = self.url(folder, database)
        if self.name == "peer":
            return {"BENCH_PEER_DB": url}
        return {"PORTAL_INSTANCE": str(folder), "PORTAL_DATABASE_URL": url, "PORTAL_DEMO_PASSWORD": PASSWORD,
                "PORTAL_SECRET_KEY": "bench-only-key-not-a-secret-000000"}  # fmt: skip

    def load(self) -> float:
        """Make the database if it is not there; seconds it took."""
        ready = self.base / "ready"
        mark = f"{_schema()} {self.bookings}"
        if ready.exists() and ready.read_text("ascii") == mark:
            return 0.0
        shutil.rmtree(self.base, ignore_errors=True)
        self.base.mkdir(parents=True)
        if self.db == "pg":
            _postgres(f"DROP DATABASE IF EXISTS {self.base_db} WITH (FORCE)", f"CREATE DATABASE {self.base_db}")
        began = time.perf_counter()
        loader = "load.py" if self.name == "portal" else "load_peer.py"
        command = [sys.executable, str(ROOT / "bench" / loader), str(self.rows), str(self.bookings)]
        env = {**os.environ, **self.env(self.base, self.base_db)}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=3600, check=False)
        if done.returncode:
            raise SystemExit(f"loading {self.name} failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        ready.write_text(mark, "ascii")
        return time.perf_counter() - began

    def copy(self) -> None:
        """A copy to write into, so that every run begins with the same rows."""
        self.folder = HOME / f"{self.name}-{self.db}-work"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.base, self.folder)
        if self.db == "pg":
            _postgres(f"DROP DATABASE IF EXISTS {self.work_db} WITH (FORCE)",
                      f"CREATE DATABASE {self.work_db} TEMPLATE {self.base_db}")  # fmt: skip

    def drop_copy(self) -> None:
        """Throw the copy away."""
        if self.folder != self.base:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.db == "pg":
                _postgres(f"DROP DATABASE IF EXISTS {self.work_db} WITH (FORCE)")

    def start(self, port: int, workers: int = 1) -> Server:
        """Start it."""
        module = "bench.portal_app:create_app()" if self.name == "portal" else "bench.fab_peer:create_app()"
        database = self.base_db if self.folder == self.base else self.work_db
        self.server = Server(module, port, self.env(self.folder, database), HOME / f"{self.name}.log", workers)
        return self.server

    def stop(self) -> None:
        """Stop it."""
        if self.server:
            self.server.stop()
            self.server = None

    def sign_in(self, username: str = "clerk") -> Client:
        """A browser of that account."""
        assert self.server is not None
        return sign_in(self.server.port, username, PASSWORD if self.name == "portal" else "clerk-pass-1")


def summary(times: list[float]) -> dict[str, Any]:
    """n, p50, p95, least, in milliseconds."""
    ordered = sorted(times)
    return {"n": len(times), "p50": round(statistics.median(times) * 1e3, 2),
            "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1e3, 2),
            "least": round(ordered[0] * 1e3, 2)}  # fmt: skip


class Sampler:
    """One work item on one system: checked and warmed, then timed in chunks that alternate with the others'."""

    def __init__(self, system: System, client: Client, item: work.Item, count: int, seconds: float) -> None:
        self.system, self.client, self.item, self.count, self.seconds = system, client, item, count, seconds
        self.times: list[float] = []
        self.cpu = 0.0
        if item.user and system.name == "portal":
            self.client = client = system.sign_in(item.user)
        raws = item.requests(client)
        status, headers, body = client.split(client.send(next(raws)))
        item.check(system.name, status, body)
        self.raws, self.headers, self.size = raws, dict(headers), len(body)
        for _ in range(4):
            client.send(next(raws))

    @property
    def full(self) -> bool:
        """Whether it is done."""
        return len(self.times) >= self.count or (sum(self.times) > self.seconds and len(self.times) >= 5)

    def chunk(self) -> None:
        """Time some requests."""
        assert self.system.server is not None
        before = self.system.server.cpu()
        for _ in range(max(1, self.count // CHUNKS)):
            if self.full:
                break
            raw = next(self.raws)
            began = time.perf_counter()
            answer = self.client.send(raw)
            self.times.append(time.perf_counter() - began)
            self.item.look(answer)
        self.cpu += self.system.server.cpu() - before

    def result(self) -> dict[str, Any]:
        """The figures."""
        return {
            **summary(self.times),
            "cpu_ms": round(self.cpu / len(self.times) * 1e3, 2),
            "bytes": self.size,
            "sql": int(self.headers.get("x-sql-count", 0)),
            "sql_ms": float(self.headers.get("x-sql-ms", 0)),
        }


def measure(
    systems: dict[str, tuple[System, Client]], items: dict[str, dict[str, work.Item]], count: int, seconds: float
) -> dict[str, dict[str, Any]]:
    """All items on all systems, chunks in turn: a noisy minute hits both."""
    found: dict[str, dict[str, Any]] = {name: {} for name in systems}
    for code in work.ORDER:
        samplers = {
            name: Sampler(system, client, items[name][code], count, seconds)
            for name, (system, client) in systems.items()
            if code in items[name]
        }
        while any(not one.full for one in samplers.values()):
            for one in samplers.values():
                one.chunk()
        for name, one in samplers.items():
            found[name][code] = one.result()
            print(name, code, found[name][code], file=sys.stderr, flush=True)
    return found


def throughput(system: System, path: str, client: Client, seconds: int) -> float | None:
    """Requests a second with four connections, by wrk; None if it is not installed."""
    wrk = shutil.which("wrk")
    if not wrk or system.server is None:
        return None
    cookies = "; ".join(f"{key}={value}" for key, value in client.jar.items())
    command = [wrk, "-t1", "-c4", f"-d{seconds}s", "--timeout", "60s", "-H", f"Cookie: {cookies}", "-H",
               "Accept-Language: zh-CN", f"http://127.0.0.1:{system.server.port}{path}"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 90, check=False).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{system.name}: {said}")
    return float(said.split("Requests/sec:")[1].split()[0])


def race(system: System, rooms: room_work.Rooms, clients: int, rounds: int = 10) -> dict[str, Any]:
    """Everybody wants the same slot at the same moment: how long until all are answered, and what they are told."""
    client = system.sign_in()
    took, answers, wrong = [], Counter[str](), 0
    engine = create_engine(system.url(system.folder, system.work_db))
    for raw, count in room_work.race_requests(rooms, system.name == "portal", client, rounds):
        gate, told = threading.Barrier(clients + 1), list[str]()

        def one(raw: bytes = raw, gate: threading.Barrier = gate, told: list[str] = told) -> None:
            gate.wait()
            told.append(client.send(raw)[9:12].decode("ascii", "replace"))

        threads = [threading.Thread(target=one) for _each in range(clients)]
        for thread in threads:
            thread.start()
        gate.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        took.append(time.perf_counter() - began)
        answers.update(told)
        with engine.connect() as connection:
            wrong += connection.execute(text(count)).scalar_one() != 1
    engine.dispose()
    return {**summary(took), "clients": clients, "answers": dict(answers), "wrong": wrong}


def side_by_side(args: argparse.Namespace) -> dict[str, Any]:
    """Both systems with the same rows."""
    both = {name: System(name, args.db, args.rows, args.bookings) for name in ("portal", "peer")}
    size: dict[str, Any] = {"db": args.db, "rows": args.rows, "bookings": args.bookings}
    result: dict[str, Any] = {**size, "when": time.strftime("%F %T"), "load_average": os.getloadavg(), "systems": {}}
    live: dict[str, tuple[System, Client]] = {}
    try:
        for port, (name, system) in enumerate(both.items(), args.port):
            took = system.load()
            system.copy()
            system.start(port)
            rate = system.base / "bulk_rate"
            live[name] = (system, system.sign_in())
            assert system.server is not None
            result["systems"][name] = {"load_s": round(took, 1),
                                       "bulk_cases_per_s": int(rate.read_text()) if rate.exists() else None,
                                       "start_s": round(system.server.seconds_to_start, 2),
                                       "rss_start_mb": system.server.memory()}  # fmt: skip
        truth = work.Truth(both["peer"].url(both["peer"].folder, both["peer"].work_db))
        items = {"portal": work.portal_items(truth, args.only), "peer": work.peer_items(truth, args.only)}
        rooms: dict[str, room_work.Rooms] = {}
        for name, system in both.items() if args.bookings else ():
            rooms[name] = room_work.Rooms.of(system.url(system.folder, system.work_db), name == "portal")
            items[name] |= room_work.room_items(rooms[name], name == "portal", args.only)
        for name, found in measure(live, items, args.n, args.seconds).items():
            result["systems"][name]["work"] = found
            server = live[name][0].server
            result["systems"][name]["rss_mb"] = server.memory() if server else None
        for name, (system, _client) in live.items():
            system.stop()
            if rooms and args.race:
                system.start(args.port, workers=2)
                result["systems"][name]["race"] = race(system, rooms[name], args.race)
                system.stop()
            if args.wrk:
                system.start(args.port, workers=2)
                client = system.sign_in()
                result["systems"][name]["rps"] = {
                    code: throughput(system, items[name][code].path, client, args.wrk)
                    for code in ("W1", "W3", "W5")
                    if code in items[name]
                }
                system.stop()
    finally:
        for system in both.values():
            system.stop()
            system.drop_copy()
    return result


def growth(args: argparse.Namespace) -> dict[str, Any]:
    """The portal alone at several sizes, for accounts of all levels; chunks in turn over the sizes."""
    result: dict[str, Any] = {"db": args.db, "when": time.strftime("%F %T"), "load_average": os.getloadavg()}
    result["growth"] = {}
    systems = {rows: System("portal", args.db, int(rows), args.bookings) for rows in args.growth.split(",")}
    try:
        for port, (rows, system) in enumerate(systems.items(), args.port):
            print(f"loaded {rows} in {system.load():.0f} s", file=sys.stderr, flush=True)
            system.start(port)
        for user in USERS:
            truths = {rows: work.ScopedTruth(one.url(one.base, one.base_db)).of(user) for rows, one in systems.items()}
            items = {rows: work.portal_items(truth, args.only, write=False) for rows, truth in truths.items()}
            live = {rows: (system, system.sign_in(user)) for rows, system in systems.items()}
            result["growth"][user] = measure(live, items, args.n, args.seconds)
    finally:
        for system in systems.values():
            system.stop()
            if not args.keep:
                shutil.rmtree(system.base, ignore_errors=True)
    return result


def main() -> None:
    """See the module's words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--bookings", type=int, default=100_000)
    parser.add_argument("--race", type=int, default=20, help="how many want one slot; 0 leaves the race out")
    parser.add_argument("--db", choices=("sqlite", "pg"), default="sqlite")
    parser.add_argument("--growth", help="sizes, comma-separated")
    parser.add_argument("--only", default="", help="work items, comma-separated")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20, help="at most for one item of one system")
    parser.add_argument("--wrk", type=int, default=4, help="seconds of each throughput run; 0 leaves it out")
    parser.add_argument("--port", type=int, default=18_600)
    parser.add_argument("--keep", action="store_true", help="keep the databases of a growth run")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    result = growth(args) if args.growth else side_by_side(args)
    name = f"growth-{args.db}.json" if args.growth else f"{args.db}-{args.rows}.json"
    out = args.out or HOME / name
    out.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
    print(work.growth_table(result) if args.growth else work.table(result))
    print(f"saved {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
