"""The commands of contract.md: seed, roles, jobs, audit, backup, check-i18n."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app import i18n
from app.access.actor import SYSTEM, acting

translations = AppGroup("i18n", help="Translations.")


@translations.command("build")
def build() -> None:
    """Build the Chinese catalogue from the terms."""
    for fault in i18n.build():
        click.echo(fault)


@click.command("check-i18n")
def check_i18n() -> None:
    """Missing, fuzzy, unused or untranslated text; exit 1 if there is any."""
    faults = i18n.check()
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(faults)} faults" if faults else "translations are complete")
    sys.exit(1 if faults else 0)


def install(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(translations)
    app.cli.add_command(check_i18n)


__all__ = ["SYSTEM", "acting", "install"]
