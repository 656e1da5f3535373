"""The commands of contract.md: seed, jobs, backup, translations; roles and audit are in cli_roles.py."""

import sys
import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app import cli_roles, i18n
from app.access.actor import SYSTEM, acting
from app.config import demo_password
from app.core.crypto import keyring
from app.core.errors import PortalError
from app.services import backup as backups
from app.services import job
from app.services.first_admin import appoint_sysadmin
from seed import bulk, demo, load

seed = AppGroup("seed", help="Load data; safe to run again.")
jobs = AppGroup("jobs", help="What happens by the clock.")
backup = AppGroup("backup", help="Database and attachments.")
accounts = AppGroup("accounts", help="Accounts that only this machine may make.")
keys = AppGroup("keys", help="Encryption keys.")
translations = AppGroup("i18n", help="Translations.")


@seed.command("base")
def seed_base() -> None:
    """Roles, codes, calendar, deadline rules, organisations, rooms."""
    with acting(SYSTEM):
        load.base()


@seed.command("demo")
def seed_demo() -> None:
    """The demo accounts, the registers and a working set of cases."""
    with acting(SYSTEM):
        load.base()
        load.accounts(demo_password(current_app.config["INSTANCE"]))
        demo.load()


@seed.command("bulk")
@click.option("--cases", type=click.IntRange(0), default=0, help="How many generated cases.")
@click.option("--bookings", type=click.IntRange(0), default=0, help="How many generated bookings.")
def seed_bulk(cases: int, bookings: int) -> None:
    """Generated cases for load tests; the same for the same number."""
    with acting(SYSTEM):
        bulk.bulk(cases, bookings)


@jobs.command("run")
@click.option("--once", is_flag=True, help="Do what is due and stop.")
def jobs_run(once: bool) -> None:
    """Carry out what is due; safe to run twice, safe on two machines."""
    while True:
        with acting(SYSTEM):
            click.echo(f"{job.run_once()} jobs done")
        if once:
            return
        time.sleep(30)


@backup.command("create")
@click.argument("path", type=click.Path(path_type=Path))
def backup_create(path: Path) -> None:
    """Write a backup to PATH while the program runs."""
    try:
        manifest = backups.create(path.resolve())
    except PortalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{path}: {sum(manifest['rows'].values())} rows, {len(manifest['attachments'])} attachments")


@backup.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
def backup_restore(path: Path) -> None:
    """Put the backup at PATH in place of what is here; stop the program first."""
    try:
        manifest = backups.restore(path.resolve())
    except PortalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored {sum(manifest['rows'].values())} rows, {len(manifest['attachments'])} attachments")


@accounts.command("create-sysadmin")
@click.argument("username")
@click.option("--name", required=True, help="The whole name.")
def create_sysadmin(username: str, name: str) -> None:
    """A system administrator with a one-time password. Make two: powerful roles need a second person."""
    try:
        with acting(SYSTEM):
            account, password = appoint_sysadmin(username, name)
    except PortalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{account.username}: {password}")


@keys.command("rotate")
def rotate() -> None:
    """Encrypt with a new key from now on; what was written before stays readable."""
    click.echo(keyring().rotate())


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
    for command in (seed, jobs, backup, accounts, keys, translations, check_i18n):
        app.cli.add_command(command)
    cli_roles.install(app)
