"""Files that are kept sealed: encrypted block by block as they grow, opened block by block as they leave."""

import base64
from collections.abc import Iterable, Iterator
from typing import IO

from app.core.crypto import CipherError, decrypt, encrypt

BLOCK = 192 * 1024
_MORE, _LAST = "more", "last"


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= BLOCK:
            yield bytes(kept[:BLOCK])
            del kept[:BLOCK]
    yield bytes(kept)


def _line(block: bytes, place: int, word: str, purpose: str) -> bytes:
    return encrypt(base64.b64encode(block).decode(), f"{purpose}:{place}:{word}").encode() + b"\n"


def seal(pieces: Iterable[bytes], purpose: str) -> Iterator[bytes]:
    """The sealed file: a line for each block, bound to its purpose and place, and the last one to being the last."""
    before, place = None, 0
    for block in _blocks(pieces):
        if before is not None:
            yield _line(before, place, _MORE, purpose)
            place += 1
        before = block
    yield _line(before or b"", place, _LAST, purpose)


def unseal(lines: IO[bytes], purpose: str) -> Iterator[bytes]:
    """The pieces again; CipherError where one was changed, moved or cut off. The file is closed at the end."""
    with lines:
        line, place = lines.readline(), 0
        while line:
            after = lines.readline()
            word = _MORE if after else _LAST
            yield base64.b64decode(decrypt(line.rstrip(b"\n").decode("ascii"), f"{purpose}:{place}:{word}"))
            line, place = after, place + 1
        if not place:
            raise CipherError("the sealed file is empty")
