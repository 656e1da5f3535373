"""What those are told who look after the messages that leave the house."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Messages outward")
SENTENCES: dict[str, Any] = {
    "outbox_failed": _l("A message could not be sent after %(tries)s tries and was given up: %(code)s."),
    "webhook_paused": _l("The webhook %(name)s failed %(count)s times in a row and is paused."),
    "job_failed": _l("The job %(kind)s failed %(count)s times and was given up."),
}
