"""The text messages as shipped: at most 70 characters filled in, no name, no matter; the operator may put others."""

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "data" / "sms.csv"


@dataclass(frozen=True)
class SmsSeed:
    """One text with what may be filled in."""

    code: str
    name: str
    purpose: str
    text: str
    variables: str


def templates() -> list[SmsSeed]:
    """Every shipped text."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [SmsSeed(**row) for row in csv.DictReader(file)]
