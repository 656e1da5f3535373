"""One's own work in four lists: to do, done, started by me, copied to me."""

from typing import Any

from flask import jsonify, request
from flask_appbuilder import BaseView, expose

from app.access.actor import Actor, current_actor
from app.forms.steps import CASE, REVIEW
from app.services.queries import work
from app.services.queries.work_sources import SOURCES
from app.views.lights import light_of
from app.views.my_account import signed_in

BUILT = {"case": CASE.built, "review": REVIEW.built}


def asking(actor: Actor) -> work.Asking:
    """Who asks, with the steps that have a page."""
    return work.Asking(actor, BUILT)


def number(count: int) -> str:
    """A counter, 99+ at most."""
    return f"{work.MOST}+" if count > work.MOST else str(count)


def tabs(actor: Actor, here: work.Tab) -> list[dict[str, Any]]:
    """The four lists with their counters."""
    counts = work.counts(SOURCES, asking(actor))
    return [
        {"label": tab.label, "href": f"/work/?tab={tab.value}", "count": number(counts[tab]), "on": tab is here}
        for tab in work.Tab
    ]


def page_of(text: str | None, most: int) -> int:
    """The page of an address, from 0; what is no such number is the first."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


class WorkView(BaseView):
    """My work: what waits for me, what I did, what I started, what I was told of."""

    route_base = "/work"
    default_view = "list"

    @expose("/")
    @signed_in
    def list(self) -> Any:
        """One of the lists."""
        actor, tab = current_actor(), work.Tab.of(request.args.get("tab")) or work.Tab.todo
        page = page_of(request.args.get("page"), work.PAGES_MOST - 1)
        found = work.items(SOURCES, asking(actor), work.Tab(tab), page)
        return self.render_template(
            "portal/work.html",
            title=tab.label,
            tab=tab.value,
            tabs=tabs(actor, work.Tab(tab)),
            rows=[(one, light_of(one.due_on, one.paused, one.provisional)) for one in found[: work.SIZE]],
            page=page,
            size=work.SIZE,
            more=len(found) > work.SIZE and page < work.PAGES_MOST - 1,
            url=lambda page: f"/work/?tab={tab.value}&page={page}",
        )

    @expose("/count")
    @signed_in
    def count(self) -> Any:
        """How long some lists are (`?tabs=todo,done`), for the numbers that come after a page."""
        asked = [tab for tab in work.Tab if tab.value in request.args.get("tabs", "").split(",")]
        found = work.counts(SOURCES, asking(current_actor()), asked)
        return jsonify({tab.value: number(found[tab]) if found[tab] else "" for tab in asked})
