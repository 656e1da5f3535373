"""G1, G2, F2: personal data is masked wherever it leaves the house, kept encrypted, and whoever reads it is noted."""

import io
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest
from case_factory import Cases
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Text, cast, func, select

from app import create_app
from app.access.actor import SYSTEM, acting
from app.core.db import Base, db
from app.models.audit import AuditEntry
from app.services.registration import register_case
from security.oracle import Oracle
from security.screens import holds, model_of, resources, screens, seen
from security.walk import Route, Undo, routes
from security.world import CANARIES, SECRETS, World, actor_named, hashes
from seed import load

READERS = ("clerk", "handler.d1", "business_admin", "sysadmin", "security_auditor", "leader.1", "follow_up_clerk")
FIELDS = ("phone", "id_number", "address")


def _leaks(text: str, forbidden: list[str]) -> list[str]:
    return [word for word in forbidden if word in text]


def _unpacked(data: bytes) -> str:
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.mark.parametrize("username", READERS)
def test_nothing_raw_leaves_without_a_reveal(
    app: Flask, world: World, bound: Any, oracle: Oracle, caplog: pytest.LogCaptureFixture, username: str
) -> None:
    """G1: every page, resource and export that the role can open, with records it sees; and what is logged of it."""
    undo, forbidden, wrong, opened = Undo(world), [*SECRETS, *hashes()], [], 0
    caplog.set_level(logging.DEBUG)
    for route, address in _everything(app, oracle, username):
        answer = undo.ask(username, route, address)
        opened += answer.status_code == 200
        found = _leaks(_unpacked(answer.get_data()), forbidden) + _leaks(str(answer.headers), forbidden)
        wrong += [f"{route.method} {address}: {word}" for word in found]
    for view in screens(app):
        if view.allow_export and holds(username, view.class_permission_name, "export"):
            for form in ("csv", "xlsx"):
                answer = undo.ask(
                    username, Route(f"{view.route_base}/export", "POST", (), ""), data={"form": form, "query": ""}
                )
                wrong += [
                    f"export {view.route_base} {form}: {word}"
                    for word in _leaks(_unpacked(answer.get_data()), forbidden)
                ]
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    wrong += [f"log: {word}" for word in _leaks(logged, forbidden)]
    assert not wrong, "\n".join(wrong)
    assert opened > 15


def _everything(app: Flask, oracle: Oracle, username: str) -> list[tuple[Route, str]]:
    found = [
        (r, r.path()) for r in routes(app) if r.method == "GET" and not r.pattern.startswith(("/static", "/attachment"))
    ]
    for view in screens(app):
        if view.route_base:
            for key in sorted(seen(oracle, username, model_of(view)))[-3:]:
                found += [(Route("", "GET", (), ""), f"{view.route_base}/{verb}/{key}") for verb in ("show", "edit")]
    for api in resources(app):
        for key in sorted(seen(oracle, username, model_of(api)))[-3:]:
            found.append((Route("/api/", "GET", (), ""), f"/api/v1/{api.resource_name}/{key}"))
    for key in sorted(key[0] for key in oracle.visible(username, "case")):
        for place in ("copy", "receipt", "do/accept", "do/assign", "do/request_supplement", "do/sign_for"):
            found.append((Route("", "GET", (), ""), f"/case/{key}/{place}"))
        for place in ("timeline", "clocks", "steps"):
            found.append((Route("/api/", "GET", (), ""), f"/api/v1/case/{key}/{place}"))
    found += [(Route("", "GET", (), ""), f"/search/suggest?q={one.name}") for one in CANARIES[:5]]
    return found


def test_no_table_holds_raw_personal_data(world: World, bound: Any) -> None:
    """G2, on both engines: not one text of the whole database, audit entries and search index included."""
    wrong = []
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.primary_key:
                continue
            values = world.connection.execute(select(cast(column, Text)).where(column.is_not(None))).scalars().all()
            joined = "\n".join(map(str, values))
            wrong += [f"{table.name}.{column.key}: {word}" for word in _leaks(joined, list(SECRETS))]
    index = world.connection.exec_driver_sql("SELECT * FROM case_search").all()
    wrong += [f"search index: {word}" for word in _leaks(str(index), list(SECRETS))]
    assert not wrong, wrong


@pytest.mark.sqlite_only
def test_no_file_holds_raw_personal_data(app: Flask, tmp_path: Path) -> None:
    """G2: the bytes of the database file and of everything in the instance folder, after changes and deletions."""
    file = tmp_path / "portal.db"
    other = create_app({**app.config, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{file}", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    with other.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        load.accounts("Nobody-knows-1")
        clerk, factory = actor_named("clerk"), Cases(actor_named)
        for one in CANARIES[:5]:
            with acting(clerk):
                register_case(clerk, factory.body(parties=[one.party], title=f"文件检查 {one.name}"))
        row = db.session.scalars(select(Base.metadata.tables["person"].c.id)).first()
        assert row
        person = db.session.get(_person(), row)
        person.phone, person.address = CANARIES[9].phone, CANARIES[9].address
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    parts = [file, *tmp_path.glob("portal.db-*"), *(p for p in Path(app.config["INSTANCE"]).rglob("*") if p.is_file())]
    for path in parts:
        data = path.read_bytes()
        for word in SECRETS:
            assert word.encode() not in data and word.encode("utf-16-le") not in data, f"{path.name}: {word}"


def _person() -> Any:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__name__ == "Person")


def _reads(world: World) -> int:
    entry = AuditEntry.__table__
    return int(world.connection.scalar(select(func.count()).select_from(entry).where(entry.c.kind == "access")))


def test_every_reading_is_noted_once(app: Flask, world: World, bound: Any, oracle: Oracle) -> None:
    """F2: one record page, one reveal, one export, one search: one entry each, saying what for, nothing raw in it."""
    case, browser = world.cases["city"], world.browsers["clerk"]
    party = next(row for row in oracle.rows("party") if row.case_id == case and row.person_id)
    say = {"csrf_token": browser.token, "reason": "核对身份"}
    by_phone = browser.post("/search/", data={**say, "q": CANARIES[0].phone}).location
    readings: list[tuple[str, str, dict[str, Any], str]] = [
        ("GET", f"/case/show/{case}", {}, "case:read"),
        ("GET", f"/person/show/{party.person_id}", {}, "person:read"),
        ("POST", f"/person/reveal/{party.person_id}/phone", {"data": say}, "person:reveal"),
        ("POST", f"/case/{case}/party/{party.id}/reveal/id_number", {"data": say}, "person:reveal"),
        ("POST", "/case/export", {"data": {**say, "form": "csv", "query": ""}}, "case:export"),
        ("GET", by_phone, {}, "case:search"),
        ("GET", "/search/suggest", {"headers": {"X-Search": CANARIES[0].id_number}}, "case:search"),
    ]
    entry = AuditEntry.__table__
    for method, place, more, code in readings:
        before = _reads(world)
        answer = browser.open(place, method=method, buffered=True, **more)
        assert answer.status_code in (200, 302), place
        last = world.connection.execute(select(entry).order_by(entry.c.id.desc()).limit(1)).mappings().one()
        assert _reads(world) == before + 1, place
        assert last["code"] == code and last["actor_id"] == world.users["clerk"], place
        if method == "POST" and "reveal" in place:
            assert last["reason"] == "核对身份"
        told = " ".join(str(value) for value in dict(last).values())
        assert not _leaks(told, list(SECRETS)), place


def test_resources_note_their_readings_too(app: Flask, world: World, bound: Any, program: Any) -> None:
    for place, code in (
        (f"/api/v1/case/{world.cases['city']}", "case:read"),
        (f"/api/v1/case/{world.cases['city']}/timeline", "case:read"),
    ):
        before = _reads(world)
        assert program("clerk", "GET", place).status_code == 200
        entry = AuditEntry.__table__
        assert _reads(world) == before + 1, place
        last = world.connection.execute(select(entry.c.code).order_by(entry.c.id.desc()).limit(1)).scalar_one()
        assert last == code


def test_no_reveal_without_a_reason_nor_beyond_the_field(world: World, bound: Any, oracle: Oracle) -> None:
    undo, browser = Undo(world), world.browsers["clerk"]
    person = next(row for row in oracle.rows("party") if row.case_id == world.cases["city"] and row.person_id).person_id
    for field, reason, good in (
        ("phone", "核对身份", True),
        ("phone", "", False),
        ("phone", " ", False),
        ("name", "核对身份", False),
        ("id_number_hash", "核对身份", False),
        ("phone_hash", "核对身份", False),
        ("no_such", "核对身份", False),
    ):
        answer = undo.open(
            browser, "POST", f"/person/reveal/{person}/{field}", data={"csrf_token": browser.token, "reason": reason}
        )
        assert (answer.status_code == 200) == good, field
    for username in ("dispatcher", "leader.1", "archivist", "village_officer"):
        answer = undo.ask(
            username, Route(f"/person/reveal/{person}/phone", "POST", (), ""), data={"reason": "核对身份"}
        )
        assert answer.status_code in (403, 404)
