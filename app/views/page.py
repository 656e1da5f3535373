"""What every page finds in its template: menu, person, preferences, formats, assets."""

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from markupsafe import Markup

from app.access.actor import actor_or_none
from app.access.permissions import CATALOGUE
from app.core import clock
from app.core.text import listed
from app.services.queries import home

# Where a page of the catalogue lives; the side menu and the bread crumbs read it.
ADDRESSES: dict[str, str] = {
    "Case": "/case/list/",
    "Person": "/person/list/",
    "Visit": "/visit/list/",
    "FollowUp": "/follow_up/list/",
    "Rectification": "/rectification/list/",
    "Hearing": "/hearing/list/",
    "Dossier": "/dossier/list/",
    "Document": "/document/list/",
    "Review": "/review/list/",
    "AdviserDesk": "/adviser_desk/",
    "Consultation": "/consultation/list/",
    "OutreachEvent": "/outreach_event/list/",
    "FirmPair": "/firm_pair/list/",
    "Expert": "/expert/list/",
    "Adviser": "/adviser/list/",
    "LawFirm": "/law_firm/list/",
    "Booking": "/booking/list/",
    "Waiting": "/waiting/list/",
    "Room": "/room/list/",
    "Closure": "/closure/list/",
    "Roster": "/roster/",
    "DutyChange": "/duty_change/list/",
    "RosterRule": "/roster_rule/list/",
    "Shift": "/shift/list/",
    "Supervision": "/supervision/",
    "Proposal": "/proposal/list/",
    "Statistics": "/statistics/",
    "Import": "/import/list/",
    "ExportRequest": "/export_request/list/",
    "Exchange": "/exchange/list/",
    "Partner": "/partner/list/",
    "Category": "/category/list/",
    "CodeTable": "/code_table/list/",
    "Calendar": "/calendar_day/list/",
    "DeadlineRule": "/deadline_rule/list/",
    "SmsTemplate": "/sms_template/list/",
    "Webhook": "/webhook/list/",
    "Outbox": "/outbox/list/",
    "DocumentTemplate": "/document_template/list/",
    "Organisation": "/organisation/list/",
    "Account": "/account/list/",
    "Role": "/role/list/",
    "Audit": "/audit/list/",
    "Maintenance": "/maintenance/",
}

PUBLIC = "/public/"  # pages without an account
REGISTER = "/case/add"
# Menu entries beside the registers: group, what opens them, label, address (and what else belongs there).
SHORTCUTS: tuple[tuple[str, tuple[str, str], Any, tuple[str, ...]], ...] = (
    ("desk", ("register", "Case"), _l("Register a case"), (REGISTER,)),
    ("rooms", ("read", "Room"), _l("Room calendar"), ("/room/calendar", "/room/free/")),
)
MENUS_KEPT = 500


def nav() -> list[dict[str, Any]]:
    """The side menu of the actor: groups of the catalogue with the entries he or she holds."""
    actor = actor_or_none()
    if actor is None or actor.user_id is None:
        return []
    here = request.path
    # has an entry of its own, or none
    apart = any(here in places for *_said, places in SHORTCUTS)
    apart = apart or (request.endpoint or "").startswith("MyAccountView.")
    work = {"label": _l("My work"), "href": "/", "badge": None, "active": here == "/"}
    todo = {
        "label": _lp("work", "To do"),
        "href": "/work/",
        "badge": None,
        "active": here == "/work/",
        "count": "todo",
    }
    groups: list[dict[str, Any]] = [
        {"label": None, "items": [work, todo] if actor.may("read", "Case") or actor.may("read", "Review") else [work]}
    ]
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
        items = [
            {"label": label, "href": places[0], "badge": None, "active": here in places}
            for name, need, label, places in SHORTCUTS
            if name == group.name and actor.may(*need)
        ] + items
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


def icon(name: str) -> Markup:
    """An icon of the sprite; always beside a word."""
    return _icon(asset("portal/icons.svg"), name)


@lru_cache
def _icon(sprite: str, name: str) -> Markup:
    shape = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return Markup(shape).format(sprite, name)  # noqa: S704 - both are escaped


_menus: dict[Any, Markup] = {}


def menu() -> Markup:
    """The groups of the side menu; made once for all who hold the same entries and stand at the same one."""
    groups = nav()
    said = tuple((item["href"], item["active"], item["badge"]) for group in groups for item in group["items"])
    key = (str(get_locale()), said)
    found = _menus.get(key)
    if found is None or current_app.debug:
        if len(_menus) >= MENUS_KEPT:
            _menus.clear()
        found = _menus[key] = Markup(current_app.jinja_env.get_template("portal/_nav.html").render(groups=groups))  # noqa: S704 - a template of ours
    return found


def preferences() -> dict[str, Any]:
    """Font size, contrast and theme of the person (or of this browser, before sign-in)."""
    row = g.get("account")
    kept = (row["preferences"] if row is not None else session.get("ui")) or {}
    large = row is None and request.path.startswith(PUBLIC)  # who comes here may be old; the switch goes on from there
    return {
        "font": kept.get("font", 2 if large else 1),
        "contrast": kept.get("contrast", "normal"),
        "theme": kept.get("theme", "light"),
    }


def _city() -> str:
    """The city, on the pages that people without an account come to."""
    return home.centre_name() if request.path.startswith(PUBLIC) else ""


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.filters.update(dt=format_moment, d=format_day, daytime=format_daytime, listed=listed)
    app.jinja_env.globals.update(asset=asset, icon=icon, menu=menu, Markup=Markup)
    app.jinja_env.fixed.update(asset=asset, icon=icon)  # type: ignore[attr-defined]

    languages = [(code, said["name"]) for code, said in app.config["LANGUAGES"].items()]

    @app.context_processor
    def _context() -> dict[str, Any]:
        row, actor = g.get("account"), actor_or_none()
        return {
            "actor": actor if actor is not None and actor.user_id else None,
            "ui": preferences(),
            "languages": languages,
            "locale": str(get_locale() or app.config["BABEL_DEFAULT_LOCALE"]),
            "centre_name": _(
                "%(city)s Public-Appeals Reception Centre", city=row["city"] if row is not None else _city()
            ).strip(),
            "notices_count": row["unread"] if row is not None else 0,
        }
