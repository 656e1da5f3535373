"""What people are told of cases from intake to dispatch."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Cases")
SENTENCES: dict[str, Any] = {
    "request_supplement": _l("%(number)s: a supplement was asked for by %(by)s."),
    "supplement": _l("%(number)s: the supplement has come in."),
    "decline_proposed": _l("%(number)s: %(by)s proposes not to accept it. Please decide."),
    "approve_decline": _l("%(number)s: the proposal was approved by %(by)s; the notice is to be served."),
    "refuse_decline": _l("%(number)s: the proposal was refused by %(by)s."),
    "merge": _l("%(number)s: another matter was merged into it by %(by)s."),
    "assign": _l("%(number)s was referred to your organisation by %(by)s. Please sign for it."),
    "object": _l("%(number)s: %(organisation)s objects to the referral. Please decide."),
    "uphold": _l("%(number)s: your objection was upheld by %(by)s."),
    "insist": _l("%(number)s: %(by)s insists that your organisation handles it."),
}
