"""What may leave the house unsealed: numbers, codes, states and days; nothing that names somebody (domain §7)."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

LONGEST = 100
DEEPEST = 4
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:+-]*")
# A mobile phone, an ID number of either length, a landline: as such, or inside a longer code.
_OF_SOMEBODY = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{15}|\d{17}[\dXx]|0\d{2,3}-?\d{7,8})(?!\d)")


class Personal(ValueError):
    """A value that may name somebody was about to leave: a fault of ours, found before anything is written."""


def is_code(text: str) -> bool:
    """Whether a text is a number or code of the house: letters, digits and a few marks, no telephone, no ID number."""
    return len(text) <= LONGEST and bool(_CODE.fullmatch(text)) and not holds_personal_number(text)


def holds_personal_number(text: str) -> bool:
    """Whether a telephone or ID number stands in a text."""
    return _OF_SOMEBODY.search(text) is not None


def plain_data(data: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """The same data as JSON carries it outside; Personal is raised for what is no number, code, state or day."""
    return {str(name): _plain(name, value, depth) for name, value in data.items()}


def _plain(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str) and is_code(str(value)):
        return str(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return plain_data(value, depth + 1)
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_plain(name, one, depth + 1) for one in value]
    raise Personal(f"{name}: only numbers, codes, states and days leave the house")
