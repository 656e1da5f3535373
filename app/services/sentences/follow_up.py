"""What people are told after the reply: rectification, closing, reopening."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Follow-ups")
SENTENCES: dict[str, Any] = {
    "rectification_ordered": _l("%(number)s: a rectification was ordered by %(by)s, due on %(day)s."),
    "rectification_reported": _l("%(number)s: %(organisation)s has reported its rectification. Please decide."),
    "rectification_returned": _l("%(number)s: the rectification was sent back by %(by)s."),
    "rectification_accepted": _l("%(number)s: the rectification was accepted. Please ask the party again."),
    "rated": _l("%(number)s: the party has rated the service on the public page."),
    "closed": _l("%(number)s is closed and can be archived."),
    "reopened": _l("%(number)s was reopened by %(by)s. Please handle it anew."),
}
