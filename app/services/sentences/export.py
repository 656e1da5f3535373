"""What people are told of exports above the limit."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Large exports")
SENTENCES: dict[str, Any] = {
    "export_asked": _l("%(by)s asks for an export of %(count)s rows. Please decide."),
    "export_approved": _l("%(by)s approved your export of %(count)s rows; the file is being made."),
    "export_ready": _l("The export you asked for is ready: %(count)s rows. It can be fetched once."),
    "export_failed": _l("The export of %(count)s rows you asked for could not be made. Its page says why."),
    "export_refused": _l("%(by)s refused your export of %(count)s rows."),
}
