"""Processes that change cases and add the tally up at once; run as a program of its own by test_statistics.py.

    python -m tests.services.rival_writers INSTANCE DATABASE_URL

Three writers change cases, roll some changes back, two runners add up, and the parent compares the tally with a plain
GROUP BY in one statement all the while: at no moment may they differ."""

import json
import os
import random
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core.db import db, work, writing
from app.core.errors import PortalError
from app.core.upsert import dialect
from app.services import case_tally
from seed import bulk, load

WRITERS, RUNNERS, CHANGES, MATTERS = 3, 2, 40, 200
_MONTH = {
    "sqlite": "strftime('%Y-%m-01', registered_at, '+8 hours')",
    "postgresql": "date_trunc('month', registered_at AT TIME ZONE INTERVAL '+08:00')::date",
}
_KEYS = "owner_town_id, town_id, category_id"


def differences() -> int:
    """Groups in which the tally and a count of the cases differ, in one statement: of one moment."""
    statement = f"""
        WITH kept AS (SELECT month, {_KEYS}, sum(cases) AS n, sum(resolved) AS r FROM case_tally
                      GROUP BY month, {_KEYS} HAVING sum(cases) <> 0 OR sum(resolved) <> 0),
             counted AS (SELECT {_MONTH[dialect()]} AS month, {_KEYS}, count(*) AS n,
                                sum(CASE WHEN resolved THEN 1 ELSE 0 END) AS r
                         FROM "case" WHERE state <> 'merged' GROUP BY 1, 2, 3, 4)
        SELECT (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted) AS a)
             + (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept) AS b)"""
    with writing(False), work():
        return int(db.session.connection().exec_driver_sql(statement).scalar_one())


def _change(draw: random.Random, keys: list[int], towns: list[int], categories: list[int]) -> None:
    said = draw.choice(
        (
            ("resolved = :flag", {"flag": draw.random() < 0.5}),
            ("state = 'merged', merged_into_id = :other", {"other": draw.choice(keys)}),
            ("state = 'registered', merged_into_id = NULL, resolved = NULL", {}),
            ("category_id = :key", {"key": draw.choice(categories)}),
            ("owner_town_id = :key", {"key": draw.choice([*towns, None])}),
            ("registered_at = :at", {"at": f"202{draw.randrange(4, 7)}-0{draw.randrange(1, 10)}-11 03:00:00"}),
        )
    )
    statement = f'UPDATE "case" SET {said[0]} WHERE id = :id'
    if dialect() == "postgresql":
        statement = statement.replace(":at", "CAST(:at AS timestamptz)")
    with work():
        for _nth in range(draw.randrange(1, 4)):
            db.session.connection().execute(text(statement), {**said[1], "id": draw.choice(keys)})


def writer(seed: int, keys: list[int], towns: list[int], categories: list[int]) -> None:
    """So many changes of cases, each transaction of one to three of them; every writer has cases of its own."""
    draw, mine = random.Random(seed), keys[seed::WRITERS]
    for nth in range(CHANGES):
        _change(draw, mine, towns, categories)
        if nth % 20 == 7:
            with suppress(PortalError, DBAPIError), work():  # rolled back: no trace in the tally either
                _change(draw, mine, towns, categories)
                raise PortalError("never mind")


def runner() -> None:
    """Add up without end."""
    while True:
        with suppress(PortalError):
            case_tally.add_up(least=1)
        time.sleep(0.01)


def _fork(task: object, *given: object) -> int:
    db.session.remove()
    db.engine.dispose(close=False)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            task(*given)  # type: ignore[operator]
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return child


def main(portal: Flask) -> dict[str, int]:
    """What was seen: looks, how often the two differed, what was left to add up at the end."""
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        bulk.bulk(MATTERS)
        ask = lambda sql: list(db.session.connection().exec_driver_sql(sql).scalars())  # noqa: E731
        keys, categories = ask('SELECT id FROM "case" ORDER BY id'), ask("SELECT id FROM category WHERE leaf")
        towns = ask("SELECT id FROM organisation WHERE level = 'township'")
        db.session.commit()
        writers = [_fork(writer, nth, keys, towns, categories) for nth in range(WRITERS)]
        runners = [_fork(runner) for _nth in range(RUNNERS)]
        looks = wrong = 0
        failed, left = 0, set(writers)
        while left:
            db.session.remove()
            looks, wrong = looks + 1, wrong + bool(differences())
            for child in list(left):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    left.discard(child)
                    failed += bool(status)
            time.sleep(0.02)
        time.sleep(0.3)
        for child in runners:
            os.kill(child, 9)
            os.waitpid(child, 0)
        db.session.remove()
        case_tally.add_up(least=1)
        told = {"looks": looks, "wrong": wrong + bool(differences()) + failed}
        told["left"] = ask("SELECT count(*) FROM case_tally WHERE loose")[0]
        told["added_up"] = ask("SELECT count(*) FROM case_tally WHERE NOT loose")[0]
        told["cases"] = ask('SELECT count(*) FROM "case"')[0]
        return told


if __name__ == "__main__":
    app = create_app({"INSTANCE": Path(sys.argv[1]), "SQLALCHEMY_DATABASE_URI": sys.argv[2]})
    print(json.dumps(main(app)))
