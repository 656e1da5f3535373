"""The first page, by role: my work, what is due, today's duty, quick entries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import redirect
from flask_appbuilder import IndexView, expose
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor, current_actor, system_scope
from app.core import clock
from app.core.db import db
from app.services.calendar import next_year_missing
from app.services.queries import home, work
from app.services.queries.outreach_month import city_path, warned
from app.services.queries.work_sources import SOURCES
from app.views.lights import light_of
from app.views.work import asking, number

WAITING_SHOWN = 8

GREETINGS = (
    (11, _l("Good morning, %(name)s")),
    (14, _l("Good day, %(name)s")),
    (18, _l("Good afternoon, %(name)s")),
    (24, _l("Good evening, %(name)s")),
)
# quick entry: (action, page) that opens it, label, address
QUICK = (
    (("register", "Case"), _l("Register a case"), "/case/add"),
    (("book", "Booking"), _l("Book a room"), "/booking/add"),
    (("read", "AdviserDesk"), _lp("adviser", "My desk"), "/adviser_desk/"),
    (("add", "Account"), _l("Add an account"), "/account/add"),
    (("add", "Expert"), _l("Add an expert"), "/expert/add"),
    (("verify", "Audit"), _l("Audit trail"), "/audit/list/"),
    (("read", "Statistics"), _l("Indicators and reports"), "/statistics/"),
    (("read", "Case"), _l("All cases"), "/case/list/"),
)
# What somebody looks after beside the cases: the right to mend it, the list that shows it, its quick filter.
WATCHED = (
    (("approve_export", "ExportRequest"), "ExportRequestView", "asked"),
    (("resend", "Outbox"), "OutboxView", "failed"),
    (("approve_text", "SmsTemplate"), "SmsTemplateView", "unapproved"),
    (("approve_change", "DutyChange"), "DutyChangeView", "decide"),
    (("edit", "Expert"), "ExpertView", "ending"),
    (("edit", "Adviser"), "AdviserView", "ending"),
    (("record_answer", "Proposal"), "ProposalView", "late"),
    (("edit", "Account"), "AccountView", "locked"),
)


def cards(actor: Actor, waiting: str) -> list[dict[str, Any]]:
    """The counters, each with the list it counts."""
    if not actor.may("read", "Case"):
        return []
    found = home.counts(clock.today())
    return [
        {"number": waiting, "label": work.Tab.todo.label, "tone": None, "href": "/work/"},
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
    """What waits for the actor, with the move that is due."""
    found = work.items(SOURCES, asking(actor), work.Tab.todo, size=WAITING_SHOWN)
    return [
        {
            "href": one.href,
            "title": one.title,
            "step": one.move,
            "step_sub": one.state.label,
            "sub": one.sub,
            "light": light_of(one.due_on, one.paused, one.provisional),
        }
        for one in found[:WAITING_SHOWN]
    ]


def watched(actor: Actor, screens: Iterable[Any]) -> list[dict[str, Any]] | None:
    """What the actor looks after and finds something in, each with its list; None for those who look after nothing."""
    views = {type(view).__name__: view for view in screens}
    mine = [(views[name], tab) for need, name, tab in WATCHED if actor.may(*need)]
    if not mine:
        return None
    found = db.session.execute(select(*(view.tab_counter(tab) for view, tab in mine))).one()
    return [
        {
            "href": f"{view.route_base}/list/?tab={tab}",
            "label": view.title_label,
            "sub": next(label for name, label, _rule in view.quick_filters if name == tab),
            "number": number(count),
        }
        for (view, tab), count in zip(mine, found, strict=True)
        if count
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


def bookings(actor: Actor) -> list[dict[str, Any]] | None:
    """Today's bookings in lines; None for those who have none to see."""
    if not actor.may("read", "Booking"):
        return None
    now = clock.now()
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        {
            "label": f"{row.starts_at:%H:%M}–{row.ends_at:%H:%M}",
            "text": " · ".join(str(part) for part in (row.name, row.purpose.label, row.title) if part),
            "href": f"/booking/show/{row.id}",
        }
        for row in home.bookings(start, start + timedelta(days=1), now)
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
        waiting = work.counts(SOURCES, asking(actor), (work.Tab.todo,))[work.Tab.todo]
        return self.render_template(
            "portal/home.html",
            greeting=str(greeting) % {"name": actor.name},
            today_line=format_date(now.date(), "full"),
            cards=cards(actor, number(waiting)),
            lists=list(work.Tab),
            todo=todo(actor),
            watched=watched(actor, self.appbuilder.baseviews),
            missing_year=next_year_missing() if actor.may("edit", "Calendar") else None,
            duty=duty(actor),
            sees_roster=actor.may("read", "Roster"),
            quick=links,
            bookings=bookings(actor),
            lacking=warned(city_path(actor.organisation_path)) if actor.may("plan_outreach", "OutreachEvent") else [],
            has_work=actor.may("read", "Case") or actor.may("read", "Review"),
        )
