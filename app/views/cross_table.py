"""The year by category, month and centre: one table out of the tally, each number with the list behind it."""

from datetime import date
from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.services import parameter
from app.services.queries.breakdown import cube
from app.services.queries.cross_table import CrossLine, cross_table
from app.services.queries.figures_said import sees_rows
from app.services.queries.statistics import OWN, Asked, months_of
from app.views.needs import needs
from app.views.statistics import StatisticsView, asked_or_this_year, pairs

LINKED = 2500  # numbers up to which every one is a link; in a larger table those of whole categories are


class CrossTableView(BaseView):
    """Cases by category, month and centre."""

    route_base = "/statistics/table"
    default_view = "show"

    @expose("/")
    @needs("read", "Statistics")
    def show(self) -> Any:
        """The table."""
        actor = current_actor()
        asked, wrong = asked_or_this_year(actor)
        resolved = request.args.get("what") == "resolved"
        least = 0 if sees_rows(actor) else parameter.number("small_cell")
        table = cross_table(cube(actor, asked), least, _("City centre"), _("All"), resolved)
        return self.render_template(
            "portal/cross_table.html",
            title=_("By category, month and centre"),
            crumbs=[(_("Statistics"), f"/statistics/?{pairs(asked)}"), (_("By category, month and centre"), None)],
            asked=asked,
            wrong=wrong,
            table=table,
            spans=[
                (f"{one.since:%Y-%m}", _span(one.since, one.until))
                for one in months_of(asked)
                if one.since.replace(day=1) in table.months
            ],
            whole=_span(asked.since, asked.until),
            rest=lambda line: _rest(asked, line),
            resolved=resolved,
            every=sum(1 for line in table.lines for number in line.months if number) <= LINKED,
            pairs=pairs,
            towns=StatisticsView._towns(actor),
            category_choices=StatisticsView._categories(),
        )


def _span(since: date, until: date) -> str:
    return f"from={since}&to={until}"


def _rest(asked: Asked, line: CrossLine) -> str:
    """What narrows the list behind a line, beside its days."""
    centre = OWN if line.centre == 0 else line.centre or asked.place
    said = {"organisation": centre, "category": line.category or asked.category,
            "channel": asked.channel, "department": asked.department}  # fmt: skip
    return "".join(f"&{name}={value}" for name, value in said.items() if value)
