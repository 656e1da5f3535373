"""What the course of a case tells of urges and of letters of supervision."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Data = Mapping[str, Any]


def _urged(data: Data) -> list[Any]:
    return [_l("Office: %(name)s.", name=data["office"])] if data.get("office") else []


def _supervised(data: Data) -> list[Any]:
    if not data.get("order"):
        return []
    return [
        _l(
            "Letter %(number)s to %(name)s, to be answered by %(day)s.",
            number=data["order"],
            name=data.get("office", ""),
            day=data.get("day", ""),
        )
    ]


TOLD = {"urge": _urged, "supervise": _supervised}
