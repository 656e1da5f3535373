"""F1, D2: whatever a request writes stands in the trail, and nobody overwrites what somebody else has saved."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.audit import EXEMPT, QUIET_COLUMNS
from app.core.columns import Kind, key_of, spec_of
from app.core.db import Base
from app.models.audit import AuditEntry
from security.conftest import browser_of
from security.forms import main_form
from security.oracle import Oracle
from security.screens import holds, model_of, resources, screens, seen
from security.walk import Route, Undo
from security.world import ACTORS, World

PREFERRED = ("clerk", "business_admin", "sysadmin", *ACTORS)
# Reckoned from others, told as "all sessions ended", or the look of one person's own screen.
DERIVED = {"position", "path", "pinyin", "session_epoch", "preferences"}
Snapshot = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
# What no verb writes: the index of words, the tally of the statistics, the mark of the migrations.
BY_THE_DATABASE = ("case_search", "case_tally", "alembic_version")


def snapshot(world: World) -> Snapshot:
    """Every row of every table that is told of."""
    found: Snapshot = {}
    for table in Base.metadata.tables.values():
        if table.name in EXEMPT or table.name in BY_THE_DATABASE:
            continue
        names = list(table.primary_key.columns.keys())
        found[table.name] = {
            tuple(row[name] for name in names): dict(row) for row in world.connection.execute(select(table)).mappings()
        }
    return found


def changed(before: Snapshot, after: Snapshot) -> dict[tuple[str, tuple[Any, ...]], set[str]]:
    """(table, key): the columns that differ, quiet ones aside."""
    found: dict[tuple[str, tuple[Any, ...]], set[str]] = {}
    for table, rows in after.items():
        for key in rows.keys() | before[table].keys():
            old, new = before[table].get(key, {}), rows.get(key, {})
            names = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)} - QUIET_COLUMNS
            keys = set(Base.metadata.tables[table].primary_key.columns.keys())
            if names - keys:
                found[(table, key)] = names - keys
            elif names:
                found[(table, key)] = set()
    return found


def told(world: World, since: int) -> dict[tuple[str, int], set[str]]:
    """What the trail says was changed since an entry."""
    entry, found = AuditEntry.__table__, {}
    for row in world.connection.execute(select(entry).where(entry.c.id > since)).mappings():
        if row["subject_type"]:
            found.setdefault((row["subject_type"], row["subject_id"]), set()).update(row["changes"] or {})
    return found


def last_entry(world: World) -> int:
    """The number of the last entry of the trail."""
    entry = AuditEntry.__table__
    return int(world.connection.scalar(select(entry.c.id).order_by(entry.c.id.desc()).limit(1)) or 0)


def untold(world: World, before: Snapshot, since: int) -> list[str]:
    """Changes of the database that the trail does not tell."""
    found, said = [], told(world, since)
    links = {name for name in Base.metadata.tables if _is_link(name)}
    for (table, key), names in changed(before, snapshot(world)).items():
        if table in links:
            if not said:
                found.append(f"{table} {key}")
            continue
        names = names - DERIVED
        if not names and key in before[table]:
            continue
        missing = names - said.get((table, key[0]), set())
        # a new row tells what it holds; empty values need no words
        missing = {n for n in missing if not (key not in before[table] and _empty(world, table, key, n))}
        if (table, key[0]) not in said or missing:
            found.append(f"{table} {key}: {sorted(missing)}")
    return found


def _is_link(table: str) -> bool:
    columns = Base.metadata.tables[table].columns
    return all(column.foreign_keys or column.key == "id" for column in columns)


def _empty(world: World, table: str, key: tuple[Any, ...], name: str) -> bool:
    found = Base.metadata.tables[table]
    where = [column == value for column, value in zip(found.primary_key.columns, key, strict=True)]
    return world.connection.scalar(select(found.c[name]).where(*where)) in (None, False, 0, "", {}, [])


def _editor(page: str, action: str = "edit") -> str | None:
    return next((name for name in PREFERRED if holds(name, page, action)), None)


def _forms(app: Flask, world: World, oracle: Oracle) -> Iterator[tuple[Any, str, int, dict[str, list[str]], str]]:
    """(screen, who, record, form as opened, a text field of it) for every screen that edits."""
    undo = Undo(world)
    for view in screens(app):
        who = _editor(view.class_permission_name) if view.allow_edit else None
        if who is None or not view.route_base:
            continue
        for key in sorted(seen(oracle, who, model_of(view)), reverse=True)[:8]:
            answer = undo.ask(who, Route(f"{view.route_base}/edit/{key}", "GET", (), ""))
            text = answer.get_data(as_text=True)
            if answer.status_code != 200 or 'name="row_version"' not in text:
                continue
            values = main_form(text).values
            name = next((n for n in view.edit_form.names if n in values and values[n][0] and _is_text(view, n)), None)
            if name is not None:
                yield view, who, key, values, name


def turned(value: str, word: str) -> str:
    """Another value of the same shape: a number stays a number, a text grows by the word."""
    return str(int(value) + len(word)) if value.isdecimal() else value + word


def _is_text(view: Any, name: str) -> bool:
    if not hasattr(model_of(view), name):
        return False
    spec = spec_of(model_of(view), name)
    return (
        spec.kind in (Kind.text, Kind.long)
        and not (spec.mask or spec.encrypted)
        and name not in ("code", "number_prefix")
    )


def test_every_edit_form_tells_the_trail_and_refuses_the_second_of_two(
    app: Flask, world: World, bound: Any, oracle: Oracle
) -> None:
    wrong, done, seen_views = [], [], set()
    for view, who, key, values, name in _forms(app, world, oracle):
        seen_views.add(view)
        if view in done:
            continue
        browser, address = world.browsers[who], f"{view.route_base}/edit/{key}"
        before, since = snapshot(world), last_entry(world)
        early, late = turned(values[name][0], "改"), turned(values[name][0], "晚到")
        first = browser.post(address, data={**values, name: [early]})
        if first.status_code != 302:
            continue  # this record breaks a rule of its register; another one will do
        wrong += [f"{address}: not told: {what}" for what in untold(world, before, since)]
        second = browser.post(address, data={**values, name: [late]})
        stored = world.connection.scalar(
            select(model_of(view).__table__.c[name]).where(model_of(view).__table__.c[key_of(model_of(view))] == key)
        )
        if second.status_code != 409 or late not in second.get_data(as_text=True) or stored != early:
            wrong.append(f"{address}: the second saved with {second.status_code}, stored {stored}")
        done.append(view)
    assert not wrong, "\n".join(wrong)
    assert set(done) == seen_views, [type(view).__name__ for view in seen_views - set(done)]
    assert len(done) >= 10, [type(view).__name__ for view in done]


def test_every_resource_refuses_a_stale_version(
    app: Flask, world: World, bound: Any, oracle: Oracle, program: Any
) -> None:
    wrong, done = [], 0
    for api in resources(app):
        who = _editor(api.class_permission_name)
        if who is None or not api.page.allow_edit:
            continue
        names = [n for n in api.page.edit_form.names if _is_text(api, n)]
        for key in sorted(seen(oracle, who, model_of(api)), reverse=True)[:8] if names else ():
            place = f"/api/v1/{api.resource_name}/{key}"
            read = program(who, "GET", place).json["result"]
            before, since = snapshot(world), last_entry(world)
            good = program(who, "PUT", place, json={names[0]: "第一", "version": read["version"]})
            if good.status_code != 200:
                continue
            wrong += [f"{place}: not told: {what}" for what in untold(world, before, since)]
            for stale in (read["version"], 0, -1, 10**9):
                late = program(who, "PUT", place, json={names[0]: "第二", "version": stale})
                if late.status_code not in (409, 422):
                    wrong.append(f"{place} version {stale}: {late.status_code}")
            if program(who, "PUT", place, json={names[0]: "第二"}).status_code != 400:
                wrong.append(f"{place} without a version")
            if program(who, "GET", place).json["result"].get(names[0], "第一") != "第一":
                wrong.append(f"{place}: lost")
            done += 1
            break
    assert not wrong, "\n".join(wrong)
    assert done >= 3


CASE_STEPS: tuple[tuple[str, str, str, Callable[[World], dict[str, Any]]], ...] = (
    ("dispatcher", "city", "accept", lambda _w: {}),
    ("clerk", "spare", "request_supplement", lambda _w: {"reason": "缺身份证复印件"}),
    ("dispatcher", "accepted", "assign", lambda w: {"lead": w.home["handler.d1"], "co": [w.home["handler.d2"]]}),
    ("handler.d1", "to_d1", "sign_for", lambda _w: {}),
    ("unit_head.d1", "to_d1", "object", lambda w: {"reason": "不属本单位", "proposed": w.home["handler.d2"]}),
    ("handler.d1", "at_d1", "log_work", lambda _w: {"text": "走访"}),
)


@pytest.mark.parametrize(("who", "case", "step", "body"), CASE_STEPS, ids=[row[2] for row in CASE_STEPS])
def test_steps_tell_the_trail_and_refuse_a_stale_case(
    world: World, bound: Any, program: Any, who: str, case: str, step: str, body: Callable[[World], dict[str, Any]]
) -> None:
    key = world.cases[case]
    place, version = (
        f"/api/v1/case/{key}/steps/{step}",
        program(who, "GET", f"/api/v1/case/{key}").json["result"]["version"],
    )
    stale = program(who, "POST", place, json={**body(world), "version": version + 5})
    assert stale.status_code in (409, 422), stale.json
    before, since = snapshot(world), last_entry(world)
    answer = program(who, "POST", place, json={**body(world), "version": version})
    assert answer.status_code == 200, answer.json
    assert not untold(world, before, since)
    again = program(who, "POST", place, json={**body(world), "version": version})
    assert again.status_code in (409, 422), again.json


def test_deeds_beside_the_forms_are_told_too(app: Flask, world: World, bound: Any) -> None:
    """Roles given, an account closed, a role copied, files added, a deletion: each with everything that it changed."""
    account, wrong = world.users["archivist"], []
    admin = browser_of(app, "sysadmin")  # what follows wants somebody who has just signed in
    roles = {row.code: row.role_id for row in world.connection.execute(select(Base.metadata.tables["role_profile"]))}
    deeds: list[tuple[Any, str, dict[str, Any]]] = [
        (
            admin,
            f"/account/{account}/roles",
            {"role": [roles["archivist"], roles["statistician"]], "row_version": _version(world, account)},
        ),
        (admin, f"/account/{account}/disable", {"reason": "离职"}),
        (admin, f"/account/{account}/enable", {}),
        (admin, f"/account/{account}/password", {}),
        (admin, f"/account/{account}/unlock", {}),
        (world.browsers["clerk"], "/account/preferences", {"font": "2"}),
        (world.browsers["business_admin"], "/law_firm/add", {"name": "新所", "active": "y"}),
        (world.browsers["clerk"], f"/case/{world.cases['city']}/receipt/renew", {}),
    ]
    for browser, place, body in deeds:
        before, since = snapshot(world), last_entry(world)
        answer = browser.post(place, data={"csrf_token": browser.token, **body})
        assert answer.status_code in (200, 302), f"{place}: {answer.status_code}"
        wrong += [f"{place}: {what}" for what in untold(world, before, since)]
    assert not wrong, "\n".join(wrong)


def _version(world: World, account: int) -> str:
    table = Base.metadata.tables["ab_user"]
    return str(world.connection.scalar(select(table.c.version).where(table.c.id == account)))
