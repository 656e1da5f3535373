"""C2, C3: hostile values in every address and parameter; no answer may say that something broke."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from security.hostile import ADDRESSES, MAY, RISONS, turn, who_may
from security.screens import holds, resources, screens
from security.walk import Route, Undo, routes
from security.world import ACTORS, World


@pytest.mark.usefixtures("quiet")
def test_hostile_places_in_every_address(app: Flask, world: World, bound: Any) -> None:
    undo, wrong, asked = Undo(world), [], 0
    for route in routes(app):
        if not route.arguments:
            continue
        for name in route.arguments:
            for value in turn(ADDRESSES, route.pattern + name, 12 if route.method == "GET" else 6):
                answer = undo.ask(who_may(route), route, route.path(**{name: value}))
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
                yield who_may(route), route.path(), name


@pytest.mark.usefixtures("quiet")
def test_hostile_parameters_of_every_page(app: Flask, world: World, bound: Any) -> None:
    undo, wrong = Undo(world), []
    for who, address, name in _parameters(app):
        for value in turn(ADDRESSES, address + name, 1):
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
