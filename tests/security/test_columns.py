"""A2, A3, A4: columns that are not offered tell nothing, take nothing, and relations take no hidden row."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.columns import Kind, key_of, mapper_of, specs_of
from app.core.db import Base
from security.forms import main_form
from security.oracle import Oracle
from security.screens import holds, keys, model_of, resources, screens, seen
from security.walk import Route, Undo
from security.world import ACTORS, MADE, World

EDITORS = ("clerk.t1", "village_officer.1", *MADE, "business_admin", "sysadmin", "clerk")
STAMPS = {"version", "changed_at", "changed_by_id", "changed_on", "changed_by_fk", "pinyin"}


def _readers(page: str, action: str = "read") -> list[str]:
    return [name for name in ACTORS if holds(name, page, action)]


def _row(world: World, model: Any, key: int) -> dict[str, Any]:
    table = model.__table__
    row = world.connection.execute(select(table).where(table.c[key_of(model)] == key)).mappings().one()
    return dict(row)


def _hits(world: World, oracle: Oracle, username: str, model: Any) -> dict[str, Any]:
    visible = sorted(seen(oracle, username, model))
    return _row(world, model, visible[-1]) if visible else {}


def test_unlisted_columns_are_no_oracle_in_lists(app: Flask, world: World, bound: Any, oracle: Oracle) -> None:
    undo, wrong = Undo(world), []
    for view in screens(app):
        readers = _readers(view.class_permission_name)
        if not readers:
            continue
        username, model = readers[0], model_of(view)
        browser, row, base = world.browsers[username], _hits(world, oracle, username, model), f"{view.route_base}/list/"
        plain = _ids(undo.open(browser, "GET", f"{base}?all=1"), view)
        offered = {param for one in view.filters.values() for param in one.params}
        for spec in specs_of(model):
            if spec.name in offered or spec.name in view.search_columns or spec.kind in (Kind.one, Kind.many):
                continue
            answers = set()
            for value in (row.get(spec.name), "no-such-value"):
                names = (spec.name, f"_flt_0_{spec.name}", f"{spec.name}_from", f"{spec.name}__startswith")
                asked = {"all": "1", **dict.fromkeys(names, str(value)[:90])}
                answer = undo.open(browser, "GET", base, query_string=asked)
                answers.add((answer.status_code, _ids(answer, view)))
            if answers != {(200, plain)}:
                wrong.append(f"{base}?{spec.name}=: {len(answers)} different answers")
            if spec.name not in view.ordered and not _orders(view, spec.name):
                sorted_ = {
                    _ids(undo.open(browser, "GET", f"{base}?all=1&order={sign}{spec.name}"), view) for sign in ("-",)
                }
                if sorted_ != {plain}:
                    wrong.append(f"{base}?order={spec.name}")
    assert not wrong, "\n".join(wrong)


def _orders(view: Any, name: str) -> bool:
    return any(item.order == name for item in view.computed.values())


def _ids(answer: Any, view: Any) -> tuple[str, ...]:
    text = answer.get_data(as_text=True)
    return tuple(piece.split('"')[0] for piece in text.split(f"{view.route_base}/show/")[1:])


def test_unlisted_columns_are_no_oracle_in_resources(app: Flask, world: World, bound: Any, oracle: Oracle) -> None:
    undo, wrong = Undo(world), []
    for api in resources(app):
        readers = _readers(api.class_permission_name)
        if not readers:
            continue
        username, base = readers[0], f"/api/v1/{api.resource_name}/"
        route, row = Route(base, "GET", (), ""), _hits(world, oracle, username, model_of(api))
        for spec in specs_of(model_of(api)):
            name = spec.name
            if name not in api.search_columns:
                said = {
                    _status(undo, username, route, f"(filters:!((col:{name},opr:{operator},value:'{value}')))")
                    for operator in ("eq", "sw")
                    for value in (_safe(row.get(name)), "zz")
                }
                if {status for status, _text in said} != {400} or len(said) != 1:
                    wrong.append(f"filter {base} {name}: {sorted(said)[:2]}")
            ordered = f"(order_column:{name},order_direction:asc)"
            if name not in api.order_columns and _status(undo, username, route, ordered)[0] != 400:
                wrong.append(f"order {base} {name}")
            if name not in api.list_columns:
                rows = undo.ask(username, route, f"{base}?q=(columns:!({name},{api.list_columns[0]}))").json["result"]
                if any(name in one and name != "id" and name != "version" for one in rows):
                    wrong.append(f"columns {base} {name}")
    assert not wrong, "\n".join(wrong)


def _safe(value: Any) -> str:
    return "".join(char for char in str(value) if char.isalnum())[:60] or "x"


def _status(undo: Undo, username: str, route: Route, query: str) -> tuple[int, str]:
    answer = undo.ask(username, route, f"{route.pattern}?q={query}")
    return answer.status_code, answer.get_data(as_text=True)


def _editable(app: Flask, oracle: Oracle, username: str) -> Iterator[tuple[Any, int]]:
    """Screens whose records the account may change, with one own record each."""
    for view in screens(app):
        if not view.allow_edit or not holds(username, view.class_permission_name, "edit") or not view.route_base:
            continue
        for key in sorted(seen(oracle, username, model_of(view)), reverse=True)[:8]:
            yield view, key


def _edit_form(undo: Undo, username: str, view: Any, key: int) -> dict[str, list[str]] | None:
    answer = undo.ask(username, Route(f"{view.route_base}/edit/{key}", "GET", (), ""))
    if answer.status_code != 200 or "row_version" not in answer.get_data(as_text=True):
        return None
    return main_form(answer.get_data(as_text=True)).values


def _columns(view: Any, names: Any) -> set[str]:
    """The table columns behind fields of a form."""
    mapper = mapper_of(model_of(view))
    found = set()
    for name in names:
        if name in mapper.relationships:
            found |= {column.key for column in mapper.relationships[name].local_columns}
        else:
            found.add(name)
    return found


@pytest.mark.parametrize("username", EDITORS)
def test_forms_take_no_column_they_do_not_offer(
    app: Flask, world: World, bound: Any, oracle: Oracle, username: str
) -> None:
    undo, wrong, done, tried = Undo(world), [], set(), set()
    for view, key in _editable(app, oracle, username):
        values = None if view in done else _edit_form(undo, username, view, key)
        if values is None:
            continue
        done.add(view)
        model, before = model_of(view), _row(world, model_of(view), key)
        for column in model.__table__.columns:
            if column.key not in values and column.key not in _columns(view, view.edit_form.names):
                values[column.key] = [_other(before[column.key])]
        inner = world.connection.begin_nested()
        answer = world.browsers[username].post(f"{view.route_base}/edit/{key}", data=values)
        after = _row(world, model, key)
        inner.rollback()
        tried.add(answer.status_code)
        changed = {name for name in after if after[name] != before[name]} - STAMPS
        if changed:
            wrong.append(f"{view.route_base}: {answer.status_code} changed {changed}")
    assert not wrong, "\n".join(wrong)
    assert not done or 302 in tried, "no form was saved at all: the test proves nothing"


def _other(value: Any) -> str:
    if isinstance(value, bool):
        return "" if value else "true"
    return str(value + 1) if isinstance(value, int) else "2020-02-02" if hasattr(value, "year") else "smuggled"


@pytest.mark.parametrize("username", EDITORS)
def test_resources_take_no_column_they_do_not_offer(
    app: Flask, world: World, bound: Any, oracle: Oracle, username: str
) -> None:
    undo, wrong = Undo(world), []
    for api in resources(app):
        model = model_of(api)
        for method, action, names in (
            ("POST", "add", api.page.add_form.names),
            ("PUT", "edit", api.page.edit_form.names),
        ):
            open_ = method.lower() not in api.exclude_route_methods and hasattr(api, "post")
            if not open_ or not holds(username, api.class_permission_name, action):
                continue
            for key in sorted(seen(oracle, username, model))[-1:]:
                before = world.fingerprint()
                for column in model.__table__.columns:
                    if column.key in names or (method == "PUT" and column.key == "version"):
                        continue
                    place = f"/api/v1/{api.resource_name}/" + (str(key) if method == "PUT" else "")
                    version = {"version": _row(world, model, key).get("version")} if method == "PUT" else {}
                    answer = undo.ask(username, Route(place, method, (), ""), json={column.key: 1, **version})
                    if answer.status_code not in (400, 403, 409, 422):
                        wrong.append(f"{method} {place} {column.key}: {answer.status_code}")
                if world.fingerprint() != before:
                    wrong.append(f"{method} {api.resource_name} wrote something")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("username", EDITORS)
def test_relations_take_no_hidden_row(app: Flask, world: World, bound: Any, oracle: Oracle, username: str) -> None:
    """A3: the id of a row that does not exist for the person, put into every relation of every form and resource."""
    undo, wrong, hidden_rows = Undo(world), [], 0
    for view in screens(app):
        relations = [s for s in specs_of(model_of(view)) if s.kind in (Kind.one, Kind.many) and s.target is not None]
        for spec in relations:
            assert spec.target is not None
            hidden = keys(oracle, spec.target) - seen(oracle, username, spec.target)
            if spec.target.__tablename__ == "ab_user":
                hidden -= oracle.colleagues(username)
            for key in sorted(hidden)[:2]:
                hidden_rows += 1
                wrong += _smuggle(app, undo, world, oracle, username, view, spec.name, key)
    assert not wrong, "\n".join(wrong)
    assert hidden_rows or username in ("business_admin", "sysadmin", "clerk")


def _smuggle(
    app: Flask, undo: Undo, world: World, oracle: Oracle, username: str, view: Any, name: str, key: int
) -> list[str]:
    wrong, page = [], view.class_permission_name
    if view.allow_add and holds(username, page, "add") and name in view.add_form.names:
        before = world.fingerprint()
        answer = undo.ask(username, Route(f"{view.route_base}/add", "POST", (), ""), data={name: str(key)})
        if answer.status_code not in (400, 403, 422) or world.fingerprint() != before:
            wrong.append(f"add {view.route_base} {name}={key}: {answer.status_code}")
    for api in resources(app):
        if api.page is not view or name not in view.edit_form.names or not holds(username, page, "edit"):
            continue
        for own in sorted(seen(oracle, username, model_of(view)))[-3:]:
            version = _row(world, model_of(view), own).get("version")
            answer = undo.ask(
                username,
                Route(f"/api/v1/{api.resource_name}/{own}", "PUT", (), ""),
                json={name: key, "version": version},
            )
            if answer.status_code not in (405, 409, 422):
                wrong.append(f"PUT {api.resource_name} {name}={key}: {answer.status_code}")
    if view.allow_edit and holds(username, page, "edit") and name in view.edit_form.names:
        for own in sorted(seen(oracle, username, model_of(view)))[-3:]:
            values = _edit_form(undo, username, view, own)
            if values is None:
                continue
            answer = undo.open(
                world.browsers[username], "POST", f"{view.route_base}/edit/{own}", data={**values, name: [str(key)]}
            )
            if answer.status_code not in (403, 409, 422):
                wrong.append(f"edit {view.route_base}/{own} {name}={key}: {answer.status_code}")
            break
    return wrong


def test_secrets_are_marked(app: Flask) -> None:
    """What must never be shown says so in the model, and no screen or resource offers it."""
    names = ("hash", "secret", "password", "storage_key", "totp")
    for mapper in Base.registry.mappers:
        if not mapper.class_.__module__.startswith("app."):
            continue
        for column in mapper.columns:
            if any(word in column.key for word in names):
                for view in (v for v in screens(app) if model_of(v) is mapper.class_):
                    assert column.key not in {*view.shown, *view.search_columns, *view.ordered} or _told(
                        mapper, column.key
                    )


def _told(mapper: Any, name: str) -> bool:
    """The hash of an audit entry is meant to be read, and a flag is no secret."""
    return (mapper.local_table.name, name) in {
        ("audit_entry", "hash"),
        ("ab_user", "must_change_password"),
        ("attachment", "sha256"),
        ("booking", "secret"),
        ("consultation", "secret"),
    }
