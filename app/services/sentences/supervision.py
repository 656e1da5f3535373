"""What is told of supervision: urges, letters, answers, what the rules raised."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Supervision")
SENTENCES: dict[str, Any] = {
    "urged": _l("%(number)s was urged by %(by)s: %(text)s"),
    "supervision_raised": _l("%(count)s matters came up for supervision."),
    "supervision_letter": _l("%(number)s: supervision letter %(order)s from %(by)s. Please answer by %(day)s."),
    "supervision_answered": _l("%(number)s: %(organisation)s has answered the supervision letter %(order)s."),
    "supervision_returned": _l("%(number)s: the answer to %(order)s does not do yet. Please answer by %(day)s."),
    "supervision_closed": _l("%(number)s: the supervision %(order)s is closed."),
    "supervision_dropped": _l("%(number)s: the supervision %(order)s was dropped."),
}
