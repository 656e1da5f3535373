"""Runners in processes of their own, started and killed by the programs that prove what is left after a kill."""

import os
import signal
from collections.abc import Callable

from app.core.db import db


def fork(runner: Callable[[], None]) -> int:
    """A runner with a connection of its own."""
    db.engine.dispose(close=False)
    child = os.fork()
    if child == 0:
        runner()
    return child


def kill(*children: int) -> None:
    """At once, wherever they are (SIGKILL)."""
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
