"""A clock that moves and settings that change, for one test."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock


@pytest.fixture
def at() -> Iterator[Callable[..., None]]:
    """Move the clock."""
    began = clock.now()
    yield lambda **later: clock.use_clock(lambda: began + timedelta(**later))
    clock.use_clock(None)


@pytest.fixture
def settings(app: Flask) -> Iterator[Any]:
    """Change settings for one test."""
    kept = dict(app.config)
    yield app.config
    app.config.clear()
    app.config.update(kept)
