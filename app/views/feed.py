"""Calendars by secret address, one's own list of them, and the display on the wall."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import format_date
from flask_babel import gettext as _

from app.access.actor import Actor, current_actor
from app.core import clock
from app.core.errors import NotFound, PortalError
from app.models.feed import FeedAddress, FeedKind
from app.services import feed as service
from app.services.queries.booking_choices import bookable_rooms
from app.services.queries.choices import parse_key
from app.services.queries.wall import until, wall
from app.views.health import LOOPBACK
from app.views.my_account import signed_in

REFRESH_SECONDS = 60


def _address(row: FeedAddress, token: str) -> str:
    """The whole address, as it is given to a calendar program or typed at the wall."""
    base = request.host_url.rstrip("/")
    return f"{base}/display/rooms?key={token}" if row.kind is FeedKind.wall else f"{base}/feed/{token}.ics"


class FeedView(BaseView):
    """My secret addresses, and the files behind them."""

    route_base = "/feed"
    default_view = "index"

    @expose("/", methods=["GET", "POST"])
    @signed_in
    def index(self) -> Any:
        """The actor's addresses; a new one is shown once."""
        made = ""
        if request.method == "POST":
            kind = FeedKind.of(request.form.get("kind"))
            try:
                if kind is None:
                    raise NotFound()
                row, token = service.make(current_actor(), FeedKind(kind), parse_key(request.form.get("room", "")))
                made = _address(row, token)
            except PortalError as refusal:
                flash(str(refusal), "warning")
        return self.render_template(
            "portal/feeds.html",
            title=_("Calendar addresses"),
            crumbs=[(_("My account"), "/account/"), (_("Calendar addresses"), None)],
            rows=service.mine(current_actor()),
            rooms=bookable_rooms().few(200) or [],
            made=made,
            kinds=list(FeedKind),
        )

    @expose("/<int(max=9223372036854775807):pk>/revoke", methods=["POST"])
    @signed_in
    def revoke(self, pk: int) -> Any:
        """Close an address."""
        service.revoke(current_actor(), pk)
        flash(_("The address is closed; whoever asks for it finds nothing."), "success")
        return redirect("/feed/")

    @expose("/<token>.ics")
    def file(self, token: str) -> Any:
        """The calendar behind an address."""
        with service.opened(token[:100], FeedKind.room, FeedKind.person) as (row, actor):
            content = service.calendar_of(row, actor)
        return Response(content, content_type="text/calendar; charset=utf-8")


class WallView(BaseView):
    """The display on the wall of the hall."""

    route_base = "/display"
    default_view = "rooms"

    @expose("/rooms")
    def rooms(self) -> Any:
        """Which room is free and what it is used for, without any name; it renews itself."""
        key = request.args.get("key", "")[:100]
        if key:
            with service.opened(key, FeedKind.wall) as (_row, owner):
                return self._page(owner)
        actor = current_actor()
        if actor.user_id is not None and actor.may("read", "Room"):
            return self._page(actor)
        if request.remote_addr in LOOPBACK and "X-Forwarded-For" not in request.headers:
            return self._page(None)
        raise NotFound()

    def _page(self, actor: Actor | None) -> Any:
        now = clock.now()
        return self.render_template(
            "portal/wall.html",
            lines=wall(actor),
            day=format_date(now.date(), "full"),
            now=f"{now:%H:%M}",
            until=until,
            local=clock.local,
            seconds=REFRESH_SECONDS,
        )
