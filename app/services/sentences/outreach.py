"""What is told of legal service events: a month that has too few."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Legal service events")
SENTENCES: dict[str, Any] = {
    "outreach_few": _l("%(month)s: %(held)s events held and %(planned)s planned; at least %(least)s are needed."),
    "outreach_missed": _l("%(month)s ended with %(held)s legal service events; at least %(least)s were needed."),
}
