"""Search keys for texts without word boundaries: single characters and pairs as plain hex words.

A full-text index of either database keeps such words whole. Whoever searches asks for all keys of the query; every
text that contains the query has them. The reverse can fail in one way: the pairs may stand in different places of
the text, so the caller looks at the text of each hit once more when it must be exact.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from operator import add

JOINT = "x"
_LATIN = re.compile(r"[\x00-\x7f]{3,}")


def fold(text: str) -> str:
    """One spelling for all: lower case, half width; character by character, so that a part stays a part."""
    return "".join(map(_folded, text.casefold()))


@lru_cache(maxsize=30_000)
def _folded(char: str) -> str:
    return unicodedata.normalize("NFKC", char).casefold()


@lru_cache(maxsize=30_000)
def _kept(char: str) -> str:
    """The folded character, with a blank for whatever is no letter, digit or ideograph."""
    return "".join(one if _is_word(one) else " " for one in _folded(char))


def _is_word(char: str) -> bool:
    return char.isalnum() or char > "\uffff" or unicodedata.category(char) in ("Co", "Cn")


def _runs(text: str) -> list[str]:
    """The unbroken stretches of letters, digits and ideographs of a folded text."""
    return "".join(map(_kept, text.casefold())).split()


@lru_cache(maxsize=30_000)
def _code(char: str) -> str:
    return f"{JOINT}{ord(char):04x}"


def _word(prefix: str, gram: str) -> str:
    return prefix + "".join(map(_code, gram))


def _checked(prefix: str) -> str:
    if prefix and not (prefix.isascii() and prefix.isalnum() and prefix == prefix.lower()):
        raise ValueError(f"a key prefix holds lower-case letters and digits only: {prefix!r}")
    return prefix


def _grams(run: str, size: int) -> Iterator[str]:
    return (run[place : place + size] for place in range(len(run) - size + 1))


def bigrams(text: str) -> list[str]:
    """The hex words of all neighbouring pairs, in the order of the text."""
    words: list[str] = []
    for run in _runs(text):
        codes = list(map(_code, run))
        words += map(add, codes, codes[1:])
    return words


def index_tokens(prefix: str, text: str | None) -> set[str]:
    """All keys under which a text is found: characters, pairs, and triples of Latin letters and digits."""
    _checked(prefix)
    keys: set[str] = set()
    for run in _runs(text or ""):
        codes = list(map(_code, run))
        single = [prefix + code for code in codes]
        keys.update(single)
        keys.update(map(add, single, codes[1:]))
        keys.update([_word(prefix, gram) for latin in _LATIN.findall(run) for gram in _grams(latin, 3)])
    return keys


def query_tokens(prefix: str, text: str | None) -> list[str]:
    """The fewest keys that every text containing the query has; empty if the query holds no letter or digit."""
    _checked(prefix)
    keys: dict[str, None] = {}
    for run in _runs(text or ""):
        triples = [gram.isascii() for gram in _grams(run, 3)]
        for place, covered in enumerate(triples):
            if covered:
                keys[_word(prefix, run[place : place + 3])] = None
        for place, pair in enumerate(_grams(run, 2)):
            if not any(triples[max(place - 1, 0) : place + 1]):
                keys[_word(prefix, pair)] = None
        if len(run) == 1:
            keys[_word(prefix, run)] = None
    return list(keys)
