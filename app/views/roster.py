"""The roster of a month: read by everybody, drawn up, filled and published by those who answer for it."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import format_date
from flask_babel import gettext as _

from app.access.actor import Actor, current_actor
from app.access.permissions import GROUP_OF, PAGES
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, PortalError, WrongState
from app.models.roster import DutyKind
from app.services import reception_session, takeover
from app.services import roster as service
from app.services.queries import duty, sessions, timetable
from app.services.queries.choices import parse_key
from app.services.queries.sessions import Held
from app.services.queries.timetable import Centre
from app.services.register import owns
from app.services.roster_plan import days_between, month_of, next_month
from app.services.working_calendar import calendar
from app.views.needs import needs


def month_from(text: str) -> date:
    """The month of an address (2026-12); this month where nothing readable is said."""
    year, _dash, month = text.partition("-")
    said = [int(part) if part.isascii() and part.isdigit() and len(part) <= 4 else 0 for part in (year, month)]
    readable = 1990 <= said[0] <= 2100 and 1 <= said[1] <= 12
    return date(said[0], said[1], 1) if readable else month_of(clock.today())


def asked(given: Any, actor: Actor) -> tuple[list[Centre], Centre, DutyKind, date]:
    """The centres there are, the one asked for, the kind and the month; a centre not the actor's is not there."""
    known = timetable.centres(actor)
    key = parse_key(given.get("centre", ""))
    centre = (
        next((one for one in known if one.id == key), None) if given.get("centre") else timetable.home_of(actor, known)
    )
    if centre is None:
        raise NotFound()
    kind = next((one for one in DutyKind if one.value == given.get("kind")), DutyKind.leader)
    return known, centre, kind, month_from(given.get("month", ""))


def address(centre: int, kind: DutyKind, month: date) -> str:
    """Where a roster is shown."""
    return "/roster/?" + urlencode({"centre": centre, "kind": kind.value, "month": f"{month:%Y-%m}"})


def near(month: date) -> list[date]:
    """The months that can be chosen beside this one: half a year before and after."""
    first = month
    for _step in range(6):
        first = month_of(date.fromordinal(first.toordinal() - 1))
    found = [first]
    while len(found) < 13:
        found.append(next_month(found[-1]))
    return found


def weekday(day: date) -> str:
    """The day of the week, shortly, in the reader's language."""
    return format_date(day, "EEE")


class RosterView(BaseView):
    """The roster of a month."""

    route_base = "/roster"
    default_view = "index"

    @expose("/")
    @needs("read", "Roster")
    def index(self) -> Any:
        """The timetable of one centre, one kind, one month; what is wrong with it; one's own shifts."""
        actor = current_actor()
        known, centre, kind, month = asked(request.args, actor)
        following, roster = next_month(month), timetable.roster_of(centre.id, kind, month)
        last = date.fromordinal(following.toordinal() - 1)
        shifts = timetable.month_shifts(centre.id, kind, month, last)
        draws = actor.may("draw_up", "Roster") and owns(actor, centre.id)
        today, draft = clock.today(), roster is not None and roster.published_at is None
        faults = duty.faults([one for one in shifts if one.on >= today]) if draws else []
        wrong = {one.shift_id: one for one in faults}
        return self.render_template(
            "portal/roster.html",
            title=_("Duty roster"),
            crumbs=[(GROUP_OF["Roster"].label, None), (PAGES["Roster"].label, None)],
            known=known,
            centre=centre,
            kinds=list(DutyKind),
            kind=kind,
            month=month,
            near=near(month),
            months=(
                address(centre.id, kind, month_of(date.fromordinal(month.toordinal() - 1))),
                address(centre.id, kind, following),
            ),
            roster=roster,
            draft=draft,
            days=self._days(month, last, shifts),
            today=today,
            faults=[(one, self._free(kind, centre, one.shift_id, shifts)) for one in faults],
            wrong=wrong,
            may_draw=draws and last >= today and (roster is None or draft),
            may_publish=draft and actor.may("publish", "Roster") and owns(actor, centre.id),
            mine=timetable.mine(actor.user_id) if actor.may("ask_change", "DutyChange") else None,
            may_take=actor.may("take_over", "Roster")
            and actor.user_id in {row.id for row in duty.able(kind, centre.path)},
            now=clock.local(clock.now()).time(),
            me=actor.user_id,
            asked={"centre": centre.id, "kind": kind.value, "month": f"{month:%Y-%m}"},
            weekday=weekday,
            sessions=f"/roster/sessions?centre={centre.id}&month={month:%Y-%m}" if kind is DutyKind.leader else None,
        )

    @staticmethod
    def _days(first: date, last: date, shifts: list[Any]) -> list[tuple[date, bool, str, list[Any]]]:
        """Each day with whether it is worked, what it is called, and its shifts."""
        known = calendar()
        return [
            (day, known.is_workday(day), known.name(day), [one for one in shifts if one.on == day])
            for day in days_between(first, last)
        ]

    @staticmethod
    def _free(kind: DutyKind, centre: Centre, shift_id: int, shifts: list[Any]) -> list[Any]:
        shift = next(one for one in shifts if one.id == shift_id)
        return duty.substitutes(kind, centre.path, shift)

    def _after(self, act: Any, said: str) -> Any:
        """Carry out, tell what was done or why not, and go back to where the form was."""
        month = month_from(request.form.get("month", ""))
        kind = next((one for one in DutyKind if one.value == request.form.get("kind")), DutyKind.leader)
        centre = parse_key(request.form.get("centre", ""))
        try:
            act(centre or 0, kind, month)
        except NotFound:
            raise
        except PortalError as refusal:
            db.session.rollback()
            sentences = [str(s) for said in refusal.errors.values() for s in said] or [str(refusal)]
            flash(" ".join(sentences), "warning")
        else:
            flash(said, "success")
        return redirect(address(centre, kind, month) if centre else "/roster/")

    @expose("/draw", methods=["POST"])
    @needs("draw_up", "Roster")
    def draw(self) -> Any:
        """Draw the month up by its rules."""
        actor = current_actor()
        return self._after(
            lambda centre, kind, month: service.draw_up(actor, centre, kind, month),
            _("The roster is drawn up as a draft. Fill what is missing, then publish it."),
        )

    @expose("/publish/<pk>", methods=["POST"])
    @needs("publish", "Roster")
    def publish(self, pk: str) -> Any:
        """Publish it."""
        key = parse_key(pk)
        return self._after(
            lambda *_asked: service.publish(current_actor(), key or 0),
            _("The roster is published; everybody on it was told."),
        )

    @expose("/fill/<pk>", methods=["POST"])
    @needs("draw_up", "Roster")
    def fill(self, pk: str) -> Any:
        """Put a substitute on a shift."""
        key, person = parse_key(pk), parse_key(request.form.get("account", ""))
        return self._after(
            lambda *_asked: service.fill(current_actor(), key or 0, person or 0), _("The substitute is on the roster.")
        )

    @expose("/take/<pk>", methods=["POST"])
    @needs("take_over", "Roster")
    def take(self, pk: str) -> Any:
        """Take a shift of today over."""
        key = parse_key(pk)
        return self._after(
            lambda *_asked: takeover.take_over(current_actor(), key or 0), _("The shift is yours from now on.")
        )

    @expose("/sessions")
    @needs("read", "Roster")
    def sessions(self) -> Any:
        """The leaders' sessions of a month: planned against held, who came and what became of it."""
        actor = current_actor()
        known, centre, _kind, month = asked(request.args, actor)
        following = next_month(month)
        rows = sessions.of_month(centre.id, month, date.fromordinal(following.toordinal() - 1))
        return self.render_template(
            "portal/roster_sessions.html",
            title=_("Reception sessions"),
            crumbs=[
                (GROUP_OF["Roster"].label, None),
                (PAGES["Roster"].label, "/roster/"),
                (_("Reception sessions"), None),
            ],
            known=known,
            centre=centre,
            month=month,
            months=[
                f"/roster/sessions?centre={centre.id}&month={one:%Y-%m}"
                for one in (month_of(date.fromordinal(month.toordinal() - 1)), following)
            ],
            rows=rows,
            sum=sessions.total(rows),
            counted=actor.may("read", "Case"),
            weekday=weekday,
            roster=address(centre.id, DutyKind.leader, month),
        )

    @expose("/session/<pk>")
    @needs("read", "Roster")
    def session(self, pk: str) -> Any:
        """One session: the hours, and the matters received in it that the actor may see."""
        return self._session_page(parse_key(pk) or 0)

    def _session_page(self, key: int, typed: str = "", refusal: str = "") -> Any:
        actor, found = current_actor(), sessions.find(key)
        if found is None:
            raise NotFound()
        row = found.shift
        when = f"{row.on:%Y-%m-%d} {weekday(row.on)} {row.starts_at:%H:%M}–{row.ends_at:%H:%M}"
        back = f"/roster/sessions?centre={row.organisation_id}&month={row.on:%Y-%m}"
        return self.render_template(
            "portal/roster_session.html",
            title=_("Reception of %(name)s", name=row.name),
            crumbs=[(GROUP_OF["Roster"].label, None), (_("Reception sessions"), back), (when, None)],
            when=when,
            one=found,
            received=sessions.received(row.id),
            counted=actor.may("read", "Case"),
            confirmed_by=duty.names_of([row.held_by_id]).get(row.held_by_id),
            may_confirm=found.state is Held.empty and self._may_confirm(actor, row),
            typed=typed,
            refusal=refusal,
        )

    @staticmethod
    def _may_confirm(actor: Actor, row: Any) -> bool:
        desk = actor.may("present_to_leader", "Case") and owns(actor, row.organisation_id)
        return actor.may("confirm_session", "Roster") and (desk or actor.user_id == row.account_id)

    @expose("/session/<pk>/held", methods=["POST"])
    @needs("confirm_session", "Roster")
    def held(self, pk: str) -> Any:
        """Confirm that a session was held and nobody came; a refusal shows the page again with what was typed."""
        key, reason = parse_key(pk), request.form.get("reason", "")
        try:
            reception_session.confirm_held(current_actor(), key or 0, reason)
        except Invalid as error:
            db.session.rollback()
            said = " ".join(str(one) for found in error.errors.values() for one in found)
            return self._session_page(key or 0, reason, said), error.status
        except WrongState as error:
            db.session.rollback()
            flash(str(error), "warning")
        else:
            flash(_("Confirmed: the session counts as held."), "success")
        return redirect(f"/roster/session/{key}")
