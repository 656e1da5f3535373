"""What every page finds in its template: menu, person, preferences, formats, assets."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.access.actor import actor_or_none
from app.access.permissions import CATALOGUE
from app.core import clock

# Where a page of the catalogue lives; the side menu and the bread crumbs read it.
ADDRESSES: dict[str, str] = {
    "Case": "/case/list/",
    "Person": "/person/list/",
    "Visit": "/visit/list/",
    "Expert": "/expert/list/",
    "Adviser": "/adviser/list/",
    "LawFirm": "/law_firm/list/",
    "Room": "/room/list/",
    "Shift": "/shift/list/",
    "Category": "/category/list/",
    "CodeTable": "/code_table/list/",
    "Calendar": "/calendar_day/list/",
    "DeadlineRule": "/deadline_rule/list/",
    "Organisation": "/organisation/list/",
    "Account": "/account/list/",
    "Role": "/role/list/",
    "Audit": "/audit/list/",
    "Maintenance": "/maintenance/",
}

REGISTER = "/case/add"  # the one menu entry that is an action


def nav() -> list[dict[str, Any]]:
    """The side menu of the actor: groups of the catalogue with the entries he or she holds."""
    actor = actor_or_none()
    if actor is None or actor.user_id is None:
        return []
    here = request.path
    apart = here == REGISTER or (request.endpoint or "").startswith(
        "MyAccountView."
    )  # has an entry of its own, or none
    work = {"label": _l("My work"), "href": "/", "badge": None, "active": here == "/"}
    groups: list[dict[str, Any]] = [{"label": None, "items": [work]}]
    for group in CATALOGUE:
        items = [
            {
                "label": page.label,
                "href": ADDRESSES[page.name],
                "badge": None,
                "active": here.startswith(ADDRESSES[page.name].removesuffix("list/")) and not apart,
            }
            for page in group.pages
            if page.menu and page.name in ADDRESSES and actor.opens(page.name)
        ]
        if group.name == "desk" and actor.may("register", "Case"):
            items.insert(
                0, {"label": _l("Register a case"), "href": REGISTER, "badge": None, "active": here == REGISTER}
            )
        if items:
            groups.append({"label": group.label, "items": items})
    return groups


def format_moment(value: datetime | None) -> str:
    """2026-11-20 16:40."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


def format_day(value: date | None) -> str:
    """2026-11-20."""
    return value.strftime("%Y-%m-%d") if value else ""


def format_daytime(value: datetime | None) -> str:
    """11-20 16:40."""
    return clock.local(value).strftime("%m-%d %H:%M") if value else ""


_assets: dict[str, str] = {}


def asset(path: str) -> str:
    """The address of a static file, with a mark of its content so that browsers may keep it."""
    if path not in _assets or current_app.debug:
        content = (Path(current_app.static_folder or "") / path).read_bytes()
        _assets[path] = url_for("static", filename=path, v=hashlib.sha256(content).hexdigest()[:10])
    return _assets[path]


def preferences() -> dict[str, Any]:
    """Font size, contrast and theme of the person (or of this browser, before sign-in)."""
    row = g.get("account")
    kept = (row["preferences"] if row is not None else session.get("ui")) or {}
    return {
        "font": kept.get("font", 1),
        "contrast": kept.get("contrast", "normal"),
        "theme": kept.get("theme", "light"),
    }


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.filters.update(dt=format_moment, d=format_day, daytime=format_daytime)
    app.jinja_env.globals.update(asset=asset, nav=nav, Markup=Markup)

    @app.context_processor
    def _context() -> dict[str, Any]:
        row, actor = g.get("account"), actor_or_none()
        return {
            "actor": actor if actor is not None and actor.user_id else None,
            "ui": preferences(),
            "languages": [(code, said["name"]) for code, said in app.config["LANGUAGES"].items()],
            "locale": str(get_locale() or app.config["BABEL_DEFAULT_LOCALE"]),
            "centre_name": _(
                "%(city)s Public-Appeals Reception Centre", city=row["city"] if row is not None else ""
            ).strip(),
            "notices_count": row["unread"] if row is not None else 0,
        }
