"""Passwords that many people use: by the words they are built on, and by patterns of keys, repeats and dates."""

import functools
import re
from pathlib import Path

_WORDS = Path(__file__).parent / "data" / "common_passwords.txt"
_ALIKE = str.maketrans({"@": "a", "4": "a", "0": "o", "1": "i", "!": "i", "3": "e", "$": "s", "5": "s", "7": "t"})
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "147258369",
    "789456123",
    "!@#$%^&*()",
)
_RUNS = (*_ROWS, *(row[::-1] for row in _ROWS))
_DATE = re.compile(r"(19|20)\d\d[-./]?(0?[1-9]|1[0-2])[-./]?(0?[1-9]|[12]\d|3[01])")
_YEAR = re.compile(r"(19|20)\d\d(?!\d)")
SHORTEST_RUN = 3
LEAST_LEFT = 4


@functools.cache
def words() -> frozenset[str]:
    """The words that common passwords are built on."""
    lines = _WORDS.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _cores(text: str) -> set[str]:
    """The word inside a password: without digits and signs around it, and with look-alike signs read as letters."""
    outer = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    letters = re.sub(r"[\W\d_]", "", text)
    read = text.translate(_ALIKE)
    return {
        text,
        outer,
        letters,
        read,
        re.sub(r"^[\W\d_]+|[\W\d_]+$", "", read),
        outer.translate(_ALIKE),
        re.sub(r"[\W\d_]", "", outer.translate(_ALIKE)),
    }


def is_common(password: str) -> bool:
    """Whether a password is a well-known word with at most a few digits and signs about it."""
    text = _YEAR.sub("", _DATE.sub("", password.lower()))
    text = re.sub(r"\d{3,}", lambda digits: _without_runs(digits[0]), text)
    # A short word is common only when the rest adds next to nothing.
    return any(len(text) - len(word) <= max(4, len(word)) for word in _cores(text) & words())


def _without_runs(text: str) -> str:
    """The password with runs along the alphabet or the keyboard, and repeats, cut down to one sign each."""
    text = re.sub(r"(.+?)\1{2,}", r"\1", text)
    kept, at = [], 0
    while at < len(text):
        size = next(
            (n for n in range(len(text) - at, SHORTEST_RUN - 1, -1) if any(text[at : at + n] in run for run in _RUNS)),
            1,
        )
        kept.append(text[at])
        at += size
    return "".join(kept)


def is_pattern(password: str) -> bool:
    """Whether little is left of a password when runs, repeats and a date are taken out of it."""
    text = _DATE.sub("", password.lower())
    return len(_without_runs(text)) < LEAST_LEFT
