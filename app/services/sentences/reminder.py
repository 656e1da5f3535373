"""What people are told when a day comes near or is past."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Reminders of deadlines")
SENTENCES: dict[str, Any] = {
    "deadline_soon": _l("%(number)s: %(clock)s is due on %(day)s."),
    "deadline_due": _l("%(number)s: %(clock)s is due today."),
    "deadline_late": _l("%(number)s: %(clock)s was due on %(day)s and is overdue."),
    "deadline_moved": _l("%(number)s: %(name)s moved from %(before)s to %(after)s (%(subject)s)."),
    "deadlines_moved": _l("%(count)s of your deadlines moved (%(subject)s)."),
    "deadlines_many": _l("%(count)s matters are due soon or overdue; %(late)s of them are overdue."),
}
