"""Writes app/core/data/pinyin.txt, the readings of 41,000 characters: from pypinyin (MIT), but without its 50 MB.

python -m seed.make_pinyin
"""

import unicodedata
from pathlib import Path

from pypinyin import Style, pinyin
from pypinyin.pinyin_dict import pinyin_dict

TARGET = Path(__file__).parent.parent / "app" / "core" / "data" / "pinyin.txt"


def readings(char: str) -> list[str]:
    """All readings of a character in plain letters, the likeliest first."""
    spoken = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    plain = [
        unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode() for options in spoken for one in options
    ]
    return [one for one in dict.fromkeys(plain) if one]


def lines() -> list[str]:
    """One line for each set of readings: the readings, a tab, the characters."""
    groups: dict[str, list[str]] = {}
    for char in map(chr, sorted(pinyin_dict)):
        found = readings(char)
        if found:
            groups.setdefault(" ".join(found), []).append(char)
    return [f"{spoken}\t{''.join(chars)}" for spoken, chars in sorted(groups.items())]


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines()) + "\n", "utf-8")
