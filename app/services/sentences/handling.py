"""What people are told while a matter is handled: receptions, conferences, mediations, hearings, time, endings."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

LABEL = _lp("notices", "Handling")
SENTENCES: dict[str, Any] = {
    "leader_step": _l("%(number)s, which you received: %(step)s (%(by)s)."),
    "present_to_leader": _l("%(number)s was brought before you for your reception of %(shift)s."),
    "receive_by_leader": _l("%(number)s: %(by)s received the parties. Please carry out what was instructed."),
    "confer": _l("%(number)s: a conference was held, chaired by %(by)s."),
    "escalate": _l("%(number)s was brought to %(centre)s by %(by)s. Please call a conference."),
    "mediate": _l("%(number)s: a mediation was begun by %(by)s."),
    "mediate_refused": _l("%(number)s: a side does not consent to mediation."),
    "conclude_mediation": _l("%(number)s: the mediation was concluded by %(by)s."),
    "call_hearing": _l("%(number)s: a hearing was called for %(day)s."),
    "hold_hearing": _l("%(number)s: the hearing was held."),
    "request_extension": _l("%(number)s: %(organisation)s asks for %(days)s more days. Please decide."),
    "approve_extension": _l("%(number)s: the extension was granted; the matter is due on %(day)s now."),
    "refuse_extension": _l("%(number)s: the extension was refused by %(by)s."),
    "suspend": _l("%(number)s stands still until %(day)s."),
    "resume": _l("%(number)s goes on; its days run again."),
    "settle_on_spot": _l("%(number)s was settled on the spot by %(by)s."),
    "withdraw": _l("%(number)s: the petitioners take it back. Please decide."),
    "approve_withdrawal": _l("%(number)s ended as withdrawn."),
    "refuse_withdrawal": _l("%(number)s: the withdrawal was refused; it goes on."),
}
