"""REST of one's own work: the messages to the caller, and the four lists."""

import functools
from collections.abc import Callable
from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.views import expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core.errors import Malformed, NotFound
from app.core.text import listed
from app.models.audit import Notice
from app.services import notice
from app.services.queries import inbox, work
from app.services.queries.choices import parse_key
from app.services.queries.work_sources import SOURCES
from app.services.sentences import ROOM_OF, ROOMS
from app.views.api_guard import body, sign_in
from app.views.api_spec import PK, _answer, _errors, sent
from app.views.lights import light_of
from app.views.steps_api import described
from app.views.work import asking

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
NOTICE = {
    "type": "object",
    "properties": {
        "id": WHOLE,
        "code": TEXT,
        "kind": TEXT,
        "text": TEXT,
        "at": MOMENT,
        "read_at": MOMENT,
        "case": {"type": ["integer", "null"]},
        "link": {"type": ["string", "null"]},
    },
}
LINE = {
    "type": "object",
    "properties": {
        "kind": TEXT,
        "id": WHOLE,
        "title": TEXT,
        "about": TEXT,
        "state": TEXT,
        "step": {"type": ["string", "null"]},
        "at": MOMENT,
        "due": {"type": ["string", "null"], "format": "date"},
        "light": {"type": ["string", "null"]},
    },
}
KINDS, TABS = tuple(ROOMS), tuple(tab.value for tab in work.Tab)


def _asked(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": text}


PAGE = _asked("page", {**WHOLE, "minimum": 0}, "pages begin with 0")
COUNTED = {"type": "object", "additionalProperties": WHOLE}


def signed_in(method: Callable[..., Any]) -> Callable[..., Any]:
    """For everybody who is signed in: the rows are the caller's own."""

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kw: Any) -> Any:
        sign_in()
        return method(self, *args, **kw)

    return wrapped


def _one_of(name: str, allowed: tuple[str, ...], instead: str) -> str:
    said = request.args.get(name, instead)
    if said not in (*allowed, instead):
        raise Malformed(_("“%(name)s” takes: %(values)s.", name=name, values=listed(allowed)))
    return said


def _page(most: int) -> int:
    said = request.args.get("page", "0")
    if not (said.isascii() and said.isdigit() and len(said) < 6 and int(said) < most):
        raise Malformed(_("“%(name)s” takes: %(values)s.", name="page", values=f"0–{most - 1}"))
    return int(said)


def _told(row: Notice) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "kind": ROOM_OF.get(row.code, ""),
        "text": notice.sentence(row),
        "at": row.at.isoformat(),
        "read_at": row.read_at.isoformat() if row.read_at else None,
        "case": row.case_id,
        "link": row.link,
    }


def _line(one: work.Item) -> dict[str, Any]:
    light = light_of(one.due_on, one.paused, one.provisional)
    return {
        "kind": one.kind,
        "id": one.id,
        "title": str(one.title),
        "about": one.sub,
        "state": one.state.value,
        "step": None if one.move is None else str(one.move),
        "at": one.at.isoformat() if one.at else None,
        "due": one.due_on.isoformat() if one.due_on else None,
        "light": light.tone if light else None,
    }


class NoticeApi(BaseApi):
    """The messages to the caller."""

    resource_name, version = "notice", "v1"

    @expose("/", methods=("GET",))
    @described(
        {
            "get": {
                "summary": "The messages to the caller, the newest first",
                "parameters": [
                    _asked("unread", {"type": "string", "enum": ["true", "false"]}, "only those not read yet"),
                    _asked("kind", {"type": "string", "enum": list(KINDS)}, "the room that the message comes from"),
                    PAGE,
                ],
                "responses": {
                    "200": _answer(
                        "Messages", {"unread": WHOLE, "more": FLAG, "result": {"type": "array", "items": NOTICE}}
                    ),
                    **_errors(),
                },
            }
        }
    )
    @signed_in
    def list(self) -> Any:
        """A page of messages."""
        kind, unread = _one_of("kind", KINDS, ""), _one_of("unread", ("true", "false"), "false") == "true"
        chosen = inbox.Filter(kind, unread)
        rows = inbox.messages(chosen, _page(inbox.PAGES_MOST))
        waiting = inbox.numbers().get(kind, (0, 0))[1]
        shown = [_told(row) for row in rows[: inbox.SIZE]]
        return jsonify({"unread": waiting, "more": len(rows) > inbox.SIZE, "result": shown})

    @expose("/<pk>", methods=("PUT",))
    @described(
        {
            "put": {
                "summary": "Mark a message as read or as unread",
                "parameters": [PK],
                "requestBody": sent({"type": "object", "required": ["read"], "properties": {"read": FLAG}}),
                "responses": {"200": _answer("Marked", {"id": WHOLE, "result": NOTICE}), **_errors("404")},
            }
        }
    )
    @signed_in
    def mark(self, pk: str) -> Any:
        """Mark a message as read or as unread."""
        read = body().get("read")
        if not isinstance(read, bool):
            raise Malformed(_("“%(name)s” takes: %(values)s.", name="read", values="true, false"))
        key = parse_key(pk)
        row = notice.mark(key, read) if key is not None else None
        if row is None:
            raise NotFound()
        return jsonify({"id": row.id, "result": _told(row)})


class WorkApi(BaseApi):
    """The caller's own work."""

    resource_name, version = "work", "v1"

    @expose("/", methods=("GET",))
    @described(
        {
            "get": {
                "summary": "One of the caller's lists, with the length of all four; 100 stands for more than 99",
                "parameters": [_asked("tab", {"type": "string", "enum": list(TABS)}, "todo if left out"), PAGE],
                "responses": {
                    "200": _answer(
                        "The list",
                        {"tab": TEXT, "counts": COUNTED, "more": FLAG, "result": {"type": "array", "items": LINE}},
                    ),
                    **_errors(),
                },
            }
        }
    )
    @signed_in
    def list(self) -> Any:
        """A page of a list."""
        tab, asked = work.Tab(_one_of("tab", TABS, work.Tab.todo.value)), asking(current_actor())
        rows = work.items(SOURCES, asked, tab, _page(work.PAGES_MOST))
        counts = {one.value: number for one, number in work.counts(SOURCES, asked).items()}
        shown = [_line(one) for one in rows[: work.SIZE]]
        return jsonify({"tab": tab.value, "counts": counts, "more": len(rows) > work.SIZE, "result": shown})
