"""The commands by their names. The file that holds one is loaded when it is run: a server's worker never needs them."""

from importlib import import_module
from typing import Any

import click
from flask import Flask

from app.core.db import db

COMMANDS = (
    ("seed", "app.cli:seed", "Load data; safe to run again."),
    ("jobs", "app.cli:jobs", "What happens by the clock."),
    ("backup", "app.cli:backup", "Database and attachments."),
    ("accounts", "app.cli:accounts", "Accounts that only this machine may make."),
    ("keys", "app.cli:keys", "Encryption keys."),
    ("i18n", "app.cli:translations", "Translations."),
    ("check-i18n", "app.cli:check_i18n", "Missing, fuzzy, unused or untranslated text; exit 1 if there is any."),
    ("roles", "app.cli_roles:roles", "Shipped roles and permissions."),
    ("audit", "app.cli_roles:trail", "The audit trail."),
    ("db", "flask_migrate.cli:db", "Migrations of the tables."),
)


class Command(click.Command):
    """A command, or a group of them, that is found when it is called."""

    def __init__(self, name: str, place: str, help: str) -> None:
        super().__init__(name, help=help)
        self.module, _colon, self.attribute = place.partition(":")

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Go on with the command itself."""
        found: click.Command = getattr(import_module(self.module), self.attribute)
        return found.make_context(*args, **kwargs)


class Migrations:
    """Stands where Flask-Migrate looks for its settings, and loads it when it looks."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        settings = {"directory": "app/migrations", "render_as_batch": True, "compare_type": True}
        import_module("flask_migrate").Migrate(self._app, db, **settings)  # takes our place
        return getattr(self._app.extensions["migrate"], name)


def install(app: Flask) -> None:
    """Register the commands."""
    app.extensions["migrate"] = Migrations(app)
    for name, place, told in COMMANDS:
        app.cli.add_command(Command(name, place, told))
