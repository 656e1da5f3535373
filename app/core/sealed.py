"""Words that must not stand in an address as they are: sealed for one account and a short time (ASVS 14.2.1)."""

import re

from app.core import clock
from app.core.crypto import CipherError, decrypt, encrypt
from app.core.tokens import fold

MARK = "~"
LIVES = 12 * 3600  # seconds; a sign-in lasts no longer
_NUMBER = re.compile(r"[0-9](?:[\s./()—–-]?[0-9]){5}")  # six digits, however they are set apart
_CASE_NUMBER = re.compile(r"[a-z]{1,12}-[0-9]{4}-[0-9]{1,9}")
_SEALED = re.compile(rf"{MARK}k[0-9]+(?:\.sm4)?:[\w=-]+", re.ASCII)
_IN_QUERY = re.compile(rf"={MARK}k[^&]*")


def holds_number(text: str) -> bool:
    """Whether the text may hold an ID or telephone number: six digits or more, and it is no case's number."""
    plain = fold(text).strip()
    return bool(_NUMBER.search(plain)) and not _CASE_NUMBER.fullmatch(plain)


def is_sealed(value: str) -> bool:
    """Whether an address holds sealed words there."""
    return bool(_SEALED.fullmatch(value))


def seal(text: str, owner: int | None) -> str:
    """The text as an address may hold it: as it is, or sealed if it holds somebody's number."""
    if owner is None or not holds_number(text):
        return text
    return MARK + encrypt(f"{int(clock.now().timestamp())} {text}", f"typed:{owner}")


def unseal(value: str, owner: int | None) -> str | None:
    """What was sealed; None if it was sealed for somebody else, too long ago, or not by us."""
    try:
        moment, _space, text = decrypt(value.removeprefix(MARK), f"typed:{owner}").partition(" ")
    except CipherError:
        return None
    return text if 0 <= clock.now().timestamp() - int(moment) <= LIVES else None


def without_sealed(query: str) -> str:
    """The query of an address with nothing in the place of sealed words."""
    return _IN_QUERY.sub("=", query)
