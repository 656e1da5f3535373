"""A1 by HTTP: every screen and resource × accounts of ten roles in own, child and other organisations × every verb."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.columns import spec_of
from security.oracle import Oracle
from security.screens import holds, keys, model_of, resources, screens, seen
from security.walk import Route, Undo
from security.world import World

WHO = (
    "clerk.t1",
    "clerk.t2",
    "dispatcher.t1",
    "supervisor.t1",
    "village_officer.1",
    "handler.d1",
    "handler.d2",
    "unit_head.d1",
    "leader.1",
    "expert.1",
    "adviser.1",
    "counsellor.1",
    "business_admin",
    "sysadmin",
    "security_auditor",
    "statistician",
    "business_admin.t1",
    "sysadmin.t1",
)
SOME = 4  # rows of each kind asked for one by one
LARGE = 300  # organisations: the lists are paged, so only their counts are compared


def _pick(all_keys: set[int], visible: set[int]) -> tuple[list[int], list[int]]:
    return sorted(visible)[:1] + sorted(visible)[-1:], sorted(all_keys - visible)[:SOME]


def _shown_ids(text: str, base: str) -> set[int]:
    return {int(found) for found in re.findall(rf"{re.escape(base)}/show/(\d+)", text)}


@pytest.mark.parametrize("username", WHO)
def test_screens(app: Flask, world: World, bound: Any, oracle: Oracle, username: str) -> None:
    undo, browser, wrong, cells = Undo(world), world.browsers[username], [], 0
    for view in screens(app):
        model, base, page = model_of(view), view.route_base, view.class_permission_name
        if not holds(username, page, "read") or not base:
            continue
        everything, visible = keys(oracle, model), seen(oracle, username, model)
        shown = NARROWED.get(type(view).__name__)
        wanted = visible & shown(oracle) if shown else visible
        listed = undo.open(browser, "GET", f"{base}/list/?size=100&all=1").get_data(as_text=True)
        found = _shown_ids(listed, base)
        cells += len(everything)
        if not found <= visible or (len(visible) <= 100 and found and found != wanted):
            wrong.append(f"list {base}: {sorted(found - visible)} too many, {sorted(wanted - found)[:9]} missing")
        inside, outside = _pick(everything, visible)
        for key, there in [(k, True) for k in inside] + [(k, False) for k in outside]:
            wrong += _one(undo, world, username, view, key, there and key in wanted)
            cells += 6
        if holds(username, page, "export") and view.allow_export:
            rows = _exported(undo, browser, base)
            cells += len(everything)
            if rows is not None and len(visible) < LARGE and rows != len(wanted):
                wrong.append(f"export {base}: {rows} rows for {len(wanted)}")
    assert not wrong, "\n".join(wrong)
    print(f"{cells} cells")  # shown with -s


# Screens that show some of the rows only: which, said without the program.
OF_THE_SYSTEM = {"keep_attempts_days", "mass_reading", "mass_listing", "export_most", "export_days"}
OF_THE_SYSTEM |= {"one_time_hours", "attachment_max_mb", "outbox_tries"}
NARROWED: dict[str, Callable[[Oracle], set[int]]] = {
    "ParameterView": lambda oracle: {row.id for row in oracle.rows("parameter") if row.code not in OF_THE_SYSTEM},
}


def _one(undo: Undo, world: World, username: str, view: Any, key: int, there: bool) -> list[str]:
    """The six doors to one record: page, form, save, deletion (asked and done), reveal, action."""
    base, page, wrong = view.route_base, view.class_permission_name, []
    doors = (
        ("GET", f"show/{key}", "read"),
        ("GET", f"edit/{key}", "edit"),
        ("POST", f"edit/{key}", "edit"),
        ("GET", f"delete/{key}", "delete"),
        ("POST", f"delete/{key}", "delete"),
        ("POST", f"reveal/{key}/phone", "reveal"),
    )
    names = {rule.rule for rule in undo.rules}
    for method, place, action in doors:
        if f"{base}/{place.split('/')[0]}/<pk>" not in names and f"{base}/reveal/<pk>/<field>" not in names:
            continue
        answer = undo.ask(username, Route(f"{base}/{place}", method, (), ""))
        if not holds(username, page, action):
            good = answer.status_code in (403, 404, 405)
        elif there:
            good = answer.status_code not in (403, 500) and (
                answer.status_code != 404 or action in ("reveal", "delete")
            )
        else:
            good = answer.status_code in (404, 405)
        if not good:
            wrong.append(f"{method} {base}/{place}: {answer.status_code}, {'own' if there else 'foreign'}")
    return wrong


def _exported(undo: Undo, browser: Any, base: str) -> int | None:
    answer = undo.open(
        browser, "POST", f"{base}/export", data={"csrf_token": browser.token, "form": "csv", "query": ""}
    )
    return len(list(csv.reader(io.StringIO(answer.get_data(as_text=True))))) - 1 if answer.status_code == 200 else None


@pytest.mark.parametrize("username", WHO)
def test_choices_of_every_relation(app: Flask, world: World, bound: Any, oracle: Oracle, username: str) -> None:
    undo, browser, wrong = Undo(world), world.browsers[username], []
    for view in screens(app):
        names = {*view.add_columns, *view.edit_columns, *(f.spec.name for f in view.filters.values())}
        for name in sorted(names):
            if name in view.computed or "." in name or not hasattr(model_of(view), name):  # a box of the form alone
                continue
            target = spec_of(model_of(view), name).target
            if target is None:
                continue
            answer = undo.open(browser, "GET", f"{view.route_base}/choices/{name}?q=")
            if not holds(username, view.class_permission_name, "read"):
                if answer.status_code != 403:
                    wrong.append(f"{view.route_base}/choices/{name}: {answer.status_code} without the right")
                continue
            offered = {int(one["id"]) for one in answer.json} if answer.status_code == 200 else set()
            named = oracle.colleagues(username) if target.__tablename__ == "ab_user" else set()
            if (view.class_permission_name, name) == ("DutyChange", "other"):
                named = oracle.stand_ins(username)
            if answer.status_code not in (200, 404) or offered - seen(oracle, username, target) - named:
                wrong.append(f"{view.route_base}/choices/{name}: {answer.status_code} {sorted(offered)[:5]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("username", WHO)
def test_resources(app: Flask, world: World, bound: Any, oracle: Oracle, username: str) -> None:
    undo, wrong = Undo(world), []
    for api in resources(app):
        model, base, page = model_of(api), f"/api/v1/{api.resource_name}", api.class_permission_name
        everything, visible = keys(oracle, model), seen(oracle, username, model)
        answer = undo.ask(username, Route(f"{base}/", "GET", (), ""), f"{base}/?q=(page_size:100)")
        if not holds(username, page, "read"):
            if answer.status_code != 403:
                wrong.append(f"{base}: {answer.status_code} without the right")
            continue
        if answer.json["count"] != len(visible) or not set(answer.json["ids"]) <= visible:
            wrong.append(f"{base}: {answer.json['count']} of {len(visible)}")
        inside, outside = _pick(everything, visible)
        for key, there in [(k, True) for k in inside] + [(k, False) for k in outside]:
            for method, action, closed in (
                ("GET", "read", False),
                ("PUT", "edit", api.page.allow_edit is False),
                ("DELETE", "delete", api.page.allow_delete is False),
            ):
                status = undo.ask(username, Route(f"{base}/{key}", method, (), ""), json={"version": 1}).status_code
                good = (
                    status == 405
                    or (status == 403 and not holds(username, page, action))
                    or (status not in (404, 403, 500) if there else status == 404)
                )
                if not good:
                    wrong.append(f"{method} {base}/{key}: {status}, {'own' if there else 'foreign'}, {closed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("username", WHO)
def test_what_belongs_to_a_case_beside_the_screens(
    app: Flask, world: World, bound: Any, oracle: Oracle, username: str
) -> None:
    """Receipts, step pages, files, story, clocks, search: the hidden case is not there, like no case at all."""
    undo, wrong = Undo(world), []
    may_read = holds(username, "Case", "read")
    visible, everything = seen(oracle, username, oracle.model("case")), keys(oracle, oracle.model("case"))
    under = ("/case/<pk>", "/case/show/", "/api/v1/case/")  # a draft's number is no case's
    places = [r for r in undo.patterns() if "<pk>" in r.pattern and r.pattern.startswith(under)]
    for route in places:
        for key in [*sorted(everything - visible)[:3], 999_999_999]:
            answer = undo.ask(username, route, route.path(pk=key))
            if answer.status_code not in (403, 404, 405) or (
                answer.status_code == 403
                and may_read
                and route.method == "GET"
                and route.pattern in ("/case/show/<pk>",)
            ):
                wrong.append(f"{route.method} {route.pattern} {key}: {answer.status_code}")
    files = {row.id: row for row in oracle.rows("attachment")}
    may = {key[0] for key in oracle.visible(username, "attachment")} if may_read else set()
    for key in files:
        for verb in ("download", "view", "preview"):
            status = undo.ask(username, Route(f"/attachment/{key}/{verb}", "GET", (), "")).status_code
            if (status == 200) != (key in may):
                wrong.append(f"/attachment/{key}/{verb}: {status}, {'own' if key in may else 'foreign'}")
    for row in oracle.rows("case"):
        for place in ("/search/suggest", "/search/", "/case/list/"):
            text = undo.ask(username, Route(place, "GET", (), ""), f"{place}?q={row.number}").get_data(as_text=True)
            if f"/case/show/{row.id}" in text and not (row.id in visible and may_read):
                wrong.append(f"{place}?q={row.number} shows case {row.id}")
    assert not wrong, "\n".join(wrong)
