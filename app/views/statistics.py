"""The report page: every indicator with its words, the period and the year before; breakdowns, lists, a table file."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy import select

from app.access.actor import Actor, current_actor, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.forms.fields import parse_day
from app.models.case import Channel
from app.models.code_table import Category
from app.models.organisation import Level, Organisation
from app.services import parameter
from app.services.queries import breakdown, briefing, export, indicator_list
from app.services.queries.choices import parse_key
from app.services.queries.figures_said import allowed, compared, in_words, sees_rows
from app.services.queries.indicators import BY_CODE, GROUPS, UNIT
from app.services.queries.report import last_week
from app.services.queries.statistics import OWN, Asked, Figure, beside, figures, months_of, told
from app.views.needs import needs

LONGEST = timedelta(days=366 * 12)
FIRST_DAY = date(1990, 1, 1)


@dataclass(frozen=True)
class Shown:
    """One indicator as the page shows it."""

    figure: Figure
    value: str
    before: str
    year_before: str
    drill: str
    response: str


def asked_from(given: Any, instead: tuple[date, date] | None = None) -> Asked:
    """The question of an address; faults are said in words, an organisation not the actor's is not there. Days left
    out are those of `instead`, or 1 January and today."""
    faults: dict[str, list[Any]] = {}
    today = clock.today()
    first, last = instead or (today.replace(month=1, day=1), today)

    def day(name: str, instead: date) -> date:
        text = given.get(name, "").strip()
        try:
            found = parse_day(text) if text else instead
        except ValueError:
            faults[name] = [_("This is not a date.")]
            return instead
        return found

    since, until = day("from", first), day("to", last)
    if not faults and (until < since or since < FIRST_DAY or until - since > LONGEST):
        faults["to"] = [
            _("Please choose a period from 1990 on that ends after it begins and lasts twelve years at most.")
        ]
    channel = given.get("channel", "")
    if channel and Channel.of(channel) is None:
        faults["channel"] = [_("This channel does not exist.")]
    if faults:
        raise Invalid(errors=faults)
    own = given.get("organisation") == OWN
    organisation = None if own else _place(given.get("organisation", ""))
    with system_scope("the lead organisation that figures of one's own cases are asked of"):
        department = _place(given.get("department", ""))
    category = given.get("category", "")
    if category and (parse_key(category) is None or db.session.get(Category, parse_key(category)) is None):
        raise NotFound()
    return Asked(since, until, organisation, parse_key(category) if category else None, channel or None,
                 department.id if department is not None else None, own)  # fmt: skip


def _place(text: str) -> Organisation | None:
    if not text:
        return None
    if len(text) > 32 or not text.isprintable():
        raise NotFound()
    key = parse_key(text)
    where = (Organisation.id == key) | (Organisation.code == text) if key is not None else Organisation.code == text
    found = db.session.scalars(select(Organisation).where(where).limit(1)).first()
    if found is None:
        raise NotFound()
    return found


def pairs(asked: Asked, **other: Any) -> str:
    """The question as an address."""
    said: dict[str, Any] = {"from": asked.since, "to": asked.until, "organisation": asked.place}
    said |= {"category": asked.category, "channel": asked.channel, "department": asked.department} | other
    return urlencode({name: value for name, value in said.items() if value not in (None, "")})


def _narrowed(asked: Asked, param: str, key: str) -> dict[str, Any]:
    """What narrows the question to one line of a breakdown: a month's days, or its key."""
    if param != "month":
        return {param: key}
    month = next(one for one in months_of(asked) if f"{one.since:%Y-%m}" == key)
    return {"from": month.since, "to": month.until}


def plots(months: Any, categories: Any, days: Any, load: Any) -> dict[str, Any]:
    """What the charts draw: the lines of the tables that are not hidden."""
    cases, resolved = pgettext("indicator", "Cases"), pgettext("indicator", "Resolved")
    median, most = BY_CODE["days_median"].label, BY_CODE["days_90"].label

    def plot(lines: Any, names: tuple[Any, Any], columns: tuple[str, str] = ("cases", "resolved"), **how: Any) -> Any:
        open_ = [one for one in lines if not one.hidden][: how.pop("most", None)]
        drawn = [
            {"name": str(name), "values": [getattr(one, column) for one in open_]}
            for name, column in zip(names, columns, strict=True)
        ]
        return {"labels": [one.label for one in open_], "lines": drawn, **how}

    return {
        "months": plot(months, (cases, resolved), whole=True),
        "categories": plot(categories, (cases, resolved), whole=True, across=True, most=12),
        "days": plot(days, (median, most), ("median", "most"), line=True),
        "load": plot(load, (BY_CODE["open"].label, BY_CODE["overdue"].label), whole=True, across=True, most=12),
    }


def asked_or_this_year(actor: Actor) -> tuple[Asked, str]:
    """What the address asks for, and nothing wrong; or this year so far, and why not what was asked."""
    try:
        asked = asked_from(request.args)
        allowed(actor, asked)
    except Invalid as refusal:
        said = " ".join(str(one) for found in refusal.errors.values() for one in found)
        return Asked(clock.today().replace(month=1, day=1), clock.today()), said or str(refusal.message)
    return asked, ""


class StatisticsView(BaseView):
    """Indicators and reports."""

    route_base = "/statistics"
    default_view = "report"

    @expose("/")
    @needs("read", "Statistics")
    def report(self) -> Any:
        """The report page."""
        actor = current_actor()
        asked, wrong = asked_or_this_year(actor)
        now, then, last = beside(actor, asked)
        groups = [
            (label, [self._shown(asked, code, now, then, last) for code in now if BY_CODE[code].group == group])
            for group, label in GROUPS.items()
        ]
        least = 0 if sees_rows(actor) else parameter.number("small_cell")
        cells = breakdown.cube(actor, asked)
        centres = breakdown.veiled(breakdown.by_centre(cells, actor, _("City centre")), least)
        months = breakdown.veiled(breakdown.by_month(cells), least)
        categories = breakdown.veiled(breakdown.by_category(cells), least)
        days = breakdown.veiled(briefing.days_by_month(actor, asked), least)
        ways = breakdown.ways(actor, asked)
        load = breakdown.veiled(briefing.load(actor, asked), least)
        return self.render_template(
            "portal/statistics.html",
            title=_("Statistics"),
            asked=asked,
            pairs=pairs,
            narrowed=_narrowed,
            wrong=wrong,
            groups=[(label, found) for label, found in groups if found],
            head=[one for _label, found in groups for one in found if one.figure.one.code in HEADLINES],
            months=months,
            categories=categories,
            days=days,
            load=load,
            plots=plots(months, categories, days, load),
            today=briefing.today(actor),
            least=least,
            places=briefing.town_places(),
            by_code=BY_CODE,
            centres=centres,
            channels=breakdown.veiled(breakdown.by_channel(ways), least),
            departments=breakdown.veiled(breakdown.by_department(ways), least),
            most=max((one.cases for one in centres if not one.hidden), default=0),
            before=asked.before(),
            year_before=asked.year_before(),
            towns=self._towns(actor),
            channel_choices=Channel.choices(),
            category_choices=self._categories(),
            department_choices=self._departments(),
            may_export=actor.may("export", "Statistics"),
            report_days=(asked.since, asked.until) if {"from", "to"} & set(request.args) and not wrong else last_week(),
        )

    @staticmethod
    def _shown(asked: Asked, code: str, now: Any, then: Any, last: Any) -> Shown:
        one = now[code]
        response = f"{now[one.one.response].one.label} {in_words(now[one.one.response])}" if one.one.response else ""
        drill = f"/statistics/list/{code}?{pairs(asked)}"
        apart = one.one.source.now
        return Shown(one, in_words(one), "" if apart else compared(one, then[code]),
                     "" if apart else compared(one, last[code]), drill, response)  # fmt: skip

    @staticmethod
    def _towns(actor: Actor) -> list[tuple[int, str]]:
        rows = select(Organisation.id, Organisation.name).where(
            Organisation.level == Level.township, Organisation.active
        )
        return [(row[0], row[1]) for row in db.session.execute(rows.order_by(Organisation.position))]

    @staticmethod
    def _categories() -> list[tuple[int, str]]:
        rows = select(Category.id, Category.name).where(Category.leaf).order_by(Category.code)
        return [(row[0], row[1]) for row in db.session.execute(rows)]

    @staticmethod
    def _departments() -> list[tuple[int, str]]:
        rows = select(Organisation.id, Organisation.name).where(
            Organisation.level == Level.department, Organisation.active
        )
        return [(row[0], row[1]) for row in db.session.execute(rows.order_by(Organisation.position))]

    @expose("/list/<code>")
    @needs("read", "Statistics")
    def list(self, code: str) -> Any:
        """The rows behind a figure."""
        actor, one = current_actor(), BY_CODE.get(code)
        if one is None:
            raise NotFound()
        asked = asked_from(request.args)
        allowed(actor, asked)
        count = indicator_list.count(actor, asked, one)
        least = 0 if sees_rows(actor) else parameter.number("small_cell")
        said = request.args.get("page", "0")
        nth = min(int(said), 2000) if said.isascii() and said.isdigit() and len(said) < 6 else 0
        hidden = (one.source.of_case and 0 < count < least) or told(one.source, count) is None
        found = [] if hidden else indicator_list.page(actor, asked, one, nth)
        return self.render_template(
            "portal/statistics_list.html",
            title=one.label,
            one=one,
            count=count,
            hidden=hidden,
            summed=in_words(figures(actor, asked, [code])[code]) if one.sums is not None and not hidden else "",
            rows=found[: indicator_list.SIZE],
            more=len(found) > indicator_list.SIZE,
            page=nth,
            size=indicator_list.SIZE,
            url=lambda page: f"/statistics/list/{code}?{pairs(asked, page=page)}",
            back=f"/statistics/?{pairs(asked)}",
            asked=asked,
            crumbs=[(_("Statistics"), f"/statistics/?{pairs(asked)}"), (one.label, None)],
        )

    @expose("/export", methods=["POST"])
    @needs("export", "Statistics")
    def export(self) -> Any:
        """The indicators as a table."""
        actor, asked = current_actor(), asked_from(request.form)
        allowed(actor, asked)
        now, then, last = beside(actor, asked)
        headings = [_("Indicator"), pgettext("statistics", "Value"), _("Numerator"), _("Denominator"),
                    _("Unit of measure"), _("Period before"), _("Year before"), _("Definition")]  # fmt: skip
        rows = [
            [str(one.one.label), one.value, one.numerator, one.denominator, str(UNIT[one.one.unit]),
             None if one.one.source.now else then[code].value, None if one.one.source.now else last[code].value,
             str(one.one.words)]
            for code, one in now.items()
        ]  # fmt: skip
        name = f"statistics-{asked.since:%Y%m%d}-{asked.until:%Y%m%d}.xlsx"
        answer = Response(
            export.table(actor, "Statistics", "statistics", headings, rows), mimetype=export.MIMES["xlsx"]
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


HEADLINES = (
    "cases", "persons", "resolution_rate", "satisfaction", "on_time_reply", "leader_receptions", "open", "overdue",
)  # fmt: skip
