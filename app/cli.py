"""The commands of contract.md: seed, roles, jobs, audit, backup, check-i18n."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the commands."""
