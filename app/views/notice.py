"""The inbox: what the actor was told, newest first."""

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.services import notice
from app.services.queries import inbox
from app.services.sentences import ROOM_OF, ROOMS
from app.views.my_account import signed_in
from app.views.safe_path import safe_path
from app.views.work import page_of

HOME = "/notice/list/"


def address(chosen: inbox.Filter, page: int = 0) -> str:
    """Where a filter of the inbox is shown."""
    said = {"unread": "yes" if chosen.unread else "", "kind": chosen.kind, "page": page or ""}
    left = urlencode({name: value for name, value in said.items() if value})
    return f"{HOME}?{left}" if left else HOME


def room_of(code: str) -> Any:
    """What the kind of a message is called: the room it comes from."""
    return ROOMS[ROOM_OF[code]].LABEL if code in ROOM_OF else ""


def chosen_filter() -> inbox.Filter:
    """The filter that an address asks for; what is unknown is left out."""
    kind = request.args.get("kind", "")
    return inbox.Filter(kind if kind in ROOMS else "", request.args.get("unread") == "yes")


def _choices(chosen: inbox.Filter, numbers: dict[str, tuple[int, int]]) -> tuple[list[dict[str, Any]], ...]:
    """The tabs (all, unread), and the rooms that have messages; each with the number of unread ones."""
    unread = numbers.get(chosen.kind, (0, 0))[1]
    tabs = [
        {"label": label, "href": address(inbox.Filter(chosen.kind, only)), "count": count, "on": chosen.unread is only}
        for label, only, count in ((_("All"), False, 0), (_("Unread"), True, unread))
    ]
    rooms = [("", _("All kinds")), *((name, room.LABEL) for name, room in ROOMS.items())]
    kinds = [
        {
            "label": label,
            "href": address(inbox.Filter(name, chosen.unread)),
            "count": numbers[name][1],
            "on": name == chosen.kind,
        }
        for name, label in rooms
        if name in numbers
    ]
    return tabs, kinds


class NoticeView(BaseView):
    """Messages to the actor; opening one marks it as read."""

    route_base = "/notice"
    default_view = "list"

    @expose("/list/")
    @signed_in
    def list(self) -> Any:
        """A page of messages."""
        chosen, page = chosen_filter(), page_of(request.args.get("page"), inbox.PAGES_MOST - 1)
        found, numbers = inbox.messages(chosen, page), inbox.numbers()
        tabs, kinds = _choices(chosen, numbers)
        return self.render_template(
            "portal/notices.html",
            rows=[(row, notice.sentence(row), room_of(row.code)) for row in found[: inbox.SIZE]],
            tabs=tabs,
            kinds=kinds,
            kind=chosen.kind,
            unread=numbers.get(chosen.kind, (0, 0))[1],
            page=page,
            size=inbox.SIZE,
            more=len(found) > inbox.SIZE and page < inbox.PAGES_MOST - 1,
            here=address(chosen, page),
            url=lambda page: address(chosen, page),
        )

    @expose("/<int(max=9223372036854775807):pk>/open", methods=["POST"])
    @signed_in
    def open(self, pk: int) -> Any:
        """Mark a message as read and go to what it is about."""
        row = notice.mark(pk)
        if row is None:
            raise NotFound()
        wanted = inbox.leads_to(row)
        if wanted is None and (row.link or row.case_id):
            flash(_("What this message is about is no longer yours to see."), "info")
        return redirect(safe_path(wanted, HOME) if wanted else HOME)

    @expose("/<int(max=9223372036854775807):pk>/mark", methods=["POST"])
    @signed_in
    def mark(self, pk: int) -> Any:
        """Mark a message as read or as unread, and stay in the inbox."""
        if notice.mark(pk, request.form.get("read") != "no") is None:
            raise NotFound()
        back = safe_path(request.form.get("back"), HOME)
        return redirect(back if back.startswith(HOME) else HOME)

    @expose("/read", methods=["POST"])
    @signed_in
    def read(self) -> Any:
        """Mark all messages as read, or those of one kind."""
        kind = request.form.get("kind", "")
        notice.read_all(ROOMS[kind].SENTENCES if kind in ROOMS else ())
        return redirect(address(inbox.Filter(kind if kind in ROOMS else "")))
