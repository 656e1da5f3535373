"""The commands of contract.md: seed, jobs, backup, translations; roles and audit are in cli_roles.py."""

import sys
import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import i18n
from app.access.actor import SYSTEM, acting
from app.config import demo_password
from app.core.crypto import MAIN, NOTES, keyring
from app.core.errors import PortalError
from app.services import backup as backups
from app.services import delivery, job
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
    """Generated cases for load tests; the same for the same number. Needs the base data."""
    try:
        with acting(SYSTEM):
            bulk.bulk(cases, bookings)
    except PortalError as error:
        raise click.ClickException(str(error)) from error


@jobs.command("run")
@click.option("--once", is_flag=True, help="Do what is due and stop.")
def jobs_run(once: bool) -> None:
    """Carry out what is due and send what is in the outbox; safe to run twice, safe on two machines."""
    while True:
        try:
            with acting(SYSTEM):
                done, sent = job.run_once(), delivery.deliver()
            if once or done or sent:
                click.echo(f"{done} jobs done, {sent} messages sent")
        except PortalError as error:  # a busy database: what was not done now is done next time
            click.echo(str(error), err=True)
            if once:
                sys.exit(1)
        if once:
            return
        time.sleep(15)


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
@click.option("--notes", is_flag=True, help="The key of the private notes, instead of that of the personal data.")
def rotate(notes: bool) -> None:
    """Encrypt with a new key from now on; what was written before stays readable."""
    click.echo(keyring(NOTES if notes else MAIN).rotate())


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
