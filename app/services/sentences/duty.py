"""What is told of the roster: days and hours, who asks, who stepped in."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Duty roster")
SENTENCES: dict[str, Any] = {
    "duty_published": _l("The roster of %(month)s is published. You have %(count)s shifts, the first on %(first)s."),
    "duty_put_on": _l("%(shift)s: you are on duty; put on the roster by %(by)s."),
    "duty_taken_off": _l("%(shift)s: you are no longer on duty; changed by %(by)s."),
    "duty_taken_over": _l("%(shift)s: %(by)s has taken your shift over on the spot."),
    "duty_asked_swap": _l("%(by)s asks you to swap: your shift of %(other)s for %(shift)s."),
    "duty_asked_substitute": _l("%(by)s asks you to step in on %(shift)s."),
    "duty_decide": _l("%(name)s asks for a change of the roster: %(what)s. Please decide."),
    "duty_agreed": _l("%(by)s agrees to step in on %(shift)s; it is now to be approved."),
    "duty_declined": _l("%(by)s cannot step in on %(shift)s."),
    "duty_approved": _l("Approved by %(by)s: %(what)s."),
    "duty_refused": _l("Not approved by %(by)s: %(what)s."),
    "duty_withdrawn": _l("%(by)s takes a request back: %(what)s."),
}
