"""The read-card and paste box: whatever a card reader or a hand puts there, taken apart into fields."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from stdnum.iso7064 import mod_11_2

from app.core.words import WORDS

LONGEST = 4000
_LABELS: dict[str, str] = {label: field for field, labels in WORDS["card_labels"].items() for label in labels}
_LINE_LABELS = sorted((label for label in _LABELS if not label.isascii()), key=len, reverse=True)
_LATIN_LABELS = sorted((label for label in _LABELS if label.isascii() and len(label) > 2), key=len, reverse=True)
_SPACED = "|".join(r"[^\S\n]*".join(label) for label in _LINE_LABELS)
_LATIN = "|".join(map(re.escape, _LATIN_LABELS))
_AT_BOUNDARY = re.compile(rf"(?:^|(?<=[\s;,]))(?:({_SPACED})|({_LATIN})(?=[\s:=]))[\s:=]*", re.IGNORECASE)
_ANYWHERE = re.compile(rf"({_SPACED})()[\s:=]*")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_ORDER = ("name", "sex", "ethnic", "birth", "address", "id_number")


def parse_card(text: str | None) -> dict[str, str]:
    """name, sex, ethnic, birth (ISO), address, id_number: only what was found, never a guess; never raises."""
    plain = unicodedata.normalize("NFKC", (text or "")[:LONGEST]).replace("\x00", "").strip()
    raw = _from_json(plain) or _from_bars(plain) or _from_labels(plain)
    if "id_number" not in raw and (number := _NUMBER.search(plain)):
        raw["id_number"] = number.group()
    given = {field: value for field in _ORDER if (value := raw.get(field, "").strip())}
    found = {field: read for field, value in given.items() if (read := _READERS[field](value))}
    return _from_number(found) | found


def _from_json(plain: str) -> dict[str, str]:
    if not plain.startswith("{"):
        return {}
    try:
        data = json.loads(plain)
    except (ValueError, RecursionError):
        return {}
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat.update(value if isinstance(value, Mapping) else {key: value})
    known = {_LABELS.get(str(key).strip().lower()): value for key, value in reversed(flat.items())}
    return {field: str(value).strip() for field, value in known.items() if field and isinstance(value, str | int)}


def _from_bars(plain: str) -> dict[str, str]:
    parts = [part.strip() for part in re.split(r"[|\t]", plain)]
    if len(parts) < len(_ORDER) or not _NUMBER.fullmatch(parts[5]):
        return {}
    return dict(zip(_ORDER, parts, strict=False))


def _from_labels(plain: str) -> dict[str, str]:
    marks = list(_AT_BOUNDARY.finditer(plain))
    if len(marks) < 2:
        marks = list(_ANYWHERE.finditer(plain))
    firsts: dict[str, re.Match[str]] = {}
    for mark in marks:  # a label met again is part of somebody's address
        firsts.setdefault(_LABELS[re.sub(r"\s", "", mark[1]) if mark[1] else mark[2].lower()], mark)
    ends = [*[mark.start() for mark in firsts.values()][1:], len(plain)]
    pieces = {
        field: plain[mark.end() : end].strip(" \t\r\n;,")
        for (field, mark), end in zip(firsts.items(), ends, strict=False)
    }
    return {field: piece for field, piece in pieces.items() if field and piece}


def _read_name(value: str) -> str:
    return value.splitlines()[0].rstrip()[:64]


def _read_sex(value: str) -> str:
    return str(WORDS["sexes"].get(value.strip().lower(), ""))


def _read_ethnic(value: str) -> str:
    name = value.split()[0][:20]
    if name.isascii() or name.endswith(tuple(WORDS["people_kept"])):
        return name
    return name + str(WORDS["people"])


def _read_birth(value: str) -> str:
    parts = re.match(r"\s*([0-9]{4})[^0-9]{0,4}([0-9]{1,2})[^0-9]{0,4}([0-9]{1,2})(?![0-9])", value)
    try:
        return date(int(parts[1]), int(parts[2]), int(parts[3])).isoformat() if parts else ""
    except ValueError:
        return ""


def _read_address(value: str) -> str:
    lines = [line.strip() for line in value.splitlines()]
    return "".join(line for line in lines if not _NUMBER.fullmatch(line))[:200]


def _read_number(value: str) -> str:
    compact = re.sub(r"\s", "", value).upper()
    number = _NUMBER.search(compact)
    return number.group() if number else re.sub(r"[^0-9A-Z]", "", compact)[:32]


_READERS = {
    "name": _read_name,
    "sex": _read_sex,
    "ethnic": _read_ethnic,
    "birth": _read_birth,
    "address": _read_address,
    "id_number": _read_number,
}


def _from_number(found: dict[str, str]) -> dict[str, str]:
    """Birth and sex from a number whose check character is right."""
    number = found.get("id_number", "")
    if not _NUMBER.fullmatch(number) or not mod_11_2.is_valid(number):
        return {}
    birth = _read_birth(number[6:14])
    derived = {"sex": "male" if int(number[16]) % 2 else "female", "birth": birth}
    return derived if birth else {}
