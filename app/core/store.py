"""Files that belong to rows: kept under a random key outside the web, whole or not at all (security C4)."""

import os
import secrets
from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path

from flask_babel import lazy_gettext as _l

from app.core.db import is_full
from app.core.errors import Conflict, Full

UNSTORED = _l("The file could not be stored: the disk is full or locked. Nothing was saved.")


def path_of(folder: Path, key: str) -> Path:
    """The file of a key: ab/cd/abcd…"""
    return folder / key[:2] / key[2:4] / key


def write(folder: Path, data: bytes) -> str:
    """Write the bytes to the disk, then give them their name; returns the key. Half a file is never seen."""
    return write_pieces(folder, (data,))


def write_pieces(folder: Path, pieces: Iterable[bytes]) -> str:
    """The same for a file that is made piece by piece."""
    key = secrets.token_hex(20)
    path = path_of(folder, key)
    draft = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except BaseException as fault:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        if not isinstance(fault, OSError):
            raise
        raise (Full() if is_full(fault) else Conflict(UNSTORED)) from fault
    return key


def sweep(folder: Path, known: Container[str], before: float) -> int:
    """Remove files older than `before` that no row knows (a process died between file and row)."""
    gone = 0
    for path in folder.glob("*/*/*"):
        if path.name not in known and path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
