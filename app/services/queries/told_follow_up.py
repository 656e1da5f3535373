"""What the course tells of the steps after the reply."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.models.follow_up import FollowUpMode, Satisfaction

Data = Mapping[str, Any]
SCORES = (("quality", _l("Quality of handling")), ("conduct", _l("Conduct of the staff")), ("centre", _l("The centre")))


def _asked(data: Data) -> list[Any]:
    mode = FollowUpMode.of(data.get("mode"))
    said = [
        _l(
            "%(party)s, %(mode)s, try %(attempt)s.",
            party=data.get("party", ""),
            mode=mode.label if mode else "",
            attempt=data.get("attempt", 1),
        )
    ]
    if not data.get("reached"):
        return [*said, _l("Not reached.")]
    satisfied = Satisfaction.of(data.get("satisfied"))
    said.append(_l("Really solved.") if data.get("solved") else _l("Not solved."))
    said.append(_l("Satisfied overall: %(word)s.", word=satisfied.label if satisfied else ""))
    scores = [f"{label} {data[name]}" for name, label in SCORES if data.get(name) is not None]
    return [*said, *([" · ".join(scores)] if scores else [])]


def _archived(data: Data) -> list[Any]:
    return [_l("Dossier %(number)s, kept: %(how)s.", number=data.get("dossier", ""), how=data.get("retention", ""))]


def _reopened(data: Data) -> list[Any]:
    said = [_l("Ground: %(what)s.", what=data.get("ground", "")), _l("Round %(round)s", round=data.get("round", ""))]
    return [*said, *([_l("Lead: %(name)s.", name=data["lead"])] if data.get("lead") else [])]


TOLD: dict[str, Callable[[Data], list[Any]]] = {
    "follow_up": _asked,
    "archive": _archived,
    "reopen": _reopened,
}
