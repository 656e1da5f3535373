"""The supervision desk: cases by light, the whole course of one, signs of gaming, causes that come back."""

from datetime import timedelta
from typing import Any

from flask import Response, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy import select

from app.access.actor import Actor, current_actor
from app.access.permissions import GROUP_OF
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.forms.steps import CASE
from app.models.case import OPEN_STATES
from app.models.code_table import Category
from app.models.organisation import Organisation
from app.models.proposal import Proposal
from app.services import parameter
from app.services.access_log import log_read
from app.services.queries import causes, export, gaming, story, supervision_desk
from app.services.queries.case_page import case_page, stages, steps_of
from app.services.queries.choices import parse_key
from app.services.queries.supervision_desk import Lamp, Line
from app.services.queries.told_supervision import orders_of
from app.views.case import sub_line
from app.views.case_buttons import arrange
from app.views.lights import light_of
from app.views.needs import needs
from app.views.statistics import asked_from
from app.views.work import page_of

KEY = "<int(max=9223372036854775807):pk>"
PAGES_MOST = 50
EXPORT_MOST = 2000


def number(count: int) -> str:
    """A counter, 999+ at most."""
    return f"{supervision_desk.MOST}+" if count > supervision_desk.MOST else str(count)


def place_of(line: Line) -> str:
    """Town and village of a case."""
    return " ".join(filter(None, (line.row.town, line.row.village)))


def ways(actor: Actor) -> list[tuple[Any, str]]:
    """Where the desk leads: the other pages of supervision that the actor may open."""
    found: list[tuple[Any, str]] = [
        (_("Supervision orders"), "/supervision/list/"),
        (_("Causes that come back"), "/supervision/causes"),
    ]
    if actor.may("check_gaming", "Supervision"):
        found.append((_("Signs of gaming"), "/supervision/checks"))
    return found


class SupervisionDeskView(BaseView):
    """The desk of the supervisors."""

    route_base = "/supervision"
    default_view = "desk"

    def _crumbs(self, *more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
        return [(GROUP_OF["Supervision"].label, None), (_("Supervision desk"), "/supervision/"), *more]

    @expose("/")
    @needs("read", "Supervision")
    def desk(self) -> Any:
        """The open cases by light; whoever only answers letters is shown the letters to the own office."""
        actor, today = current_actor(), clock.today()
        if not actor.may("watch", "Supervision"):
            return redirect("/supervision/list/")
        lamp = Lamp(Lamp.of(request.args.get("light")) or Lamp.late)
        page = page_of(request.args.get("page"), PAGES_MOST - 1)
        found, counted, orders = (
            supervision_desk.lines(lamp, today, page),
            supervision_desk.counts(today),
            supervision_desk.order_counts(today),
        )
        return self.render_template(
            "portal/supervision_desk.html",
            title=_("Supervision desk"),
            lamp=lamp,
            lamps=[(one, number(counted[one])) for one in Lamp],
            orders={name: number(count) for name, count in orders.items()},
            rows=[(line, self._light(line)) for line in found[: supervision_desk.SIZE]],
            place_of=place_of,
            page=page,
            size=supervision_desk.SIZE,
            more=len(found) > supervision_desk.SIZE and page < PAGES_MOST - 1,
            url=lambda page: f"/supervision/?light={lamp.value}&page={page}",
            ways=ways(actor),
            may={name: actor.may(name, "Case") for name in ("urge", "supervise")}
            | {"export": actor.may("export", "Supervision")},
        )

    @staticmethod
    def _light(line: Line) -> Any:
        return light_of(line.row.due_on, line.row.paused, line.row.due_provisional)

    @expose("/table", methods=["POST"])
    @needs("export", "Supervision")
    def table(self) -> Any:
        """The cases under one light as a table, at most two thousand of them."""
        actor, lamp = current_actor(), Lamp.of(request.form.get("light"))
        if lamp is None or not actor.may("watch", "Supervision"):
            raise NotFound()
        found = supervision_desk.lines(Lamp(lamp), clock.today(), 0, EXPORT_MOST)
        if len(found) > EXPORT_MOST:
            raise Invalid(_("There are more than %(most)s matters. Please export the list of cases.", most=EXPORT_MOST))
        headings = [_("Number"), _("Matter"), _("Place"), _("Category"), _("State"), _("Whose move"), _("Due on"),
                    _("Deadline"), _("Urged last"), _("Supervision orders")]  # fmt: skip
        rows = [
            [line.row.number, line.row.title, place_of(line), line.row.category, str(line.row.state.label),
             line.office, line.row.due_on, str(light.text) if (light := self._light(line)) else "",
             f"{line.urged_at:%Y-%m-%d %H:%M}" if line.urged_at else "", " ".join(one.number for one in line.orders)]
            for line in found
        ]  # fmt: skip
        kept = export.table(actor, "Supervision", "supervision", headings, rows)
        answer = Response(kept, mimetype=export.MIMES["xlsx"])
        name = f"supervision-{lamp.value}-{clock.today():%Y%m%d}.xlsx"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @expose(f"/case/{KEY}")
    @needs("watch", "Supervision")
    def course(self, pk: int) -> Any:
        """The whole course of one case: who takes part, who reviews, who watches, and everything that happened."""
        actor, page = current_actor(), case_page(pk)
        log_read(actor, page.case)
        orders, case = orders_of(pk), page.case
        told = story.story(page.course, page.visits, page.review_course, page.recordings, orders=orders)
        groups = story.groups_in(told)
        only = request.args.get("course", "")
        only = only if only in dict(groups) else "all"
        built = steps_of(page, actor, CASE.built - CASE.apart)
        return self.render_template(
            "portal/supervision_course.html",
            title=case.title,
            case=case,
            page=page,
            late=page.facts.late,
            sub=sub_line(page),
            stages=stages(case, page.course),
            light=self._case_light(case),
            then=None,
            buttons=arrange(step for step in built if step.name in ("urge", "supervise")),
            orders=[(order, light_of(order.due_on) if order.state == "ordered" else None) for order in orders],
            proposals=self._proposals(pk),
            urges=[row for row in page.course if row.step == "urge"],
            events=told if only == "all" else [event for event in told if story.group_of(event) == only],
            groups=groups if len(groups) > 2 else (),
            only=only,
            move=supervision_desk.move_of(case.state),
            office=next((r.organisation_name for r in page.referrals if r.kind == "lead"), case.organisation.name),
            may_propose=actor.may("add", "Proposal"),
            crumbs=self._crumbs((case.number, None)),
        )

    @staticmethod
    def _case_light(case: Any) -> Any:
        return light_of(case.due_on, case.paused, case.due_provisional) if case.state in OPEN_STATES else None

    @staticmethod
    def _proposals(pk: int) -> list[Proposal]:
        mine = select(Proposal).where(Proposal.case_id == pk).order_by(Proposal.id.desc()).limit(20)
        return list(db.session.scalars(mine))

    @expose("/checks")
    @needs("check_gaming", "Supervision")
    def checks(self) -> Any:
        """Matters in which a figure may be better than the truth; a year back unless other days are asked for."""
        wrong, today = "", clock.today()
        since, until = today - timedelta(days=365), today
        if request.args:
            try:
                asked = asked_from({"from": since.isoformat(), "to": until.isoformat()} | request.args.to_dict())
                since, until = asked.since, asked.until
            except Invalid as refusal:
                wrong = " ".join(str(one) for said in refusal.errors.values() for one in said) or str(refusal.message)
        return self.render_template(
            "portal/supervision_checks.html",
            title=_("Signs of gaming"),
            since=since,
            until=until,
            wrong=wrong,
            seen=gaming.seen(since, until),
            days=parameter.number("gaming_days"),
            crumbs=self._crumbs((_("Signs of gaming"), None)),
        )

    @expose("/causes")
    @needs("watch", "Supervision")
    def causes(self) -> Any:
        """The causes that come back, the most frequent first."""
        return self.render_template(
            "portal/supervision_causes.html",
            title=_("Causes that come back"),
            rows=causes.causes(clock.today()),
            days=parameter.number("cluster_days"),
            least=parameter.number("cluster_least"),
            crumbs=self._crumbs((_("Causes that come back"), None)),
        )

    @expose("/cause")
    @needs("watch", "Supervision")
    def cause(self) -> Any:
        """One cause over two years, what was proposed about it, and what came in afterwards."""
        today, category = clock.today(), self._category()
        place = self._place()
        place_id = place.id if place is not None else None
        months = causes.months(category.id, place_id, today)
        where = place.name if place is not None else pgettext("cause", "no place named")
        return self.render_template(
            "portal/supervision_cause.html",
            title=f"{category.name} · {where}",
            category=category,
            place=place,
            months=months,
            top=max((one.cases for one in months), default=0),
            effects=causes.effects(category.id, place_id, today),
            rows=causes.latest(category.id, place_id),
            may_propose=current_actor().may("add", "Proposal"),
            crumbs=self._crumbs((_("Causes that come back"), "/supervision/causes"), (category.name, None)),
        )

    @staticmethod
    def _category() -> Category:
        return _found(Category, request.args.get("category", ""))  # type: ignore[no-any-return]

    @staticmethod
    def _place() -> Organisation | None:
        said = request.args.get("place", "")
        return _found(Organisation, said) if said else None


def _found(model: Any, said: str) -> Any:
    key = parse_key(said)
    row = db.session.scalar(select(model).where(model.id == key)) if key is not None else None
    if row is None:
        raise NotFound()
    return row
