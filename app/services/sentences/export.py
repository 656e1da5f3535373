"""What people are told of exports above the limit."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Large exports")
SENTENCES: dict[str, Any] = {
    "export_asked": _l("%(by)s asks for an export of %(count)s rows. Please decide."),
    "export_approved": _l("%(by)s approved your export of %(count)s rows; it can be fetched once."),
    "export_refused": _l("%(by)s refused your export of %(count)s rows."),
}
