"""How official papers are written: Chinese dates and numbers, and what a paper says of itself (data/paper.json)."""

import json
import re
from datetime import date
from importlib.resources import files
from typing import Any

PAPER: dict[str, Any] = json.loads(files("app.core").joinpath("data/paper.json").read_text("utf-8"))
_DIGITS: str = PAPER["digits"]
_COUNT = f"[{_DIGITS}{PAPER['ten']}]{{1,3}}"
_ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# A number before a line: in brackets, in characters before a comma, in digits before a comma or a full stop.
_NUMBERED = re.compile(
    rf"\s*(?:[(\uff08](?:{_COUNT}|\d{{1,3}})[)\uff09][\u3001.\uff0e]?|{_COUNT}\u3001|\d{{1,3}}(?:[\u3001\uff0e]|\.(?!\d)))"
)


def year_words(year: int) -> str:
    """The digits of a year, one by one."""
    return "".join(_DIGITS[int(digit)] for digit in str(year))


def count_words(number: int) -> str:
    """A number from 0 to 99 as it is spoken."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + PAPER["ten"] + (_DIGITS[ones] if ones else "")


def day_words(day: date) -> str:
    """A date in characters, as it stands under an official paper."""
    return str(PAPER["day"].format(year=year_words(day.year), month=count_words(day.month), day=count_words(day.day)))


def plain_day(day: date) -> str:
    """A date in digits, as it stands within a text."""
    return str(PAPER["day"].format(year=day.year, month=day.month, day=day.day))


def with_plain_days(text: str) -> str:
    """A sentence made for the screen, with its days as paper writes them."""
    return _ISO_DAY.sub(lambda found: plain_day(date.fromisoformat(found[0])), text)


def grouped(code: str) -> str:
    """A check code in groups of four, as people read it out."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def unnumbered(text: str) -> list[str]:
    """The lines of a text that counts them itself, each without its number, for paper counts them."""
    lines = (_NUMBERED.sub("", line, count=1) if _NUMBERED.match(line) else line for line in text.splitlines())
    return [line.strip() for line in lines if line.strip()]
