"""The working set of the demo: the last 60 days, through the same verbs the desk uses."""


def load() -> None:
    """Load it, once."""
