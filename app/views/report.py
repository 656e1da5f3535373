"""The report of a centre: for the printer, as Word, as PDF."""

from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose

from app.access.actor import current_actor
from app.core.errors import NotFound
from app.models.document import PrintForm
from app.services import report as service
from app.services.queries.report import last_week
from app.services.queries.statistics import Asked
from app.views.document import sent
from app.views.needs import needs
from app.views.statistics import asked_from, pairs

INSIDE = "inside"  # of the address: with small numbers, for the house


def report_asked(given: Any) -> Asked:
    """The period and organisation of an address; the week that is over if it names no day."""
    asked = asked_from(given, last_week())
    if asked.own:
        raise NotFound()
    return Asked(asked.since, asked.until, asked.organisation)


class ReportView(BaseView):
    """The report of a period."""

    route_base = "/statistics"
    default_view = "report"

    @expose("/report")
    @needs("read", "Statistics")
    def report(self) -> Any:
        """A4, as it is printed."""
        actor, asked, inside = current_actor(), report_asked(request.args), request.args.get(INSIDE) == "1"
        said = pairs(asked, **({INSIDE: 1} if inside else {}))
        name, paper = service.show(actor, asked, not inside)
        return self.render_template(
            "portal/statistics_report.html",
            paper=paper,
            title=name,
            back=f"/statistics/?{pairs(asked)}",
            files=actor.may("export", service.PAGE),
            said=said,
        )

    @expose("/report/docx")
    @needs("export", "Statistics")
    def docx(self) -> Any:
        """The Word file."""
        return self._file(PrintForm.docx)

    @expose("/report/pdf")
    @needs("export", "Statistics")
    def pdf(self) -> Any:
        """The PDF file."""
        return self._file(PrintForm.pdf)

    @staticmethod
    def _file(form: PrintForm) -> Any:
        asked, inside = report_asked(request.args), request.args.get(INSIDE) == "1"
        return sent(service.hand_out(current_actor(), asked, not inside, form))
