"""Drawing lots: the same seed and candidates give the same, whoever asks, in whatever order."""

import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.core.lots import drawn, lot_of

candidates = st.lists(st.integers(1, 10_000), min_size=1, max_size=40, unique=True)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), candidates, st.integers(0, 45), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(seed, keys, wanted, random):
    mixed = list(keys)
    random.shuffle(mixed)
    out = drawn(seed, keys, wanted)
    assert out == drawn(seed, mixed, wanted)
    assert len(out) == min(wanted, len(keys)) and set(out) <= set(keys) and len(set(out)) == len(out)


def test_anyone_can_repeat_it_by_hand():
    assert lot_of("ab", 7) == hashlib.sha256(b"ab:7").hexdigest()
    lots = {key: hashlib.sha256(f"seed:{key}".encode()).hexdigest() for key in range(1, 13)}
    assert drawn("seed", range(1, 13), 5) == sorted(lots, key=lots.get)[:5]


def test_nobody_is_preferred():
    """Over 3,000 seeds each of twelve comes out about as often as the others."""
    count = Counter(key for n in range(3000) for key in drawn(f"seed {n}", range(1, 13), 1))
    assert len(count) == 12 and all(180 < times < 320 for times in count.values())
