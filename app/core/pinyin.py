"""Finding people by the first letters of their names, whichever way a name can be read."""

from array import array
from functools import cache
from importlib.resources import files
from itertools import islice, product

from app.core.words import WORDS

MAX_READINGS = 16
MAX_LENGTH = 200
LAST = 0x323B0  # beyond all characters that have a reading here
_SURNAMES: dict[str, list[str]] = {name: reading.split() for name, reading in WORDS["surname_readings"].items()}
COMPOUND_SURNAMES = frozenset(WORDS["compound_surnames"].split())


def surname_of(name: str) -> str:
    """The surname: two characters when they are a known compound surname, else the first one."""
    return name[:2] if name[:2] in COMPOUND_SURNAMES else name[:1]


@cache
def _table() -> "tuple[list[str], array[int]]":
    """The readings, the likeliest first (data/pinyin.txt, made by seed/make_pinyin.py), and for every character which
    of them are its: two bytes each, for a dictionary of forty thousand characters would take five megabytes. Read when
    the first name is; a worker that only shows pages does without."""
    readings, places = [""], array("H", bytes(2 * LAST))
    with files("app.core").joinpath("data/pinyin.txt").open(encoding="utf-8") as lines:
        for line in lines:
            spoken, _tab, chars = line.rstrip("\n").partition("\t")
            readings.append(spoken)
            for char in chars:
                places[ord(char)] = len(readings) - 1
    return readings, places


def _spoken(char: str) -> list[str]:
    readings, places = _table()
    return readings[places[ord(char)]].split() if ord(char) < LAST else []


def _readings(name: str) -> list[list[str]]:
    """Every reading of each character, the likeliest first; Latin words count as one character."""
    known = _SURNAMES.get(surname_of(name), [])
    found: list[list[str]] = []
    word = ""
    for place, char in enumerate(name):
        if char.isascii() and char.isalnum():
            word += char.lower()
            continue
        if word:
            found.append([word])
            word = ""
        readings = [known[place]] if place < len(known) else []
        readings += _spoken(char)
        if readings:
            found.append(list(dict.fromkeys(readings)))
    return [*found, [word]] if word else found


def pinyin_initials(name: str) -> str:
    """The initials of every reading, sorted and separated by spaces: "cxs dxs sxs"; at most 16, at most 200 letters."""
    letters = [list(dict.fromkeys(reading[0] for reading in options)) for options in _readings(name)]
    room = MAX_LENGTH // (len(letters) + 1)
    readings = islice(product(*letters), max(1, min(MAX_READINGS, room)))
    return " ".join(sorted("".join(reading) for reading in readings)).strip()


def pinyin_full(name: str) -> str:
    """The likeliest reading written out, without spaces: "shanxiongxin"."""
    return "".join(options[0] for options in _readings(name))
