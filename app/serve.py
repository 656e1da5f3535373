"""Set a fresh machine up and serve it (the README's first command)."""


def main() -> None:
    """Migrate, sync roles, load demo data on the first run, and serve with waitress."""
