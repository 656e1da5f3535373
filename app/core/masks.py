"""What is shown of personal data to those who need not see all of it."""

import re
from collections.abc import Sequence

from app.core.pinyin import surname_of
from app.core.words import WORDS

STARS = "****"


def mask_id(number: str | None) -> str:
    """370786********0012: the first six and the last four; of other papers the first and the last two."""
    text = (number or "").strip()
    if len(text) in (15, 18):
        return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"
    if len(text) < 6:
        return "*" * len(text)
    return f"{text[0]}{'*' * (len(text) - 3)}{text[-2:]}"


def mask_phone(phone: str | None) -> str:
    """138****2207, or 0536-****234 for a landline."""
    text = (phone or "").strip()
    if re.fullmatch(r"\d{11}", text) and text[0] == "1":
        return f"{text[:3]}{STARS}{text[-4:]}"
    if landline := re.fullmatch(r"(0\d{2,3})-?\d{4,5}(\d{3})(-\d+)?", text):
        return f"{landline[1]}-{STARS}{landline[2]}"
    return "*" * len(text)


def mask_name(name: str | None) -> str:
    """The surname and one star, for displays that everybody in the hall can read."""
    text = (name or "").strip()
    return f"{surname_of(text)}*" if text else ""


def _unit(kind: str, stop: str) -> str:
    ends: Sequence[str] = WORDS["address"][kind]
    return rf"(?:[^\s\d](?:(?!{stop})[^\s\d]){{0,9}}?(?:{'|'.join(ends)}))"


_STOP = "|".join(WORDS["address"]["stop"])
_DOWN_TO_TOWN = re.compile(
    rf"{_unit('province', _STOP)}?{_unit('city', _STOP)}{{0,2}}?{_unit('county', _STOP)}?{_unit('town', _STOP)}"
    rf"|{_unit('province', _STOP)}?{_unit('city', _STOP)}{{0,2}}{_unit('county', _STOP)}?"
)


def mask_address(address: str | None) -> str:
    """The address down to town or street (the village and the house are hidden)."""
    text = (address or "").strip()
    kept = _DOWN_TO_TOWN.match(text)
    end = kept.end() if kept else 0
    return text[:end] + (STARS if end < len(text) else "")


MASKS = {"id": mask_id, "phone": mask_phone, "address": mask_address, "name": mask_name}


def mask_value(kind: str, text: str | None) -> str:
    """The masked form of a value, by the kind a column states in its `info`."""
    return MASKS[kind](text)
