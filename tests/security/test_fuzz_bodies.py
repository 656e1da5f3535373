"""C2, C3: hostile values in every body, and bodies that are not what they say; nothing may break."""

import re
from typing import Any

import pytest
from flask import Flask

from security.hostile import BODIES, BROKEN, turn, who_may
from security.screens import resources, screens
from security.walk import READING, Route, Undo, routes
from security.world import World


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
        names, who = _fields(app, route), who_may(route)
        for value in turn(texts, route.pattern, 2):
            answer = undo.ask(who, route, data=dict.fromkeys(names, value))
            if answer.status_code >= 500:
                wrong.append(f"{route.method} {route.pattern} {value[:30]!r}: {answer.status_code}")
        for name in names[:6]:  # one at a time: the others do not hide it
            for value in turn(texts, route.pattern + name, 1):
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
        who = who_may(route)
        for name in (*names, "no_such_field"):
            for value in turn(BODIES, route.pattern + name, 2):
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
            {"Authorization": f"Bearer {world.tokens[who_may(route)]}"}
            if route.api
            else {"X-CSRFToken": world.browsers[who_may(route)].token}
        )
        for body in BROKEN if kind == "application/json" else turn(BROKEN, route.pattern, 1):
            answer = undo.open(
                world.browsers[who_may(route)],
                route.method,
                route.path(),
                data=body,
                content_type=kind,
                headers=headers,
            )
            if answer.status_code >= 500:
                wrong.append(f"{route.method} {route.pattern} {kind} {body[:9]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
