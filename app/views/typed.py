"""What is typed into search boxes: read from wherever it came, and written into addresses without anybody's number."""

from urllib.parse import unquote

from flask import request

from app.access.actor import current_actor
from app.core.sealed import is_sealed, seal, unseal

TEXT_MAX = 100
GIVEN_MAX = 1000  # a sealed text is longer than what was typed
HEADER = "X-Search"  # boxes that ask while one types send their words here, so that they stand in no address


class Refused(ValueError):
    """A value that cannot be read; it is left out and the person is told."""


def clean(text: str) -> str:
    """A value from the address; characters no database takes make it unreadable."""
    text = text.strip()
    if len(text) > TEXT_MAX or any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise Refused
    return text


def typed_in(value: str) -> str:
    """What was typed, out of an address."""
    text = unseal(value, current_actor().user_id) if is_sealed(value) else value
    if text is None:
        raise Refused
    return clean(text)


def still_open(value: str) -> bool:
    """Whether a value of a remembered address can still be read."""
    return not is_sealed(value) or unseal(value, current_actor().user_id) is not None


def for_address(value: str) -> str:
    """What was typed, or is sealed already, as an address may hold it."""
    return value if is_sealed(value) else seal(value.strip(), current_actor().user_id)


def typed_so_far() -> str:
    """What stands in a box that asks while one types."""
    said = request.headers.get(HEADER)
    return unquote(said) if said is not None else request.args.get("q", "")
