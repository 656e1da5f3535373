"""Small words that several test folders share."""

import os

import pytest


def need(what: str, present: bool, install: str) -> None:
    """Skip a test that needs a missing part; in CI that is a failure."""
    if not present:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is missing: {install}")
        pytest.skip(f"{what} is missing: {install}")
