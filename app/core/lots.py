"""Drawing lots so that anyone can repeat it: with the seed, the candidates and this rule the same ones come out."""

import hashlib
import secrets
from collections.abc import Iterable


def fresh_seed() -> str:
    """A seed nobody can foresee: 256 random bits, in hexadecimal."""
    return secrets.token_hex(32)


def lot_of(seed: str, candidate: int) -> str:
    """The lot of a candidate: SHA-256 of the text "SEED:NUMBER", in hexadecimal."""
    return hashlib.sha256(f"{seed}:{candidate}".encode()).hexdigest()


def drawn(seed: str, candidates: Iterable[int], wanted: int) -> list[int]:
    """Those with the smallest lots, the smallest first; no two candidates have the same lot."""
    return sorted(set(candidates), key=lambda one: (lot_of(seed, one), one))[:wanted]
