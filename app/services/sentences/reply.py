"""What people are told of the reply: hand-in, check, approval, and what the parties do with it."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Replies")
SENTENCES: dict[str, Any] = {
    "submit_reply": _l("%(number)s: a draft of the reply was handed in by %(by)s. Please check it."),
    "check_reply": _l("%(number)s: the reply was checked by %(by)s. Please approve it or give it back."),
    "return_reply": _l("%(number)s: the reply was given back by %(by)s."),
    "approve_reply": _l("%(number)s: the reply was approved by %(by)s; it is to be served."),
    "close_window": _l("%(number)s: every party has signed or is out of time; the follow-up is due."),
}
