"""The commands `roles sync`, `roles diff`, `audit verify` and `audit head`."""

import sys

import click
from flask.cli import AppGroup

from app.access import audit
from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.services.role import diff_roles, sync_roles
from seed.roles import NAMES

roles = AppGroup("roles", help="Shipped roles and permissions.")
trail = AppGroup("audit", help="The audit trail.")


@roles.command("sync")
def sync() -> None:
    """Write the shipped roles into the database; what administrators changed stays."""
    with acting(SYSTEM):
        touched = sync_roles(NAMES)
    click.echo("changed: " + ", ".join(touched) if touched else "nothing to change")


@roles.command("diff")
def diff() -> None:
    """Show how the roles in the database differ from the shipped ones."""
    with acting(SYSTEM):
        found = diff_roles()
    for one in found:
        click.echo(f"{one.code}{': not in the database' if one.missing else ''}")
        for sign, grants in (("+", one.added), ("-", one.removed)):
            for name, page in sorted(grants, key=lambda grant: grant[::-1]):
                click.echo(f"  {sign} {page}: {name.removeprefix('can_')}")
        for key, (shipped, here) in one.said.items():
            click.echo(f"  ~ {key}: {shipped or '-'} -> {here or '-'}")
    if not found:
        click.echo("no differences")


@trail.command("verify")
@click.option("--head", "outside", metavar="N:HASH", help="A head written down earlier; the chain must still hold it.")
def verify(outside: str | None) -> None:
    """Walk the hash chain; exit 1 and the first bad entry if anything was changed, removed or put in another order."""
    known: tuple[int, str] | None = None
    if outside:
        number, _colon, link = outside.partition(":")
        if not number.isdigit() or len(link) != 64:
            raise click.BadParameter("expected N:HASH as `audit head` prints it", param_hint="--head")
        known = int(number), link
    with acting(SYSTEM):
        result = audit.check(db.session, known)
    if result.bad is not None:
        click.echo(f"bad entry: {result.bad} ({result.why}); entries before it are intact: {result.walked}")
        sys.exit(1)
    click.echo(f"intact: {result.walked} entries, head {result.walked}:{result.head}")


@trail.command("head")
def head() -> None:
    """Print number and hash of the last entry, to be kept outside of this machine."""
    with acting(SYSTEM):
        number, link = audit.head(db.session)
    click.echo(f"{number}:{link}")
