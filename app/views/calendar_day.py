"""The working calendar: the days that differ from the plain week, and the years they are published for."""

import calendar as months
from datetime import date
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, PortalError
from app.core.sheet import BYTES_MOST
from app.models.calendar import CalendarDay, CalendarYear
from app.models.recount import Recount
from app.services import calendar as service
from app.services import calendar_import
from app.services.queries.choices import parse_key
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import TAG, Computed


def day_kind(workday: bool) -> Any:
    """Holiday or make-up workday, as a word."""
    return TAG.format("soon plain", _("Make-up workday")) if workday else TAG.format("ok plain", _("Holiday"))


def weekday(on: date) -> str:
    """The day of the week."""
    return str(format_date(on, "EEEE"))


def _of_year(year: int) -> Any:
    inside = CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))
    return lambda statement: statement.where(inside)


class CalendarDayView(PortalModelView):
    """Holidays and the weekend days worked to make up for them."""

    datamodel = PortalInterface(CalendarDay)
    class_permission_name = "Calendar"
    route_base = "/calendar_day"
    add_title = _l("Add a day")
    computed: Any = {
        "kind": Computed(_l("Kind of day"), ("workday",), day_kind, order="workday"),
        "weekday": Computed(_l("Weekday"), ("on",), weekday),
    }
    list_columns = (("on", "weekday"), "kind", "name")
    search_columns = ("on", "workday")
    quick_columns = ("name",)
    order_columns = ("on", "workday", "name")
    base_order = ("on", "desc")
    form_groups = ((None, ("on", "workday", "name")),)
    show_groups = ((None, ("on", "weekday", "kind", "name")),)
    allow_delete = True
    list_template = "portal/calendar_list.html"
    create_verb, update_verb, delete_verb = service.add_day, service.change_day, service.delete_day

    @property
    def quick_filters(self) -> Any:  # type: ignore[override]
        """The years around today."""
        this = clock.today().year
        return tuple((str(year), str(year), _of_year(year)) for year in (this + 1, this, this - 1))

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """To the years, and to the import of one."""
        if record is not None:
            return []
        ways = [(_l("Years"), "/calendar_year/list/", ""), (_l("Deadlines that moved"), "/recount/list/", "")]
        return [*ways, (_l("Import a year"), "/calendar_year/import", "")] if self.may("add") else ways

    def list_context(self, *given: Any) -> dict[str, Any]:
        """In December: which year is missing."""
        return {**super().list_context(*given), "missing_year": service.next_year_missing()}


class CalendarYearView(PortalModelView):
    """The years whose holiday notice is loaded; dates in any other year are provisional."""

    datamodel = PortalInterface(CalendarYear)
    class_permission_name = "Calendar"
    route_base = "/calendar_year"
    noun, add_title = _l("Calendar years"), _l("Add a year")
    list_columns = ("year", "published", "source")
    search_columns = ("published",)
    quick_columns = ("source",)
    base_order = ("year", "desc")
    add_groups = ((None, ("year", "source")),)
    edit_groups = ((None, ("source",)),)
    show_groups = ((None, ("source",)),)
    allow_delete = True
    allow_export = False
    list_template = "portal/calendar_list.html"
    show_template = "portal/calendar_year.html"
    method_permission_name = {"publish": "edit", "withdraw": "edit", "import_year": "add"}
    create_verb, update_verb, delete_verb = service.add_year, service.change_year, service.delete_year

    def list_context(self, *given: Any) -> dict[str, Any]:
        """In December: which year is missing."""
        return {**super().list_context(*given), "missing_year": service.next_year_missing()}

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """To the days, and to the import of a year."""
        year = record.year if record is not None else None
        span = f"?on_from={year}-01-01&on_to={year}-12-31" if year else ""
        days = (_l("List of days"), f"/calendar_day/list/{span}", "")
        load = (_l("Import a year"), f"{self.route_base}/import" + (f"?year={year}" if year else ""), "")
        return [days, load] if self.may("add") else [days]

    def show_context(self, record: CalendarYear) -> dict[str, Any]:
        """The twelve months, and whether the year can be published."""
        found = db.session.scalars(_of_year(record.year)(select(CalendarDay)))
        days = {row.on: row for row in found}
        return {
            "months": [_month(record.year, month, days) for month in range(1, 13)],
            "days": days,
            "no_publish": service.why_not_publish(record),
            "no_withdraw": service.why_not_withdraw(record),
        }

    def crumbs(self, *more: Any) -> Any:
        """The working calendar stands above its years."""
        start = super().crumbs(*more)
        start.insert(len(start) - len(more) - 1, (_("Working calendar"), "/calendar_day/list/"))
        return start

    @expose("/publish/<pk>", methods=["POST"])
    @has_access
    def publish(self, pk: str) -> Any:
        """The dates of this year are certain from now on."""
        return self._verb(pk, service.publish, _("The year is published."))

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: str) -> Any:
        """Take a publication back."""
        return self._verb(pk, service.withdraw, _("The publication was taken back."))

    def _verb(self, pk: str, verb: Any, said: str) -> Any:
        record = self.fetch(pk)
        home = f"{self.route_base}/show/{pk}"
        try:
            recount = verb(current_actor(), record)
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
            return redirect(home)
        return _told(said, recount, home)

    @expose("/import", methods=["GET", "POST"])
    @has_access
    def import_year(self) -> Any:
        """Read a year from a table; nothing is kept unless every row is right."""
        given = request.form if request.method == "POST" else request.args
        typed, source = given.get("year", "")[:4], given.get("source", "")
        faults: list[Any] = []
        refusal: Any = None
        if request.method == "POST":
            file, year = request.files.get("file"), parse_key(typed)
            try:
                content = file.read(BYTES_MOST + 1) if file else b""
                if not content:
                    refusal = _("Please choose a file.")
                elif year is None:
                    refusal = _("Please enter the year as four digits.")
                else:
                    return self._imported(year, calendar_import.import_year(current_actor(), year, content, source))
            except PortalError as error:
                db.session.rollback()
                refusal, faults = str(error), getattr(error, "faults", [])
        page = self.render_template(
            "portal/calendar_import.html",
            title=_("Import a year"),
            crumbs=self.crumbs((_("Import a year"), None)),
            year=typed or str(clock.today().year + 1),
            source=source,
            refusal=refusal,
            faults=faults[:100],
            back="/calendar_day/list/",
        )
        return page, 422 if refusal else 200

    def _imported(self, year: int, done: calendar_import.Imported) -> Any:
        said = _(
            "%(year)d: %(added)d days added, %(changed)d changed, %(removed)d removed.",
            year=year,
            added=done.added,
            changed=done.changed,
            removed=done.removed,
        )
        row = db.session.scalars(select(CalendarYear).where(CalendarYear.year == year)).one()
        return _told(said, done.recount, f"{self.route_base}/show/{row.id}")


def _told(said: str, recount: Recount | None, home: str) -> Any:
    """What was done; when deadlines moved, the list of them is the next page."""
    if recount is None:
        flash(said, "success")
        return redirect(home)
    more = _(
        "%(moved)d running deadlines moved, %(settled)d only became certain or provisional.",
        moved=recount.moved,
        settled=recount.settled,
    )
    flash(f"{said} {more}", "success")
    return redirect(f"/recount/show/{recount.id}")


def _month(year: int, month: int, days: dict[date, CalendarDay]) -> dict[str, Any]:
    """A month as weeks of (day or None, kind, name)."""
    weeks = []
    for week in months.Calendar(firstweekday=0).monthdatescalendar(year, month):
        cells = []
        for on in week:
            row = days.get(on)
            rest = row is None and on.weekday() > 4
            kind = "rest" if rest else "" if row is None else "work" if row.workday else "off"
            cells.append((on.day, kind, row.name if row else "") if on.month == month else None)
        weeks.append(cells)
    return {"label": format_date(date(year, month, 1), "LLLL"), "weeks": weeks}
