"""What people are told of the reports they have sent."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Reports")
SENTENCES: dict[str, Any] = {
    "report_weekly": _l("The weekly report of %(organisation)s, %(since)s to %(until)s, is ready."),
    "report_monthly": _l("The monthly report of %(organisation)s, %(since)s to %(until)s, is ready."),
}
