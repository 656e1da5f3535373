"""C1: whatever people type stays text: on every page the same elements stand as with harmless words."""

from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from playwright.sync_api import Browser
from sqlalchemy import String, Text, func, update

from app.core.columns import Kind, specs_of
from app.core.db import Base
from security.forms import skeleton
from security.oracle import Oracle
from security.screens import holds, model_of, screens, seen
from security.walk import Route, Undo, routes
from security.world import ACTORS, World

PAYLOADS = (
    '"><img src=x onerror=alert(1)><b x="',
    "'><svg onload=alert(2)>{{7*7}}",
    "</script><script>alert(3)</script>",
    "</textarea></title><iframe srcdoc=x>",
    "诉求&lt;<a href=javascript:alert(4)>点",
    '${alert(5)}" autofocus onfocus=alert(6) "',
)
WHO = ("clerk", "business_admin", "sysadmin", "security_auditor", "handler.d1", "supervisor")
# Columns that hold keys of the program, not words of people.
KEYS = {
    "code",
    "step",
    "from_state",
    "to_state",
    "path",
    "position",
    "storage_key",
    "mime",
    "sha256",
    "view",
    "form",
    "query",
    "kind",
    "key",
    "username",
    "email",
    "password",
    "hash",
    "number",
    "starts_from",
    "due_code",
    "number_prefix",
    "licence",
    "row_scope",
    "end_reason",
    "answer",
    "lease",
}
TABLES = {
    "case",
    "claim",
    "party",
    "person",
    "visit",
    "referral",
    "representative",
    "attachment",
    "case_step",
    "audit_entry",
    "partner",
    "code_mapping",
    "expert",
    "expert_employment",
    "expert_kin",
    "legal_adviser",
    "law_firm",
    "room",
    "shift",
    "roster_rule",
    "duty_change",
    "category",
    "code_item",
    "code_table",
    "calendar_day",
    "calendar_year",
    "deadline_rule",
    "parameter",
    "booking",
    "closure",
    "recount",
    "deadline_move",
    "document_template",
    "follow_up",
    "hearing",
    "hearing_participant",
    "hearing_opinion",
    "consultation",
    "outreach_event",
    "firm_pair",
    "rectification",
    "supervision",
    "proposal",
    "sms_template",
    "webhook",
    "outbox_message",
    "organisation",
    "ab_user",
    "role_profile",
    "saved_view",
    "draft",
    "login_session",
}
APPEND_ONLY = {"audit_entry", "case_step"}


def typed_columns(table: Any) -> list[Any]:
    """Columns that hold what people have typed."""
    return [
        c
        for c in table.columns
        if isinstance(c.type, String | Text)
        and type(c.type) in (String, Text)
        and c.key not in KEYS
        and "hash" not in c.key
        and not c.primary_key
        and (table.name != "document_template" or c.key == "note")  # a template's own words are fixed by the database
    ]


def fill(world: World, text: str) -> None:
    """Put the text into every such column of every row, cut to what fits, unique by the key at its end."""
    for name in sorted(TABLES - APPEND_ONLY):
        table = Base.metadata.tables[name]
        key = next(iter(table.primary_key.columns))
        for column in typed_columns(table):
            most = (column.type.length or 80) - 6
            value = func.substr(text[:most].ljust(min(most, 60), "字") + "#", 1, most) + func.cast(key, String)
            where = [column.is_not(None)] if column.nullable else []
            if (name, column.key) == ("parameter", "value"):  # a number stays one by a rule of the database
                where.append(table.c.kind == "text")
            world.connection.execute(update(table).where(*where).values({column: value}))


def pages(app: Flask, world: World, oracle: Oracle, username: str) -> list[str]:
    """Addresses that the account can read, with a record of each kind."""
    found = [
        r.path()
        for r in routes(app)
        if r.method == "GET" and not r.arguments and not r.pattern.startswith(("/static", "/api"))
    ]
    for view in screens(app):
        if view.route_base and holds(username, view.class_permission_name, "read"):
            for key in sorted(seen(oracle, username, model_of(view)))[-1:]:
                found += [f"{view.route_base}/{verb}/{key}" for verb in ("show", "edit", "delete")]
    if holds(username, "Case", "read"):
        for key in sorted(seen(oracle, username, oracle.model("case")))[:2]:
            found += [f"/case/{key}/{place}" for place in ("copy", "receipt", "do/accept", "do/assign", "do/sign_for")]
    return [
        address for address in found if "logout" not in address and "login" not in address and "/back" not in address
    ]


def _bodies(undo: Undo, username: str, addresses: list[str]) -> dict[str, str]:
    found = {}
    for address in addresses:
        answer = undo.ask(username, Route(address, "GET", (), ""), address)
        if answer.status_code == 200 and "html" in (answer.mimetype or ""):
            found[address] = answer.get_data(as_text=True)
    return found


@pytest.mark.parametrize("username", WHO)
def test_typed_words_never_become_elements(app: Flask, world: World, bound: Any, oracle: Oracle, username: str) -> None:
    undo, wrong = Undo(world), []
    addresses = pages(app, world, oracle, username)
    payload = PAYLOADS[WHO.index(username)]
    fill(world, "无害的文字" * 20)
    calm = {address: skeleton(text) for address, text in _bodies(undo, username, addresses).items()}
    fill(world, payload)
    wild = _bodies(undo, username, addresses)
    shown = str(escape(payload[:8]))
    assert sum(shown in text for text in wild.values()) > 3, "the words are not shown: the test proves nothing"
    for address, text in wild.items():
        now, then = skeleton(text), calm.get(address)
        if then is not None and now != then:
            extra = [one for one in now if one not in then]
            wrong.append(f"{address}: {len(now)} elements for {len(then)}; new: {extra[:3]}")
    assert not wrong, "\n".join(wrong)


def injected(page: str) -> list[Any]:
    """Elements of the payloads that have become elements of a page."""
    return [
        (tag, names)
        for tag, names in skeleton(page)
        if any(name.startswith("on") or name == "srcdoc" for name in names)
        or (tag, names) == ("b", ("x",))
        or (tag == "script" and not {"src", "nonce", "type"} & set(names))
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_an_address_says_is_not_a_page(app: Flask, world: World, bound: Any, payload: str) -> None:
    """Reflected: the words of the query, of a refused form, of a message."""
    undo, wrong = Undo(world), []
    for address in (
        "/room/list/",
        "/case/list/",
        "/search/",
        "/search/suggest",
        "/case/add",
        "/login/",
        "/person/list/",
    ):
        for name in ("q", "next", "name", "order", "tab", "kind", "state", "town", "page"):
            answer = undo.open(world.browsers["clerk"], "GET", address, query_string={name: payload})
            if injected(answer.get_data(as_text=True)):
                wrong.append(f"{address}?{name}")
    for view in screens(app):
        who = next((n for n in ACTORS if holds(n, view.class_permission_name, "add")), None)
        if not view.allow_add or who is None or not view.route_base:
            continue
        text = undo.ask(
            who, Route(f"{view.route_base}/add", "POST", (), ""), data=dict.fromkeys(view.add_form.names, payload)
        ).get_data(as_text=True)
        if injected(text):
            wrong.append(f"{view.route_base}/add")
    assert not wrong, wrong


@pytest.mark.browser
def test_nothing_runs_in_a_browser(app: Flask, world: World, bound: Any, oracle: Oracle, chromium: Browser) -> None:
    """The same pages in Chromium, without our content policy and without the network: no dialog opens."""
    undo, dialogs, texts = Undo(world), [], []
    for username, payload in zip(WHO, PAYLOADS, strict=False):
        fill(world, payload)
        texts += list(_bodies(undo, username, pages(app, world, oracle, username)).values())[::4]
    page = chromium.new_page()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.route("**/*", lambda route: route.abort())
    for text in texts:
        page.set_content(text, wait_until="domcontentloaded")
    page.wait_for_timeout(200)
    page.close()
    assert not dialogs
    assert len(texts) >= 20


def test_what_people_type_is_known(app: Flask) -> None:
    """Every text column that a form offers is among the columns tried above."""
    for view in screens(app):
        table = model_of(view).__table__
        for spec in specs_of(model_of(view)):
            if (
                spec.name in view.edit_form.names
                and spec.kind in (Kind.text, Kind.long)
                and not (spec.mask or spec.encrypted)
            ):
                tried = {column.key for column in typed_columns(table)} | KEYS
                assert spec.name in tried and table.name in TABLES, f"{table.name}.{spec.name}"
