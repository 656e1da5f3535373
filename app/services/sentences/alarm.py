"""What security auditors are told at once."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Security alarms")
SENTENCES: dict[str, Any] = {
    "alarm_mass_reading": _l("%(by)s (%(organisation)s) has read %(count)s records within ten minutes."),
    "alarm_mass_listing": _l("%(by)s (%(organisation)s) has walked through %(count)s rows of lists in ten minutes."),
    "alarm_export_refused": _l("%(by)s (%(organisation)s) tried to export more than %(count)s rows."),
}
