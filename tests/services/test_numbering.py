"""Numbers: without gaps, without twins, also when many ask at once."""

import contextvars
import threading
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core.db import db, unit_of_work
from app.services.numbering import next_number, next_paper_number, prefix_of
from tests.conftest import POSTGRES, overrides


@unit_of_work
def take(prefix: str, year: int) -> str:
    return next_number(prefix, year)


def test_one_after_the_other(session):
    assert [next_number("SQ", 2031) for _ in range(3)] == ["SQ-2031-000001", "SQ-2031-000002", "SQ-2031-000003"]
    assert next_number("SQ", 2032) == "SQ-2032-000001" and next_number("SQKJ", 2031) == "SQKJ-2031-000001"


def test_a_failed_case_leaves_no_gap(session):
    @unit_of_work
    def fail() -> None:
        next_number("SQ", 2033)
        raise RuntimeError

    take("SQ", 2033)
    with pytest.raises(RuntimeError):
        fail()
    assert take("SQ", 2033) == "SQ-2033-000002"


def test_prefix_of_the_nearest_centre(session, actor):
    assert prefix_of(actor("clerk")) == "SQ"
    assert prefix_of(actor("clerk.t1")) == prefix_of(actor("village_officer.1")) == "SQKJ"


@unit_of_work
def take_paper(year: int) -> str:
    return next_paper_number("竞群诉", "答", year)


def test_paper_numbers(session):
    assert [next_paper_number("昌群诉", "答", 2031) for _ in range(2)] == ["昌群诉答〔2031〕1号", "昌群诉答〔2031〕2号"]
    assert next_paper_number("昌群诉", "受", 2031) == "昌群诉受〔2031〕1号"
    assert next_paper_number("昌群诉柳", "答", 2031) == "昌群诉柳答〔2031〕1号"


def test_many_at_once(app, tmp_path: Path):
    """Eight threads, real commits: 80 numbers, 1 to 80."""
    url = POSTGRES or f"sqlite:///{tmp_path / 'numbers.db'}"
    portal = app if POSTGRES else create_app(overrides(app.config["INSTANCE"], url))  # the same keyring stays
    if not POSTGRES:
        with portal.app_context(), acting(SYSTEM):
            upgrade()
    numbers: list[str] = []
    papers: list[str] = []

    def work() -> None:
        with portal.app_context():
            for _ in range(10):
                numbers.append(take("RACE", 2034))
                papers.append(take_paper(2034))
            db.session.remove()

    threads = [threading.Thread(target=contextvars.Context().run, args=(work,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with portal.app_context():
        if not POSTGRES:
            db.engine.dispose()
    assert sorted(numbers) == [f"RACE-2034-{n:06d}" for n in range(1, 81)]
    assert sorted(papers) == sorted(f"竞群诉答〔2034〕{n}号" for n in range(1, 81))
