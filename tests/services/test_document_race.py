"""Many clerks at one case: versions without twins and gaps, one paper in force, numbers without gaps; both engines."""

import contextvars
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, select, text

from app import create_app
from app.access.actor import SYSTEM, acting
from app.access.load import account_row, actor_of
from app.core.db import db, unit_of_work
from app.core.errors import PortalError
from app.models.case import Case
from app.models.document import Document, DocumentKind, DocumentPrint, DocumentState, PrintForm
from app.services import document, document_output
from seed import load
from tests.case_factory import Cases
from tests.conftest import PASSWORD, POSTGRES, overrides

SCHEMA = "papers_race"


def own_schema(verb: str) -> None:
    """Make or drop a schema beside the one of the other tests: what is committed here would stay there."""
    engine = create_engine(str(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        if verb == "make":
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    engine.dispose()


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An application with a database of its own."""
    url = f"sqlite:///{tmp_path / 'race.db'}"
    if POSTGRES:
        own_schema("make")
        url = f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}options={quote(f'-csearch_path={SCHEMA}')}"
    portal = create_app(overrides(app.config["INSTANCE"], url))  # the same keyring stays
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts(PASSWORD)
    yield portal
    with portal.app_context():
        db.engine.dispose()
    if POSTGRES:
        own_schema("drop")


def test_one_case_many_clerks(own: Flask) -> None:
    def actor(name: str):
        key = db.session.execute(text("SELECT id FROM ab_user WHERE username = :name"), {"name": name}).scalar_one()
        return actor_of(account_row(key), "127.0.0.1")

    @unit_of_work
    def issue_one(key: int) -> None:
        clerk = actor("clerk")
        with acting(clerk):
            document.issue(clerk, db.session.get_one(Case, key), DocumentKind.reply)

    failed: list[BaseException] = []

    def work(key: int) -> None:
        with own.app_context():
            for _turn in range(4):
                try:
                    issue_one(key)
                except PortalError as fault:
                    failed.append(fault)
            db.session.remove()

    with own.app_context():
        key = Cases(actor).register().id
        db.session.remove()
    threads = [threading.Thread(target=contextvars.Context().run, args=(work, key)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with own.app_context(), acting(SYSTEM):
        rows = db.session.scalars(select(Document).order_by(Document.edition)).all()
        assert [row.edition for row in rows] == list(range(1, 21 - len(failed))) and len(failed) < 10
        assert [row.edition for row in rows if row.state == DocumentState.issued] == [rows[-1].edition]
        assert sorted(int(row.number.split("〕")[1][:-1]) for row in rows) == list(range(1, len(rows) + 1))
        paper = rows[-1].id
        db.session.remove()

    def print_it() -> None:
        with own.app_context():
            clerk = actor("clerk")
            with acting(clerk):
                document_output.hand_out(clerk, paper, PrintForm.docx)
            db.session.remove()

    threads = [threading.Thread(target=contextvars.Context().run, args=(print_it,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with own.app_context(), acting(SYSTEM):
        copies = db.session.scalars(select(DocumentPrint.copy).order_by(DocumentPrint.id)).all()
        assert copies[0] is False and all(copies[1:])
        db.session.remove()
