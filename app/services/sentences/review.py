"""What people are told of expert reviews; nothing of the case, and nothing of a ballot."""

from typing import Any

from flask_babel import lazy_gettext as _l

LABEL = _l("Expert reviews")
SENTENCES: dict[str, Any] = {
    "review_filed": _l("%(number)s: a party applies for expert review. Please examine it within two working days."),
    "review_joined": _l("%(number)s: another party asks for the same review."),
    "review_accepted": _l("%(number)s was accepted; the party may pick experts now."),
    "review_refused": _l("%(number)s was refused by %(by)s; the party is to be told why."),
    "review_withdrawn": _l("%(number)s was taken back by the party; you are not needed any more."),
    "review_picked": _l("%(number)s: the experts are picked. Please invite them."),
    "review_invited": _l("%(number)s: you are asked to sit on the panel. Please answer by %(day)s."),
    "review_declined": _l("%(number)s: %(name)s declined; the next expert was asked."),
    "review_expired": _l("%(number)s: %(name)s did not answer in time; the next expert was asked."),
    "review_released": _l("%(number)s: your seat was given to somebody else."),
    "review_nobody_left": _l("%(number)s: nobody is left who may sit on the panel. Please complete the expert pool."),
    "review_seated": _l("%(number)s: the panel is seated. Please hand out the material and fix the session."),
    "review_material": _l("%(number)s: the material can be read now."),
    "review_session": _l("%(number)s: the panel meets on %(at)s, %(room)s."),
    "review_vote": _l("%(number)s: ballots are open. Please vote."),
    "review_counted": _l("%(number)s: all have voted; the ballots are counted. Please assemble the opinion."),
    "review_sign": _l("%(number)s: the opinion awaits your signature."),
    "review_signed": _l("%(number)s: the opinion is signed and is to be served."),
    "review_changed": _l("%(number)s: the panel wants a new reply; its days run."),
}
