"""The first page, by role: my work, what is due, today's duty, quick entries."""

from typing import Any

from flask import redirect
from flask_appbuilder import IndexView, expose
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actor import Actor, current_actor, system_scope
from app.core import clock
from app.forms.steps import CASE
from app.services.queries import home
from app.views.lights import light_of

GREETINGS = (
    (11, _l("Good morning, %(name)s")),
    (14, _l("Good day, %(name)s")),
    (18, _l("Good afternoon, %(name)s")),
    (24, _l("Good evening, %(name)s")),
)
# quick entry: (action, page) that opens it, label, address
QUICK = (
    (("register", "Case"), _l("Register a case"), "/case/add"),
    (("add", "Account"), _l("Add an account"), "/account/add"),
    (("add", "Expert"), _l("Add an expert"), "/expert/add"),
    (("verify", "Audit"), _l("Audit trail"), "/audit/list/"),
    (("read", "Case"), _l("All cases"), "/case/list/"),
)


def number(count: int) -> str:
    """A counter, 99+ at most."""
    return f"{home.MOST}+" if count > home.MOST else str(count)


def cards(actor: Actor) -> list[dict[str, Any]]:
    """The counters, each with the list it counts."""
    if not actor.may("read", "Case"):
        return []
    found = home.counts(home.drivers(actor, CASE.built), clock.today())
    return [
        {"number": number(found.todo), "label": _("Waiting for me"), "tone": None, "href": "/case/list/?tab=mine"},
        {
            "number": number(found.today),
            "label": _("Due today"),
            "tone": "soon" if found.today else None,
            "href": "/case/list/?tab=today",
        },
        {
            "number": number(found.soon),
            "label": _("Due within 3 days"),
            "tone": "soon" if found.soon else None,
            "href": "/case/list/?tab=soon",
        },
        {
            "number": number(found.overdue),
            "label": _("Overdue"),
            "tone": "late" if found.overdue else None,
            "href": "/case/list/?tab=overdue",
        },
    ]


def todo(actor: Actor) -> list[dict[str, Any]]:
    """The cases that wait for the actor, with the move that is due."""
    if not actor.may("read", "Case"):
        return []
    moves = home.drivers(actor, CASE.built)
    return [
        {
            "href": f"/case/show/{row.id}",
            "title": row.title,
            "step": moves[row.state].label,
            "step_sub": row.state.label,
            "sub": f"{row.number} · {row.petitioner_name} · " + _("%(count)d persons", count=row.head_count),
            "light": light_of(row.due_on, row.paused, row.due_provisional),
        }
        for row in home.todo(moves)
    ]


def duty(actor: Actor) -> list[dict[str, Any]]:
    """Today's duty in lines."""
    with system_scope("names and rooms of today's duty"):
        rows = home.duty(actor, clock.today())
    return [
        {
            "label": row.kind.label,
            "text": f"{row.name}  {row.starts_at:%H:%M}–{row.ends_at:%H:%M}" + (f"\n{row.room}" if row.room else ""),
        }
        for row in rows
    ]


class HomeView(IndexView):
    """My work: what is to do, due, overdue; today's duty; quick entries."""

    route_base = ""

    @expose("/")
    def index(self) -> Any:
        """Show the first page; a visitor goes to the sign-in."""
        actor = current_actor()
        if actor.user_id is None:
            return redirect("/login/")
        now = clock.now()
        greeting = next(said for hour, said in GREETINGS if now.hour < hour)
        links = [{"label": label, "href": href, "primary": False} for need, label, href in QUICK if actor.may(*need)][
            :3
        ]
        if links:
            links[0]["primary"] = True
        return self.render_template(
            "portal/home.html",
            greeting=str(greeting) % {"name": actor.name},
            today_line=format_date(now.date(), "full"),
            cards=cards(actor),
            todo=todo(actor),
            duty=duty(actor),
            quick=links,
            bookings=None,
            sees_cases=actor.may("read", "Case"),
        )
