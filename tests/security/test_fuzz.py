"""C2, C3: hostile values in every address, parameter and body; no answer may say that something broke."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.views import errors
from security.routes import SIGNED_IN, rule_of
from security.screens import holds, resources, screens
from security.walk import READING, Route, Undo, routes
from security.world import ACTORS, World

# As they stand in an address, already escaped.
ADDRESSES = (
    "%00",
    "a%00b",
    "99999999999999999999999",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "1e9",
    "NaN",
    "%27",
    "%27%20OR%201=1--",
    "%22%3E%3Cscript%3E",
    "%5B%5D",
    "%7B%7B7*7%7D%7D",
    "..%2f..%2fetc%2fpasswd",
    "..%5cout.txt",
    "%ED%A0%80",
    "%F0%A0%AE%B7",
    "%E2%80%AE",
    "%0d%0aX-Injected:1",
    "true",
    "null",
    "%25",
    "_",
    "+",
    "x" * 3000,
    "%EF%BC%91",
    "%D9%A1",
    "1;DROP%20TABLE%20x",
    "%28",
    "%C0%80",
    "%FF",
    "1%20",
    "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9",
)
RISONS = (
    "(" * 300,
    "!(" * 200,
    "(a:" * 100,
    "(filters:!((col:id,opr:eq,value:'" + "9" * 30 + "')))",
    "(page:-1)",
    "(page:99999999999999999999)",
    "(page_size:99999999999)",
    "(order_column:!!,order_direction:asc)",
    "(columns:!(__class__,a.b.c))",
    "(filters:!((col:!n,opr:!t,value:!f)))",
    "(keys:!(a,!(b)))",
    "[[[[",
    '{"page":1e400}',
    "%00",
    "(filters:!((col:number,opr:in,value:!(1,!(2),(a:b)))))",
    "'",
    "!!",
    "(page:1.5)",
    "%ED%A0%80",
    "null",
)
BODIES: tuple[Any, ...] = (
    "",
    "\x00",
    "9" * 23,
    -1,
    2**63,
    1e308,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    True,
    None,
    "'; DROP TABLE x--",
    "{{7*7}}",
    "𠮷‮",
    "x" * 70_000,
    [1] * 600,
    "\ud800",
    "<script>",
    "=cmd|' /C calc'!A1",
    "2026-13-45",
    "99999-01-01",
    "-0001-01-01",
)
MAY = (
    "clerk",
    "business_admin",
    "sysadmin",
    "security_auditor",
    "dispatcher",
    "handler.d1",
    "unit_head.d1",
    "centre_head",
)


def _who(route: Route) -> str:
    rule = rule_of(route.pattern, route.method)
    if rule is None or isinstance(rule, str) or rule == SIGNED_IN:
        return "clerk"
    return next((name for name in (*MAY, *ACTORS) if holds(name, *rule)), "clerk")


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals without their page: their look has tests of its own."""
    monkeypatch.setattr(errors, "render_template", lambda *_names, **_said: "refused")


def _turn(values: tuple[Any, ...], seed: str, count: int) -> Iterator[Any]:
    """Some of the values, others for every place, always the same ones."""
    start = sum(map(ord, seed))
    return (values[(start * 7 + step * 11) % len(values)] for step in range(count))


@pytest.mark.usefixtures("quiet")
def test_hostile_places_in_every_address(app: Flask, world: World, bound: Any) -> None:
    undo, wrong, asked = Undo(world), [], 0
    for route in routes(app):
        if not route.arguments:
            continue
        for name in route.arguments:
            for value in ADDRESSES if route.method == "GET" else _turn(ADDRESSES, route.pattern, 6):
                answer = undo.ask(_who(route), route, route.path(**{name: value}))
                asked += 1
                if answer.status_code >= 500:
                    wrong.append(f"{route.method} {route.path(**{name: value})[:120]}: {answer.status_code}")
                if "X-Injected" in answer.headers:
                    wrong.append(f"{route.pattern}: header injected")
    assert not wrong, "\n".join(wrong)
    assert asked > 1500


def _parameters(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(who, address, parameter) for everything that reads its query."""
    common = (
        "q",
        "order",
        "size",
        "page",
        "after",
        "before",
        "tab",
        "all",
        "next",
        "_l_",
        "_flt_0_id",
        "page_X",
        "psize_X",
    )
    for view in screens(app):
        who = next((name for name in (*MAY, *ACTORS) if holds(name, view.class_permission_name, "read")), None)
        if who is None or not view.route_base:
            continue
        filters = [param for one in view.filters.values() for param in one.params]
        for name in (*common, *filters):
            yield who, f"{view.route_base}/list/", name
        if view.allow_add and holds(who, view.class_permission_name, "add"):
            for name in view.add_form.names:
                yield who, f"{view.route_base}/add", name
    more = (
        "q",
        "town",
        "name",
        "copy",
        "ticket",
        "form",
        "before",
        "next",
        "_l_",
        "step",
        "from",
        "to",
        "page",
        "id",
        "url",
    )
    for route in routes(app):
        if (
            route.method == "GET"
            and not route.api
            and not route.pattern.endswith("/list/")
            and "static" not in route.pattern
        ):
            for name in more:
                yield _who(route), route.path(), name


@pytest.mark.usefixtures("quiet")
def test_hostile_parameters_of_every_page(app: Flask, world: World, bound: Any) -> None:
    undo, wrong = Undo(world), []
    for who, address, name in _parameters(app):
        for value in _turn(ADDRESSES, address + name, 1):
            answer = undo.open(world.browsers[who], "GET", f"{address}?{name}={value}&{name}=2")
            if answer.status_code >= 500:
                wrong.append(f"{address}?{name}={value[:60]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("quiet")
def test_hostile_rison(app: Flask, world: World, bound: Any) -> None:
    undo, wrong = Undo(world), []
    for api in resources(app):
        who = next((name for name in (*MAY, *ACTORS) if holds(name, api.class_permission_name, "read")), "clerk")
        for place in ("", "1", "_info"):
            for value in RISONS if not place else RISONS[:6]:
                address = f"/api/v1/{api.resource_name}/{place}"
                answer = undo.ask(who, Route(address, "GET", (), ""), f"{address}?q={value}")
                if answer.status_code >= 500:
                    wrong.append(f"{address}?q={value[:60]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _fields(app: Flask, route: Route) -> tuple[str, ...]:
    """The fields a form at this address might have."""
    for view in screens(app):
        if route.pattern.startswith(f"{view.route_base}/"):
            return (
                *view.edit_form.names,
                "row_version",
                "reason",
                "query",
                "name",
                "column",
                "size",
                "form",
                "rowid",
                "action",
            )
    return (
        "reason",
        "name",
        "title",
        "facts",
        "claims-0",
        "claims-0-text",
        "parties-0-name",
        "parties-0-phone",
        "village",
        "draft",
        "ticket",
        "card",
        "text",
        "category",
        "kind",
        "row_version",
        "session",
        "code",
        "password",
        "present",
        "next",
        "language",
        "font",
        "theme",
        "role",
        "pk",
        "id",
        "value",
        "field",
        "q",
        "fields",
        "visit_at",
        "occurred_on",
        "head_count",
        "lead",
        "due_on",
        "organisation",
        "save_draft",
        "version",
        "form",
        "rowid",
        "action",
        "list_form_pk",
    )


@pytest.mark.usefixtures("quiet")
def test_hostile_bodies_of_every_form(app: Flask, world: World, bound: Any) -> None:
    undo, wrong = Undo(world), []
    texts = tuple(v for v in BODIES if isinstance(v, str) and "\ud800" not in v)
    for route in routes(app):
        if route.method in READING or route.api or "logout" in route.pattern:
            continue
        names, who = _fields(app, route), _who(route)
        for value in _turn(texts, route.pattern, 2):
            answer = undo.ask(who, route, data=dict.fromkeys(names, value))
            if answer.status_code >= 500:
                wrong.append(f"{route.method} {route.pattern} {value[:30]!r}: {answer.status_code}")
        for name in names[:6]:  # one at a time: the others do not hide it
            for value in _turn(texts, route.pattern + name, 1):
                answer = undo.ask(who, route, data={name: value})
                if answer.status_code >= 500:
                    wrong.append(f"{route.method} {route.pattern} {name}={value[:30]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("quiet")
def test_hostile_json(app: Flask, world: World, bound: Any) -> None:
    undo, wrong = Undo(world), []
    fields = {f"/api/v1/{api.resource_name}/": api.page.edit_form.names for api in resources(app)}
    intake = (
        "channel",
        "kind",
        "category",
        "title",
        "facts",
        "claims",
        "parties",
        "village",
        "head_count",
        "occurred_on",
    )
    for route in routes(app):
        if route.method in READING or not route.api:
            continue
        start = re.sub(r"<.*", "", route.pattern)
        names = (
            intake
            if route.pattern == "/api/v1/case/"
            else (*fields.get(start, ()), "version", "reason", "username", "password")
        )
        who = _who(route)
        for name in (*names, "no_such_field"):
            for value in _turn(BODIES, route.pattern + name, 2):
                answer = undo.ask(who, route, json={name: value, "version": 1} if name != "version" else {name: value})
                if answer.status_code >= 500:
                    wrong.append(f"{route.method} {route.pattern} {name}={str(value)[:30]!r}: {answer.status_code}")
        for value in BODIES:
            answer = undo.ask(who, route, json=value)
            if answer.status_code >= 500:
                wrong.append(f"{route.method} {route.pattern} body {str(value)[:30]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "kind", ["application/json", "text/xml", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_bodies_that_are_not_what_they_say(app: Flask, world: World, bound: Any, kind: str) -> None:
    undo, wrong = Undo(world), []
    for route in routes(app):
        if route.method in READING:
            continue
        headers = (
            {"Authorization": f"Bearer {world.tokens[_who(route)]}"}
            if route.api
            else {"X-CSRFToken": world.browsers[_who(route)].token}
        )
        for body in (b"", b"{", b"\xff\xfe\x00", b"[" * 5000, b"--x\r\n\r\n"):
            answer = undo.open(
                world.browsers[_who(route)], route.method, route.path(), data=body, content_type=kind, headers=headers
            )
            if answer.status_code >= 500:
                wrong.append(f"{route.method} {route.pattern} {kind} {body[:9]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
