"""The ways generated cases go: which steps lead to a state, when, by whom, and which clocks run on the way."""

import json
from datetime import timedelta
from typing import NamedTuple

from app.services.deadline import ACK, HANDLE, OBJECT, REPLY

WHO = (
    ("王敏", "接待员"), ("陈静", "分流员"), ("谭俊杰", "承办人"), ("赵立新", "中心主任"), ("系统", None),
    ("刘芳", "回访员"), ("孟凡英", "档案员"),
)  # fmt: skip
AT_ONCE = timedelta()


class Stride(NamedTuple):
    """A step on the way of a case: what, from where to where, how long after registration, by whom."""

    step: str
    before: str | None
    to: str
    after: timedelta
    actor: str
    post: str | None
    data: str


class Clock(NamedTuple):
    """A clock of a case: from when, when it was met if it was, and its state if not; all after registration."""

    code: str
    start: timedelta
    met: timedelta | None
    otherwise: str


class Path(NamedTuple):
    """The way of a case to its state, and what follows from it. State and number of steps tell it from all others."""

    strides: tuple[Stride, ...]
    after: dict[str, timedelta]
    state: str
    last: timedelta
    replied: timedelta | None  # when the petitioner had the reply
    closed: timedelta | None
    assigned: bool
    ended: bool
    clocks: tuple[Clock, ...]
    waiting: tuple[Clock, ...]  # those of the case itself that still run


_Plan = tuple[tuple[str, str, int, int], ...]  # (step, state reached, hours after registration, who)
_MAIN: _Plan = (
    ("register", "registered", 0, 0), ("accept", "accepted", 1, 1), ("assign", "assigned", 26, 1),
    ("sign_for", "handling", 50, 2), ("submit_reply", "reply_checking", 220, 2),
    ("approve_reply", "reply_approved", 245, 3), ("serve_reply", "replied", 270, 0),
    ("close_window", "follow_up_due", 400, 4), ("follow_up", "closed", 470, 5), ("archive", "archived", 900, 6),
)  # fmt: skip
_PLANS: dict[str, _Plan] = {
    **{row[1]: _MAIN[: place + 1] for place, row in enumerate(_MAIN)},
    "supplement_pending": (_MAIN[0], ("request_supplement", "supplement_pending", 3, 1)),
    "redirected": (_MAIN[0], ("redirect", "decline_proposed", 5, 1), ("approve_decline", "redirected", 29, 3)),
    "objected": (*_MAIN[:3], ("object", "objected", 74, 3)),
    "settled": (*_MAIN[:2], ("settle_on_spot", "replied", 2, 0), *_MAIN[7:9]),
}


def _answered(after: dict[str, timedelta]) -> timedelta | None:
    return after.get("serve_reply", after.get("settle_on_spot"))


def _clocks(after: dict[str, timedelta]) -> tuple[Clock, ...]:
    """The clocks of a way, in the order in which they start."""
    answered = _answered(after)
    declined = after.get("approve_decline")
    found = [
        Clock(ACK, AT_ONCE, after.get("accept", declined), "running"),
        Clock(REPLY, AT_ONCE, answered, "cancelled" if declined else "running"),
    ]
    if "accept" in after:
        found.append(Clock(HANDLE, after["accept"], answered, "running"))
    if "assign" in after:
        found.append(Clock(OBJECT, after["assign"], after.get("sign_for", after.get("object")), "running"))
    return tuple(found)


def _path(plan: _Plan) -> Path:
    before = (None, *(to for _step, to, _hours, _who in plan))
    strides = tuple(
        Stride(step, before[nth], to, timedelta(hours=hours), WHO[who][0], WHO[who][1], json.dumps({"version": nth}))
        for nth, (step, to, hours, who) in enumerate(plan)
    )
    after = {stride.step: stride.after for stride in strides}
    state, ended = plan[-1][1], plan[-1][1] in ("closed", "archived")
    clocks = _clocks(after)
    waiting = tuple(one for one in clocks if one.met is None and one.otherwise == "running" and one.code != OBJECT)
    last, replied, closed = strides[-1].after, _answered(after), after.get("follow_up")
    return Path(strides, after, state, last, replied, closed, "assign" in after, ended, clocks, waiting)


PATHS = {state: _path(plan) for state, plan in _PLANS.items()}
